import type { BoardOfRun, RunResult } from '../contract/run-result.ts';

/** The boards of a run with several that were measured to the end. */
export const provenBoards = ({ boards = [] }: RunResult): readonly BoardOfRun[] =>
  boards.filter(({ leftOut }) => leftOut === null);

/** A board's name; its address as well where another has the same name, and alone where it was never met. */
export function nameOfBoard({ boards = [] }: RunResult, { address, board }: BoardOfRun): string {
  if (board === null) return address;
  const namesakes = boards.filter((other) => other.board?.name === board.name);
  return namesakes.length > 1 ? `${board.name} (${address})` : board.name;
}
