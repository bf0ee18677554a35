import { assertNever } from '../contract/result.ts';
import type { RunResult } from '../contract/run-result.ts';
import { nameOfBoard, provenBoards } from './board-names.ts';
import { fixed, percentText, pointsText, ratioText, timeText } from './numbers.ts';

/** Whether the run found something; a run without says why in `explanation`. */
export const isImproved = (result: RunResult): boolean => result.explanation === '';

/** What B is: where nothing was found, A itself or the candidate that came closest. */
export function nameOfB(result: RunResult): string {
  if (isImproved(result)) return 'B, optimized';
  return result.original.sha256 === result.optimized.sha256 ? 'B, the original again' : 'B, not good enough';
}

/** The verdict of a report, in one sentence that claims no more than the intervals support. */
export function verdictSentence(result: RunResult): string {
  const { board, model } = result;
  const proven = provenBoards(result).map((one) => nameOfBoard(result, one));
  const several = proven.length > 1;
  const names = `${proven.slice(0, -1).join(', ')} and ${proven.at(-1)}`;
  if (!isImproved(result))
    return `No improvement was found for ${model.name} on ${several ? names : board.name}.`;
  if (several)
    return `On ${names}, the optimized ${model.name} is faster than the original; on ${board.name}, where it gains least, it ${speedClause(result)}, ${accuracyClause(result)}.`;
  return `On ${board.name}, the optimized ${model.name} ${speedClause(result)}, ${accuracyClause(result)}.`;
}

/** What stands below the verdict: the absolute times, and why nothing was found where nothing was. */
export function verdictDetail(result: RunResult): string {
  const { original, optimized } = result;
  const like = original.latencyUs.p50;
  const times = `A typical inference takes ${timeText(optimized.latencyUs.p50, like)} instead of ${timeText(like)}`;
  if (isImproved(result)) return `${times} (medians).`;
  if (original.sha256 === optimized.sha256) return result.explanation;
  return `${result.explanation} What is shown as B ${speedClause(result)}, ${accuracyClause(result)}.`;
}

/** One word for the verdict. */
export function verdictWord(result: RunResult): string {
  if (!isImproved(result)) return 'No improvement';
  const { verdict } = result.comparison;
  switch (verdict) {
    case 'faster':
      return 'Faster';
    case 'slower':
      return 'Slower';
    case 'inconclusive':
      return 'Inconclusive';
    default:
      return assertNever(verdict);
  }
}

function speedClause({ comparison }: RunResult): string {
  const [low, high] = comparison.speedupInterval95;
  const times = `${ratioText(comparison.speedup)} times as fast as the original`;
  const interval = `95 % interval ${ratioText(low)} to ${ratioText(high)}`;
  const { verdict } = comparison;
  switch (verdict) {
    case 'faster':
      return `is ${times} (${interval})`;
    case 'slower':
      return `is slower, ${times} (${interval})`;
    case 'inconclusive':
      return `could not be told apart from the original in speed (measured ${times}, ${interval})`;
    default:
      return assertNever(verdict);
  }
}

function accuracyClause({ comparison, optimized }: RunResult): string {
  const { metric, samples, value, interval95 } = optimized.accuracy;
  const of = `${fixed(samples, 0)} samples`;
  if (metric === 'cosine') {
    const [low, high] = interval95;
    return `and its outputs are ${percentText(value)} like the original’s on average over ${of} (95 % interval ${fixed(low, 2)} to ${percentText(high)})`;
  }
  if (metric === 'agreement') {
    const [low, high] = interval95;
    return `and it gives the original’s answer on ${percentText(value)} of ${of} (95 % interval ${fixed(low, 2)} to ${percentText(high)})`;
  }
  const change = comparison.accuracyChange;
  const [low, high] = comparison.accuracyChangeInterval95;
  const interval = `(95 % interval ${pointsText(low)} to ${pointsText(high)})`;
  if (high < 0) return `and its accuracy is lower by ${fixed(-change, 2)} points ${interval}`;
  if (low > 0) return `and its accuracy is higher by ${fixed(change, 2)} points ${interval}`;
  return `and its accuracy differs by ${pointsText(change)} points, which ${of} cannot tell from no change ${interval}`;
}
