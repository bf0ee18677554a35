import type { Parameters, Program } from '../../instructions/program.ts';
import { writeModel } from '../../onnx/write.ts';
import { linears } from '../../search/draft.ts';
import { quantize, type Range, rangedValues } from '../../search/quantize.ts';
import { measureRanges } from '../../tuning/ranges.ts';
import type { Study } from '../study.ts';
import { type quickTiming, specificationTiming, timeAgainst } from '../timing.ts';
import type { Reference } from './fit.ts';
import { isInInt8, type Student } from './student.ts';
import { wholeModel } from './whole-model.ts';

/** A program that may be timed or calibrated in 8 bits. */
type Quantizable = Pick<Student, 'program' | 'parameters' | 'inFloat'>;

/** A's time over that of a program as a whole model, in float and in 8 bits. */
type FormSpeeds = Pick<Student, 'speedup' | 'int8Speedup'>;

/** How long whole models are watched. */
type WholeTiming = typeof quickTiming | typeof specificationTiming;

/** In 8 bits a model must beat its own float form by this. */
const neededInt8 = 1.05;

/**
 * How many contractions at the start are tried in float: these have few channels and much room, which kernels for 8
 * bits are slow at, and the input has not to be turned into 8 bits.
 */
const leads = [0, 1, 2, 3, 4, 6, 8, 12];

/** Times each program as a whole model in float and, where wanted, in 8 bits; `models` counts what was timed. */
export async function timeForms(
  study: Study,
  programs: readonly Quantizable[],
  wantsInt8: boolean,
  timing: WholeTiming = specificationTiming,
): Promise<{ readonly speeds: readonly FormSpeeds[]; readonly models: number }> {
  const pairs = programs.map((p) => [p, wantsInt8 ? timedInt8(p) : null] as const);
  const forms = pairs.flatMap(([float, int8]) => (int8 ? [float, int8] : [float]));
  const ratios = await timeWhole(study, forms, timing);
  let at = 0;
  const speeds = pairs.map(([, int8]): FormSpeeds => {
    const speedup = ratios[at++]!;
    const inInt8 = int8 ? ratios[at++]! : 0;
    return { speedup, int8Speedup: inInt8 >= neededInt8 * speedup ? inInt8 : null };
  });
  return { speeds, models: forms.length };
}

/** Students that were timed in a hurry, with the speed-ups of a longer look. */
export async function timeAgain(study: Study, students: readonly Student[]): Promise<Student[]> {
  const { speeds } = await timeForms(study, students, true);
  return students.map((student, i) => ({ ...student, ...speeds[i]! }));
}

/** The base without edits, timed like its descendants, its 8-bit form with the lead in float that is fastest. */
export async function timeBase(
  study: Study,
  base: Omit<Student, keyof FormSpeeds | 'inFloat'>,
): Promise<Student> {
  const weights = linears(base.program).map((l) => l.weight);
  const inFloat = weights.slice(0, await fastestLead(study, base, weights));
  const { speeds } = await timeForms(study, [{ ...base, inFloat }], true);
  return { ...base, inFloat, ...speeds[0]! };
}

/** How many of the first contractions are best left in float; the same again in a resumed run. */
async function fastestLead(
  study: Study,
  base: Pick<Student, 'key' | 'program' | 'parameters'>,
  weights: readonly string[],
): Promise<number> {
  const memo = { leadOf: base.key, seed: study.job.seed };
  const known = (await study.host.recall('fit', memo))?.value as { lead: number } | undefined;
  if (known) return known.lead;
  const forms = leads.flatMap((lead) => {
    const draft = lead < weights.length ? timedInt8({ ...base, inFloat: weights.slice(0, lead) }) : null;
    return draft ? [{ lead, draft }] : [];
  });
  const drafts = forms.map(({ draft }) => draft);
  const ratios = await timeWhole(study, drafts, specificationTiming);
  const lead = forms[ratios.indexOf(Math.max(...ratios))]?.lead ?? 0;
  await study.host.record('fit', memo, { value: { lead }, blob: null });
  return lead;
}

/** A's time over that of each program as a whole model; 0 where the runtime refused it. */
async function timeWhole(
  study: Study,
  programs: readonly Pick<Student, 'program' | 'parameters'>[],
  timing: WholeTiming,
): Promise<number[]> {
  const models = programs.map((p) => writeModel(wholeModel(study, p.program, p.parameters)));
  const timed = await timeAgainst(study, study.originalBytes, models, timing);
  return timed.map(({ ratio }) => ratio ?? 0);
}

/** The program in 8 bits with made-up ranges, for timing; null where nothing in it can be. */
function timedInt8({ program, parameters, inFloat }: Quantizable) {
  const isWanted = isInInt8({ inFloat });
  const ranges = new Map(
    rangedValues(program, isWanted).map((id) => [id, madeUpRange(program, id)] as const),
  );
  return quantize({ program, parameters }, ranges, isWanted)?.draft ?? null;
}

/** Any will do, but within a clip: runtimes leave a clip out that a range makes needless. */
function madeUpRange(program: Program, id: number): Range {
  const instruction = program.instructions[id]!;
  if (instruction.op !== 'clip') return [0, 8];
  const { min, max } = instruction.attributes;
  return [Math.max(min, -8), Math.min(max, 8)];
}

/** The program in 8 bits but for what is made of `inFloat`, its ranges seen on samples of the fit part. */
export async function calibratedInt8(
  study: Study,
  reference: Reference,
  program: Program,
  parameters: Parameters,
  inFloat: readonly string[],
) {
  const isWanted = isInInt8({ inFloat });
  const ids = rangedValues(program, isWanted);
  const ranges = await measureRanges(program, parameters, ids, reference.teacher.samples, study.threads);
  return quantize({ program, parameters }, ranges, isWanted)?.draft ?? null;
}
