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

/** A model that a person opened or started something with. */
export interface UsedModel extends StoredModel {
  /** ISO 8601, UTC. */
  readonly lastUsedAt: string;
}

/** The models seen so far, by the sha256 of their file. */
export interface Models {
  /**
   * Adds the model that a person uses now, or brings its name, path and last use up to date.
   * Errors: those of every write of the store.
   */
  save(model: StoredModel): Result<void, RequestError>;
  /** Adds a model that a run made; one that is there already stays as it is. Errors: those of every write of the store. */
  saveMade(model: StoredModel): Result<void, RequestError>;
  get(sha256: string): StoredModel | undefined;
  /** Those that were used, the last used first, at most `limit`; of several that lay at one path the last. */
  listUsed(limit: number): UsedModel[];
}

interface Row {
  readonly sha256: string;
  readonly name: string;
  readonly path: string;
  readonly size_bytes: number;
  readonly parameters: number;
  readonly last_used_at: string | null;
}

const fromRow = (row: Row): StoredModel => ({
  sha256: row.sha256,
  name: row.name,
  path: row.path,
  sizeBytes: row.size_bytes,
  parameters: row.parameters,
});

/** The last used models; `?`: how many. */
export const listUsedModels =
  'SELECT * FROM models WHERE last_used_at IS NOT NULL ORDER BY last_used_at DESC LIMIT ?';

/** The models of an open store. */
export function openModels(context: StoreContext): Models {
  const { db } = context;
  const upsert = db.prepare<StoredModel & { at: string }>(`
    INSERT INTO models (sha256, name, path, size_bytes, parameters, first_seen_at, last_used_at)
    VALUES (@sha256, @name, @path, @sizeBytes, @parameters, @at, @at)
    ON CONFLICT (sha256) DO UPDATE SET
      name = excluded.name, path = excluded.path, last_used_at = excluded.last_used_at`);
  const insert = db.prepare<StoredModel & { at: string }>(`
    INSERT INTO models (sha256, name, path, size_bytes, parameters, first_seen_at)
    VALUES (@sha256, @name, @path, @sizeBytes, @parameters, @at)
    ON CONFLICT (sha256) DO NOTHING`);
  const bySha256 = db.prepare<[string], Row>('SELECT * FROM models WHERE sha256 = ?');
  const used = db.prepare<[number], Row & { last_used_at: string }>(listUsedModels);
  const write = (statement: typeof upsert, model: StoredModel): Result<void, RequestError> =>
    inTransaction(context, () => {
      statement.run({ ...model, at: context.now().toISOString() });
    });
  return {
    save: (model) => write(upsert, model),
    saveMade: (model) => write(insert, model),
    get: (sha256) => {
      const row = bySha256.get(sha256);
      return row && fromRow(row);
    },
    listUsed: (limit) => {
      const paths = new Set<string>();
      return used
        .all(limit)
        .filter(({ path }) => !paths.has(path) && paths.add(path))
        .map((row) => ({ ...fromRow(row), lastUsedAt: row.last_used_at }));
    },
  };
}
