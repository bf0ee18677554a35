import type { CallFigures } from '../runner/protocol.ts';
import type { Verdict } from './api.ts';

/** Shortest comparison over minutes. */
export const shortestMinutes = 0.05;
/** Longest one: in a day any case has grown as hot as it will. */
export const longestMinutes = 1_440;

/** What a comparison over minutes found beside its verdict for the whole. */
export interface SustainedResult {
  readonly minutesAsked: number;
  readonly minutes: number;
  /** `stopped`: by a person; `linkLost`: what came until then is kept, and `reason` says why no more came. */
  readonly ended: 'complete' | 'stopped' | 'linkLost';
  readonly reason: string;
  /** In random ABBA order, each with A, A again and B; none is dropped. */
  readonly blocks: number;
  readonly whole: SpeedOver;
  /** The first two minutes, or the first third of what is shorter than six. */
  readonly first: SpeedOver | null;
  readonly lastThird: SpeedOver | null;
  /** Whether the verdict of the first minutes is that of the last third; `unclear` where one is inconclusive. */
  readonly ranking: 'kept' | 'turned' | 'unclear';
  readonly a: SustainedModel;
  readonly b: SustainedModel;
  readonly temperatureC: FromTo | null;
  readonly clockMHz: FromTo | null;
  /** Part of the blocks, 0 to 1, in which the board was held back; null where it does not tell. */
  readonly throttledShare: number | null;
  readonly load1: FromTo | null;
  readonly memory: RunnerMemory | null;
  /** Over the time, at most 120. */
  readonly points: readonly SustainedPoint[];
}

/** B against A over a part of the time. */
export interface SpeedOver {
  readonly fromMinute: number;
  readonly toMinute: number;
  /** A's time over B's: above 1, B is faster. */
  readonly speedup: number;
  readonly interval95: readonly [number, number];
  readonly verdict: Verdict;
  /** A against itself in the same part. */
  readonly noiseFloor: number;
  /** What the interval rests on: batches of blocks, as long as neighbours are alike. */
  readonly batches: number;
}

/** One of the two models over the whole time. */
export interface SustainedModel extends CallFigures {
  /** Change of its time, percent a minute; null where the time is too short to tell. */
  readonly driftPercentPerMinute: {
    readonly slope: number;
    readonly interval95: readonly [number, number];
  } | null;
}

/** At the first and the last of the time, and the ends of what was seen. */
export interface FromTo {
  readonly from: number;
  readonly to: number;
  readonly lowest: number;
  readonly highest: number;
}

/** Resident set of the runner, once it has settled (5 to 15 % of the time) and in the last tenth. */
export interface RunnerMemory {
  readonly fromBytes: number;
  readonly toBytes: number;
  readonly changePercent: number;
  /** Flat within 5 %; `grew` is a leak until something else explains it. */
  readonly verdict: 'flat' | 'grew' | 'shrank';
}

/** A stretch of the time: medians of its blocks. */
export interface SustainedPoint {
  readonly minute: number;
  readonly aUs: number;
  readonly bUs: number;
  readonly speedup: number;
  readonly temperatureC: number | null;
  readonly clockMHz: number | null;
  /** Part of the blocks, 0 to 1. */
  readonly throttled: number | null;
  readonly rssBytes: number;
}
