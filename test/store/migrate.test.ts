import { expect, test } from 'vitest';
import type { Connection } from '../../electron/store/database.ts';
import { migrate, migrations, schemaVersion } from '../../electron/store/migrate.ts';
import type { Migration } from '../../electron/store/migrations/migration.ts';
import { Sqlite, shaA, shaB, temporaryFolder, unwrap } from './store-setup.ts';

const at = '2026-11-25T04:42:10.000Z';

/** Rows that a store of each version may hold: the tables that this version added. */
const rowsOf: Record<number, string> = {
  1: `INSERT INTO boards VALUES ('b', 'local', 'Bench', '{"id":"b"}', '${at}', '${at}');
      INSERT INTO models VALUES ('${shaA}', 'm', '/m.onnx', 1, 2, '${at}');
      INSERT INTO runs (id, started_at, state, request, seed, out, model_sha256, board_address, board_id)
        VALUES ('r', '${at}', 'running', '{"a":1}', 7, 'out', '${shaA}', 'local', 'b');
      INSERT INTO stages (run, name, started_at, seconds) VALUES ('r', 'search', '${at}', 1.5);`,
  2: `INSERT INTO measurements (run, key, kind, value, recorded_at)
        VALUES ('r', '${shaA}', 'time', '{"us":3}', '${at}');`,
  3: `INSERT INTO operators VALUES ('r', '${shaA}', 0, 'Conv_0', 'Conv', 0.5, 10, 9, 11, 100, NULL, 64, '[]', 1);
      INSERT INTO candidates VALUES
        ('r', 0, 'g', '["Conv_0"]', 'x', 'seed', '[]', 'timed', NULL, 1, 2, NULL, NULL, NULL);
      INSERT INTO accuracies VALUES ('r', '${shaA}', 'verify', 'top-1', 90, 100, 85, 94, '${at}');
      INSERT INTO comparisons (run, purpose, sha256_a, sha256_b, speedup, low, high, verdict, pairs,
        dropped_blocks, blocks, recorded_at)
        VALUES ('r', 'final', '${shaA}', '${shaA}', 1, 0.9, 1.1, 'inconclusive', 20, 0, '[]', '${at}');`,
  4: `INSERT INTO remembered_boards VALUES ('ssh://a@b:22', 'Bench', '${at}');
      INSERT INTO settings VALUES ('theme', '"dark"');
      INSERT INTO recent_data VALUES ('/d', 'd', '${at}');
      INSERT INTO profiles (model_sha256, board_id, board_address, result, recorded_at)
        VALUES ('${shaA}', 'b', 'local', '{}', '${at}');
      INSERT INTO run_details VALUES ('r', x'00');
      INSERT INTO trend_points VALUES ('r', 10, 5, 2, 1.9, 2.1, 0, 'b', 'Bench', 'Debian', '1.30.0', 1, NULL);`,
  5: `INSERT INTO experiences VALUES ('r', '${shaA}', '${shaB}', 'b', '1.30.0', 1, 'all', '["Conv"]',
        '["depthwise 3"]', '{}', '{}', 10, 4, 2.5, NULL, '${at}');`,
  7: `INSERT INTO further_boards VALUES ('r', 'b');`,
  8: `INSERT INTO deployments VALUES ('d', 'deploy', 'active', 'b', 'Bench', 'local', '/opt/m.onnx', 'r', '${shaB}',
        '${shaA}', 'kim@laptop', '${at}', '${at}', NULL, '[]', NULL, NULL, NULL);`,
  9: `INSERT INTO trials VALUES ('t', '${at}', 'r', 'b', '${shaA}', '${shaB}', '{}', 'approved', 'Sato', '${at}', '');`,
};

function memory(): Connection {
  const db = new Sqlite(':memory:');
  db.pragma('foreign_keys = ON');
  return db;
}

function dump(db: Connection): Record<string, unknown[]> {
  const names = db
    .prepare<[], string>("SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'")
    .pluck()
    .all();
  return Object.fromEntries(
    names
      .filter((name) => name !== 'migrations')
      .map((name) => [name, db.prepare(`SELECT * FROM ${name}`).all()]),
  );
}

test('Steps are numbered from 1 without gaps.', () => {
  expect(migrations.map((step) => step.version)).toEqual(migrations.map((_, i) => i + 1));
});

test.each(migrations.map((step) => [step.version, step.name] as const))(
  'Step %i (%s) keeps what was stored before it, and its own tables take rows.',
  (version) => {
    const db = memory();
    for (let earlier = 1; earlier < version; earlier++) {
      unwrap(migrate(db, 'm', migrations.slice(0, earlier)));
      db.exec(rowsOf[earlier] ?? '');
    }
    const before = dump(db);
    unwrap(migrate(db, 'm', migrations.slice(0, version)));
    const after = dump(db);
    expect(schemaVersion(db)).toBe(version);
    expect(after).toMatchObject(before);
    expect(Object.keys(after).length).toBeGreaterThan(Object.keys(before).length);
    db.exec(rowsOf[version] ?? '');
    for (const [table, rows] of Object.entries(dump(db))) expect(rows, table).not.toEqual([]);
    expect(db.pragma('foreign_key_check')).toEqual([]);
  },
);

test('Every table is STRICT, so a wrong type is refused.', () => {
  const db = memory();
  unwrap(migrate(db, 'm'));
  const tables = db
    .prepare<[], { name: string; strict: number }>(
      "SELECT name, strict FROM pragma_table_list WHERE schema = 'main'",
    )
    .all();
  expect(tables.filter(({ name, strict }) => !name.startsWith('sqlite_') && strict !== 1)).toEqual([]);
  expect(tables.length).toBeGreaterThan(8);
});

test('Step 4 puts finished runs into the trend, tells opened models from made ones, and leaves odd results out.', () => {
  const db = memory();
  unwrap(migrate(db, 'm', migrations.slice(0, 3)));
  for (const version of [1, 2, 3]) db.exec(rowsOf[version] ?? '');
  const result = {
    schema: 1,
    original: { latencyUs: { p50: 10 } },
    optimized: { latencyUs: { p50: 4.5 } },
    comparison: { speedup: 2, speedupInterval95: [1.5, 2.5], accuracyChange: -1 },
    board: { id: 'b', name: 'Bench', os: 'Debian 13', runtimeVersion: '1.30.0', threads: 2 },
  };
  const addRun = db.prepare(`INSERT INTO runs (id, started_at, state, request, seed, out, model_sha256,
    board_address, board_id, result) VALUES (?, '${at}', 'improved', '{}', 7, 'out', '${shaA}', 'local', 'b', ?)`);
  addRun.run('whole', JSON.stringify(result));
  addRun.run('odd', JSON.stringify({ schema: 1, original: 3 }));
  db.exec(`INSERT INTO models VALUES ('${shaB}', 'm (optimized)', '/out', 1, 2, '${at}');
    UPDATE comparisons SET run = 'whole', conditions = '{"governor":"schedutil"}'`);
  unwrap(migrate(db, 'm'));
  expect(db.prepare('SELECT * FROM trend_points').all()).toEqual([
    {
      run: 'whole',
      original_us: 10,
      optimized_us: 4.5,
      speedup: 2,
      low: 1.5,
      high: 2.5,
      accuracy_change: -1,
      board_id: 'b',
      board_name: 'Bench',
      os: 'Debian 13',
      runtime: '1.30.0',
      threads: 2,
      governor: 'schedutil',
    },
  ]);
  expect(db.prepare('SELECT sha256, last_used_at FROM models ORDER BY sha256').all()).toEqual([
    { sha256: shaA, last_used_at: at },
    { sha256: shaB, last_used_at: null },
  ]);
});

test('fault 39: a step that throws half way is undone with its record, and the steps before it stand.', () => {
  const db = memory();
  const broken: Migration = {
    version: 2,
    name: 'broken',
    up(connection) {
      connection.exec('CREATE TABLE half (x INTEGER) STRICT; DELETE FROM stages');
      throw new Error('half way');
    },
  };
  unwrap(migrate(db, 'm', migrations.slice(0, 1)));
  db.exec(rowsOf[1] ?? '');
  const before = dump(db);
  const failed = migrate(db, 'm', [...migrations.slice(0, 1), broken]);
  expect(failed).toEqual({
    ok: false,
    error: { kind: 'storeUnreadable', path: 'm', reason: 'step 2 (broken): half way' },
  });
  expect(schemaVersion(db)).toBe(1);
  expect(dump(db)).toEqual(before);
  expect(db.prepare('SELECT version FROM migrations').pluck().all()).toEqual([1]);
  unwrap(migrate(db, 'm'));
  expect(schemaVersion(db)).toBe(migrations.length);
});

test('Two connections that migrate one after the other apply each step once.', () => {
  const path = `${temporaryFolder()}/s.sqlite`;
  const first = new Sqlite(path);
  const second = new Sqlite(path);
  let applied = 0;
  const counting = migrations.map((step) => ({
    ...step,
    up(db: Connection) {
      applied += 1;
      step.up(db);
    },
  }));
  unwrap(migrate(first, path, counting));
  unwrap(migrate(second, path, counting));
  expect(applied).toBe(migrations.length);
  first.close();
  second.close();
});
