import type { FrontPoint } from '../../../contract/search-progress.ts';
import type { Study } from '../study.ts';
import { changedWeights } from './replacements.ts';
import { bestSpeedup, type Contender, keyOfContender, type Student } from './student.ts';

type Known = Partial<Omit<FrontPoint, 'id' | 'state' | 'replacements'>>;

/** A contender as a point between latency and accuracy, with what is known of it at its `state`. */
export const pointOf = (
  study: Pick<Study, 'whole'>,
  { student, precision, speedup }: Pick<Contender, 'student' | 'precision' | 'speedup'>,
  state: FrontPoint['state'],
  known: Known = {},
): FrontPoint => ({
  id: keyOfContender({ student, precision }),
  speedup,
  accuracy: null,
  originalAccuracy: null,
  state,
  replacements: replacementCount(study, { student, precision }),
  speedupInterval95: null,
  accuracyInterval95: null,
  ...known,
});

/** A student that was timed, in its faster form. */
export const screenedPoint = (study: Pick<Study, 'whole'>, student: Student): FrontPoint => {
  const precision = student.int8Speedup === null ? 'float' : 'int8';
  return pointOf(study, { student, precision, speedup: bestSpeedup(student) }, 'screened');
};

/** As many as `replacementsOf` lists. */
export const replacementCount = (
  study: Pick<Study, 'whole'>,
  { student, precision }: Pick<Contender, 'student' | 'precision'>,
): number =>
  (student.candidates.length || changedWeights(study, student).length) + (precision === 'int8' ? 1 : 0);
