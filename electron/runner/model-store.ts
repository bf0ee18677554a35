import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';

/** The models kept on the board, named by their sha256; those used longest ago go first when it grows too large. */
export interface ModelStore {
  /** Which of these the board has not got. */
  missing(sha256s: readonly string[]): readonly string[];
  /** Keeps a model. False when the bytes do not have this sha256; throws when the disk refuses. */
  put(sha256: string, bytes: Uint8Array): boolean;
  /** Path of a kept model, now marked as used; null when it is not there. */
  use(sha256: string): string | null;
}

const defaultLimitBytes = 2 * 1024 ** 3;

/** A partial file older than this belongs to no living runner. */
const staleMs = 3_600_000;

/** Opens the store in a folder, which is made when missing; partial files of killed runners are removed. */
export function openModelStore(folder: string, limitBytes: number = defaultLimitBytes): ModelStore {
  mkdirSync(folder, { recursive: true });
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const partial = name.includes('.part-');
    if (partial && Date.now() - statSync(path).mtimeMs > staleMs) rmSync(path, { force: true });
  }
  const usedNow = new Set<string>();

  const pathOf = (sha256: string): string => {
    if (!/^[0-9a-f]{64}$/.test(sha256)) throw new Error('A model is named by 64 hexadecimal digits');
    return join(folder, `${sha256}.onnx`);
  };
  const touch = (sha256: string, path: string): void => {
    const now = new Date();
    utimesSync(path, now, now);
    usedNow.add(sha256);
  };

  return {
    missing: (sha256s) =>
      sha256s.filter((sha256) => {
        const path = pathOf(sha256);
        if (!existsSync(path)) return true;
        touch(sha256, path);
        return false;
      }),
    put(sha256, bytes) {
      const path = pathOf(sha256);
      if (createHash('sha256').update(bytes).digest('hex') !== sha256) return false;
      const partPath = `${path}.part-${process.pid}`;
      try {
        writeFileSync(partPath, bytes, { flush: true });
        renameSync(partPath, path);
      } catch (error) {
        rmSync(partPath, { force: true });
        throw error;
      }
      touch(sha256, path);
      dropOldest(folder, limitBytes, usedNow);
      return true;
    },
    use(sha256) {
      const path = pathOf(sha256);
      if (!existsSync(path)) return null;
      touch(sha256, path);
      return path;
    },
  };
}

function dropOldest(folder: string, limitBytes: number, keep: ReadonlySet<string>): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith('.onnx'))
    .map((name) => ({ name, path: join(folder, name), stat: statSync(join(folder, name)) }))
    .sort((a, b) => a.stat.mtimeMs - b.stat.mtimeMs);
  let sumBytes = files.reduce((sum, file) => sum + file.stat.size, 0);
  for (const file of files) {
    if (sumBytes <= limitBytes) return;
    // What this runner was asked about stays, or a `time` right after would miss it.
    if (keep.has(file.name.slice(0, 64))) continue;
    rmSync(file.path, { force: true });
    sumBytes -= file.stat.size;
  }
}
