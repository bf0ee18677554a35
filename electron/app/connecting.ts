import type { Board } from '../board/board.ts';
import type { BoardChoice, Listener } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import type { AskSignIn } from '../contract/questions.ts';
import { ok, type Result } from '../contract/result.ts';
import { contactOf } from './board-contact.ts';
import { checkBoardAt, nameOfBoard } from './known-board.ts';
import { makeLastingBoard } from './lasting-board.ts';
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

/**
 * Connects to one board within a stage of the caller's, tells about it and keeps it in the store. When the link to it
 * breaks off later, it is taken up again; see `makeLastingBoard`. Errors: as `connect`.
 */
export async function reach(
  parts: AppParts,
  choice: BoardChoice,
  listener: Listener,
): Promise<Result<Board, AppError>> {
  const { store, stateFolder, connectBoard, tellChange } = parts;
  let keepsKey = choice.acceptHostKey !== undefined;
  const ask = rememberingAnswers(listener.ask);
  const contact = contactOf({ ...listener, ask }, () => {
    keepsKey = true;
  });
  const connected = await connectBoard(choice, contact, { stateFolder });
  // An accepted key is kept before the board lets anybody in.
  if (keepsKey) {
    tellChange('hostKeys');
    tellChange('boards');
  }
  if (!connected.ok) return connected;
  const { address, installedBytes } = connected.value;
  const recognised = (board: Board): Board => ({
    ...board,
    identity: store.boards.recognise(board.identity),
  });
  const board = recognised(connected.value);
  const { identity } = board;
  const checked = checkBoardAt(store, choice, address, identity);
  const saved = checked.ok ? store.boards.save(identity, address) : checked;
  if (!saved.ok) {
    await board.close();
    return saved;
  }
  listener.onEvent({ kind: 'boardConnected', identity, installedBytes });
  if (address === 'local') return ok(board);
  const { identityFile } = choice;
  const again: BoardChoice = { address, ...(identityFile === undefined ? {} : { identityFile }) };
  return ok(
    makeLastingBoard(
      board,
      {
        signal: listener.signal,
        tell: (warning) => listener.onEvent({ kind: 'warning', warning }),
        nameOf: (met) => nameOfBoard(store.boards.get(met.identity.id), met.identity),
        async reopen(signal) {
          // A key that is not on file any more is nobody's to accept in the middle of a measurement.
          const quietly = { signal, ask, confirmHostKey: async () => false };
          const opened = await connectBoard(again, quietly, { stateFolder });
          return opened.ok ? ok(recognised(opened.value)) : opened;
        },
      },
      parts.patience,
    ),
  );
}

/**
 * Asks a person for each password and passphrase once as long as the work goes on, so that a lost link is taken up
 * again at night as well. It is kept in this process's memory alone, and an answer that was wrong is forgotten.
 */
function rememberingAnswers(ask: AskSignIn | null): AskSignIn | null {
  if (ask === null) return null;
  const known = new Map<string, readonly string[]>();
  return async (question) => {
    // What a board asks by itself may be of one use only.
    if (question.kind === 'keyboardInteractive') return ask(question);
    const { failedTries, ...asked } = question;
    const key = JSON.stringify(asked);
    const remembered = known.get(key);
    known.delete(key);
    const answers = failedTries === 0 && remembered ? remembered : await ask(question);
    if (answers !== null) known.set(key, answers);
    return answers;
  };
}
