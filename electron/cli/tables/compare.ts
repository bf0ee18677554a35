import { basename } from 'node:path';
import type { AccuracyComparison, ComparedModel, CompareResult } from '../../contract/api.ts';
import { oneLine } from '../one-line.ts';
import {
  formatBytes,
  formatChange,
  formatCount,
  formatCounted,
  formatLatency,
  formatPercent,
  formatRatioInterval,
  sessionText,
} from '../quantities.ts';
import { comparedBoardLines } from './boards.ts';
import { energyLines, energyReason, energyRows } from './energy.ts';
import { sustainedLines } from './sustained.ts';
import { tableLines, wrapText } from './text-table.ts';
import { verdictSentence } from './verdict.ts';
import type { View } from './view.ts';

type Fact = readonly [title: string, show: (model: ComparedModel) => string];

const facts: readonly Fact[] = [
  ['Latency p50', (model) => formatLatency(model.latencyUs.p50)],
  ['Latency p90', (model) => formatLatency(model.latencyUs.p90)],
  ['Latency p99', (model) => formatLatency(model.latencyUs.p99)],
  ['Size', (model) => formatBytes(model.sizeBytes)],
  ['Parameters', (model) => formatCount(model.parameters)],
];

function accuracyLines(accuracy: AccuracyComparison): string[] {
  const change = formatChange(accuracy.change, accuracy.changeInterval95, accuracy.samples);
  const p =
    accuracy.p === null
      ? ''
      : ` (McNemar p ${accuracy.p < 0.001 ? '< 0.001' : `= ${accuracy.p.toFixed(3)}`})`;
  return [
    accuracy.metric === 'top-1' ? `Accuracy change  ${change}${p}` : `Agreement with A ${change}`,
    `Outputs          cosine ${accuracy.cosine.toFixed(4)}, largest difference ${accuracy.largestDifference.toPrecision(3)}`,
  ];
}

/** Lines that show B against A: figures side by side, the ratio with its noise, and the verdict. */
export function compareLines(comparison: CompareResult, view: View): string[] {
  const { a, b, accuracy } = comparison;
  const rows = facts.map(([title, show]) => [title, show(a), show(b)]);
  if (accuracy !== null && accuracy.metric === 'top-1') {
    rows.push(['Accuracy (top-1)', formatPercent(accuracy.a), formatPercent(accuracy.b)]);
  }
  const { energy } = comparison;
  if (energy) rows.push(...energyRows(energy.kind === 'measured' ? energy.energy : null));
  const dropped =
    comparison.droppedBlocks === 0
      ? ''
      : `, ${formatCounted(comparison.droppedBlocks, 'block')} dropped as disturbed`;
  return [
    ...wrapText(
      `${oneLine(comparison.board.name)}: ${oneLine(comparison.board.cpu)}, ${comparison.board.arch}, ${sessionText(comparison)}`,
      view.width,
    ).map((line) => view.paint('bold', line)),
    '',
    ...tableLines(
      [
        { title: '' },
        { title: `A: ${oneLine(basename(a.path))}`, shrinkTo: 16 },
        { title: `B: ${oneLine(basename(b.path))}`, shrinkTo: 16 },
      ],
      rows,
      view.width,
      view.paint,
    ),
    '',
    ...(comparison.sustained
      ? [...sustainedLines(comparison.sustained, view), '']
      : [`Speed-up         ${formatRatioInterval(comparison.speedup, comparison.speedupInterval95)}`]),
    ...(accuracy === null ? [] : accuracyLines(accuracy)),
    ...(energy?.kind === 'measured'
      ? energyLines(energy.energy).flatMap((line) => wrapText(line, view.width))
      : []),
    ...(energy?.kind === 'notMeasured' ? wrapText(energyReason(energy), view.width) : []),
    view.paint(
      'dim',
      `${formatCounted(comparison.pairs, 'pair')}${dropped}; A against itself ±${formatPercent(comparison.noiseFloor * 100)}`,
    ),
    '',
    ...wrapText(
      verdictSentence(comparison.speedup, comparison.speedupInterval95, comparison.verdict),
      view.width,
    ).map((line) => view.paint(['bold', comparison.verdict === 'faster' ? 'green' : 'yellow'], line)),
    ...comparedBoardLines(comparison.boards, view),
  ];
}
