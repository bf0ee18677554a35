/** What choosing looks at of a student that was tuned. */
export interface Judged {
  readonly speedup: number;
  /** Percent on `select`. */
  readonly selectAccuracy: number;
}

/** Percent on `select` that a student should reach. */
export interface Goals {
  /** Holds if A does not remember the samples for choosing, or the student remembers them as well as A. */
  readonly safe: number;
  /** Holds if the student has kept little of what A remembers. */
  readonly bold: number;
}

/** How much of A's memory of its own training samples a student is taken to have kept. */
const keptMemory = 0.25;

/**
 * A may have been trained on the samples for choosing, which its students have not seen: A then looks better on them
 * than on those for verifying, and a student measured against that looks worse than it is. The bold goal takes off
 * what A alone remembers. Half of what may be lost is kept for the samples for verifying being others.
 */
export function goalsOf(
  original: { readonly select: number; readonly verify: number },
  maxAccuracyDrop: number,
): Goals {
  const remembered = Math.max(0, original.select - original.verify);
  const safe = original.select - maxAccuracyDrop / 2;
  return { safe, bold: safe - (1 - keptMemory) * remembered };
}

/**
 * The students to be judged on the verify part, in turn, until one loses no more than allowed; two looks at most.
 * First the fastest that reaches the bold goal, or else the most accurate; then, of the slower and more accurate, the
 * fastest that reaches the safe goal, or else the most accurate. `students` must not be empty.
 */
export function looksOf<T extends Judged>(students: readonly T[], { safe, bold }: Goals): readonly T[] {
  const byAccuracy = [...students].sort((a, b) => b.selectAccuracy - a.selectAccuracy);
  const first = fastestFrom(byAccuracy, bold) ?? byAccuracy[0]!;
  const safer = byAccuracy.filter(
    (t) => t.selectAccuracy > first.selectAccuracy && t.speedup < first.speedup,
  );
  const second = fastestFrom(safer, safe) ?? safer[0];
  return second ? [first, second] : [first];
}

/**
 * The students worth more time, the most accurate first: those that are faster than what has already reached the bold
 * goal. Nobody is left once the speed-up asked for has been reached.
 */
export function stillOpen<T extends Judged>(
  students: readonly T[],
  { bold }: Goals,
  targetSpeedup: number | null,
): readonly T[] {
  const secured = fastestFrom(students, bold)?.speedup ?? 0;
  if (targetSpeedup !== null && secured >= targetSpeedup) return [];
  return students.filter((t) => t.speedup > secured).sort((a, b) => b.selectAccuracy - a.selectAccuracy);
}

function fastestFrom<T extends Judged>(students: readonly T[], goal: number): T | undefined {
  return students
    .filter((t) => t.selectAccuracy >= goal)
    .reduce<T | undefined>((best, t) => (best && best.speedup >= t.speedup ? best : t), undefined);
}
