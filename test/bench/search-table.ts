import type { AccuracyComparison } from '../../electron/contract/api.ts';
import type { MeasuredModel, RunResult } from '../../electron/contract/run-result.ts';
import type { TimedSettings } from './best-settings.ts';
import { markdownTable } from './figures.ts';
import type { Fidelity } from './output-fidelity.ts';
import type { SubjectFigures, SubjectReport } from './search.ts';
import { nameOfRun, type SearchRun, worstOf } from './search-run.ts';

const columns = [
  'Model',
  'What',
  'Latency, ms',
  'Ratio',
  'Ratio beside the rivals',
  'Accuracy, %',
  'Change, points',
  'Outputs on verify',
  'Size, kB',
  'Peak memory, MB',
  'Wall time, s',
  'Proposed → checked (duplicates) → timed → fitted → spliced → tuned',
] as const;
type Column = (typeof columns)[number];
type Row = Partial<Record<Column, string>>;

/** The whole table in Markdown, the worst seed of each search first. */
export function tableOf(reports: readonly SubjectReport[]): string {
  const rows = reports.flatMap((report): Row[] =>
    report.kind === 'measured'
      ? rowsOf(report.figures)
      : [{ Model: report.name, What: `failed: ${report.reason}` }],
  );
  return markdownTable(
    columns,
    rows.map((row) => columns.map((column) => row[column] ?? '')),
  );
}

function rowsOf(figures: SubjectFigures): Row[] {
  const byStrategy = (strategy: SearchRun['strategy']) =>
    figures.runs.filter((run) => run.strategy === strategy);
  const evolution = byStrategy('evolution');
  const known = evolution.find(({ result }) => result !== null)?.result ?? null;
  return [
    originalRow(figures, known),
    ...searchRows(figures, evolution),
    settingsRow(figures.settings),
    ...tunedRows(evolution),
    ...figures.made.map((made) => ({
      What: made.name,
      ...timedCells(figures, made.name),
      ...accuracyCells(made.accuracy),
      'Outputs on verify': fidelityText(made.fidelity),
      'Size, kB': kilobytes(made.sizeBytes),
    })),
    ...searchRows(figures, byStrategy('random')),
  ];
}

function originalRow({ name, timed }: SubjectFigures, result: RunResult | null): Row {
  return {
    Model: name,
    What: `A (against itself ±${(100 * timed.noiseFloor).toFixed(1)} %)`,
    'Latency, ms': milliseconds(timed.latencyUs),
    Ratio: '1',
    'Accuracy, %': result ? accuracyText(result.original) : '',
    'Size, kB': result ? kilobytes(result.original.sizeBytes) : '',
    'Peak memory, MB': megabytes(timed.peakMemoryBytes),
  };
}

/** The worst of the seeds as the figure; where there are several, each below it. */
function searchRows(figures: SubjectFigures, runs: readonly SearchRun[]): Row[] {
  if (runs.length === 0) return [];
  const worst = worstOf(runs);
  const strategy = worst.strategy === 'evolution' ? 'B' : 'B by random search';
  if (runs.length === 1) return [runRow(figures, worst, `**${strategy}**, seed ${worst.seed}`)];
  return [
    runRow(figures, worst, `**${strategy}, worst of ${runs.length} seeds** (${worst.seed})`),
    ...runs.map((run) => runRow(figures, run, `${strategy}, seed ${run.seed}`)),
  ];
}

function runRow(figures: SubjectFigures, run: SearchRun, what: string): Row {
  const { result } = run;
  if (!result) return { What: what, Ratio: `failed: ${run.failure}`, 'Wall time, s': run.seconds.toFixed(0) };
  const { comparison: c, optimized: b, search } = result;
  const isUnchanged = run.explanation !== '';
  return {
    What: isUnchanged ? `${what}: nothing found (${run.explanation})` : what,
    'Latency, ms': milliseconds(b.latencyUs.p50),
    Ratio: isUnchanged ? '1' : ratioText(c.speedup, c.speedupInterval95, c.verdict),
    'Ratio beside the rivals': timedCells(figures, nameOfRun(run))['Ratio beside the rivals'] ?? '',
    'Accuracy, %': accuracyText(b),
    'Change, points': changeText(c.accuracyChange, c.accuracyChangeInterval95),
    'Outputs on verify': fidelityText(figures.fidelities[figures.runs.indexOf(run)] ?? null),
    'Size, kB': kilobytes(b.sizeBytes),
    'Peak memory, MB': megabytes(b.peakMemoryBytes),
    'Wall time, s': run.seconds.toFixed(0),
    'Proposed → checked (duplicates) → timed → fitted → spliced → tuned': `${search.proposed} → ${search.checked} (${search.duplicates}) → ${search.timed} → ${search.fitted} → ${search.spliced} → ${search.tuned}`,
  };
}

function settingsRow([best]: readonly TimedSettings[]): Row {
  if (!best) return {};
  const { threads, level } = best.settings;
  return {
    What: `A at its best settings: ${threads} ${threads === 1 ? 'thread' : 'threads'}, level ${level}`,
    'Latency, ms': milliseconds(best.latencyUs),
    'Ratio beside the rivals': ratioText(best.ratio, best.interval95),
    'Change, points': '0',
  };
}

/** A after the fine-tuning that B got: its latency is A's. */
function tunedRows(runs: readonly SearchRun[]): Row[] {
  const tuned = runs.flatMap(({ seed, result }) => {
    const percent = result?.comparison.tunedOriginalAccuracy ?? null;
    return percent === null || !result ? [] : [{ seed, percent, original: result.original.accuracy.value }];
  });
  if (tuned.length === 0) return [];
  return [
    {
      What: 'A tuned the same way',
      Ratio: '1',
      'Accuracy, %': tuned.map(({ seed, percent }) => `${percent.toFixed(2)} (seed ${seed})`).join(', '),
      'Change, points': tuned.map(({ percent, original }) => signed(percent - original)).join(', '),
    },
  ];
}

function timedCells({ timed }: SubjectFigures, name: string): Row {
  const failed = timed.failed.find((one) => one.name === name);
  if (failed) return { 'Ratio beside the rivals': `failed: ${failed.reason}` };
  const found = timed.rivals.find((one) => one.name === name);
  if (!found) return {};
  return {
    'Latency, ms': milliseconds(found.latencyUs),
    'Ratio beside the rivals': ratioText(found.ratio, found.interval95, found.verdict),
    'Peak memory, MB': megabytes(found.peakMemoryBytes),
  };
}

const accuracyCells = ({ metric, b, change, changeInterval95 }: AccuracyComparison): Row => ({
  'Accuracy, %': `${b.toFixed(2)}${metric === 'agreement' ? ' agreement' : ''}`,
  'Change, points': changeText(change, changeInterval95),
});

const accuracyText = ({ accuracy }: MeasuredModel): string =>
  `${accuracy.value.toFixed(2)}${accuracy.metric === 'agreement' ? ' agreement' : ''}`;

function fidelityText(fidelity: Fidelity | null): string {
  if (!fidelity) return '';
  const cosines = fidelity.outputs.map(
    ({ name, meanCosine, lowestCosine }) =>
      `${name}: cosine ${meanCosine.toFixed(4)}, lowest ${lowestCosine.toFixed(4)}`,
  );
  const { boxes } = fidelity;
  if (!boxes || boxes.percent === null) return cosines.join('; ');
  return [
    ...cosines,
    `boxes matched ${boxes.percent.toFixed(1)} % (${boxes.matched} of ${boxes.ofA}; B has ${boxes.ofB})`,
  ].join('; ');
}

const ratioText = (ratio: number, interval: readonly [number, number], verdict?: string): string =>
  `${ratio.toFixed(2)} [${interval.map((bound) => bound.toFixed(2)).join(', ')}]${verdict === undefined ? '' : ` ${verdict}`}`;

const signed = (value: number): string => `${value >= 0 ? '+' : '−'}${Math.abs(value).toFixed(2)}`;

const changeText = (change: number, interval: readonly [number, number]): string =>
  `${signed(change)} [${interval.map(signed).join(', ')}]`;

const milliseconds = (us: number): string => (us / 1000).toPrecision(3);
const kilobytes = (bytes: number): string => (bytes / 1000).toFixed(1);
const megabytes = (bytes: number | null): string => (bytes === null ? '' : (bytes / 1e6).toFixed(1));
