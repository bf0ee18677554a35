import type { RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { SessionSettings } from '../runner/protocol.ts';
import { fromJson, inTransaction, type StoreContext, toJson } from './database.ts';

/** Amounts of a program that its time depends on, by name; amounts of 0 are left out. */
export type Features = Readonly<Record<string, number>>;

/** One structure timed in place of another: which, on what kind of operators, and what it gained and cost. */
export interface Trial extends SessionSettings {
  /** sha256 of the structure of what was to be replaced, and of what was tried in its place. */
  readonly baseline: string;
  readonly structure: string;
  /** ONNX operator types of the group, in the order of the graph. */
  readonly operatorTypes: readonly string[];
  /** The kinds of its edits, each once, e.g. `depthwise 3` or `lowRank 0.25`. */
  readonly forms: readonly string[];
  readonly baselineFeatures: Features;
  readonly features: Features;
  /** Medians of one inference, microseconds. */
  readonly baselineUs: number;
  readonly latencyUs: number;
  /** Time of the baseline over its own, from interleaved blocks. */
  readonly ratio: number;
  /** Kullback-Leibler divergence of the whole model with it alone, nats; null where it was not fitted. */
  readonly damage: number | null;
}

/** A trial of an earlier run. */
export interface Experience extends Trial {
  /** `here`: on the same board with the same runtime; `otherRuntime`: the same board before or after an update. */
  readonly where: 'here' | 'otherRuntime' | 'elsewhere';
  readonly ageDays: number;
}

/** Who asks for experiences: the board with its runtime, and the run, which does not learn from itself. */
export interface ExperienceQuery {
  readonly run: string;
  readonly boardId: string;
  readonly runtimeVersion: string;
}

/** What earlier runs tried. */
export interface Experiences {
  /**
   * Keeps the trials of a run; one of the same structures takes the place of the earlier one. The run must be linked
   * to the board. Errors: those of every write of the store.
   */
  save(run: string, on: Omit<ExperienceQuery, 'run'>, trials: readonly Trial[]): Result<void, RequestError>;
  /** The newest of all other runs, those of the board first. */
  newest(query: ExperienceQuery): Experience[];
}

/** At most so many are handed out, of the board itself and of all others. */
const mostOwn = 2_000;
const mostOthers = 1_000;
const dayMs = 86_400_000;

/** The newest trials on a board, without those of one run. */
export const ownExperiences = `
  SELECT * FROM experiences INDEXED BY experiences_by_board WHERE board_id = ? AND run <> ?
  ORDER BY recorded_at DESC, rowid DESC LIMIT ${mostOwn}`;

/** The newest trials on all other boards. */
export const otherExperiences = `
  SELECT * FROM experiences INDEXED BY experiences_by_time WHERE board_id <> ? AND run <> ?
  ORDER BY recorded_at DESC, rowid DESC LIMIT ${mostOthers}`;

interface Row {
  readonly run: string;
  readonly baseline: string;
  readonly structure: string;
  readonly board_id: string;
  readonly runtime: string;
  readonly threads: number;
  readonly level: SessionSettings['level'];
  readonly operator_types: string;
  readonly forms: string;
  readonly baseline_features: string;
  readonly features: string;
  readonly baseline_us: number;
  readonly latency_us: number;
  readonly ratio: number;
  readonly damage: number | null;
  readonly recorded_at: string;
}

/** The experiences of an open store. */
export function openExperiences(context: StoreContext): Experiences {
  const { db, now } = context;
  const upsert = db.prepare<Row>(`
    INSERT OR REPLACE INTO experiences VALUES (@run, @baseline, @structure, @board_id, @runtime, @threads, @level,
      @operator_types, @forms, @baseline_features, @features, @baseline_us, @latency_us, @ratio, @damage,
      @recorded_at)`);
  const own = db.prepare<[string, string], Row>(ownExperiences);
  const others = db.prepare<[string, string], Row>(otherExperiences);
  return {
    save: (run, { boardId, runtimeVersion }, trials) =>
      inTransaction(context, () => {
        for (const trial of trials)
          upsert.run({
            run,
            baseline: trial.baseline,
            structure: trial.structure,
            board_id: boardId,
            runtime: runtimeVersion,
            threads: trial.threads,
            level: trial.level,
            operator_types: toJson(trial.operatorTypes),
            forms: toJson(trial.forms),
            baseline_features: toJson(trial.baselineFeatures),
            features: toJson(trial.features),
            baseline_us: trial.baselineUs,
            latency_us: trial.latencyUs,
            ratio: trial.ratio,
            damage: trial.damage,
            recorded_at: now().toISOString(),
          });
      }),
    newest: ({ run, boardId, runtimeVersion }) =>
      [...own.all(boardId, run), ...others.all(boardId, run)].map((row) => {
        const here = row.runtime === runtimeVersion ? 'here' : 'otherRuntime';
        return fromRow(row, row.board_id === boardId ? here : 'elsewhere', now());
      }),
  };
}

const fromRow = (row: Row, where: Experience['where'], now: Date): Experience => ({
  baseline: row.baseline,
  structure: row.structure,
  threads: row.threads,
  level: row.level,
  // All four written by `save` alone, from values of these types.
  operatorTypes: fromJson(row.operator_types) as readonly string[],
  forms: fromJson(row.forms) as readonly string[],
  baselineFeatures: fromJson(row.baseline_features) as Features,
  features: fromJson(row.features) as Features,
  baselineUs: row.baseline_us,
  latencyUs: row.latency_us,
  ratio: row.ratio,
  damage: row.damage,
  where,
  ageDays: Math.max(0, (now.getTime() - Date.parse(row.recorded_at)) / dayMs),
});
