import { basename } from 'node:path';
import type { TrialCard, TrialDisagreementRow } from '../../contract/trial.ts';
import { oneLine } from '../one-line.ts';
import { formatCount, formatCounted, formatLatency, formatPercentInterval } from '../quantities.ts';
import { tableLines, wrapText } from './text-table.ts';
import type { View } from './view.ts';

const mostShown = 10;

/** Lines that show a trial: how often B agreed, both latencies, the disagreements, and where it stands. */
export function trialLines(trial: TrialCard, view: View): string[] {
  const { counts } = trial;
  const latency = [
    ['Latency p50', formatLatency(counts.a.p50Us), formatLatency(counts.b.p50Us)],
    ['Latency p90', formatLatency(counts.a.p90Us), formatLatency(counts.b.p90Us)],
    ['Latency p99', formatLatency(counts.a.p99Us), formatLatency(counts.b.p99Us)],
  ];
  const wrapped = (text: string): string[] => wrapText(text, view.width);
  return [
    ...wrapped(
      `Trial ${oneLine(trial.trial)} on ${oneLine(trial.boardName)}, inputs in ${oneLine(trial.inputs)}`,
    ).map((line) => view.paint('bold', line)),
    '',
    ...tableLines(
      [
        { title: '' },
        { title: `A: ${oneLine(basename(trial.a.path))}`, shrinkTo: 16 },
        { title: `B: ${oneLine(basename(trial.b.path))}`, shrinkTo: 16 },
      ],
      latency,
      view.width,
      view.paint,
    ),
    '',
    `${'Inputs'.padEnd(17)}${formatCount(counts.inputs)}${counts.failedB === 0 ? '' : `, B failed on ${formatCount(counts.failedB)}`}`,
    `${'Agreement'.padEnd(17)}${formatPercentInterval(trial.agreementPercent, trial.agreementInterval95)} by ${counts.by === 'outputs' ? 'the distance of the outputs (10 % of A)' : 'the largest score'}`,
    ...(counts.smallestCosine === null
      ? []
      : [
          `${'Outputs'.padEnd(17)}smallest cosine ${counts.smallestCosine.toFixed(4)}, largest difference ${counts.largestDifference?.toPrecision(3) ?? 'not finite'}`,
        ]),
    ...disagreementLines(trial, view),
    ...malformedLines(trial, view),
    ...endLines(trial, view),
    '',
    ...wrapped(stateText(trial)).map((line) => view.paint(['bold', stateColours[trial.state]], line)),
  ];
}

/** One line a trial, the newest first. */
export function trialListLines(trials: readonly TrialCard[], view: View): string[] {
  if (trials.length === 0) return ['No trials yet: begin with fieldtune trial A.onnx B.onnx --inputs FOLDER'];
  return tableLines(
    [
      { title: 'Trial' },
      { title: 'Board', shrinkTo: 8 },
      { title: 'B', shrinkTo: 8 },
      { title: 'Inputs', align: 'right' },
      { title: 'Agreement', align: 'right' },
      { title: 'State' },
    ],
    trials.map((trial) => [
      oneLine(trial.trial),
      oneLine(trial.boardName),
      oneLine(basename(trial.b.path)),
      formatCount(trial.counts.inputs),
      `${trial.agreementPercent.toFixed(1)} %`,
      trial.decision ? `${trial.state} by ${oneLine(trial.decision.by)}` : trial.state,
    ]),
    view.width,
    view.paint,
  );
}

const stateColours = { 'awaiting approval': 'yellow', approved: 'green', rejected: 'red' } as const;

function stateText({ trial, state, decision }: TrialCard): string {
  if (decision === null)
    return `Awaiting approval: fieldtune trial approve ${oneLine(trial)} --by NAME, or reject.`;
  const note = decision.note === '' ? '' : `: ${oneLine(decision.note)}`;
  return `${state === 'approved' ? 'Approved' : 'Rejected'} by ${oneLine(decision.by)} on ${oneLine(decision.at.slice(0, 10))}${note}`;
}

function disagreementLines({ counts, disagreements, folder }: TrialCard, view: View): readonly string[] {
  const count = counts.inputs - counts.agreed;
  if (count === 0) return [];
  const rest = count - Math.min(disagreements.length, mostShown);
  const kept =
    folder === ''
      ? ''
      : `; the outputs of the first ${formatCount(disagreements.length)} lie in ${oneLine(folder)} on the board`;
  return [
    '',
    view.paint('bold', formatCounted(count, 'disagreement')),
    ...tableLines(
      [{ title: 'Input', shrinkTo: 20 }, { title: 'A' }, { title: 'B' }, { title: 'Cosine', align: 'right' }],
      disagreements.slice(0, mostShown).map(disagreementRow),
      view.width,
      view.paint,
    ),
    ...wrapText(`${rest > 0 ? `and ${formatCount(rest)} more` : 'these are all'}${kept}`, view.width).map(
      (line) => view.paint('dim', line),
    ),
  ];
}

const disagreementRow = ({
  input,
  top1A,
  top1B,
  cosine,
  reason,
}: TrialDisagreementRow): readonly string[] => [
  oneLine(input),
  top1A === null ? '' : String(top1A),
  reason === null ? (top1B === null ? '' : String(top1B)) : `failed: ${oneLine(reason)}`,
  cosine.toFixed(4),
];

function malformedLines({ counts, malformed }: TrialCard, view: View): readonly string[] {
  if (counts.malformed === 0) return [];
  const rest = counts.malformed - Math.min(malformed.length, mostShown);
  return [
    '',
    view.paint('bold', `${formatCounted(counts.malformed, 'file')} could not be used`),
    ...malformed
      .slice(0, mostShown)
      .flatMap(({ file, reason }) => wrapText(`${oneLine(file)}: ${oneLine(reason)}`, view.width, '  ')),
    ...(rest > 0 ? [view.paint('dim', `  and ${formatCount(rest)} more`)] : []),
  ];
}

function endLines({ ended, reason }: TrialCard, view: View): readonly string[] {
  const texts = {
    complete: null,
    stopped: 'Stopped: this is what was run until then.',
    linkLost: `The board was lost (${oneLine(reason)}): this is what was run until then.`,
    interrupted: 'Its end was not seen: this is what was run until the last save.',
  } as const;
  const text = texts[ended];
  return text === null ? [] : ['', ...wrapText(text, view.width).map((line) => view.paint('yellow', line))];
}
