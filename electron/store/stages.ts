import type { StageName } from '../contract/api.ts';
import type { RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { StageSummary } from '../contract/run-notes.ts';
import { fromJson, inTransaction, type StoreContext, toJson } from './database.ts';

/** One stage of a run, over all its resumes. */
export interface StoredStage {
  readonly name: StageName;
  /** When it first started, ISO 8601, UTC. */
  readonly startedAt: string;
  /** When it last finished; null while it has not. */
  readonly finishedAt: string | null;
  /** Time spent, added up over resumes. */
  readonly seconds: number;
  /** Null: it has not finished, or was kept by a version that kept a sentence here. */
  readonly summary: StageSummary | null;
  /** How often it was started: more than once when it was resumed. */
  readonly starts: number;
}

/** The stages of runs. Errors of the writes: those of every write of the store. */
export interface Stages {
  /** Notes that the stage starts, or starts again. */
  start(run: string, stage: StageName): Result<void, RequestError>;
  /** Adds time spent in a stage that goes on; a kill loses what was not added. */
  addSeconds(run: string, stage: StageName, seconds: number): Result<void, RequestError>;
  /** Notes its end and adds the seconds that were not added before. */
  finish(run: string, stage: StageName, seconds: number, summary: StageSummary): Result<void, RequestError>;
  /** In the order of their first start. */
  list(run: string): StoredStage[];
}

interface Row {
  readonly name: StageName;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly seconds: number;
  readonly summary: string;
  readonly starts: number;
}

/** The stages of an open store. */
export function openStages(context: StoreContext): Stages {
  const { db } = context;
  const begin = db.prepare<[string, string, string]>(`
    INSERT INTO stages (run, name, started_at) VALUES (?, ?, ?)
    ON CONFLICT (run, name) DO UPDATE SET finished_at = NULL, starts = starts + 1`);
  const spend = db.prepare<[number, string, string]>(
    'UPDATE stages SET seconds = seconds + ? WHERE run = ? AND name = ?',
  );
  const end = db.prepare<[number, string, string, string, string]>(
    'UPDATE stages SET seconds = seconds + ?, finished_at = ?, summary = ? WHERE run = ? AND name = ?',
  );
  const byRun = db.prepare<[string], Row>('SELECT * FROM stages WHERE run = ? ORDER BY started_at, rowid');
  const started = (changes: number, stage: StageName): void => {
    if (changes !== 1) throw new Error(`Stage ${stage} was never started`);
  };
  return {
    start: (run, stage) =>
      inTransaction(context, () => {
        begin.run(run, stage, context.now().toISOString());
      }),
    addSeconds: (run, stage, seconds) =>
      inTransaction(context, () => started(spend.run(seconds, run, stage).changes, stage)),
    finish: (run, stage, seconds, summary) =>
      inTransaction(context, () =>
        started(end.run(seconds, context.now().toISOString(), toJson(summary), run, stage).changes, stage),
      ),
    list: (run) =>
      byRun.all(run).map((row) => ({
        name: row.name,
        startedAt: row.started_at,
        finishedAt: row.finished_at,
        seconds: row.seconds,
        summary: summaryOf(row.summary),
        starts: row.starts,
      })),
  };
}

/** Written by `finish` alone, from a value of this type; empty before, and a sentence in runs of earlier versions. */
const summaryOf = (text: string): StageSummary | null =>
  text.startsWith('{') ? (fromJson(text) as StageSummary) : null;
