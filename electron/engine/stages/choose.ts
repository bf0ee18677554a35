import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { FrontPoint } from '../../contract/search-progress.ts';
import { writeModel } from '../onnx/write.ts';
import { linears } from '../search/draft.ts';
import { breed, type Gene, specificationKey, spreadOverFront } from '../search/specifications.ts';
import { fitStudent, type Reference, type Student } from './fit.ts';
import { type Candidate, editsOf, savedUs } from './search.ts';
import { splice } from './splice.ts';
import { checkCancelled, type Study } from './study.ts';
import { specificationTiming, timeAgainst } from './timing.ts';

/** A specification measured as a whole model: pairwise time against A, and KL after the fit in network order. */
export interface Specified {
  readonly candidates: readonly Candidate[];
  readonly student: Student;
  readonly speedup: number;
  readonly damage: number;
}

const populationSize = 28;
/** Whole-network specifications that go on to fine-tuning. */
const finalists = 5;
const neededSpeedup = 1.03;

/** The choice across groups: whole-network specifications, timed pairwise against A on the board. */
export async function chooseSpecifications(
  study: Study,
  reference: Reference,
  candidates: readonly Candidate[],
  seconds: number,
): Promise<Specified[]> {
  const started = performance.now();
  const genes = candidates.flatMap((c): Gene[] =>
    c.fate === 'spliced' && c.klNats !== null && savedUs(c) > 0
      ? [{ ordinal: c.ordinal, weights: c.place.weights, savedUs: savedUs(c), damage: c.klNats }]
      : [],
  );
  if (genes.length === 0) return [];
  const order = linears(study.whole!.program).map((l) => l.weight);
  const specifications = breed(genes, order, populationSize, xoroshiro128plus(study.job.seed));
  const byOrdinal = new Map(candidates.map((c) => [c.ordinal, c]));
  const chosen = specifications.map((s) => s.map((gene) => byOrdinal.get(gene.ordinal)!));
  const models = chosen.map((own) => writeModel(splice(study.model, placedOf(own))));
  const timed = await timeAgainst(study, study.originalBytes, models, specificationTiming, {
    onTimed: (first, some) => {
      some.forEach(({ ratio }, i) => {
        if (ratio === null) return;
        study.live.point(frontPoint({ candidates: chosen[first + i]!, speedup: ratio }, 'screened'));
      });
      const [done, total] = [first + some.length, models.length];
      const note = { kind: 'modelsTimed' } as const;
      study.host.event({ kind: 'progress', stage: 'fit', done, total, note });
    },
  });
  const fast = chosen
    .map((own, i) => ({ chosen: own, speedup: timed[i]!.ratio ?? 0 }))
    .filter((s) => s.speedup >= neededSpeedup);
  const measured: Specified[] = [];
  for (const { chosen: own, speedup } of fast) {
    checkCancelled(study.host);
    if ((performance.now() - started) / 1000 > seconds && measured.length >= finalists) break;
    const student = await fitStudent(study, reference, editsOf(own));
    if (student) measured.push({ candidates: own, student, speedup, damage: student.damage });
    study.host.event({
      kind: 'progress',
      stage: 'fit',
      done: measured.length,
      total: fast.length,
      note: { kind: 'modelsFitted' },
    });
  }
  return spreadOverFront(measured, finalists);
}

const placedOf = (candidates: readonly Candidate[]) =>
  candidates.map(({ place, draft }) => ({ group: place.group, draft }));

/** A specification as a point between latency and accuracy, with what is known of it at its `state`. */
export const frontPoint = (
  specified: Pick<Specified, 'candidates' | 'speedup'>,
  state: FrontPoint['state'],
  known: Partial<Omit<FrontPoint, 'id' | 'state' | 'replacements'>> = {},
): FrontPoint => ({
  id: keyOfSpecified(specified),
  speedup: specified.speedup,
  accuracy: null,
  originalAccuracy: null,
  state,
  replacements: specified.candidates.length,
  speedupInterval95: null,
  accuracyInterval95: null,
  ...known,
});

/** A stable name of a specification, for the memo of its training. */
export const keyOfSpecified = (s: Pick<Specified, 'candidates'>): string =>
  specificationKey(s.candidates.map((c) => ({ ordinal: c.ordinal, weights: [], savedUs: 0, damage: 0 })));
