import { spreadOverFront } from '../../search/specifications.ts';
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

/** The students that go on to about `seconds` of fine-tuning; `before`: A's time over that of A in its best form. */
export function firstFinalists(students: readonly Student[], before: number, seconds: number): Student[] {
  const count = Math.min(most.first, Math.max(fewest, Math.floor(seconds / secondsEach)));
  return chosenOf(students, before, count, boldest.first);
}

/**
 * The students of a later round: faster than the best so far, `before`, and hardly faster than the slowest that
 * missed the goal, so that rounds close in on what can be reached. `missed`: null where none did.
 */
export function laterFinalists(
  students: readonly Student[],
  before: number,
  missed: number | null,
): Student[] {
  const ahead = missed === null ? boldest.later : missed / Math.max(1, before);
  return chosenOf(students, before, most.later, Math.min(boldest.later, Math.max(leastAhead, ahead)));
}

/** At different speeds between `before` and `bold` times that, the least damaged of each stretch. */
function chosenOf(students: readonly Student[], before: number, count: number, bold: number): Student[] {
  const limit = bold * Math.max(1, before);
  const measured = students.map((student) => ({
    student,
    speedup: bestSpeedup(student),
    damage: student.damage,
  }));
  const within = measured.filter(({ speedup }) => speedup > before && speedup <= limit);
  return spreadOverFront(within.length > 0 ? within : measured, count, limit).map(({ student }) => student);
}
