import type { SearchEffort } from '../../../contract/run-notes.ts';

/** The effort so far; the stages add to it. */
export type Ledger = { -readonly [K in keyof SearchEffort]: SearchEffort[K] };

/** A ledger of a run that has not measured anything yet. */
export const makeLedger = (): Ledger => ({
  rankingInferences: 0,
  rankingInferencesFixed: 0,
  timingInferences: 0,
  timingInferencesFixed: 0,
  structuresTimed: 0,
  sparedByPrediction: 0,
  sparedByMemory: 0,
  checksOfSpared: 0,
  wronglySpared: 0,
  predictor: null,
});
