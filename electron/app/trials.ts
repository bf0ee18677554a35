import type { AppError } from '../contract/errors.ts';
import { fail, type Result } from '../contract/result.ts';
import { longestName, longestNote, type Trial, type TrialVerdict } from '../contract/trial.ts';
import type { Store } from '../store/open-store.ts';
import type { TrialsOf } from '../store/trials.ts';

/**
 * The newest trial of a run, or of two models by the sha256 of their files, on a board (null: on any); null when there
 * is none. It says how B did in A's shadow and whether a person approved: who puts B in A's place shows it first.
 */
export function latestTrialOf(
  { trials }: Pick<Store, 'trials'>,
  of: TrialsOf,
  boardId: string | null,
): Trial | null {
  return trials.list(of, boardId ?? undefined)[0] ?? null;
}

/** Writes down a person's word on a trial. Errors: usage, trialUnknown, trialDecided, those of every write of the store. */
export function decideTrial(
  { trials }: Pick<Store, 'trials'>,
  verdict: TrialVerdict,
): Result<Trial, AppError> {
  const by = verdict.by.trim();
  const expected = `the name of the person who decides, at most ${longestName} characters`;
  if (by === '' || by.length > longestName)
    return fail({ kind: 'usage', option: '--by', value: by.slice(0, longestName), expected });
  const note = verdict.note.trim().slice(0, longestNote);
  return trials.decide({ ...verdict, by, note });
}
