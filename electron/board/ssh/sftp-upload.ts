import { createHash } from 'node:crypto';
import { posix } from 'node:path';
import { fail, ok, type Result } from '../../contract/result.ts';
import { defineBeat, defineSha256, sha256Pattern } from '../board-tools.ts';
import {
  quoteForShell,
  type ShellError,
  type Uploaded,
  type UploadOptions,
  type UploadSource,
} from '../shell.ts';
import { hashPrefix, largeBytes } from '../upload.ts';
import { runRemote } from './commands.ts';
import type { SshConnection } from './connection.ts';
import { openSftp, type SftpRefusal, type SftpSession } from './sftp-session.ts';

/** What every server takes and gives in one request (draft-ietf-secsh-filexfer-02, section 3). */
const requestBytes = 32 * 1024;
/** Requests that may wait for their answers: 2 MiB, as much as the usual window of an SSH channel. */
const mostInFlight = 64;
const defaultStallMs = 30_000;
const noSuchFile = 2;
/** Less room than this is none. */
const fullBytes = 4 * requestBytes;

type Failure = ShellError | SftpRefusal | { readonly kind: 'damaged' };

/**
 * An upload as `BoardShell.upload` describes it, by SFTP: for a board that cannot copy by a command. The bytes are
 * compared by a sha256 of the board where it has a tool for it, else by reading them back. `refused` says why no command
 * could do it, and is the error, with a word on SFTP, where there is none either.
 */
export async function uploadBySftp(
  connection: SshConnection,
  source: UploadSource,
  path: string,
  options: UploadOptions,
  refused: ShellError,
): Promise<Result<Uploaded, ShellError>> {
  const board = connection.address.text;
  const { signal, stallMs = defaultStallMs } = options;
  const bounds = { stallMs, ...(signal === undefined ? {} : { signal }) };
  const opened = await openSftp(connection, bounds);
  if (!opened.ok) return fail(opened.error.kind === 'noSftp' ? withoutSftp(refused) : opened.error);
  const session = opened.value;
  const part = `${path}.part`;
  const sent = await send({ connection, session, source, path, part, options });
  if (sent.ok) {
    await session.end();
    return sent;
  }
  const { error } = sent;
  const failure = await explain(error, { board, session, source, path });
  // A lost link leaves the part to be taken up again.
  if (failure.kind === 'boardLost') await session.end();
  else await session.end((sftp, answer) => sftp.unlink(part, answer));
  return fail(failure);
}

/** The error of a board that has neither a way to copy by a command nor SFTP. */
function withoutSftp(refused: ShellError): ShellError {
  const word = 'and its SSH server has no SFTP, which would do in its place';
  if (refused.kind === 'boardUnsupported') return { ...refused, missing: `${refused.missing} (${word})` };
  if (refused.kind === 'boardCommandFailed') return { ...refused, reason: `${refused.reason}, ${word}` };
  return refused;
}

interface Parts {
  readonly connection: SshConnection;
  readonly session: SftpSession;
  readonly source: UploadSource;
  readonly path: string;
  readonly part: string;
  readonly options: UploadOptions;
}

async function send(parts: Parts): Promise<Result<Uploaded, Failure>> {
  const { session, source, path, part, options } = parts;
  const there = await sizeOf(session, path);
  if (!there.ok) return there;
  if (there.value === source.sizeBytes) {
    const sha256 = await hashThere(parts, path, source.sizeBytes);
    if (!sha256.ok) return sha256;
    if (sha256.value === source.sha256) {
      await session.ask((sftp, answer: (error?: Error | null) => void) => sftp.unlink(part, answer));
      options.onProgress?.(source.sizeBytes, source.sizeBytes);
      return ok({ sentBytes: 0, resumedAt: source.sizeBytes });
    }
  }
  const resumedAt = await findResume(parts);
  if (!resumedAt.ok) return resumedAt;
  let written = await writeAndCompare(parts, resumedAt.value);
  // What was taken up unseen, for want of a tool to hash it, was not the beginning of these bytes.
  if (!written.ok && written.error.kind === 'damaged' && resumedAt.value > 0)
    written = await writeAndCompare(parts, 0);
  if (!written.ok) return written;
  const renamed = await rename(session, part, path);
  return renamed.ok ? written : renamed;
}

/** Size of a file on the board, bytes; null when there is none. */
async function sizeOf(session: SftpSession, path: string): Promise<Result<number | null, Failure>> {
  const found = await session.ask<{ readonly size: number }>((sftp, answer) => sftp.stat(path, answer));
  if (found.ok) return ok(found.value.size);
  return found.error.kind === 'sftpRefused' && found.error.code === noSuchFile ? ok(null) : found;
}

/** Offset from which to go on; a part that the board itself can hash is taken up only if it is ours. */
async function findResume(parts: Parts): Promise<Result<number, Failure>> {
  const { session, source, part } = parts;
  const left = await sizeOf(session, part);
  if (!left.ok) return left;
  const partBytes = left.value ?? 0;
  if (partBytes === 0 || partBytes > source.sizeBytes) return ok(0);
  const sha256 = await hashByTool(parts, part);
  if (!sha256.ok) return sha256;
  const isOurs = sha256.value === null || sha256.value === (await hashPrefix(source, partBytes));
  return ok(isOurs ? partBytes : 0);
}

async function writeAndCompare(parts: Parts, from: number): Promise<Result<Uploaded, Failure>> {
  const { session, source, part, options } = parts;
  const { mode = 0o644 } = options;
  const opened = await session.ask<Buffer>((sftp, answer) =>
    sftp.open(part, from === 0 ? 'w' : 'r+', { mode }, answer),
  );
  if (!opened.ok) return opened;
  const handle = opened.value;
  const written = await writeAll(parts, handle, from);
  if (!written.ok) return written;
  const finished = await session.ask((sftp, answer: (error?: Error | null) => void) =>
    sftp.fsetstat(handle, { mode }, answer),
  );
  if (!finished.ok) return finished;
  // Where the board has no such extension, it writes in its own time.
  const synced = await session.ask((sftp, answer) => sftp.ext_openssh_fsync(handle, answer));
  if (!synced.ok && synced.error.kind !== 'sftpRefused') return synced;
  const closed = await session.ask((sftp, answer: (error?: Error | null) => void) =>
    sftp.close(handle, answer),
  );
  if (!closed.ok) return closed;
  const sha256 = await hashThere(parts, part, source.sizeBytes);
  if (!sha256.ok) return sha256;
  return sha256.value === source.sha256 ? ok(written.value) : fail({ kind: 'damaged' });
}

/** Writes the bytes from an offset on; reads no more of them than may be on their way. */
async function writeAll(
  { session, source, options }: Parts,
  handle: Buffer,
  from: number,
): Promise<Result<Uploaded, Failure>> {
  const changed = { kind: 'sourceChanged', path: source.name ?? 'the file' } as const;
  const file = source.open(from);
  const chunks = file[Symbol.asyncIterator]();
  const inFlight = new Set<Promise<void>>();
  let failure: Failure | null = null;
  let position = from;
  let doneBytes = from;
  const write = (bytes: Buffer): void => {
    const at = position;
    position += bytes.length;
    const written = session
      .ask((sftp, answer: (error?: Error | null) => void) =>
        sftp.write(handle, bytes, 0, bytes.length, at, answer),
      )
      .then((result) => {
        inFlight.delete(written);
        if (!result.ok) failure ??= result.error;
        else {
          doneBytes += bytes.length;
          options.onProgress?.(doneBytes, source.sizeBytes);
        }
      });
    inFlight.add(written);
  };
  try {
    while (failure === null) {
      const next = await session.wait(chunks.next().catch(() => null));
      if (!next.ok) return next;
      if (next.value === null) return fail(changed);
      if (next.value.done) break;
      const chunk = next.value.value as Buffer; // a stream without an encoding gives buffers
      if (position + chunk.length > source.sizeBytes) return fail(changed);
      for (let at = 0; at < chunk.length && failure === null; at += requestBytes) {
        while (inFlight.size >= mostInFlight) await Promise.race(inFlight);
        write(chunk.subarray(at, at + requestBytes));
      }
    }
    await Promise.all(inFlight);
  } finally {
    file.destroy();
  }
  if (failure !== null) return fail(failure);
  if (position < source.sizeBytes) return fail(changed);
  return ok({ sentBytes: source.sizeBytes - from, resumedAt: from });
}

/** The sha256 of a file on the board, by a tool there, else of the bytes read back. */
async function hashThere(parts: Parts, path: string, sizeBytes: number): Promise<Result<string, Failure>> {
  const byTool = await hashByTool(parts, path);
  if (!byTool.ok) return byTool;
  return byTool.value === null ? hashReadBack(parts.session, path, sizeBytes) : ok(byTool.value);
}

/** Null when the board has no tool for it, or runs no commands. */
async function hashByTool(
  { connection, source, options }: Parts,
  path: string,
): Promise<Result<string | null, ShellError>> {
  const { signal, stallMs = defaultStallMs } = options;
  const folder = quoteForShell(posix.dirname(path));
  const script = `
export LC_ALL=C
lacking=${defineSha256(folder, source.sizeBytes >= largeBytes)}${defineBeat}
[ -z "$lacking" ] || exit 1
beat
h=$(sha256 <${quoteForShell(path)}) || exit 1
unbeat
echo "sum=$h"`;
  const hashed = await runRemote(connection, script, {
    stallMs,
    ...(signal === undefined ? {} : { signal }),
  });
  if (!hashed.ok) return hashed.error.kind === 'boardCommandFailed' ? ok(null) : hashed;
  const line = /^sum=.*$/m.exec(hashed.value.output)?.[0] ?? '';
  return ok(hashed.value.code === 0 ? (sha256Pattern.exec(line.slice(4))?.[0] ?? null) : null);
}

async function hashReadBack(
  session: SftpSession,
  path: string,
  sizeBytes: number,
): Promise<Result<string, Failure>> {
  const opened = await session.ask<Buffer>((sftp, answer) => sftp.open(path, 'r', answer));
  if (!opened.ok) return opened;
  const handle = opened.value;
  const hash = createHash('sha256');
  const due: Promise<Result<Buffer, Failure>>[] = [];
  let askedBytes = 0;
  let failure: Failure | null = null;
  for (;;) {
    while (failure === null && askedBytes < sizeBytes && due.length < mostInFlight) {
      const length = Math.min(requestBytes, sizeBytes - askedBytes);
      due.push(readWhole(session, handle, askedBytes, length));
      askedBytes += length;
    }
    const oldest = due.shift();
    if (oldest === undefined) break;
    const bytes = await oldest;
    if (bytes.ok) hash.update(bytes.value);
    else failure ??= bytes.error;
  }
  if (failure !== null) return fail(failure);
  const closed = await session.ask((sftp, answer: (error?: Error | null) => void) =>
    sftp.close(handle, answer),
  );
  return closed.ok ? ok(hash.digest('hex')) : closed;
}

/** Reads so many bytes, or those up to the end of the file; a server may give fewer at once than it is asked for. */
async function readWhole(
  session: SftpSession,
  handle: Buffer,
  position: number,
  length: number,
): Promise<Result<Buffer, Failure>> {
  const bytes = Buffer.alloc(length);
  let gotBytes = 0;
  while (gotBytes < length) {
    const got = await session.ask<number>((sftp, answer) =>
      sftp.read(handle, bytes, gotBytes, length - gotBytes, position + gotBytes, answer),
    );
    if (!got.ok) return got;
    if (got.value === 0) break;
    gotBytes += got.value;
  }
  return ok(bytes.subarray(0, gotBytes));
}

/** Puts a file in the place of another; by one step where the board has the extension for it. */
async function rename(session: SftpSession, from: string, to: string): Promise<Result<void, Failure>> {
  type Answer = (error?: Error | null) => void;
  const atOnce = await session.ask<void>((sftp, answer: Answer) => sftp.ext_openssh_rename(from, to, answer));
  if (atOnce.ok || atOnce.error.kind !== 'sftpRefused') return atOnce;
  const move = (a: string, b: string) =>
    session.ask<void>((sftp, answer: Answer) => sftp.rename(a, b, answer));
  const moved = await move(from, to);
  if (moved.ok || moved.error.kind !== 'sftpRefused') return moved;
  // The oldest servers replace nothing: the file before goes aside, and comes back when the new one cannot come.
  const aside = `${to}.before`;
  const put = await move(to, aside);
  if (!put.ok) return moved;
  const again = await move(from, to);
  if (!again.ok) await move(aside, to);
  else await session.ask((sftp, answer: Answer) => sftp.unlink(aside, answer));
  return again;
}

async function explain(
  error: Failure,
  { board, session, source, path }: Pick<Parts, 'session' | 'source' | 'path'> & { readonly board: string },
): Promise<ShellError> {
  if (error.kind === 'damaged') {
    const isOurs = (await hashPrefix(source, source.sizeBytes)) !== source.sha256;
    return isOurs
      ? { kind: 'sourceChanged', path: source.name ?? path }
      : { kind: 'boardCorrupted', board, file: path };
  }
  if (error.kind !== 'sftpRefused') return error;
  // A full disk is told as "Failure" and no more.
  const folder = posix.dirname(path);
  const disk = await session.ask<unknown>((sftp, answer) => sftp.ext_openssh_statvfs(folder, answer));
  if (disk.ok && freeBytesIn(disk.value) < fullBytes)
    return { kind: 'boardDiskFull', board, folder, neededBytes: source.sizeBytes };
  return { kind: 'boardCommandFailed', board, what: `write ${path}`, reason: `SFTP: ${error.reason}` };
}

/** Bytes that an ordinary user may still write, from an answer of statvfs@openssh.com. */
function freeBytesIn(answer: unknown): number {
  const { f_bavail: blocks, f_frsize: blockBytes } = answer as {
    readonly f_bavail?: unknown;
    readonly f_frsize?: unknown;
  };
  const free = Number(blocks) * Number(blockBytes);
  return Number.isFinite(free) ? free : Number.POSITIVE_INFINITY;
}
