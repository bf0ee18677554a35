import type { BlockConditions } from './conditions.ts';
import type { ConditionsSample } from './protocol.ts';

/** Collects the conditions of a long measurement as a series of bounded length. */
export interface ConditionsLog {
  /** Takes what was read at `atMs`, unless it comes too soon after the sample before. */
  note(atMs: number, conditions: BlockConditions): void;
  /** What was kept, in order. */
  samples(): readonly ConditionsSample[];
}

const defaultEveryMs = 1_000;
const defaultMostSamples = 600;

/**
 * Starts a log at `startMs`. Samples stand at least `everyMs` apart; when there are too many, every other one
 * is dropped and the distance doubles, so that hours of measuring take no more room than minutes.
 */
export function startConditionsLog(
  startMs: number,
  everyMs = defaultEveryMs,
  mostSamples = defaultMostSamples,
): ConditionsLog {
  let kept: ConditionsSample[] = [];
  let distanceMs = everyMs;
  let nextMs = startMs;
  return {
    note(atMs, { clockMHz, temperatureC, throttledNow }) {
      if (atMs < nextMs) return;
      kept.push({ seconds: (atMs - startMs) / 1000, clockMHz, temperatureC, throttled: throttledNow });
      if (kept.length > mostSamples) {
        kept = kept.filter((_, index) => index % 2 === 0);
        distanceMs *= 2;
      }
      nextMs = atMs + distanceMs;
    },
    samples: () => kept,
  };
}
