import type { RunSummary } from '../contract/api.ts';
import type { BoardIdentity } from '../runner/protocol.ts';
import { fromJson } from './database.ts';
import { isAlive } from './process-identity.ts';
import type { Run } from './runs.ts';

/** A row of `selectRuns`. */
export interface RunRow {
  readonly id: string;
  readonly started_at: string;
  readonly finished_at: string | null;
  readonly state: Exclude<RunSummary['state'], 'interrupted'>;
  readonly request: string;
  readonly seed: number;
  readonly out: string;
  readonly model_sha256: string;
  readonly model_name: string;
  readonly board_address: string;
  readonly board_id: string | null;
  readonly board_name: string | null;
  readonly board_identity: string | null;
  readonly elapsed_seconds: number;
  readonly owner_pid: number | null;
  readonly owner_started: string | null;
  readonly speedup: number | null;
  readonly accuracy_change: number | null;
  readonly explanation: string | null;
  readonly result: string | null;
  readonly deleted_at: string | null;
}

/** A row of `summaryColumns`. */
export type SummaryRow = Pick<
  RunRow,
  | 'id'
  | 'started_at'
  | 'state'
  | 'out'
  | 'model_sha256'
  | 'model_name'
  | 'board_address'
  | 'board_name'
  | 'owner_pid'
  | 'owner_started'
  | 'speedup'
  | 'accuracy_change'
>;

/** What a line of the history is made of: all of it stands in the index `runs_listed`, but for the two names. */
export const summaryColumns = `runs.id, runs.started_at, runs.state, runs.out, runs.model_sha256, runs.board_address,
  runs.owner_pid, runs.owner_started, runs.speedup, runs.accuracy_change,
  models.name AS model_name, boards.name AS board_name`;

/** Runs that are not deleted, by way of their index, with their models and boards. */
export const listedRuns = `
  runs INDEXED BY runs_listed CROSS JOIN models ON models.sha256 = runs.model_sha256
  LEFT JOIN boards ON boards.id = runs.board_id`;

/** Condition: the run is one of a model whose sha256, name or path is `@model`. */
export const isOfModel =
  'runs.model_sha256 IN (SELECT sha256 FROM models WHERE sha256 = @model OR name = @model OR path = @model)';

/** The board that was met last at one of `@addresses` (a JSON array). */
export const boardsThere =
  '(SELECT board_id FROM board_ways WHERE address IN (SELECT value FROM json_each(@addresses)))';

/**
 * Condition: the run was made on the board that was met last at one of `@addresses` (a JSON array); where no board is
 * known, neither there nor of the run, that it was asked for there.
 */
export const isAtAddresses = `CASE
  WHEN runs.board_id IS NULL OR NOT EXISTS
    (SELECT 1 FROM board_ways WHERE address IN (SELECT value FROM json_each(@addresses)))
  THEN runs.board_address IN (SELECT value FROM json_each(@addresses))
  ELSE runs.board_id IN ${boardsThere}
    OR runs.id IN (SELECT run FROM further_boards WHERE board_id IN ${boardsThere}) END`;

/** Runs with the names of their model and board. */
export const selectRuns = `
  SELECT runs.*, models.name AS model_name, boards.name AS board_name
  FROM runs JOIN models ON models.sha256 = runs.model_sha256 LEFT JOIN boards ON boards.id = runs.board_id`;

/** Whether a living process works on the run. */
export const isOwned = ({ owner_pid, owner_started }: Pick<RunRow, 'owner_pid' | 'owner_started'>): boolean =>
  owner_pid !== null && isAlive({ pid: owner_pid, started: owner_started });

function stateOf(row: SummaryRow): RunSummary['state'] {
  if (row.state !== 'running') return row.state;
  return isOwned(row) ? 'running' : 'interrupted';
}

/** The run as a line of the history. */
export const summaryFromRow = (row: SummaryRow): RunSummary => ({
  run: row.id,
  startedAt: row.started_at,
  board: row.board_address,
  boardName: row.board_name ?? row.board_address,
  model: row.model_name,
  modelSha256: row.model_sha256,
  state: stateOf(row),
  speedup: row.speedup,
  accuracyChange: row.accuracy_change,
  out: row.out,
});

/** All that is stored of the run itself. */
export const runFromRow = (row: RunRow): Run => ({
  ...summaryFromRow(row),
  request: fromJson(row.request),
  seed: row.seed,
  boardId: row.board_id,
  // Written by `setBoard` alone, from a value of this type.
  boardIdentity: row.board_identity === null ? null : (fromJson(row.board_identity) as BoardIdentity),
  elapsedSeconds: row.elapsed_seconds,
  finishedAt: row.finished_at,
  explanation: row.explanation,
  result: row.result === null ? undefined : fromJson(row.result),
});
