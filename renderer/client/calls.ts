import {
  type QueryClient,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import type { CallArguments, CallName, CallValues, Changed } from '../../electron/contract/calls.ts';
import type { AppError } from '../../electron/contract/errors.ts';
import type { Connection } from './connection.ts';

/** The connection of the window. */
export const ConnectionContext = createContext<Connection | null>(null);

/** The connection; only inside `App`. */
export function useConnection(): Connection {
  const connection = useContext(ConnectionContext);
  if (!connection) throw new Error('There is no connection here: render inside App.');
  return connection;
}

/** An expected failure on its way through the query library, which knows failures as thrown values. */
export class CallFailure extends Error {
  readonly error: AppError;
  constructor(error: AppError) {
    super(error.kind);
    this.error = error;
  }
}

/** Makes a call once; throws `CallFailure`. */
export async function perform<N extends CallName>(
  connection: Connection,
  name: N,
  args: CallArguments<N>,
): Promise<CallValues[N]> {
  const result = await connection.call(name, args);
  if (!result.ok) throw new CallFailure(result.error);
  return result.value;
}

/** Asks and keeps the answer until an event says that it has changed. `args` null: not yet. */
export function useCall<N extends CallName>(
  name: N,
  args: CallArguments<N> | null,
): UseQueryResult<CallValues[N], CallFailure> {
  const connection = useConnection();
  return useQuery<CallValues[N], CallFailure>({
    queryKey: [name, args],
    queryFn: () => perform(connection, name, args as CallArguments<N>),
    enabled: args !== null,
  });
}

/** A call that does something, started by `mutate`. */
export function useAction<N extends CallName>(
  name: N,
  onDone?: (value: CallValues[N]) => void,
): UseMutationResult<CallValues[N], CallFailure, CallArguments<N>> {
  const connection = useConnection();
  const client = useQueryClient();
  return useMutation<CallValues[N], CallFailure, CallArguments<N>>({
    mutationFn: (args) => perform(connection, name, args),
    onSuccess: (value) => {
      if (name === 'settings.save') client.setQueryData(['settings.get', {}], value);
      onDone?.(value);
    },
  });
}

const prefixes: { readonly [C in Changed]: readonly string[] } = {
  found: ['boards.found'],
  boards: ['boards.'],
  deployments: ['deployments.'],
  hostKeys: ['hostKeys.', 'boards.'],
  models: ['models.'],
  data: ['data.'],
  runs: ['runs.', 'storage.', 'models.profile'],
  settings: ['settings.'],
  trials: ['trials.'],
};

/** Fetches again what an event says has changed. */
export function refreshOnEvents(connection: Connection, client: QueryClient): () => void {
  return connection.onEvent((event) => {
    if (event.kind !== 'changed') return;
    void client.invalidateQueries({
      predicate: ({ queryKey }) => prefixes[event.what].some((p) => String(queryKey[0]).startsWith(p)),
    });
  });
}
