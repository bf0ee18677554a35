import { useEffect, useRef } from 'react';
import type { AppError } from '../../../electron/contract/errors.ts';
import type { BoardSearch } from '../../../electron/contract/found-boards.ts';
import { useAction, useCall } from '../../client/calls.ts';

/** The search for boards as it stands. */
export interface Searching {
  /** Undefined until it is known. */
  readonly search: BoardSearch | undefined;
  readonly looking: boolean;
  /** Why no search could be begun. */
  readonly error: AppError | null;
  look(): void;
}

/** After this time boards have come and gone. */
const staleMs = 5 * 60_000;

/** Follows the search for boards, and begins one where none was made of late. */
export function useSearch(): Searching {
  const search = useCall('boards.found', {}).data;
  const { mutate, isPending, error } = useAction('boards.discover');
  const began = useRef(false);
  useEffect(() => {
    if (search === undefined || began.current) return;
    began.current = true;
    const isFresh = search.finishedAt !== null && Date.now() - Date.parse(search.finishedAt) < staleMs;
    if (search.state !== 'looking' && !isFresh) mutate({});
  }, [search, mutate]);
  return {
    search,
    looking: isPending || search?.state === 'looking',
    error: error?.error ?? null,
    look: () => mutate({}),
  };
}
