import type { RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import { inTransaction, type StoreContext } from './database.ts';

/** Accuracy of one model on one part of the data. */
export interface StoredAccuracy {
  readonly modelSha256: string;
  /** The disjoint part of the data. */
  readonly split: 'fit' | 'select' | 'verify';
  readonly metric: string;
  /** Percent. */
  readonly value: number;
  readonly samples: number;
  /** Percent. */
  readonly interval95: readonly [number, number];
}

/** The accuracies that a run measured. */
export interface Accuracies {
  /** Keeps one, in place of an earlier one of the same model, part and metric. Errors: those of every write of the store. */
  save(run: string, accuracy: StoredAccuracy): Result<void, RequestError>;
  list(run: string): StoredAccuracy[];
}

interface Row {
  readonly model_sha256: string;
  readonly split: StoredAccuracy['split'];
  readonly metric: string;
  readonly value: number;
  readonly samples: number;
  readonly low: number;
  readonly high: number;
}

/** The accuracies of an open store. */
export function openAccuracies(context: StoreContext): Accuracies {
  const { db } = context;
  const upsert = db.prepare<Row & { run: string; at: string }>(`
    INSERT OR REPLACE INTO accuracies
    VALUES (@run, @model_sha256, @split, @metric, @value, @samples, @low, @high, @at)`);
  const byRun = db.prepare<[string], Row>(
    'SELECT * FROM accuracies WHERE run = ? ORDER BY recorded_at, rowid',
  );
  return {
    save: (run, { modelSha256, split, metric, value, samples, interval95: [low, high] }) =>
      inTransaction(context, () => {
        const at = context.now().toISOString();
        upsert.run({ run, model_sha256: modelSha256, split, metric, value, samples, low, high, at });
      }),
    list: (run) =>
      byRun.all(run).map((row) => ({
        modelSha256: row.model_sha256,
        split: row.split,
        metric: row.metric,
        value: row.value,
        samples: row.samples,
        interval95: [row.low, row.high],
      })),
  };
}
