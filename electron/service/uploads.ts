import { randomBytes } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Readable, Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { fileFailure } from '../store/failure.ts';

/** Largest file that is taken, bytes. */
export const uploadLimitBytes = 2_000_000_000;

/** A file as it comes in. */
export interface Upload {
  readonly what: 'model' | 'data';
  /** UUID that the files of one folder share. */
  readonly upload: string;
  /** Relative, with slashes, as the page named it. */
  readonly name: string;
  /** As announced; null when it was not. */
  readonly sizeBytes: number | null;
  readonly body: Readable;
}

const unfinished = '.unfinished-';
const mostParts = 16;
const longestPart = 200;
/** Not allowed in names on Windows; control characters nowhere. */
const oddCharacters = /[<>:"|?*\p{Cc}]/gu;
const reservedNames = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;

/**
 * The parts of an uploaded file's name as they are written to disk, or null for a name that is no relative path
 * without steps upwards.
 */
export function cleanName(name: string): readonly string[] | null {
  const parts = name.split(/[\\/]/);
  if (parts.length > mostParts) return null;
  const clean = parts.map((part) =>
    part
      .normalize('NFC')
      .replaceAll(oddCharacters, '_')
      .replace(reservedNames, '_$&')
      .replace(/[. ]+$/, ''),
  );
  return clean.every((part) => part !== '' && Buffer.byteLength(part) <= longestPart) ? clean : null;
}

class TooLarge extends Error {}

/**
 * Writes an uploaded file under `folder`; gives the path of its upload as a whole: the file of an upload that is
 * one zip, npz or onnx, its folder otherwise. Errors: usage, modelTooLarge, dataUnreadable, diskFull, notWritable.
 */
export async function receiveUpload(
  folder: string,
  { what, upload, name, sizeBytes, body }: Upload,
  limitBytes: number = uploadLimitBytes,
): Promise<Result<{ readonly path: string }, AppError>> {
  const parts = cleanName(name);
  if (parts === null)
    return fail({
      kind: 'usage',
      option: 'name',
      value: name.slice(0, longestPart),
      expected: 'a relative path of a file',
    });
  const tooLarge = (size: number): Result<never, AppError> =>
    fail(
      what === 'model'
        ? { kind: 'modelTooLarge', path: name, sizeBytes: size, limitBytes }
        : {
            kind: 'dataUnreadable',
            path: name,
            reason: `it has ${size} bytes, and a file may have ${limitBytes}`,
          },
    );
  if (sizeBytes !== null && sizeBytes > limitBytes) return tooLarge(sizeBytes);

  const whole = join(folder, what, upload);
  const path = join(whole, ...parts);
  const temporary = join(whole, `${unfinished}${randomBytes(6).toString('hex')}`);
  let received = 0;
  const counted = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      received += chunk.length;
      done(received > limitBytes ? new TooLarge() : null, chunk);
    },
  });
  try {
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await pipeline(body, counted, createWriteStream(temporary, { flags: 'wx', mode: 0o600 }));
    await rename(temporary, path);
    return ok({ path: await wholeOf(whole) });
  } catch (error) {
    await rm(temporary, { force: true });
    if (error instanceof TooLarge) return tooLarge(received);
    if (isCutShort(error))
      return fail({ kind: 'dataUnreadable', path: name, reason: 'its upload was cut short' });
    const failure = fileFailure(error, path);
    if (failure === undefined) throw error;
    return fail(failure);
  }
}

/** Removes what uploads left that were cut short by the end of the process. */
export async function removeUnfinishedUploads(folder: string): Promise<void> {
  for (const what of ['model', 'data']) {
    for (const upload of await namesIn(join(folder, what))) {
      const whole = join(folder, what, upload);
      for (const name of await namesIn(whole)) {
        if (name.startsWith(unfinished)) await rm(join(whole, name), { force: true });
      }
    }
  }
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch {
    return [];
  }
}

async function wholeOf(whole: string): Promise<string> {
  const entries = (await readdir(whole, { withFileTypes: true })).filter(
    ({ name }) => !name.startsWith(unfinished),
  );
  const [only] = entries;
  if (entries.length !== 1 || only === undefined) return whole;
  return only.isDirectory() || /\.(?:zip|npz|onnx)$/i.test(only.name) ? join(whole, only.name) : whole;
}

function isCutShort(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  return code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET' || code === 'ABORT_ERR';
}
