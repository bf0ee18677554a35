import type { Funnel } from '../../../contract/search-progress.ts';
import type { Candidate } from './search.ts';

/** How many candidates came how far; `tuned` counts whole models. */
export function countFunnel(candidates: readonly Candidate[], tuned: number): Funnel {
  const reached = (...fates: Candidate['fate'][]) => candidates.filter((c) => fates.includes(c.fate)).length;
  const later = ['fitted', 'spliced', 'tuned', 'chosen'] as const;
  return {
    proposed: candidates.length,
    checked: candidates.length - reached('proposed'),
    duplicates: reached('duplicate'),
    timed: reached('timed', ...later),
    fitted: reached(...later),
    spliced: reached('spliced', 'tuned', 'chosen'),
    tuned,
  };
}
