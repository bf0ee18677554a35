import type { RunDetails } from '../../electron/contract/views.ts';

/** What the 95 % interval of B's time against A's says. */
export type VerdictKind = 'faster' | 'slower' | 'same' | 'inconclusive' | 'notComparable';

/** An interval, [low, high]. */
export type Interval = readonly [low: number, high: number];

/** A change of time below which nobody would notice a difference, as a share of A's time. */
const practicalMargin = 0.02;

/** Fewer pairs cannot carry a 95 % interval of a median: it covers 1 − 2^(1−n). */
export const neededPairs = 6;

/** B's time against A's as a share of A's: −0.41 is 41 % less time. `speedup` is A's time over B's. */
export const timeChangeOf = (speedup: number): number => 1 / speedup - 1;

/** The interval of B's time against A's, from that of the speedup, whose ends change places. */
export const timeChangeInterval = ([low, high]: Interval): Interval => [
  timeChangeOf(high),
  timeChangeOf(low),
];

/** The verdict on an interval of the speedup; `margin` is a share of A's time, such as 0.02. */
export function verdictOf(speedupInterval95: Interval, margin: number, throttled: boolean): VerdictKind {
  if (throttled) return 'notComparable';
  const [low, high] = timeChangeInterval(speedupInterval95);
  if (high < -margin) return 'faster';
  if (low > margin) return 'slower';
  return low >= -margin && high <= margin ? 'same' : 'inconclusive';
}

/** A comparison as far as a verdict on its speed needs it. */
export interface SpeedEvidence {
  /** A's time over B's. */
  readonly speedup: number;
  readonly speedupInterval95: Interval;
  /** Half-width of the ratio of A against itself; null: it is not known. */
  readonly noiseFloor: number | null;
  readonly pairs: number;
  /** Null: the board does not tell. */
  readonly throttled: boolean | null;
}

/** What a verdict on a run's B rests on; noise and conditions lie in its details, which an older run has not. */
export const evidenceOfRun = (
  { speedup, speedupInterval95 }: Pick<SpeedEvidence, 'speedup' | 'speedupInterval95'>,
  details: RunDetails | null | undefined,
): SpeedEvidence => ({
  speedup,
  speedupInterval95,
  noiseFloor: details?.noiseFloor ?? null,
  // Without details the count is not known; a run never takes too few.
  pairs: details?.pairs ?? Number.POSITIVE_INFINITY,
  throttled: details?.conditions?.throttled ?? null,
});

/** The verdict with the margin that it was given by, a share of A's time. */
export interface Judgement {
  readonly kind: VerdictKind;
  readonly margin: number;
}

/** Judges a comparison by a margin that is never narrower than the noise of A against itself. */
export function judge({ speedupInterval95, noiseFloor, pairs, throttled }: SpeedEvidence): Judgement {
  const margin = Math.max(practicalMargin, noiseFloor ?? 0);
  const kind = verdictOf(speedupInterval95, margin, throttled === true);
  return { kind: kind !== 'notComparable' && pairs < neededPairs ? 'inconclusive' : kind, margin };
}

/** Whether a loss of accuracy beyond what is accepted can be ruled out. */
export interface Guardrail {
  readonly kind: 'excluded' | 'notExcluded' | 'exceeded';
  /** The largest and the smallest loss that the interval allows, percentage points; negative: a gain. */
  readonly largest: number;
  readonly smallest: number;
}

/** Holds the 95 % interval of B's accuracy minus A's against the loss that is accepted, in percentage points. */
export function guardrailOf(changeInterval95: Interval, limit: number): Guardrail {
  const [largest, smallest] = [-changeInterval95[0], -changeInterval95[1]];
  const kind = largest <= limit ? 'excluded' : smallest > limit ? 'exceeded' : 'notExcluded';
  return { kind, largest, smallest };
}

/** Digits after the point that tell the two ends of an interval apart. */
export function digitsFor([low, high]: Interval): number {
  if (Math.abs(high - low) >= 2) return 0;
  return low.toFixed(1) === high.toFixed(1) ? 2 : 1;
}
