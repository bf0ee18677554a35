import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/** Marks the fuses in Electron's program; a version, a count and a byte a fuse follow. */
const sentinel = 'dL7pKGdnNz796PbbjQWNKmHXBZaB9tsX';

/** As Electron ships: run as node, NODE_OPTIONS, inspect and file privileges on, the rest off. */
const shippedFuses = '101100011';

/** Writes what electron-builder needs of an Electron for Linux: its layout, and a program with fuses. */
export function writeStandInElectron(folder: string): void {
  mkdirSync(join(folder, 'locales'), { recursive: true });
  mkdirSync(join(folder, 'resources'));
  const program = Buffer.concat([
    Buffer.from('#!/bin/sh\n# stands in for Electron\nexit 0\n'),
    Buffer.from(sentinel),
    Buffer.from([1, shippedFuses.length]),
    Buffer.from(shippedFuses),
    Buffer.from('\n'),
  ]);
  writeFileSync(join(folder, 'electron'), program);
  for (const name of ['chrome-sandbox', 'chrome_crashpad_handler']) writeFileSync(join(folder, name), name);
  for (const name of ['electron', 'chrome-sandbox', 'chrome_crashpad_handler']) {
    chmodSync(join(folder, name), 0o755);
  }
  for (const language of ['en-US', 'ja', 'de', 'fr']) {
    writeFileSync(join(folder, 'locales', `${language}.pak`), language);
  }
  for (const name of ['LICENSE', 'LICENSES.chromium.html', 'version', 'icudtl.dat', 'resources.pak']) {
    writeFileSync(join(folder, name), name);
  }
}
