import type {
  FromTo,
  RunnerMemory,
  SpeedOver,
  SustainedPoint,
  SustainedResult,
} from '../../contract/sustained.ts';
import type { CallFigures, SustainedBlock, SustainPart } from '../../runner/protocol.ts';
import { correlatedMean, correlatedTrend, neededValues } from './batches.ts';
import { quantiles, verdictOf } from './ratio.ts';

/** Collects a comparison over minutes as it comes, in memory that does not grow with it. */
export interface SustainedLog {
  add(part: SustainPart): void;
  /** Points until now, for a chart. */
  points(): readonly SustainedPoint[];
  /** Null while there is too little for any interval. */
  result(end: Pick<SustainedResult, 'ended' | 'reason'>): SustainedResult | null;
}

/** Places of the models in a block: A, A again as the control, B. */
export const sustainedPlaces = { a: 0, control: 1, b: 2 } as const;

const msPerMinute = 60_000;
const mostBins = 720;
const shortestBinMs = 250;
const mostPoints = 120;
const firstMs = 2 * msPerMinute;
/** Of less, a change a minute would be mostly noise made large. */
const shortestDriftMs = 0.9 * msPerMinute;
/** Change of the resident set that is still flat, percent. */
const flatPercent = 5;

/** A stretch of the time; of its blocks only the medians are kept. */
interface Bin {
  readonly atMs: number;
  readonly logRatio: number;
  readonly logControl: number;
  readonly logA: number;
  readonly logB: number;
  readonly temperatureC: number | null;
  readonly clockMHz: number | null;
  readonly throttledBlocks: number;
  /** Blocks in which the board told whether it was held back. */
  readonly toldBlocks: number;
  readonly load1: number;
  readonly rssBytes: number;
  readonly blocks: number;
}

/** An empty log of what is to last `durationMs`. */
export function makeSustainedLog(durationMs: number): SustainedLog {
  const binMs = Math.max(durationMs / mostBins, shortestBinMs);
  const bins: Bin[] = [];
  let open: SustainedBlock[] = [];
  let openIndex = 0;
  let models: readonly CallFigures[] = [];
  let lastMs = 0;

  const close = (): void => {
    const bin = binOf(open);
    if (bin) bins.push(bin);
    open = [];
  };
  const all = (): readonly Bin[] => {
    const last = binOf(open);
    return last ? [...bins, last] : bins;
  };
  return {
    add(part) {
      models = part.models;
      for (const block of part.blocks) {
        const index = Math.floor(block.atMs / binMs);
        if (index !== openIndex) close();
        openIndex = index;
        open.push(block);
        lastMs = Math.max(lastMs, block.atMs);
      }
    },
    points: () => pointsOf(all(), durationMs),
    result(end) {
      const over = all();
      const [a, b] = [models[sustainedPlaces.a], models[sustainedPlaces.b]];
      if (over.length < neededValues || !a || !b) return null;
      const whole = speedOver(over, 0, lastMs);
      const partMs = Math.min(firstMs, lastMs / 3);
      const first = partOf(over, 0, partMs);
      const lastThird = partOf(over, (2 * lastMs) / 3, lastMs);
      const told = sum(over.map((bin) => bin.toldBlocks));
      return {
        minutesAsked: durationMs / msPerMinute,
        minutes: lastMs / msPerMinute,
        ...end,
        blocks: sum(over.map((bin) => bin.blocks)),
        whole,
        first,
        lastThird,
        ranking: rankingOf(first, lastThird),
        a: { ...a, driftPercentPerMinute: driftOf(over, 'logA') },
        b: { ...b, driftPercentPerMinute: driftOf(over, 'logB') },
        temperatureC: fromTo(over.map((bin) => bin.temperatureC)),
        clockMHz: fromTo(over.map((bin) => bin.clockMHz)),
        throttledShare: told === 0 ? null : sum(over.map((bin) => bin.throttledBlocks)) / told,
        load1: fromTo(over.map((bin) => bin.load1)),
        memory: memoryOf(over, lastMs),
        points: pointsOf(over, durationMs),
      };
    },
  };
}

function binOf(blocks: readonly SustainedBlock[]): Bin | null {
  const pairs = blocks.flatMap(({ wallUs }) => {
    const [a, control, b] = [wallUs[0] ?? 0, wallUs[1] ?? 0, wallUs[2] ?? 0];
    return a > 0 && control > 0 && b > 0 ? [{ a, control, b }] : [];
  });
  if (pairs.length === 0) return null;
  const told = blocks.filter(({ throttled }) => throttled !== null);
  return {
    atMs: middle(blocks.map(({ atMs }) => atMs)),
    // A ratio's logarithm is as far from 0 whichever of the two is on top.
    logRatio: middle(pairs.map(({ a, b }) => Math.log(a / b))),
    logControl: middle(pairs.map(({ a, control }) => Math.log(a / control))),
    logA: middle(pairs.map(({ a }) => Math.log(a))),
    logB: middle(pairs.map(({ b }) => Math.log(b))),
    temperatureC: middleOrNull(blocks.map(({ temperatureC }) => temperatureC)),
    clockMHz: middleOrNull(blocks.map(({ clockMHz }) => clockMHz)),
    throttledBlocks: told.filter(({ throttled }) => throttled).length,
    toldBlocks: told.length,
    load1: middle(blocks.map(({ load1 }) => load1)),
    rssBytes: middle(blocks.map(({ rssBytes }) => rssBytes)),
    blocks: pairs.length,
  };
}

function partOf(bins: readonly Bin[], fromMs: number, toMs: number): SpeedOver | null {
  const inside = bins.filter(({ atMs }) => atMs >= fromMs && atMs <= toMs);
  return inside.length < neededValues ? null : speedOver(inside, fromMs, toMs);
}

function speedOver(bins: readonly Bin[], fromMs: number, toMs: number): SpeedOver {
  const speed = correlatedMean(bins.map(({ logRatio }) => logRatio));
  const control = correlatedMean(bins.map(({ logControl }) => logControl));
  const noiseFloor = Math.expm1(Math.max(...control.interval95.map(Math.abs)));
  const interval95 = [Math.exp(speed.interval95[0]), Math.exp(speed.interval95[1])] as const;
  return {
    fromMinute: fromMs / msPerMinute,
    toMinute: toMs / msPerMinute,
    speedup: Math.exp(speed.mean),
    interval95,
    verdict: verdictOf(interval95, noiseFloor),
    noiseFloor,
    batches: speed.batches,
  };
}

function rankingOf(first: SpeedOver | null, last: SpeedOver | null): SustainedResult['ranking'] {
  if (!first || !last) return 'unclear';
  if (first.verdict === 'inconclusive' || last.verdict === 'inconclusive') return 'unclear';
  return first.verdict === last.verdict ? 'kept' : 'turned';
}

function driftOf(bins: readonly Bin[], of: 'logA' | 'logB'): SustainedResult['a']['driftPercentPerMinute'] {
  if ((bins.at(-1)?.atMs ?? 0) < shortestDriftMs) return null;
  const trend = correlatedTrend(
    bins.map(({ atMs }) => atMs / msPerMinute),
    bins.map((bin) => bin[of]),
  );
  if (!trend) return null;
  const percent = (log: number): number => 100 * Math.expm1(log);
  return {
    slope: percent(trend.slope),
    interval95: [percent(trend.interval95[0]), percent(trend.interval95[1])],
  };
}

function memoryOf(bins: readonly Bin[], lastMs: number): RunnerMemory | null {
  const between = (from: number, to: number): number[] =>
    bins.filter(({ atMs }) => atMs >= from * lastMs && atMs <= to * lastMs).map(({ rssBytes }) => rssBytes);
  const [settled, late] = [between(0.05, 0.15), between(0.9, 1)];
  if (settled.length === 0 || late.length === 0) return null;
  const [fromBytes, toBytes] = [middle(settled), middle(late)];
  const changePercent = 100 * (toBytes / fromBytes - 1);
  const verdict = changePercent > flatPercent ? 'grew' : changePercent < -flatPercent ? 'shrank' : 'flat';
  return { fromBytes, toBytes, changePercent, verdict };
}

function pointsOf(bins: readonly Bin[], durationMs: number): readonly SustainedPoint[] {
  const groups = new Map<number, Bin[]>();
  for (const bin of bins) {
    const index = Math.min(Math.floor((bin.atMs / durationMs) * mostPoints), mostPoints - 1);
    const group = groups.get(index);
    if (group) group.push(bin);
    else groups.set(index, [bin]);
  }
  return [...groups.values()].map((group) => {
    const told = sum(group.map(({ toldBlocks }) => toldBlocks));
    return {
      minute: middle(group.map(({ atMs }) => atMs)) / msPerMinute,
      aUs: Math.exp(middle(group.map(({ logA }) => logA))),
      bUs: Math.exp(middle(group.map(({ logB }) => logB))),
      speedup: Math.exp(middle(group.map(({ logRatio }) => logRatio))),
      temperatureC: middleOrNull(group.map(({ temperatureC }) => temperatureC)),
      clockMHz: middleOrNull(group.map(({ clockMHz }) => clockMHz)),
      throttled: told === 0 ? null : sum(group.map(({ throttledBlocks }) => throttledBlocks)) / told,
      rssBytes: middle(group.map(({ rssBytes }) => rssBytes)),
    };
  });
}

function fromTo(values: readonly (number | null)[]): FromTo | null {
  const known = values.filter((value) => value !== null);
  const [from, to] = [known[0], known.at(-1)];
  if (from === undefined || to === undefined) return null;
  return { from, to, lowest: Math.min(...known), highest: Math.max(...known) };
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0);
const middle = (values: readonly number[]): number => quantiles(values, [0.5])[0];

function middleOrNull(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : middle(known);
}
