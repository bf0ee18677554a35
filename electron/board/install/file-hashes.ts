import { createHash } from 'node:crypto';
import { createReadStream, mkdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { z } from 'zod';

const cacheSchema = z.record(z.string(), z.object({ stamp: z.string(), sha256: z.string() }));
type Cache = z.output<typeof cacheSchema>;

/** The sha256 of files, kept in a file of this computer for as long as size and time of change stay the same. */
export interface FileHashes {
  /** Lower-case hexadecimal. Throws what reading the file throws. */
  of(path: string): Promise<string>;
  /** Writes what is new. A cache that cannot be written costs time and nothing else. */
  save(): void;
}

/** Opens a cache of hashes; one that is missing or unreadable is empty. */
export function openFileHashes(cacheFile: string): FileHashes {
  const known = readCache(cacheFile);
  const used: Cache = {};
  let isNew = false;
  return {
    async of(path) {
      const { size, mtimeMs, ino } = statSync(path);
      const stamp = `${size} ${mtimeMs} ${ino}`;
      const kept = known[path];
      if (kept?.stamp === stamp) {
        used[path] = kept;
        return kept.sha256;
      }
      const hash = createHash('sha256');
      await pipeline(createReadStream(path, { highWaterMark: 1024 * 1024 }), hash);
      const sha256 = hash.digest('hex');
      used[path] = { stamp, sha256 };
      isNew = true;
      return sha256;
    },
    save() {
      if (!isNew) return;
      try {
        mkdirSync(dirname(cacheFile), { recursive: true });
        const fresh = `${cacheFile}.${process.pid}`;
        writeFileSync(fresh, JSON.stringify({ ...known, ...used }));
        renameSync(fresh, cacheFile);
      } catch {
        // Next time they are made again.
      }
    },
  };
}

function readCache(cacheFile: string): Cache {
  try {
    return cacheSchema.parse(JSON.parse(readFileSync(cacheFile, 'utf8')));
  } catch {
    return {};
  }
}
