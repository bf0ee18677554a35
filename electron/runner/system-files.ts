import { readdirSync, readFileSync } from 'node:fs';

/** The files of /proc, /sys and /etc that tell of a board; tests give a folder that stands in for the root. */
export interface SystemFiles {
  /** Folder that stands in for `/`; empty for the real one. */
  readonly root: string;
  /** A small text file, trimmed and without NULs; null when it cannot be read or is empty. */
  read(path: string): string | null;
  /** A file that holds one integer, decimal or `0x…`; null when it cannot be read. */
  readNumber(path: string): number | null;
  /** Paths of the entries of a folder whose names match, in natural order; empty when it cannot be read. */
  list(folder: string, names: RegExp): readonly string[];
}

/** The system files under `root`, which is empty for the real ones. */
export function openSystemFiles(root = ''): SystemFiles {
  const read = (path: string): string | null => {
    try {
      const text = readFileSync(root + path, 'utf8')
        .replaceAll('\0', '')
        .trim();
      return text === '' ? null : text;
    } catch {
      return null;
    }
  };
  return {
    root,
    read,
    readNumber(path) {
      const text = read(path);
      if (text === null) return null;
      const value = Number(text);
      return Number.isFinite(value) ? value : null;
    },
    list(folder, names) {
      try {
        return readdirSync(root + folder)
          .filter((name) => names.test(name))
          .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
          .map((name) => `${folder}/${name}`);
      } catch {
        return [];
      }
    },
  };
}

/** The files of the system that this program runs on. */
export const ownSystemFiles: SystemFiles = openSystemFiles();

/** See `SystemFiles.read`, of this system. */
export const readSystemFile = ownSystemFiles.read;
