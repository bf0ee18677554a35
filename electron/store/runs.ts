import { randomBytes } from 'node:crypto';
import type { RunSummary } from '../contract/api.ts';
import type { RequestError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { BoardIdentity } from '../runner/protocol.ts';
import { inTransaction, type StoreContext, toJson } from './database.ts';
import { type ProcessIdentity, thisProcess } from './process-identity.ts';
import {
  isOwned,
  listedRuns,
  type RunRow,
  runFromRow,
  type SummaryRow,
  selectRuns,
  summaryColumns,
  summaryFromRow,
} from './run-rows.ts';
import { prepareTrendPoint, type TrendFigures } from './trend.ts';

/** States in which a run can be left; `interrupted` is kept as one that is running with nobody at work on it. */
export type SettledState = Exclude<RunSummary['state'], 'running'>;

/** A run as stored. */
export interface Run extends RunSummary {
  /** What was asked for, as given to `create`. */
  readonly request: unknown;
  readonly seed: number;
  readonly boardId: string | null;
  /** The board as it was when this run connected. */
  readonly boardIdentity: BoardIdentity | null;
  /** Time spent so far over all resumes; the budget counts against it. */
  readonly elapsedSeconds: number;
  readonly finishedAt: string | null;
  readonly explanation: string | null;
  /** The run's result.json, when there is one. */
  readonly result: unknown;
}

/** What a new run starts from. */
export interface NewRun {
  readonly request: unknown;
  /** Must be in `models`. */
  readonly modelSha256: string;
  readonly boardAddress: string;
  /** Folder of the results; a function gets the run's id. */
  readonly out: string | ((run: string) => string);
  readonly seed: number;
}

/** How a run ended. */
export interface RunEnd {
  readonly speedup?: number;
  /** Percentage points. */
  readonly accuracyChange?: number;
  readonly explanation?: string;
  /** The run's result.json. */
  readonly result?: unknown;
  /** What stands of it in the trend, for each of its boards. */
  readonly trend?: readonly TrendFigures[];
}

/**
 * Runs: who works on them, how far they are, how they ended. A deleted run is as if there were none.
 * Errors of the writes: those of every write of the store.
 */
export interface Runs {
  /** Makes a run that belongs to this process; returns its id, such as `20261125-044210-ab12`. */
  create(run: NewRun): Result<string, RequestError>;
  /**
   * Takes up an interrupted, failed or cancelled run for this process; of two that try, one wins.
   * Errors: runUnknown, runFinished, runInUse.
   */
  claim(run: string): Result<Run, RequestError>;
  /** Notes the board, now that it is connected, and the ids of the further ones of a run with several. */
  setBoard(run: string, identity: BoardIdentity, further?: readonly string[]): Result<void, RequestError>;
  /** Adds time spent; call it now and then, so that a kill loses little of the budget's account. */
  addElapsed(run: string, seconds: number): Result<void, RequestError>;
  /** Ends the run and gives it up; what `end` leaves out stays as it was. */
  setState(run: string, state: SettledState, end?: RunEnd): Result<void, RequestError>;
  get(run: string): Run | undefined;
  /**
   * The newest first. `board`: part of the board's name or address, or the start of its id; `model`: part of
   * the model's name or path, or the start of its sha256; both without regard to case.
   */
  list(filter?: { readonly board?: string; readonly model?: string }): RunSummary[];
}

const runId = (at: Date): string => {
  const stamp = at.toISOString().replace(/[-:]/g, '').replace('T', '-').slice(0, 15);
  return `${stamp}-${randomBytes(2).toString('hex')}`;
};

/** The runs of an open store. */
export function openRuns(context: StoreContext, self: ProcessIdentity = thisProcess()): Runs {
  const { db } = context;
  const insert = db.prepare<{
    id: string;
    at: string;
    request: string;
    seed: number;
    out: string;
    modelSha256: string;
    boardAddress: string;
    pid: number;
    started: string | null;
  }>(`
    INSERT INTO runs (id, started_at, state, request, seed, out, model_sha256, board_address, owner_pid, owner_started)
    VALUES (@id, @at, 'running', @request, @seed, @out, @modelSha256, @boardAddress, @pid, @started)`);
  const byId = db.prepare<[string], RunRow>(`${selectRuns} WHERE runs.id = ?`);
  const take = db.prepare<{ run: string; pid: number; started: string | null }>(`
    UPDATE runs SET state = 'running', finished_at = NULL, explanation = NULL,
      owner_pid = @pid, owner_started = @started WHERE id = @run`);
  const settle = db.prepare<{
    run: string;
    at: string;
    state: Exclude<SettledState, 'interrupted'> | 'running';
    speedup: number | null;
    accuracyChange: number | null;
    explanation: string | null;
    result: string | null;
  }>(`
    UPDATE runs SET state = @state, finished_at = iif(@state = 'running', NULL, @at), owner_pid = NULL, owner_started = NULL,
      speedup = coalesce(@speedup, speedup), accuracy_change = coalesce(@accuracyChange, accuracy_change),
      explanation = coalesce(@explanation, explanation), result = coalesce(@result, result)
    WHERE id = @run`);
  const spend = db.prepare<[number, string]>(
    'UPDATE runs SET elapsed_seconds = elapsed_seconds + ? WHERE id = ?',
  );
  const link = db.prepare<[string, string, string]>(
    'UPDATE runs SET board_id = ?, board_identity = ? WHERE id = ?',
  );
  const linkFurther = db.prepare<[string, string]>('INSERT OR IGNORE INTO further_boards VALUES (?, ?)');
  const addTrendPoint = prepareTrendPoint(db);
  const list = db.prepare<{ board: string; model: string }, SummaryRow>(`
    SELECT ${summaryColumns} FROM ${listedRuns}
    WHERE runs.deleted_at IS NULL AND (@board = ''
        OR instr(lower(runs.board_address), @board) > 0
        OR instr(lower(coalesce(boards.name, '')), @board) > 0
        OR instr(lower(coalesce(runs.board_id, '')), @board) = 1)
      AND (@model = ''
        OR instr(lower(models.name), @model) > 0
        OR instr(lower(models.path), @model) > 0
        OR instr(runs.model_sha256, @model) = 1)
    ORDER BY runs.started_at DESC, runs.id DESC`);

  const change = (statement: { run(): { changes: number } }, run: string): Result<void, RequestError> => {
    const changed = inTransaction(context, () => statement.run().changes);
    if (!changed.ok) return changed;
    return changed.value === 1 ? ok(undefined) : fail({ kind: 'runUnknown', run });
  };
  const get = (run: string): Run | undefined => {
    const row = byId.get(run);
    return row?.deleted_at === null ? runFromRow(row) : undefined;
  };

  return {
    get,
    create(run) {
      const at = context.now();
      return inTransaction(context, () => {
        let id = runId(at);
        while (byId.get(id)) id = runId(at);
        const out = typeof run.out === 'string' ? run.out : run.out(id);
        insert.run({ ...run, ...self, id, out, at: at.toISOString(), request: toJson(run.request) });
        return id;
      });
    },
    claim(run) {
      const claimed = inTransaction(context, (): Result<Run, RequestError> => {
        const row = byId.get(run);
        if (!row || row.deleted_at !== null) return fail({ kind: 'runUnknown', run });
        if (row.state === 'improved' || row.state === 'no improvement')
          return fail({ kind: 'runFinished', run });
        if (row.owner_pid !== null && isOwned(row))
          return fail({ kind: 'runInUse', run, pid: row.owner_pid });
        take.run({ run, ...self });
        const taken = get(run);
        return taken ? ok(taken) : fail({ kind: 'runUnknown', run });
      });
      return claimed.ok ? claimed.value : claimed;
    },
    setBoard: (run, identity, further = []) =>
      change(
        {
          run: () => {
            const linked = link.run(identity.id, toJson(identity), run);
            if (linked.changes === 1) for (const id of further) linkFurther.run(run, id);
            return linked;
          },
        },
        run,
      ),
    addElapsed(run, seconds) {
      if (!(seconds >= 0)) throw new Error(`Time does not run backwards: ${seconds} s`);
      return change({ run: () => spend.run(seconds, run) }, run);
    },
    setState: (run, state, end = {}) =>
      change(
        {
          run: () => {
            const settled = settle.run({
              run,
              state: state === 'interrupted' ? 'running' : state,
              at: context.now().toISOString(),
              speedup: end.speedup ?? null,
              accuracyChange: end.accuracyChange ?? null,
              explanation: end.explanation ?? null,
              result: end.result === undefined ? null : toJson(end.result),
            });
            if (settled.changes === 1) for (const point of end.trend ?? []) addTrendPoint(run, point);
            return settled;
          },
        },
        run,
      ),
    list: (filter = {}) =>
      list
        .all({ board: (filter.board ?? '').toLowerCase(), model: (filter.model ?? '').toLowerCase() })
        .map(summaryFromRow),
  };
}
