import { fail, ok } from '../../contract/result.ts';
import type { Trial, TrialCard } from '../../contract/trial.ts';
import { decideTrial } from '../trials.ts';
import type { QueriesOf } from './query.ts';

/** A trial as lists show it: without the outputs themselves. */
export const trialCardOf = (trial: Trial): TrialCard => ({
  ...trial,
  disagreements: trial.disagreements.map(({ outputA: _, outputB: __, ...row }) => row),
});

/** Trials of B in A's shadow. */
export const trialQueries: QueriesOf<'trials'> = {
  'trials.list': ({ store }, { of }) => ok(store.trials.list(of).map(trialCardOf)),
  'trials.get': ({ store }, { trial }) => {
    const found = store.trials.get(trial);
    return found ? ok(found) : fail({ kind: 'trialUnknown', trial });
  },
  'trials.decide': ({ store }, verdict) => {
    const decided = decideTrial(store, verdict);
    return decided.ok ? ok(trialCardOf(decided.value)) : decided;
  },
};
