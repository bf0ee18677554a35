import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { fileFailure } from './failure.ts';

// A large history takes seconds to be read through, so one that was closed well is trusted as long as it lies there
// as it was left.

/** Further back than a file system's clock is coarse: whatever is written later has another time. */
const backMs = 10_000;

const noteOf = (path: string): string => `${path}.sound`;

/** Notes that the database, closed now by its last user, is sound. Best effort: without a note it is read through. */
export function noteSound(path: string): void {
  // Somebody else has it open, or it was not closed well.
  if (existsSync(`${path}-wal`)) return;
  const at = new Date(Math.floor(Date.now() / 1000) * 1000 - backMs);
  try {
    utimesSync(path, at, at);
    writeFileSync(noteOf(path), `${statSync(path).size} ${at.getTime()}`);
  } catch (error) {
    if (!fileFailure(error, path)) throw error;
  }
}

/** Whether the database lies there as `noteSound` left it. */
export function isNotedSound(path: string): boolean {
  if (existsSync(`${path}-wal`)) return false;
  try {
    const { size, mtimeMs } = statSync(path);
    return readFileSync(noteOf(path), 'utf8') === `${size} ${mtimeMs}`;
  } catch (error) {
    if (!fileFailure(error, path)) throw error;
    return false;
  }
}
