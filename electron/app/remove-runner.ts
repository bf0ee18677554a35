import { join } from 'node:path';
import { openShell } from '../board/connect.ts';
import { defaultRemoteRoot } from '../board/install/ready-runner.ts';
import { findRemains, removeRunner as removeFromBoard } from '../board/install/remove.ts';
import type { Listener, RemoveRunnerCall, RunnerRemoval } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { ok, type Result } from '../contract/result.ts';
import { type AppParts, orCancelled } from './parts.ts';

/** Looks at what Fieldtune put on a board for its measurements, or deletes it; see `Api.removeRunner`. */
export async function removeRunner(
  { stateFolder, tellChange }: AppParts,
  { board: choice, onlyLook }: RemoveRunnerCall,
  listener: Listener,
): Promise<Result<RunnerRemoval, AppError>> {
  const { signal } = listener;
  const opened = await openShell(
    choice,
    {
      signal,
      confirmHostKey: (board, fingerprint) => listener.confirmHostKey(board, fingerprint),
      ask: listener.ask,
    },
    { stateFolder },
  );
  tellChange('hostKeys');
  if (!opened.ok) return orCancelled(opened, listener);
  const shell = opened.value;
  try {
    const root = choice.address === 'local' ? join(stateFolder, 'local-board') : defaultRemoteRoot;
    const found = await (onlyLook ? findRemains : removeFromBoard)(shell, root, signal);
    return found.ok
      ? ok({ ...found.value, board: shell.board, deleted: !onlyLook })
      : orCancelled(found, listener);
  } finally {
    await shell.close();
  }
}
