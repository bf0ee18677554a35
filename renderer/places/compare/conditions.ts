import type { CompareResult } from '../../../electron/contract/api.ts';
import type { EnergyComparison } from '../../../electron/contract/energy.ts';
import type { RunDetail, RunDetails } from '../../../electron/contract/views.ts';
import { foreignText } from '../../language/foreign-text.ts';
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
    { key: 'provider', value: board.provider === undefined ? null : foreignText(board.provider) },
    ...stateConditions(details?.conditions ?? null, say, quantities),
    { key: 'pairs', value: details === null ? null : quantities.count(details.pairs) },
    {
      key: 'dropped',
      value: details?.droppedBlocks === undefined ? null : quantities.count(details.droppedBlocks),
    },
    { key: 'noiseFloor', value: share(details?.noiseFloor) },
    { key: 'energySensor', value: energyText(result.comparison.energy, say) },
    { key: 'data', value: `${data.name} (${quantities.count(data.verify)})` },
    { key: 'seed', value: String(result.seed) },
  ];
}

/** The state of the board as conditions; all unknown without one. */
function stateConditions(
  state: NonNullable<RunDetails['conditions']> | null,
  say: Say<ConditionKey>,
  quantities: Quantities,
): readonly Condition[] {
  const throttled = state?.throttled ?? null;
  return [
    { key: 'governor', value: state?.governor ? foreignText(state.governor) : null },
    { key: 'clocks', value: state?.clockMHz ? clockText(state.clockMHz, quantities) : null },
    { key: 'temperature', value: state?.temperatureC == null ? null : `${state.temperatureC.toFixed(1)} °C` },
    { key: 'throttled', value: throttled === null ? null : say(throttled ? 'yes' : 'no') },
    { key: 'load', value: state === null ? null : state.load1.toFixed(2) },
  ];
}

/** With which sensor energy was measured; null where it is not known whether it was. */
function energyText(energy: EnergyComparison | null | undefined, say: Say<ConditionKey>): string | null {
  if (energy === undefined) return null;
  if (energy === null) return say('notMeasured');
  return say(`covers.${energy.covers}`, {
    sensor: foreignText(energy.sensor),
    idle: energy.idleWatts.toFixed(2),
  });
}

/** Under which conditions a comparison of any two models measured. */
export function conditionsOfJob(
  result: CompareResult,
  say: Say<ConditionKey>,
  quantities: Quantities,
): readonly Condition[] {
  const { board, accuracy, energy, provider } = result;
  return [
    { key: 'board', value: `${board.name} (${board.id.slice(0, 8)})` },
    { key: 'cpu', value: `${board.cpu}, ${board.arch}` },
    { key: 'os', value: board.os },
    { key: 'runtime', value: `onnxruntime ${board.runtimeVersion}` },
    { key: 'threads', value: String(result.threads) },
    { key: 'level', value: result.level },
    { key: 'provider', value: provider === undefined ? null : foreignText(provider) },
    ...stateConditions(result.state ?? null, say, quantities),
    { key: 'pairs', value: quantities.count(result.pairs) },
    { key: 'dropped', value: quantities.count(result.droppedBlocks) },
    { key: 'noiseFloor', value: `±${quantities.percent(100 * result.noiseFloor)}` },
    {
      key: 'energySensor',
      value: energy?.kind === 'notMeasured' ? say(energy.reason) : energyText(energy?.energy, say),
    },
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
