import type { RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import { type Blobs, sha256Of } from './blobs.ts';
import { fromJson, inTransaction, type StoreContext, toJson } from './database.ts';

/** What kinds of finished work are remembered. */
export const measurementKinds = [
  'time',
  'profile',
  'peakMemory',
  'run',
  'fit',
  'splice',
  'tune',
  'accuracy',
  'comparison',
  'checkpoint',
  'experience',
] as const;
export type MeasurementKind = (typeof measurementKinds)[number];

/** One piece of finished work of a run. */
export interface Measurement {
  /** Grows with every measurement of the whole store and is never given twice. */
  readonly sequence: number;
  readonly run: string;
  /** `measurementKey` of the request. */
  readonly key: string;
  readonly kind: MeasurementKind;
  readonly value: unknown;
  /** Bytes that belong to it, in `blobs`. */
  readonly blobSha256: string | null;
  /** ISO 8601, UTC. */
  readonly recordedAt: string;
}

/** The memo of finished work: what a run measured once is recalled, never measured again. */
export interface Measurements {
  /** The value recorded under `key`, as it comes back from JSON; undefined when this work is still to do. */
  recall(run: string, key: string): unknown;
  /** The whole row of `recall`. */
  find(run: string, key: string): Measurement | undefined;
  /**
   * Records finished work; once it returns `ok`, the row survives a kill and a power cut. A second record
   * under one key, or a blob that was never put, is a bug and throws.
   * Returns its sequence number.
   * Errors: storeBusy, diskFull, notWritable, storeUnreadable.
   */
  record(
    run: string,
    key: string,
    kind: MeasurementKind,
    value: unknown,
    blobSha256?: string,
  ): Result<number, RequestError>;
  /** All of a run, in the order of their acknowledgement. */
  list(run: string): Measurement[];
}

/**
 * The key of a request: sha256 of its kind and its canonical JSON (properties sorted by name). The request
 * must be plain data without NaN, infinities or undefined; anything else is a bug and throws.
 */
export const measurementKey = (kind: MeasurementKind, request: unknown): string =>
  sha256Of(`${kind}\n${canonicalJson(request)}`);

function canonicalJson(value: unknown): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (typeof value === 'number' && Number.isFinite(value)) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    const members = Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, member]) => `${JSON.stringify(name)}:${canonicalJson(member)}`);
    return `{${members.join(',')}}`;
  }
  throw new Error(`A request must be plain data, not ${String(value)}`);
}

interface Row {
  readonly sequence: number;
  readonly run: string;
  readonly key: string;
  readonly kind: MeasurementKind;
  readonly value: string;
  readonly blob_sha256: string | null;
  readonly recorded_at: string;
}

const fromRow = (row: Row): Measurement => ({
  sequence: row.sequence,
  run: row.run,
  key: row.key,
  kind: row.kind,
  value: fromJson(row.value),
  blobSha256: row.blob_sha256,
  recordedAt: row.recorded_at,
});

/** The measurements of an open store. */
export function openMeasurements(context: StoreContext, blobs: Blobs): Measurements {
  const { db } = context;
  const byKey = db.prepare<[string, string], Row>('SELECT * FROM measurements WHERE run = ? AND key = ?');
  const byRun = db.prepare<[string], Row>('SELECT * FROM measurements WHERE run = ? ORDER BY sequence');
  const insert = db.prepare<[string, string, string, string, string | null, string]>(
    'INSERT INTO measurements (run, key, kind, value, blob_sha256, recorded_at) VALUES (?, ?, ?, ?, ?, ?)',
  );
  const find = (run: string, key: string): Measurement | undefined => {
    const row = byKey.get(run, key);
    return row && fromRow(row);
  };
  return {
    find,
    recall: (run, key) => find(run, key)?.value,
    record(run, key, kind, value, blobSha256) {
      if (blobSha256 !== undefined && !blobs.has(blobSha256)) throw new Error(`No blob ${blobSha256}`);
      return inTransaction(context, () => {
        const at = context.now().toISOString();
        return Number(insert.run(run, key, kind, toJson(value), blobSha256 ?? null, at).lastInsertRowid);
      });
    },
    list: (run) => byRun.all(run).map(fromRow),
  };
}
