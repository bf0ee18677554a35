import { join } from 'node:path';
import { openShell } from '../board/connect.ts';
import { defaultRemoteRoot } from '../board/install/ready-runner.ts';
import { findRemains, removeRunner as removeFromBoard } from '../board/install/remove.ts';
import type { Listener, RemoveRunnerCall, RunnerRemoval } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { contactOf } from './board-contact.ts';
import { type AppParts, orCancelled } from './parts.ts';

/**
 * Looks at what Fieldtune put on a board for its measurements, or deletes it; see `Api.removeRunner`. What a person does
 * not agree to is `cancelled`; where nothing was found, nobody is asked.
 */
export async function removeRunner(
  { stateFolder, tellChange }: AppParts,
  { board: choice, onlyLook, ask = false }: RemoveRunnerCall,
  listener: Listener,
): Promise<Result<RunnerRemoval, AppError>> {
  const { signal } = listener;
  const opened = await openShell(
    choice,
    // Told below, whoever accepted a key.
    contactOf(listener, () => {}),
    { stateFolder },
  );
  tellChange('hostKeys');
  if (!opened.ok) return orCancelled(opened, listener);
  const shell = opened.value;
  try {
    const root = choice.address === 'local' ? join(stateFolder, 'local-board') : defaultRemoteRoot;
    if (onlyLook || ask) {
      const looked = await findRemains(shell, root, signal);
      if (!looked.ok) return orCancelled(looked, listener);
      const found = { ...looked.value, board: shell.board, deleted: false };
      if (onlyLook || found.folders.length === 0) return ok(found);
      if (!(await listener.confirmRemoval?.(found))) return fail({ kind: 'cancelled' });
    }
    const removed = await removeFromBoard(shell, root, signal);
    return removed.ok
      ? ok({ ...removed.value, board: shell.board, deleted: true })
      : orCancelled(removed, listener);
  } finally {
    await shell.close();
  }
}
