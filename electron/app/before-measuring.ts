import type { Board } from '../board/board.ts';
import type { Listener } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { ok, type Result } from '../contract/result.ts';
import type { BoardState } from '../contract/views.ts';
import type { BoardInventory } from '../runner/board-reading.ts';
import { boardState } from './board-concerns.ts';

/** A board as it was before something was measured there. */
export interface BoardBefore {
  readonly inventory: BoardInventory;
  readonly state: BoardState;
}

/**
 * Reads a board before something is measured there, and warns of what would spoil it; `named`: with the board's name,
 * as there are several. Errors: those of the board.
 */
export async function readBeforeMeasuring(
  board: Board,
  listener: Listener,
  named = false,
): Promise<Result<BoardBefore, AppError>> {
  const inventory = await board.inventory(listener.signal);
  if (!inventory.ok) return inventory;
  const reading = await board.reading(listener.signal);
  if (!reading.ok) return reading;
  const state = boardState(reading.value, board.identity.cores);
  const of = named ? { board: board.identity.name } : {};
  for (const concern of state.concerns)
    listener.onEvent({ kind: 'warning', warning: { kind: 'boardConcern', concern, ...of } });
  return ok({ inventory: inventory.value, state });
}

/**
 * Reads all boards of a run. Of several, one that cannot be read is left out here: whether the run goes on without it
 * shows when it is measured. Errors: those of the only board, cancelled.
 */
export async function readBoardsBefore(
  boards: readonly Board[],
  listener: Listener,
): Promise<Result<ReadonlyMap<Board, BoardBefore>, AppError>> {
  const several = boards.length > 1;
  const read = await Promise.all(
    boards.map(async (board) => [board, await readBeforeMeasuring(board, listener, several)] as const),
  );
  const known = new Map<Board, BoardBefore>();
  for (const [board, before] of read) {
    if (before.ok) known.set(board, before.value);
    else if (!several || before.error.kind === 'cancelled') return before;
  }
  return ok(known);
}
