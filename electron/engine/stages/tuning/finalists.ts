import { spreadOverFront } from '../../search/specifications.ts';
import type { SpeedRange } from '../networks/foresight.ts';
import { bestSpeedup, type Student } from '../networks/student.ts';

/** Students of a first and of a later round. */
const most = { first: 6, later: 4 } as const;
const fewest = 2;
/** Of a small budget fewer students get what they need, rather than all of them nothing: seconds of tuning for each. */
const secondsEach = 6;
/**
 * How much faster than what there is they may be: A in its best form, later the best student. A bolder one does not
 * come back within the time of a round.
 */
const boldest = { first: 2.2, later: 1.4 } as const;
/** A later round looks at least so far ahead. */
const leastAhead = 1.1;

/** Speed-ups that a first round looks for; `before`: A's time over that of A in its best form. */
export const firstRange = (before: number): SpeedRange => rangeFrom(before, boldest.first);

/**
 * Speed-ups that a later round looks for: faster than the best so far, `before`, and hardly faster than the slowest
 * that missed the goal, so that rounds close in on what can be reached. `missed`: null where none did.
 */
export function laterRange(before: number, missed: number | null): SpeedRange {
  const ahead = missed === null ? boldest.later : missed / Math.max(1, before);
  return rangeFrom(before, Math.min(boldest.later, Math.max(leastAhead, ahead)));
}

function rangeFrom(before: number, times: number): SpeedRange {
  const from = Math.max(1, before);
  return { from, to: times * from };
}

/** The students that go on to about `seconds` of fine-tuning. */
export function firstFinalists(students: readonly Student[], range: SpeedRange, seconds: number): Student[] {
  const count = Math.min(most.first, Math.max(fewest, Math.floor(seconds / secondsEach)));
  return chosenOf(students, range, count);
}

/** The students of a later round. */
export const laterFinalists = (students: readonly Student[], range: SpeedRange): Student[] =>
  chosenOf(students, range, most.later);

/** At different speeds within the range, the least damaged of each stretch. */
function chosenOf(students: readonly Student[], { from, to }: SpeedRange, count: number): Student[] {
  const measured = students.map((student) => ({
    student,
    speedup: bestSpeedup(student),
    damage: student.damage,
  }));
  const within = measured.filter(({ speedup }) => speedup > from && speedup <= to);
  return spreadOverFront(within.length > 0 ? within : measured, count, to).map(({ student }) => student);
}
