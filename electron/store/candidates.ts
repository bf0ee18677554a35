import type { RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { RunResult } from '../contract/run-result.ts';
import { fromJson, inTransaction, type StoreContext, toJson } from './database.ts';

/** How far a candidate came: the last step of the funnel that it passed, or `duplicate` of an earlier one. */
export const candidateFates = [
  'proposed',
  'checked',
  'duplicate',
  'timed',
  'fitted',
  'spliced',
  'tuned',
  'chosen',
] as const;
export type CandidateFate = (typeof candidateFates)[number];

/** A program proposed for an operator group, with what was found out about it. */
export interface StoredCandidate {
  /** Its place in the order of proposals of the run. */
  readonly ordinal: number;
  /** The operator group's name. */
  readonly group: string;
  /** The operators it would replace. */
  readonly operators: readonly string[];
  /** As the printer shows it. */
  readonly program: string;
  /** `seed`, `mutation`, `crossover`, … with the name of the seed or rule where there is one. */
  readonly origin: string;
  /** Ordinals of the candidates it came from. */
  readonly parents: readonly number[];
  readonly fate: CandidateFate;
  /** Why it came no further; null for one that was chosen or is still on its way. */
  readonly reason: string | null;
  /** Measured on the board, microseconds. */
  readonly latencyUs: number | null;
  /** Time of what it replaces over its own. */
  readonly ratio: number | null;
  /** Relative error of the closed-form fit. */
  readonly error: number | null;
  /** KL divergence to the teacher when spliced in alone, nats. */
  readonly klNats: number | null;
  /** Its fitted parameters, in `blobs`. */
  readonly parametersSha256: string | null;
}

/** How many candidates came how far; `seconds` is not its to know. */
export type FunnelCounts = Omit<RunResult['search'], 'seconds'>;

/** The candidates of a run's search. */
export interface Candidates {
  /**
   * Keeps the candidates as they stand now, in one transaction; one of the same ordinal is overwritten, so a
   * resumed search may propose again what it proposed before. Errors: those of every write of the store.
   */
  save(run: string, candidates: readonly StoredCandidate[]): Result<void, RequestError>;
  /** In the order of proposal. */
  list(run: string): StoredCandidate[];
  funnel(run: string): FunnelCounts;
}

interface Row {
  readonly ordinal: number;
  readonly operator_group: string;
  readonly operators: string;
  readonly program: string;
  readonly origin: string;
  readonly parents: string;
  readonly fate: CandidateFate;
  readonly reason: string | null;
  readonly latency_us: number | null;
  readonly ratio: number | null;
  readonly error: number | null;
  readonly kl_nats: number | null;
  readonly parameters_sha256: string | null;
}

const fromRow = (row: Row): StoredCandidate => ({
  ordinal: row.ordinal,
  group: row.operator_group,
  // Both written by `save` alone, from values of these types.
  operators: fromJson(row.operators) as readonly string[],
  parents: fromJson(row.parents) as readonly number[],
  program: row.program,
  origin: row.origin,
  fate: row.fate,
  reason: row.reason,
  latencyUs: row.latency_us,
  ratio: row.ratio,
  error: row.error,
  klNats: row.kl_nats,
  parametersSha256: row.parameters_sha256,
});

/** The candidates of an open store. */
export function openCandidates(context: StoreContext): Candidates {
  const { db } = context;
  const upsert = db.prepare<Row & { run: string }>(`
    INSERT OR REPLACE INTO candidates VALUES (@run, @ordinal, @operator_group, @operators, @program, @origin,
      @parents, @fate, @reason, @latency_us, @ratio, @error, @kl_nats, @parameters_sha256)`);
  const byRun = db.prepare<[string], Row>('SELECT * FROM candidates WHERE run = ? ORDER BY ordinal');
  const byFate = db.prepare<[string], { fate: CandidateFate; count: number }>(
    'SELECT fate, count(*) AS count FROM candidates WHERE run = ? GROUP BY fate',
  );
  return {
    save: (run, candidates) =>
      inTransaction(context, () => {
        for (const candidate of candidates) {
          upsert.run({
            run,
            ordinal: candidate.ordinal,
            operator_group: candidate.group,
            operators: toJson(candidate.operators),
            program: candidate.program,
            origin: candidate.origin,
            parents: toJson(candidate.parents),
            fate: candidate.fate,
            reason: candidate.reason,
            latency_us: candidate.latencyUs,
            ratio: candidate.ratio,
            error: candidate.error,
            kl_nats: candidate.klNats,
            parameters_sha256: candidate.parametersSha256,
          });
        }
      }),
    list: (run) => byRun.all(run).map(fromRow),
    funnel(run) {
      const counts = new Map(byFate.all(run).map(({ fate, count }) => [fate, count]));
      // `candidateFates` is in the order of the funnel, so who came to a step came past all before it.
      const from = (first: CandidateFate): number =>
        candidateFates
          .slice(candidateFates.indexOf(first))
          .reduce((sum, fate) => sum + (counts.get(fate) ?? 0), 0);
      return {
        proposed: from('proposed'),
        checked: from('checked'),
        duplicates: counts.get('duplicate') ?? 0,
        timed: from('timed'),
        fitted: from('fitted'),
        spliced: from('spliced'),
        tuned: from('tuned'),
      };
    },
  };
}
