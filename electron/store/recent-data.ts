import type { RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import { inTransaction, type StoreContext } from './database.ts';

/** Data that was opened or used once. */
export interface UsedData {
  /** Absolute. */
  readonly path: string;
  readonly name: string;
  /** ISO 8601, UTC. */
  readonly lastUsedAt: string;
}

/** The data used so far, by its path. */
export interface RecentData {
  /**
   * Notes that the data is used now. A name that is not known yet, null, leaves the known one; the first time, the
   * data is called by `fallbackName`. Errors: those of every write of the store.
   */
  use(path: string, name: string | null, fallbackName: string): Result<void, RequestError>;
  /** The last used first, at most `limit`. */
  list(limit: number): UsedData[];
}

interface Row {
  readonly path: string;
  readonly name: string;
  readonly last_used_at: string;
}

/** The last used data; `?`: how many. */
export const listRecentData = 'SELECT * FROM recent_data ORDER BY last_used_at DESC LIMIT ?';

/** The recent data of an open store. */
export function openRecentData(context: StoreContext): RecentData {
  const { db } = context;
  const upsert = db.prepare<{ path: string; name: string | null; fallbackName: string; at: string }>(`
    INSERT INTO recent_data VALUES (@path, coalesce(@name, @fallbackName), @at)
    ON CONFLICT (path) DO UPDATE SET name = coalesce(@name, name), last_used_at = excluded.last_used_at`);
  const last = db.prepare<[number], Row>(listRecentData);
  return {
    use: (path, name, fallbackName) =>
      inTransaction(context, () => {
        upsert.run({ path, name, fallbackName, at: context.now().toISOString() });
      }),
    list: (limit) =>
      last.all(limit).map((row) => ({ path: row.path, name: row.name, lastUsedAt: row.last_used_at })),
  };
}
