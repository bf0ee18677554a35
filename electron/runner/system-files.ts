import { readdirSync, readFileSync } from 'node:fs';

/** A small text file of /proc or /sys, trimmed and without NULs; null when it cannot be read or is empty. */
export function readSystemFile(path: string): string | null {
  try {
    const text = readFileSync(path, 'utf8').replaceAll('\0', '').trim();
    return text === '' ? null : text;
  } catch {
    return null;
  }
}

/** A file of /proc or /sys that holds one integer, decimal or `0x…`; null when it cannot be read. */
export function readSystemNumber(path: string): number | null {
  const text = readSystemFile(path);
  if (text === null) return null;
  const value = Number(text);
  return Number.isFinite(value) ? value : null;
}

/** Paths of the entries of a folder whose names match; empty when it cannot be read. */
export function listSystemFolder(folder: string, names: RegExp): readonly string[] {
  try {
    return readdirSync(folder)
      .filter((name) => names.test(name))
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}
