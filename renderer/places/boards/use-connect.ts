import { useCallback } from 'react';
import type { BoardChoice } from '../../../electron/contract/api.ts';
import type { AppError } from '../../../electron/contract/errors.ts';
import { addressOfJob, boardChoice, identityFileOf, keepIdentityFile } from '../../client/boards.ts';
import { useAction } from '../../client/calls.ts';
import { useJobStore } from '../../client/jobs.ts';

/** Starts connect jobs. */
export interface Connecting {
  /** `acceptHostKey`: the fingerprint that a person has just agreed to. */
  connect(address: string, acceptHostKey?: string, boards?: BoardsMeant): void;
  readonly pending: boolean;
  /** Why the last job could not even be started. */
  readonly error: AppError | null;
}

/** Which board a person has just agreed to, or means. */
type BoardsMeant = Pick<BoardChoice, 'acceptBoard' | 'expectBoard'>;

/** Connects to boards with the key files that were named for them. */
export function useConnect(): Connecting {
  const store = useJobStore();
  const { mutate, isPending, error } = useAction('boards.connect', store.put);
  const connect = useCallback(
    (address: string, acceptHostKey?: string, boards: BoardsMeant = {}) =>
      mutate(
        {
          board: {
            ...boardChoice(address),
            ...(acceptHostKey === undefined ? {} : { acceptHostKey }),
            ...boards,
          },
        },
        {
          onSuccess: (job) => {
            // From now on the board is known by its address in full.
            const path = identityFileOf(address);
            if (path !== null) keepIdentityFile(addressOfJob(job), path);
          },
        },
      ),
    [mutate],
  );
  return { connect, pending: isPending, error: error?.error ?? null };
}
