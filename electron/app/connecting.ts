import type { Board } from '../board/board.ts';
import type { BoardChoice, Listener } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { ok, type Result } from '../contract/result.ts';
import { tellInstallation } from './install-progress.ts';
import { checkBoardAt } from './known-board.ts';
import type { AppParts } from './parts.ts';

/** Connects as the stage `connect`, tells about it and keeps the board in the store. Errors: those of `connectBoard`, of `checkBoardAt` and of a write of the store. */
export async function connect(
  parts: AppParts,
  choice: BoardChoice,
  listener: Listener,
): Promise<Result<Board, AppError>> {
  const started = performance.now();
  listener.onEvent({ kind: 'stageStarted', stage: 'connect' });
  const reached = await reach(parts, choice, listener);
  if (!reached.ok) return reached;
  const { identity } = reached.value;
  listener.onEvent({
    kind: 'stageFinished',
    stage: 'connect',
    seconds: (performance.now() - started) / 1000,
    summary: { kind: 'connected', runtimeVersion: identity.runtimeVersion, board: identity.name },
  });
  return reached;
}

/** Connects to one board within a stage of the caller's, tells about it and keeps it in the store. Errors: as `connect`. */
export async function reach(
  { store, stateFolder, connectBoard, tellChange }: AppParts,
  choice: BoardChoice,
  listener: Listener,
): Promise<Result<Board, AppError>> {
  let keepsKey = choice.acceptHostKey !== undefined;
  const contact = {
    signal: listener.signal,
    confirmHostKey: async (board: string, fingerprint: string) => {
      const accepted = await listener.confirmHostKey(board, fingerprint);
      keepsKey ||= accepted;
      return accepted;
    },
    ...tellInstallation(listener.onEvent),
  };
  const connected = await connectBoard(choice, contact, { stateFolder });
  // An accepted key is kept before the board lets anybody in.
  if (keepsKey) {
    tellChange('hostKeys');
    tellChange('boards');
  }
  if (!connected.ok) return connected;
  const board = connected.value;
  const { installedBytes } = board;
  const identity = store.boards.recognise(board.identity);
  const checked = checkBoardAt(store, choice, board.address, identity);
  const saved = checked.ok ? store.boards.save(identity, board.address) : checked;
  if (!saved.ok) {
    await board.close();
    return saved;
  }
  listener.onEvent({ kind: 'boardConnected', identity, installedBytes });
  return ok({ ...board, identity });
}
