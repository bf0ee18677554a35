import type { Verdict } from '../../contract/api.ts';

/** Differences of time within this part of A's time make no practical difference. */
export const practicalMargin = 0.02;

const percent = (part: number): string => {
  const value = Math.abs(part) * 100;
  return value >= 9.95 ? value.toFixed(0) : value.toFixed(1);
};

/**
 * Says what the interval of the speed-up (A's time over B's) supports, always with its base:
 * `Faster: 62 % less time than A (60 to 63 %)`.
 */
export function verdictSentence(
  speedup: number,
  interval: readonly [number, number],
  verdict: Verdict,
): string {
  const [low, high] = [Math.min(...interval), Math.max(...interval)];
  // Part of A's time that B takes more (above 0) or less (below 0).
  const change = 1 / speedup - 1;
  const [least, most] = [1 / high - 1, 1 / low - 1];
  if (least >= -practicalMargin && most <= practicalMargin) {
    return `No practical difference: the times agree within ±${percent(practicalMargin)} %.`;
  }
  switch (verdict) {
    case 'faster':
      return `Faster: ${percent(change)} % less time than A (${percent(most)} to ${percent(least)} %).`;
    case 'slower':
      return `Slower: ${percent(change)} % more time than A (${percent(least)} to ${percent(most)} %).`;
    case 'inconclusive': {
      const side = (part: number) => `${percent(part)} % ${part < 0 ? 'faster' : 'slower'}`;
      return `Inconclusive: B may be ${side(least)} to ${side(most)} than A; measure again on a quieter board.`;
    }
  }
}

/** Says whether the data excludes a loss of accuracy beyond `limit`; all in percentage points. */
export function lossSentence(changeInterval: readonly [number, number], limit: number): string {
  const worst = Math.min(...changeInterval);
  return worst >= -limit
    ? `A loss of more than ${limit.toFixed(1)} points is excluded at 95 %.`
    : `A loss of more than ${limit.toFixed(1)} points is not excluded (up to ${(-worst).toFixed(1)} at 95 %).`;
}
