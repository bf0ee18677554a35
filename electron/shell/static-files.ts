import { readFile } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';

/** A file of the window's pages. */
export interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.map': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml; charset=utf-8',
  '.wasm': 'application/wasm',
  '.woff2': 'font/woff2',
};

/**
 * Reads a file below `root` by its decoded path. A path without an ending is a place of the app, which one page
 * shows; what stands behind the place is an id, such as a board's address, and may have any dots. Null: not there, outside, or of a kind that no page needs.
 */
export async function readStaticFile(root: string, path: string): Promise<StaticFile | null> {
  const isId = types[extname(path)] === undefined && path.split('/').length > 2;
  const isPlace = isId || extname(path) === '';
  const file = resolve(root, isPlace ? 'index.html' : `.${path}`);
  if (!file.startsWith(resolve(root) + sep)) return null;
  const type = types[extname(file)];
  if (type === undefined) return null;
  try {
    return { bytes: new Uint8Array(await readFile(file)), type };
  } catch {
    return null;
  }
}
