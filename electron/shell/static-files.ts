import { readFile } from 'node:fs/promises';
import { extname, resolve, sep } from 'node:path';
import { contentTypeOf } from '../pages/content-types.ts';

/** A file of the window's pages. */
export interface StaticFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
}

/**
 * Reads a file below `root` by its decoded path. A path without an ending is a place of the app, which one page
 * shows; what stands behind the place is an id, such as a board's address, and may have any dots. Null: not there, outside, or of a kind that no page needs.
 */
export async function readStaticFile(root: string, path: string): Promise<StaticFile | null> {
  const isId = contentTypeOf(path) === undefined && path.split('/').length > 2;
  const isPlace = isId || extname(path) === '';
  const file = resolve(root, isPlace ? 'index.html' : `.${path}`);
  if (!file.startsWith(resolve(root) + sep)) return null;
  const type = contentTypeOf(file);
  if (type === undefined) return null;
  try {
    return { bytes: new Uint8Array(await readFile(file)), type };
  } catch {
    return null;
  }
}
