import type { BoardChoice } from './api.ts';

/** All boards that a call is for, the first one first. */
export const boardsOfCall = ({
  board,
  boards = [],
}: {
  readonly board: BoardChoice;
  readonly boards?: readonly BoardChoice[];
}): readonly [BoardChoice, ...BoardChoice[]] => {
  const [first = board, ...others] = boards;
  return [first, ...others];
};
