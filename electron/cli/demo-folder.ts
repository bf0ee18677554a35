import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { RequestError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';

const noteName = '.fieldtune-demo';

function isFilled(folder: string): boolean {
  try {
    return readdirSync(folder).length > 0;
  } catch {
    // A file, or a folder that cannot be listed, stands in the way just as well.
    return existsSync(folder);
  }
}

/**
 * Clears the folder of an earlier demo, known by a note beside it, and leaves the note for the next.
 * Errors: `outputExists` for what no demo has written, `notWritable`.
 */
export function prepareDemoFolder(out: string): Result<void, RequestError> {
  const folder = resolve(out);
  const note = join(dirname(folder), noteName);
  try {
    const isOurs = existsSync(note) && readFileSync(note, 'utf8') === basename(folder);
    if (isFilled(folder)) {
      if (!isOurs) return fail({ kind: 'outputExists', path: out });
      rmSync(folder, { recursive: true });
    }
    mkdirSync(dirname(folder), { recursive: true });
    writeFileSync(note, basename(folder));
    return ok(undefined);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'ENOSPC') return fail({ kind: 'diskFull', path: out });
    return fail({ kind: 'notWritable', path: out, reason: String(error.code) });
  }
}
