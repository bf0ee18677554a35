import { type Connection, type StoreContext, toJson } from './database.ts';
import { boardsThere, isAtAddresses, isOfModel } from './run-rows.ts';

/** What of a run's result stands in the trend of its model. */
export interface TrendFigures {
  /** Medians, microseconds. */
  readonly originalUs: number;
  readonly optimizedUs: number;
  readonly speedup: number;
  readonly speedupInterval95: readonly [number, number];
  /** Percentage points. */
  readonly accuracyChange: number;
  readonly boardId: string;
  readonly boardName: string;
  readonly os: string;
  readonly runtimeVersion: string;
  readonly threads: number;
  /** Null where the board does not tell. */
  readonly governor: string | null;
}

/** A finished run in the trend of its model. */
export interface StoredTrendPoint extends TrendFigures {
  readonly run: string;
  readonly startedAt: string;
}

/** A row of `selectTrend`. */
export interface TrendRow {
  readonly run: string;
  readonly started_at: string;
  readonly original_us: number;
  readonly optimized_us: number;
  readonly speedup: number;
  readonly low: number;
  readonly high: number;
  readonly accuracy_change: number;
  readonly board_id: string;
  readonly board_name: string;
  readonly os: string;
  readonly runtime: string;
  readonly threads: number;
  readonly governor: string | null;
}

/** Points of the models whose sha256, name or path is `@model`, on all boards or on those of `@addresses` (a JSON array). */
export const selectTrend = `
  SELECT runs.started_at, trend_points.* FROM runs INDEXED BY runs_by_model
  CROSS JOIN trend_points ON trend_points.run = runs.id
  WHERE ${isOfModel} AND runs.deleted_at IS NULL AND (@addresses IS NULL OR ${isAtAddresses})
    AND (@addresses IS NULL OR NOT EXISTS ${boardsThere} OR trend_points.board_id IN ${boardsThere})
  ORDER BY runs.started_at, runs.id, trend_points.board_id`;

/**
 * The points of a model, by its sha256, name or path, on all boards or on the one behind some addresses; in the order
 * of their start.
 */
export type Trend = (model: string, addresses?: readonly string[]) => StoredTrendPoint[];

/** The trends of an open store. */
export function openTrend({ db }: StoreContext): Trend {
  const select = db.prepare<{ model: string; addresses: string | null }, TrendRow>(selectTrend);
  return (model, addresses) =>
    select.all({ model, addresses: addresses ? toJson(addresses) : null }).map(fromRow);
}

const fromRow = (row: TrendRow): StoredTrendPoint => ({
  run: row.run,
  startedAt: row.started_at,
  originalUs: row.original_us,
  optimizedUs: row.optimized_us,
  speedup: row.speedup,
  speedupInterval95: [row.low, row.high],
  accuracyChange: row.accuracy_change,
  boardId: row.board_id,
  boardName: row.board_name,
  os: row.os,
  runtimeVersion: row.runtime,
  threads: row.threads,
  governor: row.governor,
});

/** The way to put a run into the trend, in place of an earlier point of it; inside a transaction of the caller. */
export function prepareTrendPoint(db: Connection): (run: string, figures: TrendFigures) => void {
  const upsert = db.prepare<Omit<TrendRow, 'started_at'>>(`
    INSERT OR REPLACE INTO trend_points VALUES (@run, @original_us, @optimized_us, @speedup, @low, @high,
      @accuracy_change, @board_id, @board_name, @os, @runtime, @threads, @governor)`);
  return (run, figures) => {
    const [low, high] = figures.speedupInterval95;
    upsert.run({
      run,
      original_us: figures.originalUs,
      optimized_us: figures.optimizedUs,
      speedup: figures.speedup,
      low,
      high,
      accuracy_change: figures.accuracyChange,
      board_id: figures.boardId,
      board_name: figures.boardName,
      os: figures.os,
      runtime: figures.runtimeVersion,
      threads: figures.threads,
      governor: figures.governor,
    });
  };
}
