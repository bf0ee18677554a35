import type { CallArguments, CallResult, QueryName } from '../../contract/calls.ts';
import type { AppParts } from '../parts.ts';

/** One function a query; `signal` is aborted when the app closes. */
export type QueryTable = {
  readonly [N in QueryName]: (
    parts: AppParts,
    args: CallArguments<N>,
    signal: AbortSignal,
  ) => CallResult<N> | Promise<CallResult<N>>;
};

/** The queries of one subject, whose names begin with it. */
export type QueriesOf<S extends string> = Pick<QueryTable, Extract<QueryName, `${S}.${string}`>>;
