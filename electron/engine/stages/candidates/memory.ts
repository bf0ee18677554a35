import type { Experience, Trial } from '../../../store/experiences.ts';
import { learn, type Predictor } from '../../experience/predictor.ts';
import { type Pair, pairKey, type Sample } from '../../experience/sample.ts';
import { type FormWeights, type GroupKind, neededRatio, weightsFrom } from '../../experience/weights.ts';
import type { Study } from '../study.ts';
import { settingsOf } from '../timing.ts';
import type { Candidate } from './search.ts';

/** Why a pair need not be timed. */
export interface Spared {
  readonly by: 'prediction' | 'memory';
  readonly reason: string;
}

/** What earlier runs tried on this board and on others, and what this one has measured so far. */
export interface Memory {
  weights(group: GroupKind): FormWeights;
  /** Why timing a pair would be in vain; null where it is to be timed. */
  spares(pair: Pair): Spared | null;
  /** Learns from a measurement of this run. */
  learn(trial: Trial): void;
  /** Foretells with all that was learned, where that is much more than when it was asked last. */
  refresh(): void;
}

/** The same pair measured here and not longer ago is not measured again where it was no gain. */
const freshDays = 30;
/** A remembered ratio may have been off by so much. */
const remembered = 1.05;
/** The predictor learns anew when it could learn from so many times as many pairs. */
const worthLearning = 1.25;
/** So many spared pairs that were timed all the same may have been spared wrongly, or predictions are not heeded. */
const mostWrong = 0.2;
const fewestChecks = 5;

/** Opens the memory of a run. */
export async function openMemory(study: Study): Promise<Memory> {
  const { threads, level } = settingsOf(study);
  const experiences = await study.host.experience();
  const here = experiences.filter((e) => e.where === 'here' && e.threads === threads && e.level === level);
  const samples: Sample[] = [...here];
  const known = new Map<string, Experience>();
  // The newest come first.
  for (const e of here.toReversed()) if (e.ageDays < freshDays) known.set(pairKey(e), e);
  let predictor: Predictor | null = null;
  let learnedFrom = 0;

  const refresh = (): void => {
    if (samples.length < worthLearning * learnedFrom) return;
    learnedFrom = samples.length;
    predictor = learn(samples);
    if (predictor) {
      const { structures, heldOut } = predictor;
      study.ledger.predictor = { structures, medianError: heldOut.median, p90Error: heldOut.p90 };
    }
  };
  refresh();
  return {
    weights: (group) => weightsFrom(experiences, group),
    spares(pair) {
      const before = known.get(pairKey(pair));
      if (before && before.ratio * remembered < neededRatio) {
        const reason = `measured ${before.ratio.toFixed(2)} times as fast ${ageText(before.ageDays)}`;
        return { by: 'memory', reason };
      }
      const { checksOfSpared, wronglySpared } = study.ledger;
      const isTrusted = checksOfSpared < fewestChecks || wronglySpared <= mostWrong * checksOfSpared;
      if (!predictor || !isTrusted) return null;
      const ratio = predictor.ratio(pair.baselineFeatures, pair.features);
      if (Math.log(ratio) + predictor.heldOut.faster >= Math.log(neededRatio)) return null;
      const reason = `predicted ${ratio.toFixed(2)} times as fast by what was measured before`;
      return { by: 'prediction', reason };
    },
    learn: (trial) => void samples.unshift(trial),
    refresh,
  };
}

const ageText = (days: number): string =>
  days < 1 ? 'on this board today' : `on this board ${Math.round(days)} days ago`;

/** Tells the app what this run tried, each pair of structures once, with its damage where that is known. */
export async function rememberTrials(study: Study, candidates: readonly Candidate[]): Promise<void> {
  const trials = new Map<string, Trial>();
  for (const { trial, klNats } of candidates) {
    if (!trial) continue;
    const before = trials.get(pairKey(trial));
    trials.set(pairKey(trial), { ...trial, damage: before?.damage ?? klNats });
  }
  await study.host.remember([...trials.values()]);
}
