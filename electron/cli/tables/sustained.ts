import type { FromTo, SpeedOver, SustainedModel, SustainedResult } from '../../contract/sustained.ts';
import { oneLine } from '../one-line.ts';
import { formatBytes, formatCount, formatPercent, formatRatioInterval, formatSigned } from '../quantities.ts';
import { tableLines, wrapText } from './text-table.ts';
import type { View } from './view.ts';

const steps = '▁▂▃▄▅▆▇█';
const mostSteps = 60;

/** Lines that show how a comparison went over its minutes: parts, drift, heat, memory and the ratio over time. */
export function sustainedLines(result: SustainedResult, view: View): string[] {
  const parts: readonly (readonly [string, SpeedOver | null])[] = [
    ['Whole', result.whole],
    ['First', result.first],
    ['Last third', result.lastThird],
  ];
  const rows = parts.flatMap(([name, part]) => (part ? [partRow(name, part)] : []));
  const { memory, throttledShare } = result;
  const facts: readonly (readonly [string, string])[] = [
    ['Ranking', rankings[result.ranking]],
    ['Drift of A', driftText(result.a)],
    ['Drift of B', driftText(result.b)],
    ['Calls', `A ${formatCount(result.a.calls)}, B ${formatCount(result.b.calls)}`],
    ['Temperature', fromToText(result.temperatureC, 0, '°C')],
    ['Clock', fromToText(result.clockMHz, 0, 'MHz')],
    [
      'Throttled',
      throttledShare === null
        ? 'not told by the board'
        : `${formatPercent(100 * throttledShare)} of the blocks`,
    ],
    [
      'Runner memory',
      memory
        ? `${formatBytes(memory.fromBytes)} → ${formatBytes(memory.toBytes)} (${formatSigned(memory.changePercent)} %), ${memories[memory.verdict]}`
        : 'too short to tell',
    ],
  ];
  const ratios = sparkline(result.points.map(({ speedup }) => speedup));
  return [
    ...tableLines(
      [
        { title: '' },
        { title: 'Minutes', align: 'right' },
        { title: 'Speed-up' },
        { title: 'Verdict' },
        { title: 'A against itself', align: 'right' },
      ],
      rows,
      view.width,
      view.paint,
    ),
    '',
    ...facts.map(([name, text]) => `${name.padEnd(17)}${text}`),
    ...(ratios === null ? [] : [`${'Speed-up, time →'.padEnd(17)}${ratios}`]),
    ...endLines(result, view),
  ];
}

/** Values as a row of bars between their ends, e.g. `▁▃█ 1.02 to 1.31`; null for fewer than two. */
export function sparkline(values: readonly number[]): string | null {
  if (values.length < 2) return null;
  const count = Math.min(values.length, mostSteps);
  const groups = Array.from({ length: count }, (_, i) => {
    const group = values.slice(
      Math.floor((i * values.length) / count),
      Math.floor(((i + 1) * values.length) / count),
    );
    return group.reduce((sum, value) => sum + value, 0) / group.length;
  });
  const [low, high] = [Math.min(...groups), Math.max(...groups)];
  const bars = groups.map((value) => {
    const part = high > low ? (value - low) / (high - low) : 0.5;
    return steps[Math.min(Math.floor(part * steps.length), steps.length - 1)];
  });
  return `${bars.join('')} ${low.toFixed(2)} to ${high.toFixed(2)}`;
}

const rankings = {
  kept: 'the last third says what the first minutes said',
  turned: 'TURNED: the last third says the opposite of the first minutes',
  unclear: 'unclear: the first minutes or the last third alone are inconclusive',
} as const;

const memories = {
  flat: 'flat within 5 %',
  grew: 'GREW: a leak, or not settled yet; measure longer',
  shrank: 'shrank',
} as const;

const partRow = (name: string, part: SpeedOver): readonly string[] => [
  name,
  `${part.fromMinute.toFixed(1)}–${part.toMinute.toFixed(1)}`,
  formatRatioInterval(part.speedup, part.interval95),
  part.verdict,
  `±${formatPercent(100 * part.noiseFloor)}`,
];

function driftText({ driftPercentPerMinute: drift }: SustainedModel): string {
  if (drift === null) return 'too short to tell';
  const [low, high] = drift.interval95.map(signedHundredths);
  return `${signedHundredths(drift.slope)} % a minute [${low}, ${high}]`;
}

function signedHundredths(value: number): string {
  const text = Math.abs(value).toFixed(2);
  if (Number(text) === 0) return text;
  return `${value < 0 ? '−' : '+'}${text}`;
}

function fromToText(span: FromTo | null, digits: number, unit: string): string {
  if (span === null) return 'not told by the board';
  const [from, to, lowest, highest] = [span.from, span.to, span.lowest, span.highest].map((value) =>
    value.toFixed(digits),
  );
  return `${from} → ${to} ${unit} (${lowest} to ${highest})`;
}

function endLines({ ended, minutes, minutesAsked, reason }: SustainedResult, view: View): readonly string[] {
  if (ended === 'complete') return [];
  const span = `${minutes.toFixed(1)} of ${formatCount(minutesAsked)} minutes`;
  const text =
    ended === 'stopped'
      ? `Stopped after ${span}: this is what was measured until then.`
      : `The board was lost after ${span} (${oneLine(reason)}): this is what was measured until then.`;
  return ['', ...wrapText(text, view.width).map((line) => view.paint('yellow', line))];
}
