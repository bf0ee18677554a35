/**
 * Shell lines that small boards need: every tool by whatever name the board has it, BusyBox included. They define
 * functions and never fail; a function that could not be defined is named in `$lacking`, one word each.
 */

/**
 * Defines `sha256`, a filter from bytes to a line that holds their sha256 somewhere; `quotedFolder` may hold installed
 * runners, whose Node can do it. OpenSSL takes longer to start and is several times faster then, so it comes first
 * for large files.
 */
export function defineSha256(quotedFolder: string, isLarge: boolean): string {
  const openssl = `command -v openssl >/dev/null 2>&1; then sha256() { openssl dgst -sha256; }`;
  const program =
    'const h=require("node:crypto").createHash("sha256");process.stdin.on("data",(d)=>h.update(d)).on("end",()=>console.log(h.digest("hex")))';
  return `
if ${isLarge ? `${openssl}\nelif ` : ''}command -v sha256sum >/dev/null 2>&1; then sha256() { sha256sum; }
elif busybox sha256sum </dev/null >/dev/null 2>&1; then sha256() { busybox sha256sum; }
elif ${openssl}
elif command -v shasum >/dev/null 2>&1; then sha256() { shasum -a 256; }
else
  hasher=
  for found in "$(command -v node)" ${quotedFolder}/runner-*/node "$HOME"/.fieldtune/runner-*/node; do
    [ ! -x "$found" ] || { hasher=$found; break; }
  done
  sha256() { NODE_OPTIONS= "$hasher" -e '${program}'; }
  [ "$hasher" ] || lacking="$lacking sha256sum"
fi`;
}

/** Defines `copy`, which copies bytes from its stdin to its stdout. */
export const defineCopy = `
if command -v cat >/dev/null 2>&1; then copy() { cat; }
elif command -v busybox >/dev/null 2>&1; then copy() { busybox cat; }
elif command -v dd >/dev/null 2>&1; then copy() { dd bs=65536; }
else lacking="$lacking cat"
fi`;

/** A sha256 as any of the tools prints it. */
export const sha256Pattern = /\b[0-9a-f]{64}\b/;

/** Whether a tool's complaint is about a full disk or quota; scripts set `LC_ALL=C`, so that it is in English. */
export function isDiskFull(complaints: string): boolean {
  return /no space left|disk quota|file too large/i.test(complaints);
}

/** Longest time that a board may hash, unpack or write out what it has, when nothing moves over the link any more. */
const longestQuietSeconds = 180;

/**
 * Defines `beat` and `unbeat`, between which a line is printed every second, so that slow work is no stall. Once
 * nobody is there to read the lines, the script gets a TERM.
 */
export const defineBeat = `
beater=
beat() { (
  cd /
  trap '' PIPE
  beats=0
  while [ $beats -lt ${longestQuietSeconds} ] && sleep 1 >/dev/null 2>&1 && kill -0 $$ 2>/dev/null; do
    beats=$((beats + 1)); echo at-work 2>/dev/null || { kill -TERM $$; exit; }
  done
) & beater=$!; }
unbeat() { [ -z "$beater" ] || kill $beater 2>/dev/null; beater=; }`;
