import {
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readdirSync,
  readSync,
  type Stats,
} from 'node:fs';
import { extname, join } from 'node:path';
import { fail, ok, type Result } from '../contract/result.ts';

/** A file that may be an input, as it lies in the folder at one look. */
export interface FoundFile {
  readonly name: string;
  /** Changes when the file does. */
  readonly stamp: string;
  readonly modifiedMs: number;
}

/** A larger file is no input of a model that a board runs. */
export const largestInputBytes = 256 * 1024 ** 2;

/** What a trial can read, by the ending of the name. */
export const inputEndings = ['.npy', '.npz', '.bin', '.raw'] as const;
const description = 'dataset.json';

/**
 * Lists what is directly in a folder, sorted by name; hidden names and `dataset.json` are no inputs. Nothing is
 * opened, so a pipe cannot hold it up. Throws when the folder cannot be read.
 */
export function listInputs(folder: string): readonly FoundFile[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => !entry.name.startsWith('.') && entry.name !== description && !entry.isDirectory())
    .map(({ name }) => ({ name, ...stampOf(join(folder, name)) }))
    .sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}

/**
 * Reads a file of the folder: a regular one, not through a link, not larger than an input can be. `name` is as it was
 * listed, so it holds no separator. The error is a reason in words.
 */
export function readInput(folder: string, name: string): Result<Uint8Array, string> {
  if (!inputEndings.some((ending) => ending === extname(name).toLowerCase())) {
    return fail(`only ${inputEndings.join(', ')} can be read; images have no decoder on the board`);
  }
  let descriptor: number | null = null;
  try {
    // The name may have become a link or a pipe since it was listed: neither is followed nor waited for.
    descriptor = openSync(
      join(folder, name),
      constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
    );
    const stat = fstatSync(descriptor);
    if (!stat.isFile()) return fail('it is not a regular file');
    if (stat.size > largestInputBytes) return fail(`it is larger than ${largestInputBytes} bytes`);
    if (stat.size === 0) return fail('the file is empty');
    return readAll(descriptor, stat);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'ELOOP' || code === 'EMLINK') return fail('it is a symbolic link, which is not followed');
    return fail(error instanceof Error ? error.message : String(error));
  } finally {
    if (descriptor !== null) closeSync(descriptor);
  }
}

function readAll(descriptor: number, stat: Stats): Result<Uint8Array, string> {
  const bytes = new Uint8Array(stat.size);
  let at = 0;
  while (at < bytes.length) {
    const read = readSync(descriptor, bytes, at, bytes.length - at, at);
    if (read === 0) return fail('it became shorter while it was read');
    at += read;
  }
  return ok(bytes);
}

function stampOf(path: string): Omit<FoundFile, 'name'> {
  const stat = lstatSync(path, { throwIfNoEntry: false });
  if (!stat) return { stamp: 'gone', modifiedMs: 0 };
  return { stamp: `${stat.ino} ${stat.size} ${stat.mtimeMs}`, modifiedMs: stat.mtimeMs };
}
