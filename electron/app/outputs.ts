import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, renameSync, rmdirSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { AppError, RequestError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';

/** Refuses a place that holds something: results never mix with, or overwrite, what was there. */
export function checkOutput(folder: string): Result<void, RequestError> {
  if (!existsSync(folder)) return ok(undefined);
  const isEmpty = statSync(folder).isDirectory() && readdirSync(folder).length === 0;
  return isEmpty ? ok(undefined) : fail({ kind: 'outputExists', path: folder });
}

/**
 * Lets `write` fill a folder beside `folder`, then moves it into place in one step: the folder appears whole or
 * not at all. Returns the paths that `write` gave, in their final place. Errors: outputExists, diskFull,
 * notWritable, those of `write`.
 */
export async function writeOutput(
  folder: string,
  write: (draft: string) => Promise<Result<readonly string[], AppError>>,
): Promise<Result<string[], AppError>> {
  const free = checkOutput(folder);
  if (!free.ok) return free;
  const draft = join(dirname(folder), `.${basename(folder)}-${randomBytes(3).toString('hex')}`);
  try {
    mkdirSync(draft, { recursive: true });
    const files = await write(draft);
    if (!files.ok) return files;
    if (existsSync(folder)) rmdirSync(folder);
    renameSync(draft, folder);
    return ok(files.value.map((file) => join(folder, basename(file))));
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'ENOSPC') return fail({ kind: 'diskFull', path: folder });
    return fail({ kind: 'notWritable', path: folder, reason: String(error.code) });
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
