import type { RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import { inTransaction, type StoreContext } from './database.ts';

/** A model that a run started from or made. */
export interface StoredModel {
  readonly sha256: string;
  /** Its name for people. */
  readonly name: string;
  /** Where its file lay when it was last used. */
  readonly path: string;
  readonly sizeBytes: number;
  readonly parameters: number;
}

/** The models seen so far, by the sha256 of their file. */
export interface Models {
  /** Adds the model, or brings its name and path up to date. Errors: as any write of the store. */
  save(model: StoredModel): Result<void, RequestError>;
  get(sha256: string): StoredModel | undefined;
}

interface Row {
  readonly sha256: string;
  readonly name: string;
  readonly path: string;
  readonly size_bytes: number;
  readonly parameters: number;
}

/** The models of an open store. */
export function openModels(context: StoreContext): Models {
  const { db } = context;
  const upsert = db.prepare<StoredModel & { at: string }>(`
    INSERT INTO models (sha256, name, path, size_bytes, parameters, first_seen_at)
    VALUES (@sha256, @name, @path, @sizeBytes, @parameters, @at)
    ON CONFLICT (sha256) DO UPDATE SET name = excluded.name, path = excluded.path`);
  const bySha256 = db.prepare<[string], Row>('SELECT * FROM models WHERE sha256 = ?');
  return {
    save: (model) =>
      inTransaction(context, () => {
        upsert.run({ ...model, at: context.now().toISOString() });
      }),
    get: (sha256) => {
      const row = bySha256.get(sha256);
      return (
        row && {
          sha256: row.sha256,
          name: row.name,
          path: row.path,
          sizeBytes: row.size_bytes,
          parameters: row.parameters,
        }
      );
    },
  };
}
