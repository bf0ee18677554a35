import { createHash, randomUUID } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { fail, ok, type Result } from '../contract/result.ts';
import type { BoardContact } from './contact.ts';
import type { BoardFacts } from './probe.ts';
import { quoteForShell, type RemoteError, runRemote } from './remote.ts';
import { bundlePath, nodePath, type RunnerFiles } from './runner-files.ts';
import type { SshConnection } from './ssh.ts';
import { packTar } from './tar.ts';

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
  connection: SshConnection,
  facts: BoardFacts,
  runner: RunnerFiles,
  contact: BoardContact,
  options: InstallOptions,
): Promise<Result<Installation, RemoteError>> {
  const board = connection.address.text;
  const folder = `${facts.root}/runner-${runner.hash}`;
  const installation = (sentBytes: number): Installation => ({
    nodeFile: facts.nodeFile ?? `${folder}/${nodePath}`,
    program: `${folder}/${bundlePath}`,
    sentBytes,
  });
  if (!options.force) {
    const present = await isPresent(connection, folder, runner, contact.signal);
    if (!present.ok) return present;
    if (present.value) return ok(installation(0));
  }

  const neededBytes = runner.sizeBytes + spareBytes;
  const full = { kind: 'boardDiskFull' as const, board, folder: facts.root, neededBytes };
  if (facts.freeBytes !== null && facts.freeBytes < neededBytes) return fail(full);

  const incoming = `${facts.root}/incoming-${randomUUID()}`;
  const uploaded = await upload(connection, incoming, runner, contact, options.stallMs);
  if (!uploaded.ok) {
    // The script on the board removes its folder; this is for a board that lost the link before it noticed.
    if (uploaded.error.kind === 'cancelled')
      await runRemote(connection, `rm -rf -- ${quoteForShell(incoming)}`);
    return uploaded;
  }
  const { outcome, packingError, sentBytes, sha256s } = uploaded.value;
  if (outcome.code !== 0) {
    if (/no space left|disk quota/i.test(outcome.complaints)) return fail(full);
    const reason =
      packingError ||
      outcome.complaints.split('\n').at(-1) ||
      `unpacking ended with ${outcome.signal ?? outcome.code}`;
    return fail({ kind: 'runnerFailed', board, reason });
  }
  const onBoard = readSums(outcome.output);
  const damaged = runner.files.find((file) => onBoard.get(file.path) !== sha256s.get(file.path));
  if (damaged) {
    await runRemote(connection, `rm -rf -- ${quoteForShell(incoming)}`);
    return fail({ kind: 'boardCorrupted', board, file: `${folder}/${damaged.path}` });
  }
  const activated = await runRemote(connection, activationScript(incoming, folder, facts.root), {
    signal: contact.signal,
  });
  if (!activated.ok) return activated;
  if (activated.value.code !== 0) {
    const reason =
      activated.value.complaints.split('\n').at(-1) || 'the runner could not be put in its place';
    return fail({ kind: 'runnerFailed', board, reason });
  }
  return ok(installation(sentBytes));
}

/** Sizes suffice: what lies under its final name was verified byte by byte when it came there. */
async function isPresent(
  connection: SshConnection,
  folder: string,
  runner: RunnerFiles,
  signal: AbortSignal,
): Promise<Result<boolean, RemoteError>> {
  const paths = runner.files.map((file) => quoteForShell(file.path)).join(' ');
  const script = `cd -- ${quoteForShell(folder)} 2>/dev/null && for f in ${paths}; do echo "$(wc -c <"$f") $f"; done`;
  const listed = await runRemote(connection, script, { signal });
  if (!listed.ok) return listed;
  const sizes = new Map(
    listed.value.output.split('\n').map((line) => {
      const [size, path] = line.trim().split(/\s+/);
      return [path ?? '', Number(size)];
    }),
  );
  return ok(listed.value.code === 0 && runner.files.every((file) => sizes.get(file.path) === file.sizeBytes));
}

async function upload(
  connection: SshConnection,
  incoming: string,
  runner: RunnerFiles,
  contact: BoardContact,
  stallMs: number | undefined,
) {
  const paths = runner.files.map((file) => quoteForShell(file.path)).join(' ');
  // When the link goes, tar meets the end of its input, fails, and the folder is removed.
  const script = `
umask 077
i=${quoteForShell(incoming)}
done=
trap '[ "$done" ] || { cd /; rm -rf -- "$i"; }' EXIT
trap 'exit 1' HUP INT TERM PIPE
mkdir -- "$i" && cd -- "$i" && gzip -dc | tar xf - && sha256sum ${paths} && done=1 || exit 1`;
  const hashed = hashFiles(runner);
  // Awaited only if the upload went through.
  hashed.catch(() => {});
  const gzip = createGzip({ level: 6 });
  let sentBytes = 0;
  gzip.on('data', (chunk: Buffer) => {
    sentBytes += chunk.length;
  });
  gzip.pause();
  const packing = pipeline(
    Readable.from(reportProgress(packTar(runner.files), runner.sizeBytes, contact)),
    gzip,
  );
  let packingError = '';
  // A source that changes under us breaks the stream, and with it the command on the board.
  packing.catch((error: unknown) => {
    packingError = error instanceof Error ? error.message : String(error);
  });
  const outcome = await runRemote(connection, script, {
    signal: contact.signal,
    input: gzip,
    stallMs: stallMs ?? verifyStallMs,
  });
  if (!outcome.ok) return outcome;
  return ok({ outcome: outcome.value, packingError, sentBytes, sha256s: await hashed });
}

async function* reportProgress(
  source: AsyncIterable<Uint8Array>,
  totalBytes: number,
  contact: BoardContact,
): AsyncGenerator<Uint8Array> {
  let sentBytes = 0;
  for await (const chunk of source) {
    yield chunk;
    sentBytes += chunk.length;
    contact.onInstall?.(Math.min(sentBytes, totalBytes), totalBytes);
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

function activationScript(incoming: string, folder: string, root: string): string {
  return `
cd -- ${quoteForShell(root)} || exit 1
old=${quoteForShell(`${incoming}-old`)}
[ ! -e ${quoteForShell(folder)} ] || mv -- ${quoteForShell(folder)} "$old"
mv -- ${quoteForShell(incoming)} ${quoteForShell(folder)} || exit 1
rm -rf -- "$old"
find . -maxdepth 1 -name 'incoming-*' -mmin +60 -exec rm -rf -- {} + 2>/dev/null
ls -1dt runner-* 2>/dev/null | tail -n +${keptInstallations + 1} | while read -r d; do rm -rf -- "$d"; done
exit 0`;
}
