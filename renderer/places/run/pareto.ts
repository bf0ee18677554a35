import type { FrontPoint } from '../../../electron/contract/search-progress.ts';
import type { JobState } from '../../../electron/contract/views.ts';
import { accuracyChangeOf } from '../../parts/accuracy-change.ts';

/** A candidate as the chart shows it. */
export interface PlotPoint {
  readonly id: string;
  readonly state: FrontPoint['state'];
  readonly latencyMs: number;
  /** 95 % interval of `latencyMs`. */
  readonly latencyIntervalMs: readonly [number, number] | null;
  readonly speedup: number;
  /** Accuracy against A on the same samples, percentage points. */
  readonly change: number | null;
  /** 95 % interval of the accuracy, as far from A's. */
  readonly changeInterval: readonly [number, number] | null;
  readonly replacements: number;
}

/** A and the candidates between latency (ms) and accuracy against A (percentage points). */
export interface Plot {
  /** A's own change is 0, or null before its accuracy was measured. */
  readonly original: { readonly latencyMs: number; readonly change: number | null };
  readonly points: readonly PlotPoint[];
  /** Percentage points that may be lost. */
  readonly maxAccuracyDrop: number;
}

/** What the chart of a run is made of. */
interface PlotSource extends Pick<JobState, 'originalUs' | 'originalAccuracy' | 'points' | 'request'> {
  /** 95 % interval of the accuracy of B minus A, from the same samples; null before the run has ended. */
  readonly changeInterval95: readonly [number, number] | null;
}

/** What the chart of a run shows; null before A was measured. */
export function plotOf(source: PlotSource): Plot | null {
  const { originalUs, originalAccuracy, points, request, changeInterval95 } = source;
  if (originalUs === null || request.kind !== 'optimize') return null;
  return {
    original: { latencyMs: originalUs / 1e3, change: originalAccuracy === null ? null : 0 },
    points: points.map((point) => plotPoint(point, originalUs, changeInterval95)),
    maxAccuracyDrop: request.maxAccuracyDrop,
  };
}

function plotPoint(
  point: FrontPoint,
  originalUs: number,
  pairedInterval: PlotSource['changeInterval95'],
): PlotPoint {
  const latencyMs = (speedup: number): number => originalUs / speedup / 1e3;
  const { speedupInterval95: interval, accuracyInterval95, originalAccuracy: base } = point;
  const change = accuracyChangeOf(point);
  const own =
    accuracyInterval95 && change !== null && base !== null ? shifted(accuracyInterval95, base) : null;
  return {
    id: point.id,
    state: point.state,
    latencyMs: latencyMs(point.speedup),
    // The faster end of the ratio is the shorter time.
    latencyIntervalMs: interval && [latencyMs(interval[1]), latencyMs(interval[0])],
    speedup: point.speedup,
    change,
    // Sample by sample the change is known better than from B's accuracy alone.
    changeInterval: point.state === 'confirmed' && change !== null ? (pairedInterval ?? own) : own,
    replacements: point.replacements,
  };
}

const shifted = ([low, high]: readonly [number, number], by: number): readonly [number, number] => [
  low - by,
  high - by,
];

/** What no other is both faster and as accurate as, the fastest first; refused candidates do not count. */
export function paretoFront({ original, points }: Plot): readonly (readonly [number, number])[] {
  const all = points
    .filter(({ state }) => state !== 'refused')
    .map(({ latencyMs, change }) => [latencyMs, change] as const)
    .concat([[original.latencyMs, original.change]])
    .filter((pair): pair is readonly [number, number] => pair[1] !== null)
    .sort(([x1, y1], [x2, y2]) => x1 - x2 || y2 - y1);
  let best = Number.NEGATIVE_INFINITY;
  return all.filter(([, change]) => {
    if (change <= best) return false;
    best = change;
    return true;
  });
}

/** Bounds of the chart's axes. */
export interface Bounds {
  readonly x: readonly [number, number];
  readonly y: readonly [number, number];
  /** Candidates less accurate than the chart shows. */
  readonly below: number;
}

/** Least range below A that is shown, percentage points, so that noise does not fill the chart. */
const leastDrop = 2;
/** Candidates that lost more than this many limits tell nothing and would flatten the rest. */
const mostLimits = 8;

/** Bounds that show A, the limit and whatever comes near it. */
export function boundsOf({ original, points, maxAccuracyDrop }: Plot): Bounds {
  const xs = [original.latencyMs, ...points.flatMap((p) => [p.latencyMs, ...(p.latencyIntervalMs ?? [])])];
  const [xLow, xHigh] = [Math.min(...xs), Math.max(...xs)];
  const xPad = Math.max((xHigh - xLow) * 0.06, xHigh * 0.02);
  const measured = points.flatMap(({ change, changeInterval }) =>
    change === null ? [] : [change, ...(changeInterval ?? [])],
  );
  const top = original.change ?? (measured.length > 0 ? Math.max(...measured) : 0);
  const lowest = top - Math.max(maxAccuracyDrop * mostLimits, leastDrop * 5);
  const yLow = Math.min(top - Math.max(maxAccuracyDrop * 1.5, leastDrop), ...measured);
  const low = Math.max(lowest, yLow);
  const high = Math.max(top, ...measured);
  const yPad = Math.max((high - low) * 0.08, 0.2);
  const yMin = low - yPad;
  return {
    x: [Math.max(0, xLow - xPad), xHigh + xPad],
    y: [yMin, high + yPad],
    below: points.filter(({ change }) => change !== null && change < yMin).length,
  };
}

/** The best candidate by now and how sure it is. */
export interface Best {
  readonly point: PlotPoint;
  readonly tier: 'confirmed' | 'tuned' | 'screened';
}

/** The fastest candidate of the surest kind that is faster than A within the limit; null: none yet. */
export function bestOf({ points, maxAccuracyDrop }: Plot): Best | null {
  const isAllowed = ({ change, state }: PlotPoint): boolean =>
    change === null ? state === 'screened' : state === 'confirmed' || change >= -maxAccuracyDrop;
  for (const tier of ['confirmed', 'tuned', 'screened'] as const) {
    const [point] = points
      .filter((one) => one.state === tier && one.speedup > 1 && isAllowed(one))
      .sort((a, b) => b.speedup - a.speedup);
    if (point) return { point, tier };
  }
  return null;
}
