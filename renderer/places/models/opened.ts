import { type UseQueryResult, useQuery } from '@tanstack/react-query';
import type { DataDetail, ModelDetail } from '../../../electron/contract/views.ts';
import { type CallFailure, perform, useConnection } from '../../client/calls.ts';

/** Names what is kept of an opened model; opening itself changes the lists, so this is not fetched with them. */
export const openedModelKey = (path: string | null): readonly unknown[] => ['opened-model', path];

/** A model as it was opened last; `path` null: none. */
export function useOpenedModel(path: string | null): UseQueryResult<ModelDetail, CallFailure> {
  const connection = useConnection();
  return useQuery<ModelDetail, CallFailure>({
    queryKey: openedModelKey(path),
    queryFn: () => perform(connection, 'models.open', { path: path! }),
    enabled: path !== null,
    structuralSharing: false,
  });
}

/** Data as they were opened last, checked with a model where one is given; `path` null: none. */
export function useOpenedData(
  path: string | null,
  modelPath: string | null,
): UseQueryResult<DataDetail, CallFailure> {
  const connection = useConnection();
  return useQuery<DataDetail, CallFailure>({
    queryKey: ['opened-data', path, modelPath],
    queryFn: () =>
      perform(connection, 'data.open', { path: path!, ...(modelPath !== null && { modelPath }) }),
    enabled: path !== null,
    structuralSharing: false,
  });
}
