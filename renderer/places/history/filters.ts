import type { RunSummary } from '../../../electron/contract/api.ts';
import type { RunFilter } from '../../../electron/contract/calls.ts';

/** What a person filters the history by; empty strings filter nothing. */
export interface Filters {
  readonly search: string;
  readonly board: string;
  readonly model: string;
  readonly state: RunSummary['state'] | '';
  /** Local dates, `YYYY-MM-DD`. */
  readonly since: string;
  readonly until: string;
}

/** Order of the rows. */
export interface Order {
  readonly key: NonNullable<RunFilter['sort']>;
  readonly descending: boolean;
}

/** Everything is listed. */
export const noFilters: Filters = { search: '', board: '', model: '', state: '', since: '', until: '' };

/** Whether nothing is filtered. */
export const isUnfiltered = (filters: Filters): boolean =>
  Object.values(filters).every((value) => value === '');

/** Rows of one page. */
export const pageSize = 25;

/** The filter of the call for one page, days whole in the time zone of the person. */
export function runFilterOf(filters: Filters, order: Order, page: number): RunFilter {
  const { search, board, model, state, since, until } = filters;
  return {
    ...(search.trim() !== '' && { search: search.trim() }),
    ...(board !== '' && { board }),
    ...(model !== '' && { model }),
    ...(state !== '' && { state }),
    ...(since !== '' && { since: new Date(`${since}T00:00:00`).toISOString() }),
    ...(until !== '' && { until: new Date(`${until}T23:59:59.999`).toISOString() }),
    sort: order.key,
    descending: order.descending,
    offset: page * pageSize,
    limit: pageSize,
  };
}
