import type { RequestError, TrialError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { Trial, TrialState, TrialVerdict } from '../contract/trial.ts';
import { fromJson, inTransaction, type StoreContext, toJson } from './database.ts';

/** A trial without what a person decides. */
export type TrialRecord = Omit<Trial, 'state' | 'decision'>;

/** Which trials: of a run, or of two models by the sha256 of their files. */
export type TrialsOf = { readonly run: string } | { readonly sha256A: string; readonly sha256B: string };

/** Trials, and what people decided on them. Errors of the writes: those of every write of the store. */
export interface Trials {
  /** Keeps a trial, or how far it is by now. One that was decided on stays as it was then. The board must be known. */
  save(record: TrialRecord): Result<void, RequestError>;
  /** Writes down a person's word, once. Errors beside: trialUnknown, trialDecided. */
  decide(verdict: TrialVerdict): Result<Trial, RequestError | TrialError>;
  get(trial: string): Trial | undefined;
  /** The newest first, at most 100; without `of` all there are. */
  list(of?: TrialsOf, boardId?: string): Trial[];
}

const mostListed = 100;

interface Row {
  readonly record: string;
  readonly state: TrialState;
  readonly decided_by: string | null;
  readonly decided_at: string | null;
  readonly note: string | null;
}

const columns = 'record, state, decided_by, decided_at, note';
const newest = `ORDER BY started_at DESC, id DESC LIMIT ${mostListed}`;

const fromRow = ({ record, state, decided_by, decided_at, note }: Row): Trial => ({
  // Written by `save` alone, from a value of this type.
  ...(fromJson(record) as TrialRecord),
  state,
  decision: decided_by === null ? null : { by: decided_by, note: note ?? '', at: decided_at ?? '' },
});

/** The trials of an open store. */
export function openTrials(context: StoreContext): Trials {
  const { db, now } = context;
  const upsert = db.prepare<{
    id: string;
    startedAt: string;
    run: string | null;
    boardId: string;
    sha256A: string;
    sha256B: string;
    record: string;
  }>(`
    INSERT INTO trials (id, started_at, run, board_id, sha256_a, sha256_b, record, state)
    VALUES (@id, @startedAt, @run, @boardId, @sha256A, @sha256B, @record, 'awaiting approval')
    ON CONFLICT (id) DO UPDATE SET record = @record WHERE state = 'awaiting approval'`);
  const settle = db.prepare<[TrialState, string, string, string, string]>(`
    UPDATE trials SET state = ?, decided_by = ?, decided_at = ?, note = ?
    WHERE id = ? AND state = 'awaiting approval'`);
  const byId = db.prepare<[string], Row>(`SELECT ${columns} FROM trials WHERE id = ?`);
  const all = db.prepare<{ boardId: string | null }, Row>(`
    SELECT ${columns} FROM trials WHERE @boardId IS NULL OR board_id = @boardId ${newest}`);
  const byRun = db.prepare<{ run: string; boardId: string | null }, Row>(`
    SELECT ${columns} FROM trials WHERE run = @run AND (@boardId IS NULL OR board_id = @boardId) ${newest}`);
  const byModels = db.prepare<{ sha256A: string; sha256B: string; boardId: string | null }, Row>(`
    SELECT ${columns} FROM trials WHERE sha256_a = @sha256A AND sha256_b = @sha256B
      AND (@boardId IS NULL OR board_id = @boardId) ${newest}`);
  const get = (trial: string): Trial | undefined => {
    const row = byId.get(trial);
    return row && fromRow(row);
  };

  return {
    save: (record) =>
      inTransaction(context, () => {
        upsert.run({
          id: record.trial,
          startedAt: record.startedAt,
          run: record.run,
          boardId: record.boardId,
          sha256A: record.a.sha256,
          sha256B: record.b.sha256,
          record: toJson(record),
        });
      }),
    decide: ({ trial, decision, by, note }) => {
      const written = inTransaction(context, (): Result<Trial, TrialError> => {
        const before = get(trial);
        if (!before) return fail({ kind: 'trialUnknown', trial });
        if (before.decision)
          return fail({ kind: 'trialDecided', trial, state: before.state, by: before.decision.by });
        settle.run(decision, by, now().toISOString(), note, trial);
        const after = get(trial);
        if (!after) throw new Error(`Trial ${trial} went while it was decided on`);
        return ok(after);
      });
      return written.ok ? written.value : written;
    },
    get,
    list: (of, boardId) => {
      const on = { boardId: boardId ?? null };
      const rows =
        of === undefined
          ? all.all(on)
          : 'run' in of
            ? byRun.all({ ...of, ...on })
            : byModels.all({ ...of, ...on });
      return rows.map(fromRow);
    },
  };
}
