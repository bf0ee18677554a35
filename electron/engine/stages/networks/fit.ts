import type { Parameters, Program } from '../../instructions/program.ts';
import type { Draft } from '../../search/draft.ts';
import { linears } from '../../search/draft.ts';
import { applyEdits, type ChooseChannels, type Edit } from '../../search/edits.ts';
import { widthsOf } from '../../search/streams.ts';
import { fitClosedForm, type Teacher } from '../../tuning/closed-form.ts';
import { packParameters, unpackParameters } from '../../tuning/pack.ts';
import { makePredictor, predict } from '../../tuning/predict.ts';
import type { Dense } from '../../tuning/runtime.ts';
import { makeOutputComparison } from '../../verify/agreement.ts';
import { likenessOf, meanOf } from '../../verify/likeness.ts';
import { countFunnel } from '../candidates/funnel.ts';
import { type Candidate, isFast, saveCandidates, savedUs, triedProgram } from '../candidates/search.ts';
import { checkCancelled, type Study } from '../study.ts';
import type { Student } from './student.ts';

const fitSamples = 256;
const compareSamples = 192;
/** Candidates fitted per group and in all; the fastest first. */
const perGroup = 4;
const mostFitted = 48;

/** What edits are applied to: A, or a student that was trained. */
export type Base = Pick<Student, 'key' | 'program' | 'parameters'>;

/** A base with edits, fitted in closed form. */
export interface Fitted {
  readonly program: Program;
  readonly parameters: Parameters;
  /** KL divergence to A on samples of `select`, nats (for plain values: 1 − cosine). */
  readonly damage: number;
  /** Largest share of a target's variance that a fit leaves unexplained; null where nothing was fitted. */
  readonly error: number | null;
}

/** What fitting needs of A: inputs of fit samples, and A's outputs on select samples. */
export interface Reference {
  readonly teacher: Teacher;
  readonly selectIndices: readonly number[];
  readonly outputs: readonly Dense[];
  /** The damage of a model that answers the same to everything: even scores, or the mean of A's values. */
  readonly worthless: number;
}

/** Runs A once over the samples that closed-form fits and comparisons use. */
export async function makeReference(study: Study): Promise<Reference> {
  const { program, parameters } = study.whole!;
  const { fit } = study.data.parts;
  const count = Math.min(fitSamples, fit.count);
  const data = await fit.read(Array.from({ length: count }, (_, i) => i));
  const selectIndices = Array.from({ length: Math.min(compareSamples, study.choosing.count) }, (_, i) => i);
  const outputs = await outputsOnSelect(study, { program, parameters }, selectIndices, 32);
  const samples = { shape: [count, ...study.data.sampleShape], data };
  const teacher: Teacher = { program, parameters, input: study.inputName, samples };
  return {
    teacher,
    selectIndices,
    outputs,
    worthless: damageBy(study, outputs, outputs.map(study.head === 'scores' ? evenRows : meanOfRows)),
  };
}

/**
 * Keeps the outputs whose weights are largest: the norm of all that makes a channel (in the spirit of Li et al., 2017),
 * over every instruction that writes into the same sums.
 */
export function chooseByNorm({ program, parameters }: Pick<Base, 'program' | 'parameters'>): ChooseChannels {
  const all = linears(program);
  const widths = widthsOf(program);
  return (weight, keep, of) => {
    const members = widths.find((w) => w.members.includes(weight))?.members ?? [weight];
    const scores = new Array<number>(of).fill(0);
    for (const own of all.filter((l) => members.includes(l.weight))) {
      const value = parameters.get(own.weight);
      if (value?.shape[own.outAxis] !== of) continue;
      const inner = value.shape.slice(own.outAxis + 1).reduce((a, d) => a * d, 1);
      for (const [i, v] of value.data.entries()) scores[Math.floor(i / inner) % of]! += v * v;
    }
    const order = scores.map((_, i) => i).sort((a, b) => scores[b]! - scores[a]! || a - b);
    return order.slice(0, keep).sort((a, b) => a - b);
  };
}

/** A base with edits applied, its first values those of the base; null where an edit does not fit. */
export const editBase = (base: Base, edits: readonly Edit[]): Draft | null =>
  applyEdits({ ...base, refits: [] }, edits, chooseByNorm(base));

/** Fits a base with its edits applied, `draft`, in closed form in network order, and measures the damage. */
export async function fitDraft(
  study: Study,
  reference: Reference,
  { base, edits }: { readonly base: Base; readonly edits: readonly Edit[] },
  draft: Draft,
): Promise<Fitted> {
  const { job } = study;
  const key = { base: base.key, edits, seed: job.seed, model: job.modelPath, data: job.dataPath };
  const known = await study.host.recall('fit', key);
  if (known?.blob) {
    const { damage, error } = known.value as { damage: number; error: number | null };
    return { program: draft.program, parameters: unpackParameters(known.blob), damage, error };
  }
  const fitted = await fitClosedForm(draft, reference.teacher, study.threads);
  const damage = await damageOf(study, reference, draft.program, fitted.parameters);
  const errors = fitted.reports.flatMap((r) => (r.error === null ? [] : [r.error]));
  const error = errors.length > 0 ? Math.max(...errors) : null;
  await study.host.record('fit', key, { value: { damage, error }, blob: packParameters(fitted.parameters) });
  return { program: draft.program, parameters: fitted.parameters, damage, error };
}

/** How far a program's outputs are from A's on the reference samples. */
export async function damageOf(
  study: Study,
  reference: Reference,
  program: Program,
  parameters: Parameters,
): Promise<number> {
  const outputs = await outputsOnSelect(study, { program, parameters }, reference.selectIndices, 32);
  return damageBy(study, reference.outputs, outputs);
}

function damageBy(study: Study, ofA: readonly Dense[], outputs: readonly Dense[]): number {
  const worst =
    study.head === 'scores'
      ? Math.max(...outputs.map((y, n) => divergenceOf(ofA[n]!, y)))
      : 1 - Math.min(...likenessOf(ofA, outputs).map(meanOf));
  return Number.isFinite(worst) ? Math.max(0, worst) : 1e6;
}

/** The same for every class: even scores, or even probabilities. */
const evenRows = ({ shape, data }: Dense): Dense => ({
  shape,
  data: new Float32Array(data.length).fill(1 / shape.at(-1)!),
});

/** In place of each row the mean of all. */
function meanOfRows({ shape, data }: Dense): Dense {
  const [rows, size] = [shape[0]!, data.length / shape[0]!];
  const mean = new Float32Array(size);
  for (const [i, v] of data.entries()) mean[i % size]! += v / rows;
  return { shape, data: Float32Array.from(data, (_, i) => mean[i % size]!) };
}

/** KL(A ‖ student) of scores, nats. */
function divergenceOf(a: Dense, b: Dense): number {
  const comparison = makeOutputComparison(b.shape[b.shape.length - 1]!);
  comparison.add(a.data, b.data);
  return comparison.result().kl;
}

/** Outputs of a program for samples of `select`, one dense tensor an output, run in batches of `batch`. */
export async function outputsOnSelect(
  study: Study,
  { program, parameters }: Pick<Base, 'program' | 'parameters'>,
  indices: readonly number[],
  batch: number,
): Promise<Dense[]> {
  const { sampleShape } = study.data;
  const settings = { batch, threads: study.threads };
  const predictor = await makePredictor(program, parameters, sampleShape, settings);
  try {
    return await predict(predictor, study.choosing, indices);
  } finally {
    await predictor.release();
  }
}

/**
 * Fits the fast candidates alone in the whole model and records what each costs in accuracy. `onFitted` is told of the
 * share of them that is done.
 */
export async function fitCandidates(
  study: Study,
  reference: Reference,
  candidates: readonly Candidate[],
  base: Base,
  seconds: number,
  onFitted: (share: number) => void,
): Promise<void> {
  const started = performance.now();
  const chosen = shortlist(candidates);
  let done = 0;
  for (const c of chosen) {
    checkCancelled(study.host);
    if ((performance.now() - started) / 1000 > seconds) {
      c.reason = 'no time left to fit it';
      continue;
    }
    study.live.trying([triedProgram(c)]);
    const { edits } = c.proposal;
    const draft = editBase(base, edits);
    if (draft) {
      const fitted = await fitDraft(study, reference, { base, edits }, draft);
      c.fate = 'spliced';
      c.error = fitted.error;
      c.klNats = fitted.damage;
    } else c.reason = 'does not fit the whole model';
    onFitted(++done / chosen.length);
    study.live.funnel(countFunnel(candidates, 0));
  }
  study.live.stopTrying();
  await saveCandidates(study, candidates);
}

/** The candidates that save most, some of each group, no group left out for another. */
function shortlist(candidates: readonly Candidate[]): Candidate[] {
  const byGroup = new Map<string, Candidate[]>();
  for (const c of candidates)
    if (isFast(c)) byGroup.set(c.place.group.name, [...(byGroup.get(c.place.group.name) ?? []), c]);
  const ranked = [...byGroup.values()].map((own) =>
    spread(
      own.sort((a, b) => savedUs(b) - savedUs(a)),
      perGroup,
    ),
  );
  const rounds = Array.from({ length: perGroup }, (_, round) => ranked.flatMap((own) => own[round] ?? []));
  return rounds.flatMap((r) => r.sort((a, b) => savedUs(b) - savedUs(a))).slice(0, mostFitted);
}

/** `count` of a sorted list, from its first to its last in even steps: the gentle ones have their place too. */
function spread<T>(sorted: readonly T[], count: number): T[] {
  if (sorted.length <= count) return [...sorted];
  return Array.from(
    { length: count },
    (_, i) => sorted[Math.round((i * (sorted.length - 1)) / (count - 1))]!,
  );
}
