import type { JobState } from '../../../electron/contract/views.ts';

/** How long a run has taken, and bounds of how long it will still take. */
export interface TimeLeft {
  readonly elapsedSeconds: number;
  /** What the stage at work will still need at the pace it has had; null while that is unknown. */
  readonly leastSeconds: number | null;
  /** What the time budget leaves; null when it is used up. */
  readonly mostSeconds: number | null;
}

/** Part of a stage that must be done before its pace says anything. */
const tellingPart = 0.03;

/** Time of a run; `sinceSeconds` have passed since the state was told. */
export function timeLeft({ stages, request }: JobState, sinceSeconds: number): TimeLeft {
  const elapsedSeconds = stages.reduce((sum, { seconds }) => sum + seconds, 0) + sinceSeconds;
  const budgetSeconds = request.kind === 'optimize' ? request.budgetSeconds : 0;
  const mostSeconds = budgetSeconds > elapsedSeconds ? budgetSeconds - elapsedSeconds : null;
  const stage = stages.find(({ state }) => state === 'running');
  const atPace =
    stage && stage.done !== null && stage.done >= tellingPart
      ? (stage.seconds * (1 - stage.done)) / stage.done - sinceSeconds
      : null;
  const isBound = atPace !== null && atPace >= 1 && mostSeconds !== null && atPace < mostSeconds;
  return { elapsedSeconds, leastSeconds: isBound ? atPace : null, mostSeconds };
}
