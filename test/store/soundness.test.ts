import { existsSync, readFileSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openStore } from '../../electron/store/open-store.ts';
import { isNotedSound } from '../../electron/store/soundness.ts';
import { newRun, temporaryFolder, unwrap } from './store-setup.ts';

const file = (folder: string): string => join(folder, 'fieldtune.sqlite');

test('A history is trusted only as it was left by the last who closed it.', () => {
  const folder = temporaryFolder();
  const path = file(folder);
  expect(isNotedSound(path)).toBe(false);
  const store = unwrap(openStore(folder));
  newRun(store);
  expect(isNotedSound(path)).toBe(false);
  const other = unwrap(openStore(folder));
  store.close();
  expect(isNotedSound(path)).toBe(false);
  other.close();
  expect(isNotedSound(path)).toBe(true);
  expect(existsSync(`${path}-wal`)).toBe(false);

  const bytes = readFileSync(path);
  writeFileSync(path, bytes);
  expect(isNotedSound(path)).toBe(false);
  const again = unwrap(openStore(folder));
  expect(again.warnings).toEqual([]);
  again.close();
  expect(isNotedSound(path)).toBe(true);
  writeFileSync(`${path}-wal`, '');
  expect(isNotedSound(path)).toBe(false);
});

test('A trusted history is not read through, one that was written to is.', () => {
  const folder = temporaryFolder();
  const path = file(folder);
  const store = unwrap(openStore(folder));
  newRun(store);
  store.close();
  const { mtime } = statSync(path);
  const bytes = readFileSync(path);
  // The last page, which nothing on the way to an open store looks at.
  bytes.fill(0x5a, bytes.length - 4096);
  writeFileSync(path, bytes);
  utimesSync(path, mtime, mtime);
  const trusted = unwrap(openStore(folder));
  expect(trusted.warnings).toEqual([]);
  trusted.close();
  writeFileSync(path, bytes);
  const checked = unwrap(openStore(folder));
  expect(checked.warnings).toMatchObject([{ kind: 'storeDamaged' }]);
  checked.close();
});
