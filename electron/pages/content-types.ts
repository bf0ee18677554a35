import { extname } from 'node:path';

/** Content type of the one page of the window. */
export const pageType = 'text/html; charset=utf-8';

const types: Readonly<Record<string, string>> = {
  '.html': pageType,
  '.js': 'text/javascript; charset=utf-8',
  '.mjs': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.json': 'application/json',
  '.map': 'application/json',
  '.webmanifest': 'application/manifest+json',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.txt': 'text/plain; charset=utf-8',
};

/** Content type of a file that pages are made of, by the ending of its path; undefined for any other path. */
export const contentTypeOf = (path: string): string | undefined => types[extname(path).toLowerCase()];
