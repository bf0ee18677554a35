/** How long each view takes in a store of many runs. */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type BetterSqlite3 from 'better-sqlite3';
import { createApp } from '../../electron/app/app.ts';
import type { Api } from '../../electron/contract/api.ts';
import type { CallArguments, QueryName } from '../../electron/contract/calls.ts';
import { openStore } from '../../electron/store/open-store.ts';
import { callOf, resultOf, sizedDetails } from './history-rows.ts';

const Sqlite = createRequire(import.meta.url)('better-sqlite3') as typeof BetterSqlite3;
const limitMs = 100;
const models = 40;
const boards = 12;

const hash = (n: number): string => n.toString(16).padStart(64, '0');
const runId = (n: number): string => `bench-${String(n).padStart(6, '0')}`;
const boardAddress = (n: number): string => (n === 0 ? 'local' : `ssh://pi@bench-${n}.lab:22`);
const startOf = (n: number): string => new Date(Date.UTC(2024, 0, 1) + n * 3_600_000).toISOString();

/** Fills a new store with finished runs, their stages and details, and so many timings. */
export function fill(path: string, runs: number, timings: number): void {
  const db = new Sqlite(path);
  db.pragma('synchronous = OFF');
  db.pragma('foreign_keys = ON');
  const model = db.prepare('INSERT INTO models VALUES (?, ?, ?, 1000000, 50000, ?, ?)');
  const made = db.prepare('INSERT INTO models VALUES (?, ?, ?, 1000000, 50000, ?, NULL)');
  const board = db.prepare('INSERT INTO boards VALUES (?, ?, ?, ?, ?, ?, NULL)');
  const run =
    db.prepare(`INSERT INTO runs (id, started_at, finished_at, state, request, seed, out, model_sha256,
    board_address, board_id, speedup, accuracy_change, explanation, result)
    VALUES (?, ?, ?, ?, ?, 1, ?, ?, ?, ?, ?, ?, '', ?)`);
  const stage = db.prepare("INSERT INTO stages VALUES (?, ?, ?, ?, 10, 'a summary of what was done', 1)");
  const timing = db.prepare(
    "INSERT INTO measurements (run, key, kind, value, recorded_at) VALUES (?, ?, 'time', ?, ?)",
  );
  const details = db.prepare('INSERT INTO run_details VALUES (?, ?)');
  const point = db.prepare(
    "INSERT INTO trend_points VALUES (?, 1000, 400, 2.5, 2.4, 2.6, -0.5, ?, ?, 'Debian 13', '1.30.0', 1, 'performance')",
  );
  const compressed = gzipSync(JSON.stringify(sizedDetails));
  const value = JSON.stringify({
    blocks: Array.from({ length: 4 }, (_, n) => ({ wallUs: [1000 + n, 400], cpuUs: [1000, 400 + n] })),
    iterations: [20, 50],
  });
  const states = ['improved', 'improved', 'improved', 'no improvement', 'failed', 'cancelled'] as const;
  db.transaction(() => {
    for (let n = 0; n < boards; n++) {
      const identity = {
        id: hash(n),
        name: `Bench ${n}`,
        cores: 4,
        os: 'Debian 13',
        runtimeVersion: '1.30.0',
      };
      board.run(hash(n), boardAddress(n), identity.name, JSON.stringify(identity), startOf(0), startOf(n));
    }
    for (let n = 0; n < models; n++)
      model.run(hash(n), `network-${n}`, `/models/network-${n}.onnx`, startOf(0), startOf(n));
  })();
  for (let from = 0; from < runs; from += 500) {
    db.transaction(() => {
      for (let n = from; n < Math.min(from + 500, runs); n++) {
        const id = runId(n);
        const state = states[n % states.length] ?? 'failed';
        const isDone = state === 'improved' || state === 'no improvement';
        // Half of all runs are of one model, so that its trend is long.
        const sha256 = hash(n % 2 === 0 ? 0 : n % models);
        const place = n % boards;
        const speedup = state === 'improved' ? 1 + (n % 400) / 100 : null;
        run.run(
          id,
          startOf(n),
          startOf(n),
          state,
          JSON.stringify({ call: callOf(boardAddress(place)), cwd: '/work', dataFingerprint: hash(1) }),
          `/work/out/${id}`,
          sha256,
          boardAddress(place),
          hash(place),
          speedup,
          speedup === null ? null : -(n % 10) / 10,
          isDone ? JSON.stringify(resultOf(id, sha256, hash(n + 1_000_000))) : null,
        );
        for (const name of ['connect', 'profile', 'search', 'tune', 'verify', 'compare', 'report'])
          stage.run(id, name, startOf(n), startOf(n));
        if (isDone) {
          made.run(
            hash(n + 1_000_000),
            `network-${n % models} (optimized)`,
            `/work/out/${id}/optimized.onnx`,
            startOf(n),
          );
          details.run(id, compressed);
          point.run(id, hash(place), `Bench ${place}`);
        }
        const mine = Math.floor(((n + 1) * timings) / runs) - Math.floor((n * timings) / runs);
        for (let m = 0; m < mine; m++) timing.run(id, hash(n * 100_000 + m), value, startOf(n));
      }
    })();
  }
  db.close();
}

interface AnswerMs {
  readonly wall: number;
  /** Time of this process: what others do on the machine does not count. */
  readonly cpu: number;
}

/** Times of 20 answers to each of some questions. */
async function answeredMs<N extends QueryName>(
  app: Api,
  name: N,
  args: readonly CallArguments<N>[],
): Promise<readonly AnswerMs[]> {
  const times: AnswerMs[] = [];
  for (let n = 0; n < 20; n++) {
    for (const one of args) {
      const cpu = process.cpuUsage();
      const started = performance.now();
      const answer = await app.query(name, one);
      const wall = performance.now() - started;
      const { user, system } = process.cpuUsage(cpu);
      times.push({ wall, cpu: (user + system) / 1000 });
      if (!answer.ok) throw new Error(`${name}: ${JSON.stringify(answer.error)}`);
    }
  }
  return times;
}

/** Fills a store and prints how long the answers take of each view. */
export async function history([
  runsText = '10000',
  timingsText = '2000000',
]: readonly string[]): Promise<void> {
  const [runs, timings] = [Number(runsText), Number(timingsText)];
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-history-'));
  try {
    const store = openStore(folder);
    if (!store.ok) throw new Error(JSON.stringify(store.error));
    store.value.close();
    const started = performance.now();
    fill(store.value.path, runs, timings);
    const readingThrough = performance.now();
    const throughOpened = openStore(folder);
    if (throughOpened.ok) throughOpened.value.close();
    const opening = performance.now();
    const app = await createApp({ stateFolder: folder });
    if (!app.ok) throw new Error(JSON.stringify(app.error));
    const opened = performance.now();
    const page = { offset: 0, limit: 50 };
    const sorts = ['startedAt', 'speedup', 'accuracyChange', 'model', 'board'] as const;
    const api = app.value;
    const views: readonly (readonly [string, () => Promise<readonly AnswerMs[]>])[] = [
      ['runs.list', () => answeredMs(api, 'runs.list', [page])],
      [
        'runs.list sorted',
        () =>
          answeredMs(
            api,
            'runs.list',
            sorts.flatMap((sort) => [true, false].map((descending) => ({ ...page, sort, descending }))),
          ),
      ],
      ['runs.list last page', () => answeredMs(api, 'runs.list', [{ offset: runs - 50, limit: 50 }])],
      ['runs.list 500 rows', () => answeredMs(api, 'runs.list', [{ offset: 0, limit: 500 }])],
      [
        'runs.list searched',
        () =>
          answeredMs(
            api,
            'runs.list',
            ['network-7', 'bench 3 network', '009999', 'nothing at all'].map((search) => ({
              ...page,
              search,
            })),
          ),
      ],
      [
        'runs.list searched, sorted',
        () =>
          answeredMs(
            api,
            'runs.list',
            sorts.map((sort) => ({ ...page, search: 'network bench', sort })),
          ),
      ],
      [
        'runs.list filtered',
        () =>
          answeredMs(api, 'runs.list', [
            { ...page, board: boardAddress(3) },
            { ...page, model: hash(0), sort: 'speedup' },
            { ...page, state: 'interrupted' },
            { ...page, state: 'failed', since: startOf(100), until: startOf(runs - 100) },
          ]),
      ],
      [
        'runs.get',
        () =>
          answeredMs(
            api,
            'runs.get',
            [0, 3, 4, Math.floor(runs / 2), runs - 1].map((n) => ({ run: runId(n) })),
          ),
      ],
      [
        'runs.trend',
        () =>
          answeredMs(api, 'runs.trend', [
            { model: hash(0) },
            { model: 'network-0', board: boardAddress(2) },
            { model: hash(7) },
          ]),
      ],
      ['boards.list', () => answeredMs(api, 'boards.list', [{}])],
      ['models.list', () => answeredMs(api, 'models.list', [{}])],
      ['models.profile', () => answeredMs(api, 'models.profile', [{ sha256: hash(0) }])],
      ['data.list', () => answeredMs(api, 'data.list', [{}])],
      ['settings.get', () => answeredMs(api, 'settings.get', [{}])],
      ['storage.use', () => answeredMs(api, 'storage.use', [{}])],
    ];
    console.log(
      `${runs} runs, ${timings} timings, filled in ${((readingThrough - started) / 1000).toFixed(0)} s, opened and read through in ${(opening - readingThrough).toFixed(0)} ms, opened as it was left in ${(opened - opening).toFixed(0)} ms; median, worst, and worst processor time of 20:`,
    );
    for (const [name, measure] of views) {
      const times = await measure();
      const walls = times.map(({ wall }) => wall).sort((a, b) => a - b);
      const worst = walls.at(-1) ?? 0;
      const columns = [walls[walls.length >> 1] ?? 0, worst, Math.max(...times.map(({ cpu }) => cpu))];
      const shown = columns.map((ms) => `${ms.toFixed(1).padStart(8)} ms`).join('');
      console.log(`${name.padEnd(28)}${shown}${worst > limitMs ? '  TOO SLOW' : ''}`);
    }
    await api.close();
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
