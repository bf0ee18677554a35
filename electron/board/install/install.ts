import { createHash, randomUUID } from 'node:crypto';
import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { BoardContact } from '../contact.ts';
import { type BoardShell, quoteForShell, type ShellError, type UploadSource } from '../shell.ts';
import type { BoardFacts } from './probe.ts';
import { bundlePath, nodePath, type RunnerFiles } from './runner-files.ts';
import { packTar, SourceChangedError } from './tar.ts';

/** A runner that lies ready on a board; all paths are absolute there. */
export interface Installation {
  readonly nodeFile: string;
  readonly program: string;
  /** Compressed bytes that were sent; 0 when it was there. */
  readonly sentBytes: number;
}

/** How an installation is made. */
export interface InstallOptions {
  /** Installs anew even if the files seem to be there. */
  readonly force: boolean;
  readonly stallMs?: number | undefined;
}

/** Room that is left over for models and temporary files. */
const spareBytes = 64 * 1024 * 1024;
const keptInstallations = 3;
/** Unpacking and hashing on a slow card, when nothing moves over the link any more. */
const verifyStallMs = 180_000;

/**
 * Puts the runner into `<root>/runner-<hash>/` unless it is there. The files are unpacked beside it, the board's own
 * sha256 of every file is compared, and only then the folder gets its name: half an installation is never used.
 *
 * Errors: `boardDiskFull`, `boardCorrupted`, `boardLost`, `runnerFailed`, `cancelled`.
 */
export async function installRunner(
  shell: BoardShell,
  facts: BoardFacts,
  runner: RunnerFiles,
  contact: BoardContact,
  options: InstallOptions,
): Promise<Result<Installation, ShellError>> {
  const board = shell.board;
  const folder = `${facts.root}/runner-${runner.hash}`;
  const installation = (sentBytes: number): Installation => ({
    nodeFile: facts.nodeFile ?? `${folder}/${nodePath}`,
    program: `${folder}/${bundlePath}`,
    sentBytes,
  });
  if (!options.force) {
    const present = await isPresent(shell, folder, runner, contact.signal);
    if (!present.ok) return present;
    if (present.value) return ok(installation(0));
  }

  const neededBytes = runner.sizeBytes + spareBytes;
  const full = { kind: 'boardDiskFull' as const, board, folder: facts.root, neededBytes };
  if (facts.freeBytes !== null && facts.freeBytes < neededBytes) return fail(full);

  const archive = await packArchive(runner);
  if (!archive.ok) return archive;
  const remoteArchive = `${facts.root}/runner-${runner.hash}.tar.gz`;
  try {
    const sent = await shell.upload(archive.value.source, remoteArchive, {
      signal: contact.signal,
      ...(options.stallMs === undefined ? {} : { stallMs: options.stallMs }),
      onProgress: (sentBytes, totalBytes) => contact.onInstall?.(sentBytes, totalBytes),
    });
    if (!sent.ok) return sent.error.kind === 'boardDiskFull' ? fail(full) : sent;
    const unpacked = await unpack(shell, facts.root, remoteArchive, runner, contact.signal);
    if (!unpacked.ok) return unpacked;
    const { outcome } = unpacked.value;
    if (outcome.code !== 0) {
      if (/no space left|disk quota/i.test(outcome.complaints)) return fail(full);
      const reason =
        outcome.complaints.split('\n').at(-1) || `unpacking ended with ${outcome.signal ?? outcome.code}`;
      return fail({ kind: 'runnerFailed', board, reason });
    }
    const onBoard = readSums(outcome.output);
    const damaged = runner.files.find(
      (file) => onBoard.get(file.path) !== archive.value.sha256s.get(file.path),
    );
    if (damaged) {
      await shell.run(`rm -rf -- ${[unpacked.value.incoming, remoteArchive].map(quoteForShell).join(' ')}`);
      return fail({ kind: 'boardCorrupted', board, file: `${folder}/${damaged.path}` });
    }
    const activated = await shell.run(
      activationScript(unpacked.value.incoming, folder, facts.root, remoteArchive),
      { signal: contact.signal },
    );
    if (!activated.ok) return activated;
    if (activated.value.code !== 0) {
      const reason =
        activated.value.complaints.split('\n').at(-1) || 'the runner could not be put in its place';
      return fail({ kind: 'runnerFailed', board, reason });
    }
    return ok(installation(sent.value.sentBytes));
  } finally {
    archive.value.remove();
  }
}

/** Sizes suffice: what lies under its final name was verified byte by byte when it came there. */
async function isPresent(
  shell: BoardShell,
  folder: string,
  runner: RunnerFiles,
  signal: AbortSignal,
): Promise<Result<boolean, ShellError>> {
  const paths = runner.files.map((file) => quoteForShell(file.path)).join(' ');
  const script = `cd -- ${quoteForShell(folder)} 2>/dev/null && for f in ${paths}; do echo "$(wc -c <"$f") $f"; done`;
  const listed = await shell.run(script, { signal });
  if (!listed.ok) return listed;
  const sizes = new Map(
    listed.value.output.split('\n').map((line) => {
      const [size, path] = line.trim().split(/\s+/);
      return [path ?? '', Number(size)];
    }),
  );
  return ok(listed.value.code === 0 && runner.files.every((file) => sizes.get(file.path) === file.sizeBytes));
}

async function unpack(
  shell: BoardShell,
  root: string,
  archive: string,
  runner: RunnerFiles,
  signal: AbortSignal,
) {
  const incoming = `${root}/incoming-${randomUUID()}`;
  const paths = runner.files.map((file) => quoteForShell(file.path)).join(' ');
  const script = `
umask 077
i=${quoteForShell(incoming)}
a=${quoteForShell(archive)}
done=
trap '[ "$done" ] || { cd /; rm -rf -- "$i" "$a"; }' EXIT
trap 'exit 1' HUP INT TERM PIPE
mkdir -- "$i" && cd -- "$i" && gzip -dc <"$a" | tar xf - && sha256sum ${paths} && done=1 || exit 1`;
  const outcome = await shell.run(script, { signal, stallMs: verifyStallMs });
  if (!outcome.ok) return outcome;
  return ok({ outcome: outcome.value, incoming });
}

interface Archive {
  readonly source: UploadSource;
  /** Of each file in it, by its path. */
  readonly sha256s: ReadonlyMap<string, string>;
  remove(): void;
}

/** Packs the files into one archive of this computer. Errors: `sourceChanged`. */
async function packArchive(runner: RunnerFiles): Promise<Result<Archive, ShellError>> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-runner-'));
  const file = join(folder, 'runner.tar.gz');
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    await pipeline(Readable.from(packTar(runner.files)), createGzip({ level: 6 }), createWriteStream(file));
    const hash = createHash('sha256');
    await pipeline(createReadStream(file), hash);
    const source: UploadSource = {
      sizeBytes: statSync(file).size,
      sha256: hash.digest('hex'),
      open: (offset) => createReadStream(file, { start: offset }),
    };
    return ok({ source, sha256s: await hashFiles(runner), remove });
  } catch (error) {
    remove();
    if (error instanceof SourceChangedError) return fail({ kind: 'sourceChanged', path: error.path });
    throw error;
  }
}

async function hashFiles(runner: RunnerFiles): Promise<ReadonlyMap<string, string>> {
  const sums = new Map<string, string>();
  for (const file of runner.files) {
    const hash = createHash('sha256');
    await pipeline(createReadStream(file.source), hash);
    sums.set(file.path, hash.digest('hex'));
  }
  return sums;
}

/** Lines of `sha256sum`: hash, a space, a space or asterisk, path. */
function readSums(output: string): ReadonlyMap<string, string> {
  return new Map(
    output.split('\n').flatMap((line) => {
      const match = /^([0-9a-f]{64}) [ *](.+)$/.exec(line.trim());
      return match ? [[match[2]!, match[1]!] as const] : [];
    }),
  );
}

function activationScript(incoming: string, folder: string, root: string, archive: string): string {
  return `
cd -- ${quoteForShell(root)} || exit 1
old=${quoteForShell(`${incoming}-old`)}
[ ! -e ${quoteForShell(folder)} ] || mv -- ${quoteForShell(folder)} "$old"
mv -- ${quoteForShell(incoming)} ${quoteForShell(folder)} || exit 1
rm -rf -- "$old" ${quoteForShell(archive)}
find . -maxdepth 1 -name 'incoming-*' -mmin +60 -exec rm -rf -- {} + 2>/dev/null
ls -1dt runner-* 2>/dev/null | tail -n +${keptInstallations + 1} | while read -r d; do rm -rf -- "$d"; done
exit 0`;
}
