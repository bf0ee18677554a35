import { erf } from '../../instructions/elementwise.ts';
import { undominated } from '../../search/pareto.ts';

/** What choosing looks at of a student that was tuned. */
export interface Judged {
  readonly speedup: number;
  /** Percent on `select`. */
  readonly selectAccuracy: number;
  /** A itself in another form, nothing of it replaced. */
  readonly isOriginal?: boolean;
}

/** Percent on `select` that a student should reach. */
export interface Goals {
  /** Holds if A does not remember the samples for choosing, or the student remembers them as well as A. */
  readonly safe: number;
  /** Holds if the student has kept little of what A remembers. */
  readonly bold: number;
}

/** How much of A's memory of its own training samples a student is taken to have kept. */
const keptMemory = 0.5;

/**
 * A may have been trained on the samples for choosing, which its students have not seen: A then looks better on them
 * than on those for verifying, and a student measured against that looks worse than it is. The bold goal takes off a
 * part of that. Half of what may be lost is kept for the samples for verifying being others.
 */
export function goalsOf(
  original: { readonly select: number; readonly verify: number },
  maxAccuracyDrop: number,
): Goals {
  const remembered = Math.max(0, original.select - original.verify);
  const safe = original.select - maxAccuracyDrop / 2;
  return { safe, bold: safe - (1 - keptMemory) * remembered };
}

/** What is judged on the verify part first: the fastest that reaches the bold goal, or else the most accurate. */
export function firstLook<T extends Judged>(students: readonly T[], { bold }: Pick<Goals, 'bold'>): T {
  const byAccuracy = [...students].sort((a, b) => b.selectAccuracy - a.selectAccuracy);
  const most = byAccuracy[0];
  if (!most) throw new Error('There is nothing to look at');
  return fastestFrom(byAccuracy, bold) ?? most;
}

/**
 * What is judged second and last, where the first lost too much: of the slower, the fastest that is better on the
 * samples for choosing by what was missing and half of what may be lost. Where none is, these samples have misled, and
 * it is A itself in its fastest form that is slower; else the most accurate of the slower. Null where none is slower.
 */
export function secondLook<T extends Judged>(
  students: readonly T[],
  first: Judged,
  { lost, allowed }: { readonly lost: number; readonly allowed: number },
): T | null {
  const slower = students
    .filter((t) => t.speedup < first.speedup)
    .sort((a, b) => b.selectAccuracy - a.selectAccuracy);
  const better = fastestFrom(slower, first.selectAccuracy + (lost - allowed) + allowed / 2);
  const originals = slower.filter((t) => t.isOriginal);
  return better ?? fastestFrom(originals, Number.NEGATIVE_INFINITY) ?? slower[0] ?? null;
}

/** Of the second look, where the first held, a chance of holding too from which it is worth its price. */
const leastChance = 0.1;

/**
 * What is judged second where the first held: the faster one that promises most, its gain over the first times the
 * chance that it holds too. It would do so if it lost no more on the verify part, against the first, than it did on the
 * samples for choosing; `deviation` is the standard deviation of what these two differ by, points. No room is kept, as
 * the first stands whatever comes of it. Null where none has a fair chance.
 */
export function bolderLook<T extends Judged>(
  students: readonly T[],
  first: Judged,
  {
    change,
    allowed,
    deviation,
  }: { readonly change: number; readonly allowed: number; readonly deviation: number },
): T | null {
  const promising = students.flatMap((student) => {
    if (student.speedup <= first.speedup) return [];
    const room = change + allowed + student.selectAccuracy - first.selectAccuracy;
    const chance = normalBelow(room / Math.max(deviation, 1e-6));
    if (chance < leastChance) return [];
    return [{ student, promise: chance * Math.log(student.speedup / first.speedup) }];
  });
  return promising.sort((a, b) => b.promise - a.promise)[0]?.student ?? null;
}

/** Chance of a standard normal value below `z`. */
const normalBelow = (z: number): number => (1 + erf(z / Math.SQRT2)) / 2;

/**
 * The students worth more time, the most accurate first: those that are faster than what has already reached the bold
 * goal, and not beaten by another in both speed and accuracy. Nobody is left once the speed-up asked for has been reached.
 */
export function stillOpen<T extends Judged>(
  students: readonly T[],
  { bold }: Goals,
  targetSpeedup: number | null,
): readonly T[] {
  const secured = fastestFrom(students, bold)?.speedup ?? 0;
  if (targetSpeedup !== null && secured >= targetSpeedup) return [];
  return undominated(students, (t) => [-t.speedup, -t.selectAccuracy])
    .filter((t) => t.speedup > secured)
    .sort((a, b) => b.selectAccuracy - a.selectAccuracy);
}

/** Students whose speeds differ by less than this factor are as good as one. */
const alike = 1.1;

/** The first `count` of `students` with no two alike in speed; where there are not so many, the next that are. */
export function apart<T extends Pick<Judged, 'speedup'>>(students: readonly T[], count: number): T[] {
  const chosen: T[] = [];
  for (const student of students)
    if (chosen.every(({ speedup }) => Math.abs(Math.log(speedup / student.speedup)) >= Math.log(alike)))
      chosen.push(student);
  const others = students.filter((student) => !chosen.includes(student));
  return [...chosen, ...others].slice(0, count);
}

/** The fastest that reaches `goal`, percent on `select`. */
export function fastestFrom<T extends Judged>(students: readonly T[], goal: number): T | undefined {
  return students
    .filter((t) => t.selectAccuracy >= goal)
    .reduce<T | undefined>((best, t) => (best && best.speedup >= t.speedup ? best : t), undefined);
}
