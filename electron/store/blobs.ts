import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { RequestError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { unfinishedPrefix, writeFilesAtomically } from './atomic-file.ts';
import { fileFailure } from './failure.ts';
import { isAlive } from './process-identity.ts';

/** Models, parameters and checkpoints, each in a file named by its sha256. */
export interface Blobs {
  /**
   * Keeps the bytes, forced to the disk before it returns, and returns their sha256; bytes it has cost nothing.
   * Errors: diskFull, notWritable, storeUnreadable.
   */
  put(bytes: Uint8Array): Result<string, RequestError>;
  /** The bytes, checked against their name. Errors: storeUnreadable when missing or damaged. */
  get(sha256: string): Result<Uint8Array, RequestError>;
  has(sha256: string): boolean;
  /** Where the bytes lie; the file must not be changed. */
  pathOf(sha256: string): string;
  /** Removes those of these that are there. Errors: notWritable, storeUnreadable. */
  remove(sha256s: readonly string[]): Result<void, RequestError>;
  /** Size of all, bytes. */
  usedBytes(): number;
}

/** sha256 of some bytes or text, lower-case hexadecimal. */
export const sha256Of = (bytes: Uint8Array | string): string =>
  createHash('sha256').update(bytes).digest('hex');

/** The blobs under `folder`, as `ab/abcdef…`. */
export function openBlobs(folder: string): Blobs {
  const pathOf = (sha256: string): string => {
    // A name from outside must not lead out of the folder.
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error(`Not a sha256: ${sha256}`);
    return join(folder, sha256.slice(0, 2), sha256);
  };
  const get = (sha256: string): Result<Uint8Array, RequestError> => {
    const path = pathOf(sha256);
    try {
      const bytes = readFileSync(path);
      if (sha256Of(bytes) === sha256) return ok(bytes);
      return fail({ kind: 'storeUnreadable', path, reason: 'its contents do not match its sha256' });
    } catch (error) {
      const failure = fileFailure(error, path);
      if (!failure) throw error;
      return fail(failure);
    }
  };
  const known = new Map<string, { readonly changedMs: number; readonly sizeBytes: number }>();
  return {
    pathOf,
    get,
    remove(sha256s) {
      for (const sha256 of sha256s) {
        const path = pathOf(sha256);
        try {
          rmSync(path, { force: true });
        } catch (error) {
          const failure = fileFailure(error, path);
          if (!failure) throw error;
          return fail(failure);
        }
      }
      return ok(undefined);
    },
    usedBytes() {
      if (!existsSync(folder)) return 0;
      let sum = 0;
      for (const name of readdirSync(folder)) {
        const part = join(folder, name);
        const { mtimeMs: changedMs } = statSync(part);
        // Blobs never change, so a folder holds what it held until a file comes or goes.
        const last = known.get(name);
        const sizeBytes = last?.changedMs === changedMs ? last.sizeBytes : sizeOf(part);
        // File systems tell the time of a change in ticks: a second change in the same tick would not show.
        if (Date.now() - changedMs > tickMs) known.set(name, { changedMs, sizeBytes });
        sum += sizeBytes;
      }
      return sum;
    },
    has: (sha256) => existsSync(pathOf(sha256)),
    put(bytes) {
      const sha256 = sha256Of(bytes);
      const path = pathOf(sha256);
      // A damaged file is written again: the good bytes are at hand.
      if (existsSync(path) && get(sha256).ok) return ok(sha256);
      const written = writeFilesAtomically(new Map([[path, bytes]]));
      return written.ok ? ok(sha256) : written;
    },
  };
}

const tickMs = 100;

function sizeOf(folder: string): number {
  return readdirSync(folder)
    .map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0)
    .reduce((sum, sizeBytes) => sum + sizeBytes, 0);
}

/** Removes what killed processes left unfinished under the blobs' `folder`. */
export function sweepUnfinished(folder: string): void {
  if (!existsSync(folder)) return;
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const name = entry.split(/[\\/]/).at(-1) ?? '';
    if (!name.startsWith(unfinishedPrefix)) continue;
    const pid = Number(name.slice(unfinishedPrefix.length).split('-')[0]);
    // A number taken over by another process keeps the file until the next time; it is only space.
    if (!isAlive({ pid, started: null })) rmSync(join(folder, entry), { force: true });
  }
}
