import type { CompareResult } from '../../../electron/contract/api.ts';
import type { RunDetail } from '../../../electron/contract/views.ts';
import type { Say } from '../../language/language.ts';
import type { Quantities } from '../../language/quantities.ts';
import type { ConditionKey } from './words-runs.ts';

/** A circumstance of a measurement; `value` null: it is not known. */
export interface Condition {
  readonly key: ConditionKey;
  readonly value: string | null;
}

/** Clocks in MHz, equal ones counted: `2,400 MHz × 4`. */
export function clockText(clocks: readonly number[], quantities: Quantities): string {
  const counts = new Map<number, number>();
  for (const clock of clocks) counts.set(clock, (counts.get(clock) ?? 0) + 1);
  return [...counts]
    .sort(([a], [b]) => b - a)
    .map(([mhz, count]) => `${quantities.count(Math.round(mhz))} MHz${count > 1 ? ` × ${count}` : ''}`)
    .join(', ');
}

/** Under which conditions a run measured; empty without a result. */
export function conditionsOfRun(
  { result, details }: Pick<RunDetail, 'result' | 'details'>,
  say: Say<ConditionKey>,
  quantities: Quantities,
): readonly Condition[] {
  if (result === null) return [];
  const { board, data } = result;
  const state = details?.conditions ?? null;
  const throttled = state?.throttled ?? null;
  const share = (value: number | null | undefined): string | null =>
    value === null || value === undefined ? null : `±${quantities.percent(100 * value)}`;
  return [
    { key: 'board', value: `${board.name} (${board.id.slice(0, 8)})` },
    { key: 'cpu', value: `${board.cpu}, ${board.arch}` },
    { key: 'os', value: board.os },
    { key: 'runtime', value: `onnxruntime ${board.runtimeVersion}` },
    { key: 'threads', value: String(board.threads) },
    // Before the level was kept, everything was measured at this one.
    { key: 'level', value: board.level ?? 'all' },
    { key: 'governor', value: state?.governor ?? null },
    { key: 'clocks', value: state?.clockMHz ? clockText(state.clockMHz, quantities) : null },
    { key: 'temperature', value: state?.temperatureC == null ? null : `${state.temperatureC.toFixed(1)} °C` },
    { key: 'throttled', value: throttled === null ? null : say(throttled ? 'yes' : 'no') },
    { key: 'load', value: state === null ? null : state.load1.toFixed(2) },
    { key: 'pairs', value: details === null ? null : quantities.count(details.pairs) },
    {
      key: 'dropped',
      value: details?.droppedBlocks === undefined ? null : quantities.count(details.droppedBlocks),
    },
    { key: 'noiseFloor', value: share(details?.noiseFloor) },
    { key: 'data', value: `${data.name} (${quantities.count(data.verify)})` },
    { key: 'seed', value: String(result.seed) },
  ];
}

/** Under which conditions a comparison of any two models measured. */
export function conditionsOfJob(result: CompareResult, quantities: Quantities): readonly Condition[] {
  const { board, accuracy } = result;
  return [
    { key: 'board', value: `${board.name} (${board.id.slice(0, 8)})` },
    { key: 'cpu', value: `${board.cpu}, ${board.arch}` },
    { key: 'os', value: board.os },
    { key: 'runtime', value: `onnxruntime ${board.runtimeVersion}` },
    { key: 'threads', value: String(result.threads) },
    { key: 'level', value: result.level },
    { key: 'pairs', value: quantities.count(result.pairs) },
    { key: 'dropped', value: quantities.count(result.droppedBlocks) },
    { key: 'noiseFloor', value: `±${quantities.percent(100 * result.noiseFloor)}` },
    { key: 'samples', value: accuracy === null ? null : quantities.count(accuracy.samples) },
  ];
}

/** What makes two measurements incomparable when it differs. */
const decisive: ReadonlySet<ConditionKey> = new Set([
  'board',
  'os',
  'runtime',
  'threads',
  'level',
  'governor',
]);

/** The decisive conditions that are not the same in two measurements; an unknown one is no difference. */
export function decisiveDifferences(
  a: readonly Condition[],
  b: readonly Condition[],
): readonly ConditionKey[] {
  return a
    .filter(({ key, value }) => {
      const other = b.find((condition) => condition.key === key)?.value ?? null;
      return decisive.has(key) && value !== null && other !== null && value !== other;
    })
    .map(({ key }) => key);
}
