import { cksumOf } from './cksum.ts';

/** Longest line that is ever typed or sent to a console, its end included. */
export const longestLineBytes = 1024;

/** Tools without which no command can be run over a console. */
export const neededTools = ['stty', 'cksum', 'dd', 'cat', 'tee', 'tr', 'wc', 'mkdir', 'rm'] as const;

/**
 * The program that answers on the board while the console is ours: a loop of a POSIX shell on a raw terminal. Each
 * request and each reply is one line `MARK CKSUM ID …`; what does not match its checksum is not acted upon.
 *
 * `ID b LENGTH CKSUM [n]` and the bytes, or `ID l BASE64 [n]`: appends to the script (`n`: begins it), or feeds it.
 * `ID x 0`: runs the script, its output as it comes; `ID x 1`: runs it with what is fed until `z`, then `w` tells how
 * it goes until it is done, and `k` ends it. `ID t`: runs it on the terminal. `ID r o|e OFFSET LENGTH`: what it printed. `ID p`: says which request was done last, where its files are, and
 * whether `dd` can wait for a full block and `base64` is there. `ID q`: the end.
 *
 * A request with the number of the last one is answered again and not done again. Silence of ten minutes is the end
 * too: a board whose app is gone gets its shell back. It holds no `'` and no `~`, which carry it there.
 */
export const agentScript = (mark: string): string => `LC_ALL=C
m=${mark}
exec 3>&1
stty raw -echo min 0 time 10
say(){
r="$*"
set -- $(printf %s "$r"|cksum)
printf "\\n%s %s %s\\n" "$m" "$1" "$r" >&3
}
end(){
trap - 0
[ -z "$d" ]||rm -rf "$d"
[ -z "$k" ]||dmesg -n "$k" 2>/dev/null
stty "$s"
exit
}
trap end 0 HUP TERM
trap : INT
d=
for p in "$TMPDIR" /tmp /var/tmp /dev/shm /run "$HOME";do
[ -n "$p" ]&&mkdir -m 700 "$p/.ft-$m" 2>/dev/null&&d="$p/.ft-$m"&&break
done
k=
read k q 2>/dev/null </proc/sys/kernel/printk&&dmesg -n 1 2>/dev/null||k=
f=
dd if=/dev/null iflag=fullblock >/dev/null 2>&1&&f=1
g=
printf YQ== 2>/dev/null|base64 -d >/dev/null 2>&1&&g=1
w=$(exec 3>&1;say 0 what)
e=
i=0
a=
n=0
get(){
n=0
while :;do
x=
IFS= read -r x||{
n=$((n+1))
[ $n -lt 600 ]||return 1
[ -z "$e" ]||[ $n -gt 90 ]||say "$e"
}
[ -n "$x" ]||continue
case $x in *"$m "*)
x=\${x##*"$m "}
q=\${x#* }
[ "$(printf %s "$q"|cksum)" = "\${x%% *} \${#q}" ]&&{ e=;return 0;}
esac
printf "\\n%s\\n" "$w" >&3
done
}
blk(){
if [ "$2" = l ];then printf %s "$3"|base64 -d >"$d/b" 2>/dev/null
else
if [ -n "$f" ];then dd bs="$3" count=1 iflag=fullblock >"$d/b" 2>/dev/null
else dd bs=1 count="$3" >"$d/b" 2>/dev/null
fi
[ "$(cksum <"$d/b")" = "$4 $3" ]||{ say "$1 bad";return 1;}
fi
[ "$1" != "$i" ]||{ say "$a";return 1;}
}
part(){
dd if="$d/$3" bs="$5" skip=$(($4/$5)) count=1 of="$d/b" 2>/dev/null
cat "$d/b" >&3
say "$1 part $(cksum <"$d/b")"
}
last(){
say "$1 last $i \${d:-none} $f-$g"
}
feed(){
while get;do
set -f;set -- $q;set +f
case $2 in
b|l)blk "$@"||continue
i=$1
a="$1 ok"
cat "$d/b" 2>/dev/null||{ say "$1 gone";exit;}
say "$a";;
x)say "$1 begin";;
p)last "$1";;
r)part "$@";;
z)exec >/dev/null
say "$1 ok";;
w)[ ! -s "$d/c" ]||{ say "$1 done";exit;}
say "$1 busy $(wc -c <"$d/o")";;
k)kill $(cat "$d/p")
say "$1 ok"
exit;;
esac
done
}
run(){
rm -f "$d/c"
say "$1 begin"
if [ "$3" = 1 ];then
feed|{
exec 4<&0
sh "$d/s" <&4 4<&- >"$d/o" 2>"$d/e" 3>&- &
echo $! >"$d/p"
wait $!
echo $? >"$d/c"
}
else
stty isig
{ sh "$d/s" </dev/null 2>"$d/e" 3>&-;echo $? >"$d/c";}|tee "$d/o" >&3
stty -isig
fi
a="$1 end $(cat "$d/c" 2>/dev/null||echo 130) $(cksum <"$d/o") $(wc -c <"$d/e")"
}
while get;do
set -f;set -- $q;set +f
case $2 in
b|l)case $2$4$5 in ln|b*n)[ "$1" = "$i" ]||: >"$d/s";;esac
blk "$@"||continue
cat "$d/b" >>"$d/s" 2>/dev/null||{ say "$1 full";continue;};;
p)last "$1";continue;;
r)part "$@";continue;;
*)[ "$1" != "$i" ]||{ say "$a";continue;};;
esac
i=$1
a="$1 ok"
case $2 in
x)run "$@";;
t)say "$1 begin"
stty min 1 time 0
sh "$d/s" 2>"$d/e" 3>&-
a="$1 end $? $(wc -c <"$d/e")"
stty raw -echo min 0 time 10
e=$a;;
q)say "$a";exit;;
esac
say "$a"
done
exit
`;

/**
 * What is typed at a shell's prompt: starts a shell that takes lines, each with its checksum. It is the only line without
 * one, so it holds no more than it must.
 */
export const openingLine = (sign: OpeningSign): string =>
  ` sh -c 's=;echo ft$((${sign.a}+${sign.b}))ft;while read -r c l;do [ "$(printf %s "$l"|cksum)" = "$c \${#l}" ]&&eval "$l"||echo ft"?";done'`;

/** What is printed for a line that does not match its checksum; an echo of `openingLine` does not show it. */
export const damagedAnswer = 'ft?';

/** A line that does not match its checksum. */
export const damagedLine = '0 echo ft!';

/** A line for the shell that was started so. */
export const checkedLine = (text: string): string => `${cksumOf(Buffer.from(text))} ${text}`;

/** For that shell: shows nothing of what comes, and puts the terminal's settings back at its end. Harmless twice, before any piece. */
export const settingsLine = (sign: OpeningSign): string =>
  checkedLine(
    `s=\${s:-$(stty -g)} v= n=0;stty -echo;trap "stty $s" 0;trap exit INT;echo ft$((${sign.a}+${sign.b}))ft`,
  );

/** Two numbers whose sum shows that a line was run and not only echoed. */
export interface OpeningSign {
  readonly a: number;
  readonly b: number;
}

/** Names the tools that are missing, as `ft-no=NAME=`; typed at a prompt, as it looks for `cksum` as well. */
export const toolsLine = (sign: OpeningSign): string =>
  ` for t in ${neededTools.join(' ')};do command -v $t >/dev/null 2>&1||echo ft-no=$t=;done;echo ft$((${sign.a}+${sign.b}))ft`;

/** Adds a piece to the program, once however often it comes, and answers `pieceAnswer`, which an echo does not show. */
export const pieceLine = (index: number, piece: string): string =>
  checkedLine(`[ $n != ${index} ]||{ v=$v'${piece}';n=${index + 1};};echo ft""${index}.`);

/** What `pieceLine` prints. */
export const pieceAnswer = (index: number): string => `ft${index}.`;

/** Runs the program that the pieces make up, once all of them are there. */
export const startLine = (pieces: number): string =>
  checkedLine(`[ $n = ${pieces} ]&&eval "$(printf %s "$v"|tr '~' '\\n')"`);

/** The program as text that fits between two `'` of a line. */
export const packedAgent = (mark: string): string => agentScript(mark).trimEnd().replaceAll('\n', '~');

/** Leaves no line of ours in the shell's history, where the shell keeps one that can be told so. */
export const historyOffLine =
  ' case $SHELLOPTS in *history*)history -d $HISTCMD;set +o history;fth=1;;esac 2>/dev/null';

/** Undoes `historyOffLine`. */
export const historyOnLine = ' [ "$fth" ]&&{ unset fth;set -o history;}';
