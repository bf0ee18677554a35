import { observing } from '../../electron/app/observing.ts';
import { openStudy, type Study } from '../../electron/engine/stages/study.ts';
import type { Subject } from './subjects.ts';
import { need } from './timed-together.ts';

/** Settings that no part of a search that is measured alone looks at, but for the seed, which cuts the data. */
const anyRun = {
  threads: 1,
  level: 'all',
  strategy: 'evolution',
  groupSize: 4,
  seed: 1,
  budgetSeconds: 60,
  elapsedSeconds: 0,
  maxAccuracyDrop: 1,
  targetSpeedup: null,
} as const;

/** A model and its data as the stages of a run see them. Throws for what a run would refuse. */
export async function studyOf({ modelPath, dataPath }: Subject): Promise<Study> {
  return need(await openStudy({ ...anyRun, modelPath, dataPath }, observing(new AbortController().signal)));
}
