import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { writeModel } from '../onnx/write.ts';
import { linears } from '../search/draft.ts';
import {
  breed,
  type Gene,
  type Specification,
  specificationKey,
  spreadOverFront,
} from '../search/specifications.ts';
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
  const models = specifications.map((s) => writeModel(splice(study.model, placedOf(s, byOrdinal))));
  const timed = await timeAgainst(study, study.originalBytes, models, specificationTiming, (n) =>
    study.host.event({
      kind: 'progress',
      stage: 'fit',
      done: n,
      total: models.length,
      note: 'whole models timed against A',
    }),
  );
  const fast = specifications
    .map((specification, i) => ({ specification, speedup: timed[i]!.ratio ?? 0 }))
    .filter((s) => s.speedup >= neededSpeedup);
  const measured: Specified[] = [];
  for (const { specification, speedup } of fast) {
    checkCancelled(study.host);
    if ((performance.now() - started) / 1000 > seconds && measured.length >= finalists) break;
    const chosen = specification.map((g) => byOrdinal.get(g.ordinal)!);
    const student = await fitStudent(study, reference, editsOf(chosen));
    if (student) measured.push({ candidates: chosen, student, speedup, damage: student.damage });
    study.host.event({
      kind: 'progress',
      stage: 'fit',
      done: measured.length,
      total: fast.length,
      note: 'whole models fitted in network order',
    });
  }
  return spreadOverFront(measured, finalists);
}

function placedOf(specification: Specification, byOrdinal: ReadonlyMap<number, Candidate>) {
  return specification.map((g) => {
    const { place, draft } = byOrdinal.get(g.ordinal)!;
    return { group: place.group, draft };
  });
}

/** A stable name of a specification, for the memo of its training. */
export const keyOfSpecified = (s: Specified): string =>
  specificationKey(s.candidates.map((c) => ({ ordinal: c.ordinal, weights: [], savedUs: 0, damage: 0 })));
