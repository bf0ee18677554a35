import type { BoardError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
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
}

const requiredTools = ['tar', 'gzip', 'sha256sum'] as const;
const oldestGlibc = [2, 28] as const;
const oldestNode = [22, 14] as const;
const archOfMachine: Readonly<Record<string, BoardArch>> = {
  x86_64: 'x64',
  aarch64: 'arm64',
  arm64: 'arm64',
};

/**
 * Looks at a board in one command, before anything is sent. Names what is missing.
 * Errors: `boardUnsupported`, `boardLost`, `cancelled`.
 */
export async function probeBoard(
  shell: BoardShell,
  remoteRoot: string,
  signal: AbortSignal,
): Promise<Result<BoardFacts, ShellError>> {
  const board = shell.board;
  const script = `
cd || cd /
echo "home=$(pwd -P)"
echo "system=$(uname -s)"
echo "machine=$(uname -m)"
echo "bits=$(getconf LONG_BIT 2>/dev/null)"
echo "libc=$(getconf GNU_LIBC_VERSION 2>/dev/null || ldd --version 2>&1 | head -n 1)"
echo "node=$(command -v node 2>/dev/null)"
echo "nodeVersion=$(NODE_OPTIONS= node --version 2>/dev/null)"
for tool in ${requiredTools.join(' ')}; do
  command -v "$tool" >/dev/null 2>&1 || echo "missing=$tool"
done
if mkdir -p -- ${quoteForShell(remoteRoot)} && cd -- ${quoteForShell(remoteRoot)}; then
  echo "writable=yes"
  echo "free=$(df -Pk . 2>/dev/null | tail -n 1)"
fi`;
  const probed = await shell.run(script, { signal });
  if (!probed.ok) return probed;
  return readProbe(probed.value.output, probed.value.complaints, board, remoteRoot);
}

/** Reads the probe's `name=value` lines. Errors: `boardUnsupported`. */
export function readProbe(
  output: string,
  complaints: string,
  board: string,
  remoteRoot: string,
): Result<BoardFacts, BoardError> {
  const lines = output.split('\n').map((line) => line.trim());
  const factOf = (name: string): string =>
    lines.find((line) => line.startsWith(`${name}=`))?.slice(name.length + 1) ?? '';
  const unsupported = (missing: string): Result<BoardFacts, BoardError> =>
    fail({ kind: 'boardUnsupported', board, missing });

  if (factOf('system') === '') return unsupported('a POSIX shell that runs commands');
  if (factOf('system') !== 'Linux') return unsupported(`Linux (found ${factOf('system')})`);
  const arch = archOfMachine[factOf('machine')];
  if (!arch) return unsupported(`an x86-64 or 64-bit Arm processor (found ${factOf('machine')})`);
  if (factOf('bits') !== '' && factOf('bits') !== '64') {
    return unsupported(`a 64-bit userland (found ${factOf('bits')}-bit)`);
  }
  const libc = factOf('libc');
  const glibcVersion = /glibc|gnu libc/i.test(libc) ? /(\d+)\.(\d+)(?!.*\d\.\d)/.exec(libc) : null;
  if (!glibcVersion || !isAtLeast(glibcVersion, oldestGlibc)) {
    return unsupported(`glibc ${oldestGlibc.join('.')} or later (found ${libc || 'none'})`);
  }
  const tools = lines
    .filter((line) => line.startsWith('missing='))
    .map((line) => line.slice('missing='.length));
  if (tools.length > 0) return unsupported(tools.join(', '));
  const home = factOf('home');
  if (factOf('writable') !== 'yes' || !home.startsWith('/')) {
    const why = complaints.split('\n').at(-1);
    return unsupported(`a folder ${remoteRoot} that can be written to${why ? ` (${why})` : ''}`);
  }

  const freeKiB = Number(factOf('free').split(/\s+/)[3]);
  const nodeVersion = /^v(\d+)\.(\d+)/.exec(factOf('nodeVersion'));
  const nodeFile = factOf('node');
  const usable = nodeVersion !== null && isAtLeast(nodeVersion, oldestNode) && nodeFile.startsWith('/');
  return ok({
    arch,
    root: remoteRoot.startsWith('/') ? remoteRoot : `${home.replace(/\/$/, '')}/${remoteRoot}`,
    freeBytes: Number.isFinite(freeKiB) ? freeKiB * 1024 : null,
    nodeFile: usable ? nodeFile : null,
  });
}

function isAtLeast(version: RegExpExecArray, oldest: readonly [number, number]): boolean {
  const major = Number(version[1]);
  const minor = Number(version[2]);
  return major > oldest[0] || (major === oldest[0] && minor >= oldest[1]);
}
