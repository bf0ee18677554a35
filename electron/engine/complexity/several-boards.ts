import type { OperatorRow } from '../../contract/api.ts';
import type { OperatorAnalysis } from './analyse.ts';

/** One board's analysis of a model, with its clean median latency there, microseconds. */
export interface AnalysisOnBoard {
  readonly analysis: OperatorAnalysis;
  readonly cleanUs: number;
}

/**
 * Analyses of one model on several boards as one: an operator's share is the mean of its shares, so that every board
 * weighs the same however fast it is, the shares still make up a whole, and what is slow on any board counts. Times
 * are those shares of the first board's latency. What ran together with an operator on some boards only has a row of
 * its own. The order is certain where it is certain on every board.
 */
export function combineAnalyses(boards: readonly [AnalysisOnBoard, ...AnalysisOnBoard[]]): OperatorAnalysis {
  const [lead, ...others] = boards;
  if (others.length === 0) return lead.analysis;
  const rows = boards.map(
    ({ analysis }) => new Map(analysis.operators.map((row) => [keyOf(row), row] as const)),
  );
  const mean = (values: readonly number[]): number =>
    values.reduce((sum, value) => sum + value, 0) / boards.length;
  /** A time of each board in parts of its latency, averaged, on the first board's. */
  const scaled = (time: (board: AnalysisOnBoard, index: number) => number): number =>
    lead.cleanUs * mean(boards.map((board, index) => time(board, index) / board.cleanUs));
  const first = new Map(rows.toReversed().flatMap((ofBoard) => [...ofBoard]));
  const operators = [...first].map(([key, row]): OperatorRow => {
    const own = rows.map((ofBoard) => ofBoard.get(key));
    const there = own.filter((one) => one !== undefined);
    return {
      ...row,
      share: mean(own.map((one) => one?.share ?? 0)),
      latencyUs: scaled((_, index) => own[index]?.latencyUs ?? 0),
      latencyInterval95Us: [
        scaled((_, index) => own[index]?.latencyInterval95Us[0] ?? 0),
        scaled((_, index) => own[index]?.latencyInterval95Us[1] ?? 0),
      ],
      absorbed: row.absorbed.filter((name) => there.every(({ absorbed }) => absorbed.includes(name))),
    };
  });
  return {
    operators: operators.sort((a, b) => b.latencyUs - a.latencyUs),
    unmapped: [...new Set(boards.flatMap(({ analysis }) => analysis.unmapped))],
    unexplainedUs: scaled(({ analysis }) => analysis.unexplainedUs),
    profilingOverhead: mean(boards.map(({ analysis }) => analysis.profilingOverhead)),
    rankingCertain: boards.every(({ analysis }) => analysis.rankingCertain),
  };
}

/** Layout changes that a runtime puts in bear names of its own, which may be those of a user's operators elsewhere. */
const keyOf = ({ name, type, users }: OperatorRow): string => `${users ? 'user' : type} ${name}`;
