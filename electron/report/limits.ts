import type { RunResult } from '../contract/run-result.ts';
import { provenBoards } from './board-names.ts';
import type { ReportExtras } from './extras.ts';
import { countText, fixed, percentText, pointsText, shareText, timeText } from './numbers.ts';

/** What a reader must bear in mind: what these figures do not say, then the notes of the run itself. */
export function limitsOf(result: RunResult, extras: ReportExtras): string[] {
  const { board, comparison, data, optimized, original, operators } = result;
  const [low, high] = comparison.accuracyChangeInterval95;
  const limits = [
    `Measured on ${provenBoards(result).length > 1 ? 'these boards alone; the figures are those of one' : 'one board'} (${board.name}, onnxruntime ${board.runtimeVersion}, ${countText(board.threads)} ${board.threads === 1 ? 'thread' : 'threads'}${board.level === 'extended' ? ', graph level extended' : ''}). Another board, runtime or number of threads needs its own measurement. Not independently verified.`,
    original.sha256 === optimized.sha256
      ? 'B is the same file as A: differences between their figures are noise of the measurement.'
      : `Accuracy was measured on ${countText(optimized.accuracy.samples)} samples of ${data.name}; with these, the change lies between ${pointsText(low)} and ${pointsText(high)} percentage points at 95 % confidence. A smaller change cannot be seen, and other data may behave otherwise.`,
    'The 95 % interval of the ratio covers the scatter between blocks of this comparison, not changes of the board from one day to the next.',
  ];
  if (original.accuracy.metric === 'agreement')
    limits.push(
      'The data has no labels: shown is how often both models agree, which says nothing about how often either is right.',
    );
  if (original.accuracy.metric === 'cosine')
    limits.push(
      'The outputs are plain values without labels: shown is how like A’s outputs those of B are, by the cosine of the output that is worst and, of a detector with scores and boxes, by the boxes that both find (a box in twenty counts as one point), which says nothing about how often either is right. What else is made of the outputs should be compared as well.',
    );
  if (comparison.tunedOriginalAccuracy !== null && comparison.tunedOriginalAccuracy > original.accuracy.value)
    limits.push(
      `Fine-tuning alone, without any replacement, brings the original from ${percentText(original.accuracy.value)} to ${percentText(comparison.tunedOriginalAccuracy)}. What fine-tuning earns is not earned by the replacements.`,
    );
  if (original.peakMemoryBytes === null || optimized.peakMemoryBytes === null)
    limits.push('Peak memory could not be read on this board.');
  if (extras.profilingOverhead !== undefined) {
    const overhead = (extras.profilingOverhead - 1) * 100;
    limits.push(
      `Times of single operators come from an instrumented pass of its own, which took ${fixed(Math.abs(overhead), 1)} % ${overhead < 0 ? 'less' : 'more'} time than the clean one; end-to-end times do not come from it.`,
    );
  } else if (operators.length > 0)
    limits.push(
      'Times of single operators come from an instrumented pass; end-to-end times come from a clean one.',
    );
  if (extras.unexplainedUs !== undefined) {
    const share = extras.unexplainedUs / original.latencyUs.p50;
    limits.push(
      `${timeText(extras.unexplainedUs)} of the original’s time (${shareText(share)} of its median) belong to no single operator.`,
    );
  }
  const dropped = extras.comparison?.droppedBlocks ?? 0;
  if (dropped > 0)
    limits.push(
      `${countText(dropped)} ${dropped === 1 ? 'block' : 'blocks'} of the comparison were dropped because the board was throttled or its clock changed.`,
    );
  limits.push(
    'The sha256 of a file detects damage and mix-ups; it does not prove who made the file.',
    ...result.notes,
  );
  return limits;
}
