import type { DataCheck } from '../../../../electron/contract/views.ts';

/** Share of the samples on which A alone or B alone is right, as assumed before a run has measured it. */
const discordantShare = 0.06;
const z95 = 1.96;

/**
 * The loss, in percentage points, that so many labels cannot tell from none: the half-width of the 95 % interval of
 * a paired difference when on 6 % of the samples only one of the two is right.
 */
export const certifiableLoss = (labels: number): number => 100 * z95 * Math.sqrt(discordantShare / labels);

/** How a check of a model on data came out. */
export type CheckVerdict = 'above chance' | 'not above chance' | 'no labels' | 'no classes';

/** Above chance is what guessing the commonest class would reach in less than one of forty checks. */
export function verdictOf({ samples, accuracy, chance }: DataCheck): CheckVerdict {
  if (chance === null) return 'no labels';
  if (accuracy === null) return 'no classes';
  const part = chance / 100;
  const reach = chance + 100 * z95 * Math.sqrt((part * (1 - part)) / Math.max(1, samples));
  return accuracy > reach ? 'above chance' : 'not above chance';
}

/** How many samples the model got right. */
export const rightOf = (samples: number, accuracy: number): number => Math.round((samples * accuracy) / 100);
