import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadSqlite } from '../../electron/store/database.ts';
import { measurementKey } from '../../electron/store/measurements.ts';
import { migrations } from '../../electron/store/migrate.ts';
import { openStore } from '../../electron/store/open-store.ts';
import { newRun, openedStore, Sqlite, startProgram, temporaryFolder, unwrap } from './store-setup.ts';

const file = (folder: string) => join(folder, 'fieldtune.sqlite');
const hashOf = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex');

test('A new store is in WAL mode, forces every commit to the disk and checks foreign keys.', () => {
  const folder = temporaryFolder();
  const store = openedStore(folder);
  expect(store.warnings).toEqual([]);
  const other = new Sqlite(file(folder));
  expect(other.pragma('journal_mode', { simple: true })).toBe('wal');
  other.close();
  expect(() =>
    store.runs.create({ request: {}, modelSha256: 'f'.repeat(64), boardAddress: 'local', out: '', seed: 1 }),
  ).toThrow(/FOREIGN KEY/);
});

test('A Node without Node-API 10 is refused before the native library is loaded.', () => {
  const refused = loadSqlite('/x', { node: '20.20.2', napi: '9' });
  expect(refused).toMatchObject({ ok: false, error: { kind: 'storeUnreadable', path: '/x' } });
  expect(JSON.stringify(refused)).toContain('Node 20.20.2');
});

test('fault 37: killed 25 times while writing, the store is sound and has every acknowledged row.', async () => {
  const folder = temporaryFolder();
  const before = unwrap(openStore(folder));
  const run = newRun(before);
  // Closed, so that each start has to recover the log that the killed one left.
  before.close();
  let next = 0;
  const acknowledged: number[] = [];
  for (let round = 0; round < 25; round++) {
    const { child, ended } = startProgram('recording-program.ts', folder, run, String(next));
    let printed = '';
    child.stdout.on('data', (chunk) => {
      printed += chunk;
      // A different number each round, so that the kill meets different moments of a commit.
      if (printed.split('\n').length > 2 + ((round * 7) % 11)) child.kill('SIGKILL');
    });
    await ended;
    const whole = printed
      .slice(0, printed.lastIndexOf('\n') + 1)
      .trim()
      .split('\n');
    const rows = whole.map((line) => Number(line.split(' ')[0]));
    acknowledged.push(...rows);
    // Past what may have been committed and not printed.
    next = (rows.at(-1) ?? next) + 2;
  }
  expect(acknowledged.length).toBeGreaterThan(50);
  const check = new Sqlite(file(folder));
  expect(check.pragma('integrity_check', { simple: true })).toBe('ok');
  check.close();
  const store = openedStore(folder);
  expect(store.warnings).toEqual([]);
  for (const i of acknowledged) {
    const found = store.measurements.find(run, measurementKey('fit', { i }));
    expect(found?.value).toMatchObject({ i });
    expect(Buffer.from(unwrap(store.blobs.get(found?.blobSha256 ?? ''))).toString()).toBe(`blob ${i}`);
  }
  const sequences = store.measurements.list(run).map((row) => row.sequence);
  expect(sequences).toEqual([...new Set(sequences)].sort((a, b) => a - b));
});

test('fault 38: a junk file is set aside with its log, named in a warning, and a new store begun.', () => {
  const folder = temporaryFolder();
  for (const n of [1, 2]) {
    writeFileSync(file(folder), `junk ${n} `.repeat(1000));
    writeFileSync(`${file(folder)}-wal`, 'old log');
    const store = unwrap(openStore(folder));
    newRun(store);
    expect(store.warnings).toMatchObject([
      { kind: 'storeDamaged', path: file(folder), setAside: `${file(folder)}.damaged-${n}` },
    ]);
    store.close();
    expect(readFileSync(`${file(folder)}.damaged-${n}`, 'utf8')).toContain(`junk ${n}`);
    const again = unwrap(openStore(folder));
    expect(again.warnings).toEqual([]);
    expect(again.runs.list()).toHaveLength(1);
    again.close();
  }
});

test('fault 38: a store overwritten in its middle, or cut, is set aside.', () => {
  for (const damage of ['overwritten', 'cut']) {
    const folder = temporaryFolder();
    const store = unwrap(openStore(folder));
    const run = newRun(store);
    for (let i = 0; i < 50; i++)
      unwrap(store.measurements.record(run, measurementKey('time', i), 'time', 'x'.repeat(900)));
    store.close();
    const bytes = readFileSync(file(folder));
    if (damage === 'overwritten') bytes.fill(0x5a, 4096, bytes.length - 4096);
    writeFileSync(file(folder), damage === 'cut' ? bytes.subarray(0, bytes.length / 2) : bytes);
    const reopened = unwrap(openStore(folder));
    expect(reopened.warnings, damage).toHaveLength(1);
    expect(reopened.runs.list()).toEqual([]);
    reopened.close();
  }
});

test('An empty file is a new store; another program’s database is refused untouched.', () => {
  const empty = temporaryFolder();
  writeFileSync(file(empty), '');
  expect(openedStore(empty).warnings).toEqual([]);

  const foreign = temporaryFolder();
  const other = new Sqlite(file(foreign));
  other.exec('CREATE TABLE recipes (name TEXT)');
  other.close();
  const before = hashOf(file(foreign));
  expect(openStore(foreign)).toMatchObject({ ok: false, error: { kind: 'storeUnreadable' } });
  expect(hashOf(file(foreign))).toBe(before);
});

test('fault 39: a store from the future is refused by both versions and left as it was.', () => {
  const folder = temporaryFolder();
  const future = [...migrations, { version: migrations.length + 1, name: 'future', up: () => {} }];
  unwrap(openStore(folder, { steps: future })).close();
  const before = hashOf(file(folder));
  expect(openStore(folder)).toEqual({
    ok: false,
    error: {
      kind: 'storeFromFuture',
      path: file(folder),
      version: migrations.length + 1,
      known: migrations.length,
    },
  });
  expect(hashOf(file(folder))).toBe(before);
  unwrap(openStore(folder, { steps: future })).close();
});

test('fault 40: a write waits for another’s lock no longer than its bound, then says that the store is busy.', () => {
  const folder = temporaryFolder();
  const store = openedStore(folder, { waitMs: 300 });
  const run = newRun(store);
  const other = new Sqlite(file(folder));
  other.exec('BEGIN IMMEDIATE');
  const start = performance.now();
  const recorded = store.measurements.record(run, measurementKey('time', 1), 'time', 1);
  const waitedMs = performance.now() - start;
  expect(recorded).toEqual({ ok: false, error: { kind: 'storeBusy', path: file(folder) } });
  expect(waitedMs).toBeGreaterThan(250);
  expect(waitedMs).toBeLessThan(5_000);
  // Reading goes on meanwhile.
  expect(store.runs.list()).toHaveLength(1);
  other.exec('COMMIT');
  other.close();
  expect(store.measurements.record(run, measurementKey('time', 1), 'time', 1).ok).toBe(true);
});

test('fault 40: opening a store that another holds exclusively fails as busy after its bound.', () => {
  const folder = temporaryFolder();
  const other = new Sqlite(file(folder));
  other.exec('CREATE TABLE t (x)');
  other.pragma('application_id = 0x4674756e');
  other.exec('BEGIN EXCLUSIVE');
  expect(openStore(folder, { waitMs: 200 })).toMatchObject({ ok: false, error: { kind: 'storeBusy' } });
  other.exec('ROLLBACK');
  other.close();
});

test('A place where no folder can be made is named.', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  expect(openStore(join(folder, 'file', 'store'))).toMatchObject({
    ok: false,
    error: { kind: 'notWritable', path: join(folder, 'file', 'store', 'fieldtune.sqlite') },
  });
});

test.skipIf(process.getuid?.() === 0)(
  'A read-only folder is named (skipped for root, who may write everywhere).',
  () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o500);
    expect(openStore(join(folder, 'store'))).toMatchObject({ ok: false, error: { kind: 'notWritable' } });
    chmodSync(folder, 0o700);
  },
);

test('A second process may read and write the same store at the same time.', () => {
  const folder = temporaryFolder();
  const first = openedStore(folder);
  const second = openedStore(folder);
  const run = newRun(first);
  unwrap(second.measurements.record(run, measurementKey('time', 1), 'time', { us: 12 }));
  expect(first.measurements.recall(run, measurementKey('time', 1))).toEqual({ us: 12 });
  expect(existsSync(file(folder))).toBe(true);
  expect(readdirSync(folder).filter((name) => name.includes('damaged'))).toEqual([]);
});
