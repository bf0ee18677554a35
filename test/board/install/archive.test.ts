import { createHash } from 'node:crypto';
import { mkdtempSync, readdirSync, rmSync, statSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packRunner } from '../../../electron/board/install/archive.ts';
import { openFileHashes } from '../../../electron/board/install/file-hashes.ts';
import type { RunnerFiles } from '../../../electron/board/install/runner-files.ts';

let folder = '';
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldtune-archive-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const sha256Of = (text: string): string => createHash('sha256').update(text).digest('hex');
function runner(hash: string, content = 'one'): RunnerFiles {
  const source = join(folder, 'source');
  writeFileSync(source, content);
  const file = { path: 'a', source, sizeBytes: 3, sha256: sha256Of('one'), executable: false };
  return { hash: hash.padEnd(16, '0'), files: [file], sizeBytes: 3 };
}
const cache = () => join(folder, 'cache');
async function pack(hash: string) {
  const packed = await packRunner(runner(hash), cache());
  if (!packed.ok) throw new Error(packed.error.kind);
  return packed.value;
}

it('packs a runner once, and gives the same bytes the next time', async () => {
  const first = await pack('a');
  const file = join(cache(), 'runner-a000000000000000.tar.gz');
  const { ino } = statSync(file);
  expect(await pack('a')).toMatchObject({ sha256: first.sha256, sizeBytes: first.sizeBytes, name: file });
  expect(statSync(file).ino).toBe(ino);
});

it('packs anew where the kept archive was cut', async () => {
  const first = await pack('a');
  truncateSync(join(cache(), 'runner-a000000000000000.tar.gz'), 10);
  const again = await pack('a');
  expect(statSync(again.name ?? '').size).toBe(first.sizeBytes);
});

it('keeps the archives used last, and leaves nothing of the others', async () => {
  for (const [i, hash] of ['a', 'b', 'c', 'd'].entries()) {
    const { name = '' } = await pack(hash);
    utimesSync(name, i + 1, i + 1);
  }
  await pack('a'); // used again
  await pack('e');
  expect(readdirSync(cache()).sort()).toEqual(
    ['a', 'c', 'd', 'e'].flatMap((hash) => [
      `runner-${hash.padEnd(16, '0')}.tar.gz`,
      `runner-${hash.padEnd(16, '0')}.tar.gz.json`,
    ]),
  );
});

it('keeps no archive of a file that changed meanwhile (fault 12)', async () => {
  const changed = await packRunner(runner('a', 'two'), cache());
  expect(changed).toMatchObject({ ok: false, error: { kind: 'sourceChanged' } });
  expect(readdirSync(cache())).toEqual([]);
});

it('hashes a file again only when it changed', async () => {
  const file = join(folder, 'file');
  const kept = join(folder, 'deep', 'hashes.json');
  writeFileSync(file, 'one');
  utimesSync(file, 1, 1);
  const first = openFileHashes(kept);
  expect(await first.of(file)).toBe(sha256Of('one'));
  first.save();
  // The same size and time: taken for the same file.
  writeFileSync(file, 'two');
  utimesSync(file, 1, 1);
  expect(await openFileHashes(kept).of(file)).toBe(sha256Of('one'));
  utimesSync(file, 2, 2);
  expect(await openFileHashes(kept).of(file)).toBe(sha256Of('two'));
  writeFileSync(kept, 'junk');
  expect(await openFileHashes(kept).of(file)).toBe(sha256Of('two'));
});
