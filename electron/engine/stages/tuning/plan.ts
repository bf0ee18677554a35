/**
 * How the seconds for tuning are spent: A itself, rounds of evolution with rungs of fewer and fewer students, and a last
 * leg for what is nearly there. A net that is nearly as good as A forgets at the rate that a damaged one needs, so
 * the rates fall from rung to rung.
 */
export const plan = {
  original: { share: 0.08, peakRate: 1e-4 },
  first: {
    /**
     * Of the time for tuning. So many seconds, or passes of A over its samples, are enough: what is left of a longer
     * budget goes to later rounds.
     */
    share: { most: 0.72, least: 0.45 },
    enough: { seconds: 300, passes: 600 },
    rungs: [
      { keep: 6, share: 0.18, peakRate: 1e-3 },
      { keep: 3, share: 0.27, peakRate: 5e-4 },
      { keep: 2, share: 0.55, peakRate: 3e-4 },
    ],
  },
  later: {
    share: 0.17,
    /** Shorter rounds bring nothing to an end, unless they have that many passes and time for their evolution. */
    shortest: { seconds: 40, passes: 200, least: 20 },
    /** Part of a round that goes into evolution. */
    evolution: 0.25,
    rungs: [
      { keep: 4, share: 0.4, peakRate: 5e-4 },
      { keep: 2, share: 0.6, peakRate: 2e-4 },
    ],
  },
  last: { share: 0.12, peakRate: 1e-4 },
  /** Higher ones throw a student in 8 bits off. */
  mostRateInt8: 2e-4,
} as const;

/** One leg of a round: how many students it has, its share of the round's time, and its highest rate. */
export interface Rung {
  readonly keep: number;
  readonly share: number;
  readonly peakRate: number;
}

/** The part of the time left that a rung may take, those behind it included in the count. */
export const shareOfRest = (rungs: readonly Rung[], rung: number): number =>
  rungs[rung]!.share / rungs.slice(rung).reduce((sum, { share }) => sum + share, 0);

/** Seconds of the first round where there are `all` for tuning; `pace`: passes of A over its samples in a second. */
export function firstRoundSeconds(all: number, pace: number): number {
  const { share, enough } = plan.first;
  const seconds = Math.min(enough.seconds, enough.passes / pace);
  return Math.min(share.most * all, Math.max(seconds, share.least * all));
}

/** Seconds of each later round. */
export function laterRoundSeconds(all: number, pace: number): number {
  const { share, shortest } = plan.later;
  const least = Math.min(shortest.seconds, Math.max(shortest.least, shortest.passes / pace));
  return Math.max(least, share * all);
}
