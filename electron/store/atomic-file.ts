import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { RequestError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { fileFailure } from './failure.ts';

/** Prefix of files that are not finished; such a file belongs to nobody once its process is gone. */
export const unfinishedPrefix = '.unfinished-';

/**
 * Writes files so that each is either whole or as it was: all are written beside their place and forced to
 * the disk, then renamed in the order given; if one cannot be written, none is renamed. Makes their folders.
 * Errors: diskFull, notWritable, storeUnreadable.
 */
export function writeFilesAtomically(
  files: ReadonlyMap<string, string | Uint8Array>,
): Result<void, RequestError> {
  const unfinished = new Map<string, string>();
  let current = '';
  try {
    for (const [path, contents] of files) {
      current = path;
      mkdirSync(dirname(path), { recursive: true });
      const temporary = join(
        dirname(path),
        `${unfinishedPrefix}${process.pid}-${randomBytes(6).toString('hex')}-${basename(path)}`,
      );
      unfinished.set(temporary, path);
      writeThrough(temporary, contents);
    }
    for (const [temporary, path] of unfinished) {
      current = path;
      renameSync(temporary, path);
      unfinished.delete(temporary);
    }
    for (const folder of new Set([...files.keys()].map(dirname))) syncFolder(folder);
    return ok(undefined);
  } catch (error) {
    const failure = fileFailure(error, current);
    if (!failure) throw error;
    return fail(failure);
  } finally {
    for (const temporary of unfinished.keys()) rmSync(temporary, { force: true });
  }
}

function writeThrough(path: string, contents: string | Uint8Array): void {
  const file = openSync(path, 'wx');
  try {
    writeFileSync(file, contents);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

function syncFolder(folder: string): void {
  // Windows cannot open a folder as a file; NTFS journals the rename itself.
  if (process.platform === 'win32') return;
  const handle = openSync(folder, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}
