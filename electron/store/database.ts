import { createRequire } from 'node:module';
import type BetterSqlite3 from 'better-sqlite3';
import type { RequestError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { fileFailure } from './failure.ts';

/** An open SQLite file. */
export type Connection = BetterSqlite3.Database;

/** How long a call waits for a lock that another process holds, milliseconds. */
export const busyTimeoutMs = 5_000;

const neededNodeApi = 10;

/**
 * The SQLite library, loaded only where it can run: its native part needs Node-API 10 and takes an older
 * Node down with it.
 * Errors: storeUnreadable.
 */
export function loadSqlite(
  path: string,
  versions: { readonly node: string; readonly napi?: string } = process.versions,
): Result<typeof BetterSqlite3, RequestError> {
  if (Number(versions.napi ?? 0) < neededNodeApi) {
    const reason = `Node ${versions.node} offers Node-API ${versions.napi ?? 'none'}; the history needs ${neededNodeApi} (Node 22.14 or newer)`;
    return fail({ kind: 'storeUnreadable', path, reason });
  }
  // A static import would load the native part before the check; require knows no types.
  return ok(createRequire(import.meta.url)('better-sqlite3') as typeof BetterSqlite3);
}

/** The database with what its topics share. */
export interface StoreContext {
  readonly db: Connection;
  /** The database file. */
  readonly path: string;
  readonly now: () => Date;
}

/**
 * Runs `change` in one transaction that takes the write lock at its start, so that it waits for another
 * writer (at most the busy timeout) instead of failing half way.
 * Errors: storeBusy, diskFull, notWritable, storeUnreadable.
 */
export function inTransaction<T>(context: StoreContext, change: () => T): Result<T, RequestError> {
  try {
    return ok(context.db.transaction(change).immediate());
  } catch (error) {
    const failure = fileFailure(error, context.path);
    if (!failure) throw error;
    return fail(failure);
  }
}

/** A value as the text of a JSON column; numbers that JSON does not know become null. */
export function toJson(value: unknown): string {
  const text: string | undefined = JSON.stringify(value);
  if (text === undefined) throw new Error('A value without a JSON form cannot be stored');
  return text;
}

/** The value of a JSON column. */
export const fromJson = (text: string): unknown => JSON.parse(text);
