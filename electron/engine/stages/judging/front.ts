import type { FrontModel, PickJob, RunFront } from '../../host.ts';
import { readModel } from '../../onnx/read.ts';
import { survivors, undominated } from '../../search/pareto.ts';
import { deliver } from '../networks/delivery.ts';
import { replacementsOf } from '../networks/replacements.ts';
import { type Contender, keyOfContender } from '../networks/student.ts';
import type { Study } from '../study.ts';
import { firstLook, goalsOf } from '../tuning/looks.ts';
import type { Tuning } from '../tuning/tune.ts';
import type { Finalists } from './judge.ts';

/** Models of a front that are kept. */
const mostKept = 12;

/** The front of a run between speed and accuracy on the samples for choosing, as files. */
export function frontOf(
  study: Study,
  { contenders, originalSelect }: Tuning,
  tunedOriginal: number,
): RunFront {
  const objectivesOf = (c: Contender) => [1 / c.speedup, -c.selectAccuracy];
  const kept = survivors(undominated(contenders, objectivesOf), mostKept, objectivesOf);
  const models = kept
    .sort((a, b) => a.speedup - b.speedup)
    .map(
      (c): FrontModel => ({
        id: keyOfContender(c),
        speedup: c.speedup,
        selectAccuracy: c.selectAccuracy,
        steps: c.steps,
        replacements: replacementsOf(study, c),
        bytes: deliver(study, c).bytes,
      }),
    );
  return { originalSelect, tunedOriginal, models };
}

/** The models of a front, and which of them is judged first with the limit asked for; null where it is empty. */
export function finalistsFrom({ job, from, front }: PickJob): Finalists | null {
  if (front.models.length === 0) return null;
  const all = front.models.map(({ bytes, ...known }) => ({
    ...known,
    deliver() {
      const back = readModel(bytes, 'optimized.onnx');
      if (!back.ok) throw new Error(`A model of the front does not read: ${back.error.kind}`);
      return { bytes, model: back.value };
    },
  }));
  const original = { select: front.originalSelect, verify: from.original.accuracy.value };
  return { all, first: firstLook(all, goalsOf(original, job.maxAccuracyDrop)) };
}
