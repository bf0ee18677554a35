import { gunzipSync, gzipSync } from 'node:zlib';
import type { RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { RunDetails } from '../contract/views.ts';
import { fromJson, inTransaction, type StoreContext, toJson } from './database.ts';

/** What runs found beyond their `result.json`. */
export interface StoredRunDetails {
  /** Keeps the details of a run, in place of earlier ones. Errors: those of every write of the store. */
  save(run: string, details: RunDetails): Result<void, RequestError>;
  get(run: string): RunDetails | undefined;
}

/** The details of runs of an open store. */
export function openRunDetails(context: StoreContext): StoredRunDetails {
  const { db } = context;
  const upsert = db.prepare<[string, Uint8Array]>('INSERT OR REPLACE INTO run_details VALUES (?, ?)');
  const byRun = db.prepare<[string], { details: Uint8Array }>(
    'SELECT details FROM run_details WHERE run = ?',
  );
  return {
    save: (run, details) =>
      inTransaction(context, () => {
        upsert.run(run, gzipSync(toJson(details)));
      }),
    get: (run) => {
      const row = byRun.get(run);
      // Written by `save` alone, from a value of this type.
      return row && (fromJson(gunzipSync(row.details).toString('utf8')) as RunDetails);
    },
  };
}
