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

/** What is timed with several leads. */
type Timeable = Pick<Student, 'key' | 'program' | 'parameters'>;

/** A's time over that of the base in 8 bits, its first `lead` contractions in float. */
interface TimedLead {
  readonly lead: number;
  readonly ratio: number;
}

/** How long whole models are watched. */
type WholeTiming = typeof quickTiming | typeof specificationTiming;

/** In 8 bits a model must beat its own float form by this. */
const neededInt8 = 1.05;

/**
 * How many contractions at the start are tried in float: these have few channels and much room, which kernels for 8
 * bits are slow at, and the input has not to be turned into 8 bits.
 */
const leads = [0, 1, 2, 3, 4, 6, 8, 12];
/** Of the fastest form's gain, as a power of it, a gentler one keeps so much. */
const keptGain = 0.75;

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
  const inFloat = firstWeights(base.program, await fastestLead(study, base));
  const { speeds } = await timeForms(study, [{ ...base, inFloat }], true);
  return { ...base, inFloat, ...speeds[0]! };
}

/**
 * The base with more of its first contractions in float than is fastest, as many as still keep most of that gain: it
 * loses less by rounding. Null where there is no such form.
 */
export async function gentlerBase(study: Study, base: Student): Promise<Student | null> {
  const timed = await timedLeads(study, base);
  const fastest = Math.max(1, ...timed.map(({ ratio }) => ratio));
  const least = Math.max(neededInt8, fastest ** keptGain);
  const gentle = timed.filter(({ lead, ratio }) => lead > base.inFloat.length && ratio >= least).at(-1);
  if (!gentle) return null;
  const { lead, ratio } = gentle;
  const key = `${base.key} but for ${lead}`;
  return { ...base, key, int8Speedup: ratio, inFloat: firstWeights(base.program, lead) };
}

/** The weights of a program's first `count` contractions. */
const firstWeights = (program: Program, count: number): string[] =>
  linears(program)
    .slice(0, count)
    .map((l) => l.weight);

/** How many of the first contractions are best left in float. */
async function fastestLead(study: Study, base: Timeable): Promise<number> {
  const timed = await timedLeads(study, base);
  return timed.reduce((best, one) => (one.ratio > best.ratio ? one : best), { lead: 0, ratio: 0 }).lead;
}

/** A's time over that of the base in 8 bits, but for so many of its first contractions; the same in a resumed run. */
async function timedLeads(study: Study, base: Timeable): Promise<readonly TimedLead[]> {
  const memo = { leadsOf: base.key, seed: study.job.seed };
  const known = (await study.host.recall('fit', memo))?.value as readonly TimedLead[] | undefined;
  if (known) return known;
  const contractions = linears(base.program).length;
  const forms = leads.flatMap((lead) => {
    if (lead >= contractions) return [];
    const draft = timedInt8({ ...base, inFloat: firstWeights(base.program, lead) });
    return draft ? [{ lead, draft }] : [];
  });
  const drafts = forms.map(({ draft }) => draft);
  const ratios = await timeWhole(study, drafts, specificationTiming);
  const timed = forms.map(({ lead }, i) => ({ lead, ratio: ratios[i]! }));
  await study.host.record('fit', memo, { value: timed, blob: null });
  return timed;
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
