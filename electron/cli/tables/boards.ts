import type { CompareResult } from '../../contract/api.ts';
import type { RunResult } from '../../contract/run-result.ts';
import { nameOfBoard } from '../../report/board-names.ts';
import { messageOf } from '../messages.ts';
import { oneLine } from '../one-line.ts';
import { formatLatency } from '../quantities.ts';
import { tableLines, wrapText } from './text-table.ts';
import type { View } from './view.ts';

const columns = [
  { title: 'Board', shrinkTo: 8 },
  { title: 'A', align: 'right' },
  { title: 'B', align: 'right' },
  { title: 'Speed-up', align: 'right' },
  { title: '95 %', align: 'right' },
  { title: 'Verdict' },
] as const;
const words = { faster: 'faster', slower: 'slower', inconclusive: 'inconclusive' } as const;

/** Lines with a verdict for each board of a run with several; none for a run with one. */
export function boardLines(result: RunResult, view: View): string[] {
  const { boards } = result;
  if (!boards) return [];
  const rows = boards.map((one) => {
    const { comparison, leftOut } = one;
    const verdict = comparison ? words[comparison.verdict] : 'not compared';
    return [
      oneLine(nameOfBoard(result, one)),
      ...(comparison
        ? figureCells(comparison.originalUs.p50, comparison.optimizedUs.p50, comparison)
        : ['', '', '', '']),
      leftOut === null ? verdict : 'left out',
    ];
  });
  const why = boards.flatMap((one) =>
    one.leftOut === null
      ? []
      : wrapText(
          `B is not proven on ${oneLine(nameOfBoard(result, one))}: ${oneLine(one.leftOut)}.`,
          view.width,
        ),
  );
  return ['', ...tableLines(columns, rows, view.width, view.paint), ...why, ''];
}

/** Lines with a verdict for each board of a comparison on several; none for one. */
export function comparedBoardLines(boards: CompareResult['boards'], view: View): string[] {
  if (!boards) return [];
  const rows = boards.map(({ address, comparison }) => [
    oneLine(comparison ? `${comparison.board.name} (${address})` : address),
    ...(comparison
      ? figureCells(comparison.a.latencyUs.p50, comparison.b.latencyUs.p50, comparison)
      : ['', '', '', '']),
    comparison ? words[comparison.verdict] : 'left out',
  ]);
  const why = boards.flatMap(({ error }) => (error ? wrapText(messageOf(error), view.width) : []));
  return ['', ...tableLines(columns, rows, view.width, view.paint), ...why];
}

const figureCells = (
  aUs: number,
  bUs: number,
  { speedup, speedupInterval95 }: Pick<CompareResult, 'speedup' | 'speedupInterval95'>,
): string[] => [
  formatLatency(aUs),
  formatLatency(bUs),
  `${speedup.toFixed(2)}×`,
  speedupInterval95.map((bound) => bound.toFixed(2)).join(' to '),
];
