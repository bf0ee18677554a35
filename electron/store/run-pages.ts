import type { RunSummary } from '../contract/api.ts';
import { type StoreContext, toJson } from './database.ts';
import {
  isAtAddresses,
  isOfModel,
  isOwned,
  listedRuns,
  type SummaryRow,
  summaryColumns,
  summaryFromRow,
} from './run-rows.ts';

/** Which runs to list, in which order. */
export interface RunQuery {
  /** Words, each of which the model's name or path, the board's name or address, or the run's id contains. */
  readonly search?: string;
  /** Addresses of one board; a run is listed when it was made on the board that was met last at one of them. */
  readonly addresses?: readonly string[];
  /** Sha256, name or path of the model. */
  readonly model?: string;
  readonly state?: RunSummary['state'];
  /** ISO 8601, UTC, with milliseconds; both inclusive. */
  readonly since?: string;
  readonly until?: string;
  readonly sort?: RunSort;
  readonly descending?: boolean;
  readonly offset: number;
  readonly limit: number;
}
export type RunSort = 'startedAt' | 'speedup' | 'accuracyChange' | 'model' | 'board';

/** Some of the runs that a query finds, and how many it finds. */
export interface RunsFound {
  readonly total: number;
  readonly rows: readonly RunSummary[];
}

/** A query as SQL. */
export interface RunQuerySql {
  readonly rows: string;
  readonly total: string;
  readonly parameters: Readonly<Record<string, string | number>>;
}

const sortColumns: Readonly<Record<RunSort, string>> = {
  startedAt: 'runs.started_at',
  speedup: 'runs.speedup',
  accuracyChange: 'runs.accuracy_change',
  model: 'lower(models.name)',
  board: "lower(coalesce(nullif(boards.name, ''), runs.board_address))",
};

/** The SQL of a query; `aliveRuns` are those of the runs that are noted as running that really run. */
export function runQuerySql(query: RunQuery, aliveRuns: readonly string[]): RunQuerySql {
  const { search = '', addresses, model, state, since, until, sort = 'startedAt' } = query;
  const conditions = ['runs.deleted_at IS NULL'];
  const parameters: Record<string, string | number> = {};
  if (since !== undefined) {
    conditions.push('runs.started_at >= @since');
    parameters.since = since;
  }
  if (until !== undefined) {
    conditions.push('runs.started_at <= @until');
    parameters.until = until;
  }
  if (addresses !== undefined) {
    conditions.push(isAtAddresses);
    parameters.addresses = toJson(addresses);
  }
  if (model !== undefined) {
    conditions.push(isOfModel);
    parameters.model = model;
  }
  if (state === 'running' || state === 'interrupted') {
    const isAlive = 'runs.id IN (SELECT value FROM json_each(@alive))';
    conditions.push(`runs.state = 'running' AND ${state === 'running' ? isAlive : `NOT ${isAlive}`}`);
    parameters.alive = toJson(aliveRuns);
  } else if (state !== undefined) {
    conditions.push('runs.state = @state');
    parameters.state = state;
  }
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  for (const [index, word] of words.entries()) {
    conditions.push(`instr(lower(runs.id || char(10) || models.name || char(10) || models.path || char(10)
      || runs.board_address || char(10) || coalesce(boards.name, '')), @word${index}) > 0`);
    parameters[`word${index}`] = word;
  }
  const where = `WHERE ${conditions.join(' AND ')}`;
  // The newest first unless asked otherwise; runs without the figure come last whichever way it is sorted.
  const descending = query.descending ?? sort === 'startedAt';
  const column = sortColumns[sort];
  const direction = descending ? 'DESC' : 'ASC';
  const order =
    sort === 'startedAt'
      ? `${column} ${direction}, runs.id ${direction}`
      : `${column} ${direction} NULLS LAST, runs.started_at DESC, runs.id DESC`;
  // Words are looked for in every run: the rows then say how many there are, so that it is done once.
  const counted = words.length > 0 ? ', count(*) OVER () AS total' : '';
  return {
    rows: `SELECT ${summaryColumns}${counted} FROM ${listedRuns} ${where} ORDER BY ${order} LIMIT @limit OFFSET @offset`,
    // Without words to look for, the names need not be looked up to count.
    total: `SELECT count(*) FROM ${words.length > 0 ? listedRuns : 'runs INDEXED BY runs_listed'} ${where}`,
    parameters,
  };
}

/** Runs noted as running: few, so that each can be asked whether it lives. */
export const selectRunning = `
  SELECT id, owner_pid, owner_started FROM runs INDEXED BY runs_listed
  WHERE deleted_at IS NULL AND state = 'running'`;

/** The way to list runs of an open store. */
export function openRunPages({ db }: StoreContext): (query: RunQuery) => RunsFound {
  const running = db.prepare<[], Pick<SummaryRow, 'id' | 'owner_pid' | 'owner_started'>>(selectRunning);
  return (query) => {
    const asksForLife = query.state === 'running' || query.state === 'interrupted';
    const alive = asksForLife
      ? running
          .all()
          .filter(isOwned)
          .map(({ id }) => id)
      : [];
    const { rows, total, parameters } = runQuerySql(query, alive);
    const { offset, limit } = query;
    const found = db
      .prepare<unknown[], SummaryRow & { readonly total?: number }>(rows)
      .all({ ...parameters, offset, limit });
    return {
      // A page past the end has no row to say it.
      total: found[0]?.total ?? Number(db.prepare(total).pluck().get(parameters)),
      rows: found.map(summaryFromRow),
    };
  };
}
