import { setImmediate as nextTurn } from 'node:timers/promises';
import type { RequestError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { Blobs } from './blobs.ts';
import { inTransaction, type StoreContext, toJson } from './database.ts';
import { fileFailure } from './failure.ts';
import { selectRunning } from './run-pages.ts';
import { isOwned, type RunRow } from './run-rows.ts';

/** Deletion of runs in two steps: out of sight first, which can be undone, and then for good. */
export interface RunRemoval {
  /** Takes all of these out of sight, or none. Errors: runUnknown, runInUse, and those of every write of the store. */
  remove(runs: readonly string[]): Result<void, RequestError>;
  /** Brings all of these back, or none. Errors: runUnknown, and those of every write of the store. */
  restore(runs: readonly string[]): Result<void, RequestError>;
  /**
   * Removes for good what is out of sight, with its measurements and with the blobs and models that nothing else
   * needs, and shrinks the file when that is worth it and no run is at work; result folders belong to the person
   * and stay. Errors: those of every write of the store.
   */
  clean(): Promise<Result<void, RequestError>>;
  count(): { readonly runs: number; readonly deletedRuns: number };
}

/** How many runs there are, and how many of these are out of sight. */
export const countRuns = `
  SELECT (SELECT count(*) FROM runs INDEXED BY runs_listed WHERE deleted_at IS NULL) AS runs,
    (SELECT count(*) FROM runs INDEXED BY runs_listed WHERE deleted_at IS NOT NULL) AS deletedRuns`;

/** The file is written anew when so much of it stands empty. */
const emptyShareWorthShrinking = 0.2;

const tablesOfRuns = [
  'stages',
  'measurements',
  'operators',
  'candidates',
  'experiences',
  'accuracies',
  'comparisons',
  'run_details',
  'trend_points',
  'further_boards',
] as const;

/** The deletion of runs of an open store. */
export function openRunRemoval(context: StoreContext, blobs: Blobs): RunRemoval {
  const { db } = context;
  type Found = Pick<RunRow, 'owner_pid' | 'owner_started'>;
  const find = db.prepare<[string], Found>('SELECT owner_pid, owner_started FROM runs WHERE id = ?');
  const running = db.prepare<[], Found>(selectRunning);
  const mark = db.prepare<[string | null, string]>('UPDATE runs SET deleted_at = ? WHERE id = ?');
  const marked = db
    .prepare<[], string>('SELECT id FROM runs INDEXED BY runs_listed WHERE deleted_at IS NOT NULL')
    .pluck();
  const counts = db.prepare<[], { runs: number; deletedRuns: number }>(countRuns);
  const blobsOf = db
    .prepare<{ run: string }, string>(`
      SELECT blob_sha256 FROM measurements WHERE run = @run AND blob_sha256 IS NOT NULL
      UNION SELECT parameters_sha256 FROM candidates WHERE run = @run AND parameters_sha256 IS NOT NULL
      UNION SELECT model_sha256 FROM accuracies WHERE run = @run`)
    .pluck();
  const clears = tablesOfRuns.map((table) => db.prepare<[string]>(`DELETE FROM ${table} WHERE run = ?`));
  const remove = db.prepare<[string]>('DELETE FROM runs WHERE id = ?');
  const unneeded = db
    .prepare<[string], string>(`
      SELECT json_each.value FROM json_each(?) WHERE NOT EXISTS (SELECT 1 FROM measurements WHERE blob_sha256 = json_each.value)
        AND NOT EXISTS (SELECT 1 FROM candidates WHERE parameters_sha256 = json_each.value)
        AND NOT EXISTS (SELECT 1 FROM accuracies WHERE model_sha256 = json_each.value)
        AND NOT EXISTS (SELECT 1 FROM runs INDEXED BY runs_by_model WHERE model_sha256 = json_each.value)`)
    .pluck();
  // A model that was opened stands in the list of models, whatever became of its runs.
  const dropModels = db.prepare<[string]>(
    'DELETE FROM models WHERE sha256 IN (SELECT value FROM json_each(?)) AND last_used_at IS NULL',
  );

  const markAll = (
    runs: readonly string[],
    at: string | null,
    refusal: (run: string, found: Found) => RequestError | null,
  ): Result<void, RequestError> => {
    const done = inTransaction(context, (): Result<void, RequestError> => {
      for (const run of runs) {
        const found = find.get(run);
        const error = found ? refusal(run, found) : ({ kind: 'runUnknown', run } as const);
        if (error) return fail(error);
      }
      for (const run of runs) mark.run(at, run);
      return ok(undefined);
    });
    return done.ok ? done.value : done;
  };
  const removeForGood = (run: string): Result<readonly string[], RequestError> =>
    inTransaction(context, () => {
      const candidates = blobsOf.all({ run });
      for (const clear of clears) clear.run(run);
      remove.run(run);
      const left = unneeded.all(toJson(candidates));
      dropModels.run(toJson(left));
      return left;
    });
  const shrink = (): void => {
    const pages = (name: string): number => Number(db.pragma(name, { simple: true }));
    if (pages('freelist_count') < emptyShareWorthShrinking * pages('page_count')) return;
    if (running.all().some(isOwned)) return;
    try {
      db.exec('VACUUM');
      db.pragma('wal_checkpoint(TRUNCATE)');
    } catch (error) {
      // Busy, or no room for the copy: what was to be removed is gone all the same.
      if (!fileFailure(error, context.path)) throw error;
    }
  };

  return {
    remove: (runs) =>
      markAll(runs, context.now().toISOString(), (run, found) =>
        found.owner_pid !== null && isOwned(found) ? { kind: 'runInUse', run, pid: found.owner_pid } : null,
      ),
    restore: (runs) => markAll(runs, null, () => null),
    async clean() {
      for (const run of marked.all()) {
        const left = removeForGood(run);
        if (!left.ok) return left;
        const removed = blobs.remove(left.value);
        if (!removed.ok) return removed;
        // Each run is a transaction of its own, and others have their turn in between.
        await nextTurn();
      }
      shrink();
      return ok(undefined);
    },
    count: () => counts.get() ?? { runs: 0, deletedRuns: 0 },
  };
}
