/** What to do about a crash: the first is mended by itself, one soon after it is a person's to decide. */
export type CrashAnswer = 'reload' | 'ask';

/** Two crashes within this time have the same cause. */
const soonMs = 60_000;

/** Decides about crashes as they come; `now` gives milliseconds. */
export function makeCrashRecovery(now: () => number): () => CrashAnswer {
  let last = Number.NEGATIVE_INFINITY;
  return () => {
    const sinceLast = now() - last;
    last = now();
    return sinceLast < soonMs ? 'ask' : 'reload';
  };
}
