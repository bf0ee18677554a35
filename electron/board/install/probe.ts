import type { BoardError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { defineSha256 } from '../board-tools.ts';
import { type BoardShell, quoteForShell, type ShellError } from '../shell.ts';
import type { BoardArch } from './runner-files.ts';

/** What was found on a board that can take the runner. */
export interface BoardFacts {
  readonly arch: BoardArch;
  /** Absolute path of the runner's folder on the board, which exists. */
  readonly root: string;
  /** Null when `df` says nothing usable. */
  readonly freeBytes: number | null;
  /** Absolute path of a Node on the board that is new enough; null when one has to be deployed. */
  readonly nodeFile: string | null;
  /** What earlier installations left under the root: sizes by relative path, of `runner-…` and below it. */
  readonly files: ReadonlyMap<string, number>;
}

const requiredTools = ['tar', 'gzip'] as const;
/** What `objdump -T` shows that the runtime and the Node that we bring need: GLIBC_2.28 and GLIBCXX_3.4.22. */
const oldestGlibc = [2, 28] as const;
const oldestGlibcxx = 22;
const oldestNode = [22, 14] as const;
const archOfMachine: Readonly<Record<string, BoardArch>> = {
  x86_64: 'x64',
  aarch64: 'arm64',
  arm64: 'arm64',
};
/** ELF header of a program of the userland: its class, and the machine it is for. */
const archOfElf: Readonly<Record<string, BoardArch>> = { '2 62': 'x64', '2 183': 'arm64' };

/** Folders that are tried in this order for the runner; the second only where nobody asked for another first one. */
export function candidateRoots(remoteRoot: string, home: string, userId: string): readonly string[] {
  if (remoteRoot.startsWith('/')) return [remoteRoot];
  const fallback = `/var/tmp/fieldtune-${userId}`;
  return home === '' ? [fallback] : [`${home.replace(/\/$/, '')}/${remoteRoot}`, fallback];
}

/**
 * Looks at a board in one command, before anything is sent. Names what is missing.
 * Errors: `boardUnsupported`, `boardLost`, `cancelled`.
 */
export async function probeBoard(
  shell: BoardShell,
  remoteRoot: string,
  signal: AbortSignal,
): Promise<Result<BoardFacts, ShellError>> {
  const probed = await shell.run(probeScript(remoteRoot), { signal });
  if (!probed.ok) return probed;
  return readProbe(probed.value.output, shell.board, remoteRoot);
}

function probeScript(remoteRoot: string): string {
  const isAbsolute = remoteRoot.startsWith('/');
  const tries = isAbsolute
    ? `try ${quoteForShell(remoteRoot)} 0`
    : `{ [ -n "$home" ] && try "\${home%/}/"${quoteForShell(remoteRoot)} 0; } || try "/var/tmp/fieldtune-$user" $fallback shared`;
  return `
export LC_ALL=C
home=; cd 2>/dev/null && home=$(pwd -P)
[ -n "$home" ] && [ -d "$home" ] || { home=; cd /; }
first() { read -r line; echo "$line"; }
fallback=1; [ -n "$home" ] || fallback=0
user=$(id -u 2>/dev/null || echo 0)
echo "home=$home"
echo "user=$user"
echo "system=$(uname -s)"
machine=$(uname -m)
echo "machine=$machine"
echo "elf=$(od -An -tu1 -N20 /bin/sh 2>/dev/null | tr -s ' \\n' ' ' 2>/dev/null)"
echo "bits=$(getconf LONG_BIT 2>/dev/null)"
echo "debian=$(dpkg --print-architecture 2>/dev/null)"
libc=$(getconf GNU_LIBC_VERSION 2>/dev/null || ldd --version 2>&1 | first)
case $libc in *[0-9].[0-9]*|*musl*) ;; *)
  for l in /lib/ld-musl-*; do [ ! -e "$l" ] || libc="musl libc"; done
  for l in /lib64/libc.so.6 "/lib/$machine-linux-gnu/libc.so.6" /lib/libc.so.6; do
    [ ! -x "$l" ] || libc=$("$l" 2>/dev/null | first)
  done;;
esac
echo "libc=$libc"
for l in /lib /lib64 /usr/lib /usr/lib64 "/lib/$machine-linux-gnu" "/usr/lib/$machine-linux-gnu" /usr/local/lib; do
  for l in "$l"/libstdc++.so.6.0.*; do [ ! -e "$l" ] || echo "cxx=$l"; done
done
node=$(command -v node 2>/dev/null)
echo "node=$node"
[ -z "$node" ] || echo "nodeVersion=$(NODE_OPTIONS= "$node" --version 2>/dev/null)"
for tool in ${requiredTools.join(' ')}; do command -v "$tool" >/dev/null 2>&1 || echo "missing=$tool"; done
try() {
  made=
  [ -d "$1" ] || made=1
  m=$( (umask 077; mkdir -p -- "$1") 2>&1) || { echo "refused=$2 it cannot be made: $m"; return 1; }
  # In a folder for all, somebody else may have made it before.
  [ -z "$3" ] || [ -O "$1" ] || { echo "refused=$2 it belongs to another user"; return 1; }
  t=$1/.try-$$
  why=
  m=$( (printf '#!/bin/sh\\nexit 0\\n' >"$t") 2>&1) || why="it cannot be written to: $m"
  [ -n "$why" ] || ! chmod 700 "$t" 2>/dev/null || m=$("$t" 2>&1) || why="no program may be run from it (mounted noexec?): $m"
  rm -f -- "$t"
  [ -z "$why" ] || { echo "refused=$2 $why"; [ -z "$made" ] || rmdir -- "$1" 2>/dev/null; return 1; }
  cd -- "$1" && echo "root=$2"
}
if ${tries}; then
  lacking=${defineSha256('"$PWD"', false)}
  [ -z "$lacking" ] || echo "missing=sha256sum"
  echo "free=$(df -Pk . 2>/dev/null | { read -r line; first; })"
  find runner-* -type f -exec ls -ln {} + 2>/dev/null
fi
exit 0`;
}

/** Reads the probe's `name=value` lines and its list of files. Errors: `boardUnsupported`. */
export function readProbe(output: string, board: string, remoteRoot: string): Result<BoardFacts, BoardError> {
  const lines = output.split('\n').map((line) => line.trim());
  const factsOf = (name: string): readonly string[] =>
    lines.filter((line) => line.startsWith(`${name}=`)).map((line) => line.slice(name.length + 1));
  const factOf = (name: string): string => factsOf(name)[0] ?? '';
  const unsupported = (missing: string): Result<BoardFacts, BoardError> =>
    fail({ kind: 'boardUnsupported', board, missing });

  if (factOf('system') === '') return unsupported('a POSIX shell that runs commands');
  if (factOf('system') !== 'Linux') return unsupported(`Linux (found ${factOf('system')})`);
  const machine = factOf('machine');
  const userland = userlandOf(factOf('elf'), factOf('bits'), factOf('debian'));
  if (userland.is32bit) {
    const kernel = archOfMachine[machine] ? `, under a 64-bit kernel ${machine}` : '';
    return unsupported(`a 64-bit userland (found ${userland.name}${kernel})`);
  }
  const arch = userland.arch ?? archOfMachine[machine];
  if (!arch) return unsupported(`an x86-64 or 64-bit Arm processor (found ${machine})`);
  const libc = factOf('libc');
  const glibcVersion = /glibc|gnu (libc|c library)/i.test(libc)
    ? /(\d+)\.(\d+)(?!.*\d\.\d)/.exec(libc)
    : null;
  if (!glibcVersion || !isAtLeast(glibcVersion, oldestGlibc)) {
    return unsupported(`glibc ${oldestGlibc.join('.')} or later (found ${libc || 'none'})`);
  }
  const cxx = factsOf('cxx')
    .filter((path) => path !== '')
    .map((path) => Number(/libstdc\+\+\.so\.6\.0\.(\d+)/.exec(path)?.[1] ?? 0));
  if (Math.max(0, ...cxx) < oldestGlibcxx) {
    const found = cxx.length > 0 ? `GLIBCXX_3.4.${Math.max(...cxx)}` : 'none';
    return unsupported(`libstdc++.so.6 with GLIBCXX_3.4.${oldestGlibcxx} or later (found ${found})`);
  }
  const tools = factsOf('missing');
  if (tools.length > 0) return unsupported(tools.join(', '));
  const roots = candidateRoots(remoteRoot, factOf('home'), factOf('user'));
  const root = roots[Number(factOf('root') || Number.NaN)];
  if (root === undefined) {
    const refusals = factsOf('refused').map((line) => {
      const [index = '', ...why] = line.split(' ');
      return `${roots[Number(index)] ?? remoteRoot}: ${why.join(' ')}`;
    });
    return unsupported(`a folder for the runner (tried ${refusals.join('; ') || remoteRoot})`);
  }

  const freeKiB = Number(factOf('free').split(/\s+/)[3]);
  const nodeVersion = /^v(\d+)\.(\d+)/.exec(factOf('nodeVersion'));
  const nodeFile = factOf('node');
  const usable = nodeVersion !== null && isAtLeast(nodeVersion, oldestNode) && nodeFile.startsWith('/');
  return ok({
    arch,
    root,
    freeBytes: Number.isFinite(freeKiB) ? freeKiB * 1024 : null,
    nodeFile: usable ? nodeFile : null,
    files: readListing(lines),
  });
}

/** What programs the board runs, whatever its kernel is: by the header of its shell, else by what it says of itself. */
function userlandOf(elf: string, bits: string, debian: string) {
  const bytes = elf.trim().split(/\s+/).map(Number);
  // Bytes 0 to 3 are the magic, 4 is the class (1: 32 bits), 18 and 19 are the machine, little-endian.
  if (bytes[0] === 127 && bytes[1] === 69 && bytes.length >= 20) {
    const [elfClass = 0, machine = 0] = [bytes[4], (bytes[18] ?? 0) + 256 * (bytes[19] ?? 0)];
    if (elfClass === 1) return { is32bit: true, name: machine === 40 ? '32-bit Arm' : '32-bit', arch: null };
    return { is32bit: false, name: '', arch: archOfElf[`${elfClass} ${machine}`] ?? null };
  }
  const is32bit = bits === '32' || ['armhf', 'armel', 'i386'].includes(debian);
  return { is32bit, name: debian === '' ? '32-bit' : debian, arch: null };
}

/** Lines of `ls -ln`: mode, links, user, group, size, three words of time, path. */
function readListing(lines: readonly string[]): ReadonlyMap<string, number> {
  return new Map(
    lines.flatMap((line) => {
      const match = /^-\S+\s+\d+\s+\d+\s+\d+\s+(\d+)\s.*?\s(runner-.*)$/.exec(line);
      return match ? [[match[2]!, Number(match[1])] as const] : [];
    }),
  );
}

function isAtLeast(version: RegExpExecArray, oldest: readonly [number, number]): boolean {
  const major = Number(version[1]);
  const minor = Number(version[2]);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}
