import type { OperatorRow } from '../contract/api.ts';
import type { RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import { fromJson, inTransaction, type StoreContext, toJson } from './database.ts';

/** The profiles of a run, a row an operator. */
export interface Operators {
  /** Keeps the profile of one model, in the order given, in place of an earlier one. */
  save(run: string, modelSha256: string, rows: readonly OperatorRow[]): Result<void, RequestError>;
  list(run: string, modelSha256: string): OperatorRow[];
}

interface Row {
  readonly name: string;
  readonly type: string;
  readonly share: number;
  readonly latency_us: number;
  readonly latency_low_us: number;
  readonly latency_high_us: number;
  readonly parameters: number;
  readonly multiply_adds: number | null;
  readonly output_bytes: number;
  readonly absorbed: string;
  readonly users: number;
}

const fromRow = (row: Row): OperatorRow => ({
  name: row.name,
  type: row.type,
  share: row.share,
  latencyUs: row.latency_us,
  latencyInterval95Us: [row.latency_low_us, row.latency_high_us],
  parameters: row.parameters,
  multiplyAdds: row.multiply_adds,
  outputBytes: row.output_bytes,
  // Written by `save` alone, from a value of this type.
  absorbed: fromJson(row.absorbed) as readonly string[],
  users: row.users === 1,
});

/** The operators of an open store. */
export function openOperators(context: StoreContext): Operators {
  const { db } = context;
  const clear = db.prepare<[string, string]>('DELETE FROM operators WHERE run = ? AND model_sha256 = ?');
  const insert = db.prepare<Row & { run: string; modelSha256: string; ordinal: number }>(`
    INSERT INTO operators VALUES (@run, @modelSha256, @ordinal, @name, @type, @share, @latency_us,
      @latency_low_us, @latency_high_us, @parameters, @multiply_adds, @output_bytes, @absorbed, @users)`);
  const byModel = db.prepare<[string, string], Row>(
    'SELECT * FROM operators WHERE run = ? AND model_sha256 = ? ORDER BY ordinal',
  );
  return {
    save: (run, modelSha256, rows) =>
      inTransaction(context, () => {
        clear.run(run, modelSha256);
        rows.forEach((row, ordinal) => {
          insert.run({
            run,
            modelSha256,
            ordinal,
            name: row.name,
            type: row.type,
            share: row.share,
            latency_us: row.latencyUs,
            latency_low_us: row.latencyInterval95Us[0],
            latency_high_us: row.latencyInterval95Us[1],
            parameters: row.parameters,
            multiply_adds: row.multiplyAdds,
            output_bytes: row.outputBytes,
            absorbed: toJson(row.absorbed),
            users: row.users ? 1 : 0,
          });
        });
      }),
    list: (run, modelSha256) => byModel.all(run, modelSha256).map(fromRow),
  };
}
