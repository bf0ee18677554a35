import type { RunSummary } from '../../electron/contract/api.ts';
import type { RunFilter } from '../../electron/contract/calls.ts';

/** Whether a run came to its end, so that there is a result to compare and to report. */
export const isFinished = ({ state }: Pick<RunSummary, 'state'>): boolean =>
  state === 'improved' || state === 'no improvement';

/** The runs that a place offers to choose from. */
export const newestRuns: RunFilter = { sort: 'startedAt', descending: true, offset: 0, limit: 200 };
