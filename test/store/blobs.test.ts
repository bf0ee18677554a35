import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { openedStore, temporaryFolder, unwrap } from './store-setup.ts';

test('Bytes are kept under their sha256 and come back the same.', () => {
  const folder = temporaryFolder();
  const { blobs } = openedStore(folder);
  const bytes = new Uint8Array(100_000).map((_, i) => i % 251);
  const sha256 = unwrap(blobs.put(bytes));
  expect(sha256).toBe(createHash('sha256').update(bytes).digest('hex'));
  expect(blobs.pathOf(sha256)).toBe(join(folder, 'blobs', sha256.slice(0, 2), sha256));
  expect(Buffer.compare(unwrap(blobs.get(sha256)), bytes)).toBe(0);
  expect(readdirSync(dirname(blobs.pathOf(sha256)))).toEqual([sha256]);
  expect(unwrap(blobs.get(unwrap(blobs.put(new Uint8Array()))))).toHaveLength(0);
});

test('Bytes that are there are not written again; damaged ones are.', () => {
  const { blobs } = openedStore();
  const sha256 = unwrap(blobs.put(new Uint8Array([1, 2, 3])));
  const { ino } = statSync(blobs.pathOf(sha256));
  unwrap(blobs.put(new Uint8Array([1, 2, 3])));
  expect(statSync(blobs.pathOf(sha256)).ino).toBe(ino);
  writeFileSync(blobs.pathOf(sha256), 'damaged');
  expect(blobs.get(sha256)).toMatchObject({ ok: false, error: { kind: 'storeUnreadable' } });
  unwrap(blobs.put(new Uint8Array([1, 2, 3])));
  expect([...unwrap(blobs.get(sha256))]).toEqual([1, 2, 3]);
});

test('Missing bytes are an error, and a name that is no sha256 leads nowhere.', () => {
  const { blobs } = openedStore();
  expect(blobs.get('0'.repeat(64))).toMatchObject({ ok: false, error: { kind: 'storeUnreadable' } });
  expect(blobs.has('0'.repeat(64))).toBe(false);
  expect(() => blobs.get('../../etc/passwd')).toThrow('Not a sha256');
});

test('What a killed process left unfinished is removed at the next start, a living one’s is not.', () => {
  const folder = temporaryFolder();
  const place = join(folder, 'blobs', 'ab');
  mkdirSync(place, { recursive: true });
  const dead = join(place, `.unfinished-${2 ** 30}-00-x`);
  const living = join(place, `.unfinished-${process.pid}-00-x`);
  for (const path of [dead, living]) writeFileSync(path, 'x');
  openedStore(folder);
  expect([existsSync(dead), existsSync(living)]).toEqual([false, true]);
});
