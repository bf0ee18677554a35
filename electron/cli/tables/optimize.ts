import type { OptimizeResult } from '../../contract/api.ts';
import type { MeasuredModel, RunResult } from '../../contract/run-result.ts';
import { oneLine } from '../one-line.ts';
import {
  formatBytes,
  formatChange,
  formatCount,
  formatLatency,
  formatPercentInterval,
  formatRatioInterval,
} from '../quantities.ts';
import { boardLines } from './boards.ts';
import { effortLines } from './effort.ts';
import { energyLines, energyRows } from './energy.ts';
import { tableLines, wrapText } from './text-table.ts';
import { lossSentence, verdictSentence } from './verdict.ts';
import { fileLines, type View } from './view.ts';

const replacementsShown = 8;

type Fact = readonly [title: string, show: (model: MeasuredModel) => string];

const nameOf: Readonly<Record<string, string>> = {
  agreement: 'Agreement with A',
  cosine: 'Outputs like A’s',
};

function factsOf(result: RunResult): readonly Fact[] {
  const { metric } = result.original.accuracy;
  return [
    ['Latency p50', (model) => formatLatency(model.latencyUs.p50)],
    ['Latency p99', (model) => formatLatency(model.latencyUs.p99)],
    ['Size', (model) => formatBytes(model.sizeBytes)],
    ['Parameters', (model) => formatCount(model.parameters)],
    [
      'Peak memory',
      (model) => (model.peakMemoryBytes === null ? 'not told' : formatBytes(model.peakMemoryBytes)),
    ],
    [
      nameOf[metric] ?? `Accuracy (${metric})`,
      (model) => formatPercentInterval(model.accuracy.value, model.accuracy.interval95),
    ],
  ];
}

function replacementLines(result: RunResult, view: View): string[] {
  if (result.replacements.length === 0) return [];
  const shown = result.replacements.slice(0, replacementsShown);
  const lines = shown.flatMap((replacement) => [
    ...wrapText(headingOf(replacement), view.width, '  '),
    ...wrapText(`from  ${oneLine(replacement.from)}`, view.width, '    ').map((line) =>
      view.paint('dim', line),
    ),
    ...wrapText(`to    ${oneLine(replacement.to)}`, view.width, '    ').map((line) =>
      view.paint('dim', line),
    ),
  ]);
  const rest = result.replacements.length - shown.length;
  if (rest > 0) lines.push(view.paint('dim', `  and ${formatCount(rest)} more in the report`));
  return ['', view.paint('bold', 'Replaced'), ...lines];
}

/** Operators named in full; the others are counted. */
const operatorsNamed = 6;

function headingOf({ operators, savedUs }: RunResult['replacements'][number]): string {
  const more = operators.length - operatorsNamed;
  const named = operators.slice(0, operatorsNamed).map(oneLine).join(', ');
  const names = more > 0 ? `${named} and ${formatCount(more)} more` : named;
  return savedUs === null ? names : `${names}: saves ${formatLatency(savedUs)} by itself`;
}

/**
 * Lines that show a finished run: A beside B, the speed-up, what happened to the accuracy, the verdict and the files.
 * `maxAccuracyDrop`, percentage points, is what was asked for; null where it is not known any more.
 */
export function optimizeLines(outcome: OptimizeResult, maxAccuracyDrop: number | null, view: View): string[] {
  const { result } = outcome;
  const { comparison } = result;
  const changed = formatChange(
    comparison.accuracyChange,
    comparison.accuracyChangeInterval95,
    result.optimized.accuracy.samples,
  );
  const lines = [
    ...wrapText(
      `${oneLine(result.model.name)} on ${oneLine(result.board.name)} (${oneLine(result.board.cpu)}, ${result.board.arch})${result.boards ? ', of several boards the one where it gains least' : ''}`,
      view.width,
    ).map((line) => view.paint('bold', line)),
    '',
  ];
  if (outcome.improved) {
    lines.push(
      ...tableLines(
        [{ title: '' }, { title: 'A (original)' }, { title: 'B (optimized)' }],
        [
          ...factsOf(result).map(([title, show]) => [title, show(result.original), show(result.optimized)]),
          ...(comparison.energy === undefined ? [] : energyRows(comparison.energy)),
        ],
        view.width,
        view.paint,
      ),
      '',
      `Speed-up         ${formatRatioInterval(comparison.speedup, comparison.speedupInterval95)}`,
      `Accuracy change  ${changed}`,
      ...(comparison.energy
        ? energyLines(comparison.energy).flatMap((line) => wrapText(line, view.width))
        : []),
    );
    if (comparison.tunedOriginalAccuracy !== null) {
      lines.push(`A tuned likewise ${comparison.tunedOriginalAccuracy.toFixed(1)} %`);
    }
    lines.push(
      '',
      ...wrapText(
        verdictSentence(comparison.speedup, comparison.speedupInterval95, comparison.verdict),
        view.width,
      ).map((line) => view.paint(['bold', comparison.verdict === 'faster' ? 'green' : 'yellow'], line)),
    );
    if (maxAccuracyDrop !== null) {
      lines.push(...wrapText(lossSentence(comparison.accuracyChangeInterval95, maxAccuracyDrop), view.width));
    }
  } else {
    lines.push(
      ...tableLines(
        [{ title: '' }, { title: 'A (original)' }],
        factsOf(result).map(([title, show]) => [title, show(result.original)]),
        view.width,
        view.paint,
      ),
      '',
      ...wrapText(`No improvement found: ${oneLine(outcome.explanation)}.`, view.width).map((line) =>
        view.paint('bold', line),
      ),
    );
  }
  lines.push(...boardLines(result, view));
  const { effort } = result.search;
  if (effort) lines.push('', ...effortLines(effort).flatMap((line) => wrapText(line, view.width)), '');
  lines.push(...result.notes.flatMap((note) => wrapText(`Note: ${oneLine(note)}.`, view.width)));
  return [
    ...lines,
    ...(outcome.improved ? replacementLines(result, view) : []),
    ...fileLines(outcome.files, view),
    '',
    view.paint('dim', `Run ${outcome.run}, seed ${result.seed}`),
  ];
}
