import type { Verdict } from '../contract/api.ts';
import type { RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { BoardConditions, TimedBlock } from '../runner/protocol.ts';
import { fromJson, inTransaction, type StoreContext, toJson } from './database.ts';

/** One interleaved comparison of two models on the board. */
export interface StoredComparison {
  /** What it was for: `final`, `control` (A against itself), `search`, … */
  readonly purpose: string;
  readonly sha256A: string;
  readonly sha256B: string;
  /** A's time over B's. */
  readonly speedup: number;
  readonly interval95: readonly [number, number];
  readonly verdict: Verdict;
  readonly pairs: number;
  readonly droppedBlocks: number;
  /** Half-width of A against itself; null where it was not measured. */
  readonly noiseFloor: number | null;
  /** All blocks that were kept, so that the interval can be computed again. */
  readonly blocks: readonly TimedBlock[];
  readonly conditions: BoardConditions | null;
}

/** The comparisons of a run. */
export interface Comparisons {
  /** Adds one; returns its number. Errors: those of every write of the store. */
  add(run: string, comparison: StoredComparison): Result<number, RequestError>;
  /** In the order they were made. */
  list(run: string): StoredComparison[];
}

interface Row {
  readonly purpose: string;
  readonly sha256_a: string;
  readonly sha256_b: string;
  readonly speedup: number;
  readonly low: number;
  readonly high: number;
  readonly verdict: Verdict;
  readonly pairs: number;
  readonly dropped_blocks: number;
  readonly noise_floor: number | null;
  readonly blocks: string;
  readonly conditions: string | null;
}

const fromRow = (row: Row): StoredComparison => ({
  purpose: row.purpose,
  sha256A: row.sha256_a,
  sha256B: row.sha256_b,
  speedup: row.speedup,
  interval95: [row.low, row.high],
  verdict: row.verdict,
  pairs: row.pairs,
  droppedBlocks: row.dropped_blocks,
  noiseFloor: row.noise_floor,
  // Both written by `add` alone, from values of these types.
  blocks: fromJson(row.blocks) as readonly TimedBlock[],
  conditions: row.conditions === null ? null : (fromJson(row.conditions) as BoardConditions),
});

/** The comparisons of an open store. */
export function openComparisons(context: StoreContext): Comparisons {
  const { db } = context;
  const insert = db.prepare<Row & { run: string; at: string }>(`
    INSERT INTO comparisons (run, purpose, sha256_a, sha256_b, speedup, low, high, verdict, pairs,
      dropped_blocks, noise_floor, blocks, conditions, recorded_at)
    VALUES (@run, @purpose, @sha256_a, @sha256_b, @speedup, @low, @high, @verdict, @pairs,
      @dropped_blocks, @noise_floor, @blocks, @conditions, @at)`);
  const byRun = db.prepare<[string], Row>('SELECT * FROM comparisons WHERE run = ? ORDER BY sequence');
  return {
    add: (run, comparison) =>
      inTransaction(context, () => {
        const [low, high] = comparison.interval95;
        const { lastInsertRowid } = insert.run({
          run,
          purpose: comparison.purpose,
          sha256_a: comparison.sha256A,
          sha256_b: comparison.sha256B,
          speedup: comparison.speedup,
          low,
          high,
          verdict: comparison.verdict,
          pairs: comparison.pairs,
          dropped_blocks: comparison.droppedBlocks,
          noise_floor: comparison.noiseFloor,
          blocks: toJson(comparison.blocks),
          conditions: comparison.conditions === null ? null : toJson(comparison.conditions),
          at: context.now().toISOString(),
        });
        return Number(lastInsertRowid);
      }),
    list: (run) => byRun.all(run).map(fromRow),
  };
}
