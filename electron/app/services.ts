import { join } from 'node:path';
import type { Board } from '../board/board.ts';
import { connectBoard } from '../board/connect.ts';
import type { BoardChoice, Listener } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { Store } from '../store/open-store.ts';

/** What the use cases share. */
export interface Services {
  readonly store: Store;
  readonly stateFolder: string;
  /** Folder that default output folders are made in. */
  readonly workFolder: string;
  /** The engine's entry; tests put another in its place. */
  readonly engineEntry?: string;
}

/** Connects, tells the listener, and notes the board in the history. */
export async function connect(
  services: Services,
  choice: BoardChoice,
  listener: Listener,
): Promise<Result<Board, AppError>> {
  const contact = {
    signal: listener.signal,
    confirmHostKey: listener.confirmHostKey.bind(listener),
    onInstall: (done: number, total: number) =>
      listener.onEvent({
        kind: 'progress',
        stage: 'connect',
        done,
        total,
        note: 'bytes of the runner copied to the board',
      }),
  };
  listener.onEvent({ kind: 'stageStarted', stage: 'connect' });
  const started = performance.now();
  const board = await connectBoard(choice, contact, { stateFolder: join(services.stateFolder, 'boards') });
  if (!board.ok) return board;
  const { identity, installedBytes } = board.value;
  const saved = services.store.boards.save(identity, board.value.address);
  if (!saved.ok) {
    await board.value.close();
    return saved;
  }
  listener.onEvent({ kind: 'boardConnected', identity, installedBytes });
  const summary = installedBytes > 0 ? 'runner installed' : 'runner was there';
  listener.onEvent({
    kind: 'stageFinished',
    stage: 'connect',
    seconds: (performance.now() - started) / 1000,
    summary,
  });
  return board;
}
