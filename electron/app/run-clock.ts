import type { StageName } from '../contract/api.ts';
import type { RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { StageSummary } from '../contract/run-notes.ts';
import type { Store } from '../store/open-store.ts';

/** Keeps account of the time of a run and of its stages in the store, so that a kill loses little of it. */
export interface RunClock {
  start(stage: StageName): Result<void, RequestError>;
  finish(stage: StageName, summary: StageSummary): Result<void, RequestError>;
  /** Brings the account up to date; returns the seconds of the run over all its resumes. */
  settle(): number;
  stop(): void;
}

const everyMs = 3_000;

/** Starts the clock of a run that has used `elapsedSeconds` before. */
export function startRunClock(
  { runs, stages }: Pick<Store, 'runs' | 'stages'>,
  run: string,
  elapsedSeconds: number,
): RunClock {
  let total = elapsedSeconds;
  let settledMs = performance.now();
  let current: StageName | null = null;
  const settle = (): number => {
    const nowMs = performance.now();
    const seconds = (nowMs - settledMs) / 1000;
    settledMs = nowMs;
    total += seconds;
    // An account that cannot be written now is a little short later; the run itself need not end for it.
    runs.addElapsed(run, seconds);
    if (current !== null) stages.addSeconds(run, current, seconds);
    return total;
  };
  const timer = setInterval(settle, everyMs);
  timer.unref();
  return {
    settle,
    start(stage) {
      settle();
      const started = stages.start(run, stage);
      if (started.ok) current = stage;
      return started;
    },
    finish(stage, summary) {
      settle();
      if (current !== stage) throw new Error(`Stage ${stage} finishes while ${current ?? 'none'} is at work`);
      current = null;
      return stages.finish(run, stage, 0, summary);
    },
    stop() {
      clearInterval(timer);
      settle();
    },
  };
}
