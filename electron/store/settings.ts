import type { RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import { fromJson, inTransaction, type StoreContext, toJson } from './database.ts';

/** What a person set, by name; what each value may be is for the reader to check. */
export interface StoredSettings {
  get(): Readonly<Record<string, unknown>>;
  /** Sets these, and leaves others as they are. Errors: those of every write of the store. */
  save(values: Readonly<Record<string, unknown>>): Result<void, RequestError>;
}

/** The settings of an open store. */
export function openSettings(context: StoreContext): StoredSettings {
  const { db } = context;
  const all = db.prepare<[], { key: string; value: string }>('SELECT key, value FROM settings');
  const upsert = db.prepare<[string, string]>(
    'INSERT INTO settings VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET value = excluded.value',
  );
  return {
    get: () => Object.fromEntries(all.all().map(({ key, value }) => [key, fromJson(value)])),
    save: (values) =>
      inTransaction(context, () => {
        for (const [key, value] of Object.entries(values)) upsert.run(key, toJson(value));
      }),
  };
}
