import { constants, type ReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { contentTypeOf, pageType } from '../pages/content-types.ts';

/** A file that is open for reading. */
export interface OpenFile {
  readonly stream: ReadStream;
  readonly sizeBytes: number;
}

/** A file of the window, or its one page. */
export interface StaticFile extends OpenFile {
  readonly type: string;
  /** Its name changes with its contents. */
  readonly isLasting: boolean;
}

/**
 * The parts of a URL's path, decoded; null for one that is malformed, or that would lead out of a folder in
 * whatever way it is written, twice encoded included.
 */
export function decodePath(urlPath: string): readonly string[] | null {
  const parts: string[] = [];
  for (const raw of urlPath.split('/').slice(1)) {
    let part: string;
    try {
      part = decodeURIComponent(raw);
    } catch {
      return null;
    }
    if (/%(?:2e|2f|5c|25|00|c0|c1|u)/i.test(part) || part.includes('\0')) return null;
    if (part.split(/[\\/]/).some((piece) => /^\.{1,2}[\s.]*(?:;.*)?$/.test(piece))) return null;
    parts.push(part);
  }
  return parts;
}

/** Opens a regular file, and none that a link leads to; null when there is none. */
export async function openFile(path: string): Promise<OpenFile | null> {
  // Windows has none of these flags; the second keeps a named pipe from waiting for its other end.
  const { O_RDONLY, O_NOFOLLOW = 0, O_NONBLOCK = 0 } = constants;
  try {
    const handle = await open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK);
    const info = await handle.stat();
    if (info.isFile()) return { stream: handle.createReadStream(), sizeBytes: info.size };
    await handle.close();
    return null;
  } catch {
    return null;
  }
}

/** The file for a URL's path in the window's built folder; every path that names a place gives its one page. */
export async function findStaticFile(folder: string, urlPath: string): Promise<StaticFile | null> {
  const parts = decodePath(urlPath);
  if (parts === null) return null;
  const type = contentTypeOf(parts.at(-1) ?? '');
  if (type !== undefined && parts.every((part) => part !== '' && !/[\\/:]/.test(part))) {
    const file = await openFile(join(folder, ...parts));
    return file && { ...file, type, isLasting: parts[0] === 'assets' };
  }
  if (type !== undefined) return null;
  const page = await openFile(join(folder, 'index.html'));
  return page && { ...page, type: pageType, isLasting: false };
}
