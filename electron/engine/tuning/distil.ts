import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { Part } from '../data/data.ts';
import type { Parameters, Program } from '../instructions/program.ts';
import { sameShape } from '../instructions/shapes.ts';
import { augmentationFor, blend, scarcityOf } from './augment.ts';
import { RunningAverage } from './average.ts';
import { matchFeatures } from './features.ts';
import { featureName, guidanceName, type Head, softenedName } from './loss.ts';
import { makePredictor, type Predictor } from './predict.ts';
import type { Dense } from './runtime.ts';
import { makeTrainer, type Trainer } from './trainer.ts';

/** What a student learns from. */
export interface Lessons {
  readonly teacher: { readonly program: Program; readonly parameters: Parameters };
  readonly fit: Part;
  readonly sampleShape: readonly number[];
  readonly head: Head;
  /** Weight of the labels against the teacher's soft labels, 0 to 1; 0 without labels. */
  readonly labelWeight: number;
  readonly seed: number;
  readonly threads: number;
  readonly batch: number;
  /**
   * Weight of the teacher's intermediate values against its outputs; 0: none are followed. Like the softened labels
   * they guide a student that is far from its teacher: their weight falls to 0 over a leg.
   */
  readonly featureWeight?: number;
  /** Temperature of the softened labels; 1: there are none. */
  readonly temperature?: number;
  /** Share of the samples that are shown shifted, cropped or masked as their shape allows; more where there are few. */
  readonly augmentedShare?: number;
  /** Share of a leg's end over which the parameters are averaged (Izmailov et al., 2018); 0: the last ones stand. */
  readonly averagedShare?: number;
  /** Milliseconds for measuring the forms of gradients, at most. */
  readonly formMs?: number;
}

type WholeLessons = Lessons & Required<Omit<Lessons, 'formMs'>>;

const usualLessons = {
  featureWeight: 3,
  temperature: 4,
  augmentedShare: 0.5,
  averagedShare: 0,
} as const;
/** Each followed value is read out of the teacher and compared, which costs a little of every step. */
const mostFeatures = 4;

/** One leg of training: a whole cosine from `peakRate` to nearly 0. */
export interface Leg {
  /** Ends at whichever comes first. */
  readonly seconds: number;
  readonly steps: number;
  readonly peakRate: number;
}

export interface LegReport {
  readonly steps: number;
  readonly seconds: number;
  /** Mean loss over the last tenth. */
  readonly loss: number;
}

/** A student that keeps its optimizer between legs. */
export interface Distillation {
  readonly parameters: Parameters;
  train(leg: Leg, signal: AbortSignal, onProgress: (done: number, loss: number) => void): Promise<LegReport>;
  release(): Promise<void>;
}

/** What a distillation is made of. */
interface Workshop {
  readonly trainer: Trainer;
  /** The teacher: its outputs, then the features that the student follows. */
  readonly predictor: Predictor;
  readonly sampler: Sampler;
  readonly lessons: WholeLessons;
  /** As it is used: 1 where nothing is softened. */
  readonly temperature: number;
}

/** Prepares whole-model distillation of a student program: all its parameters, the teacher's outputs as targets. */
export async function makeDistillation(
  student: Program,
  parameters: Parameters,
  lessons: Lessons,
): Promise<Distillation> {
  const { batch, threads, head, sampleShape, teacher } = lessons;
  const usual = { ...usualLessons, ...lessons };
  // A program that teaches itself has only the labels to learn from, and what guides it would hold it back.
  const isTeacher = isSameProgram(student, teacher.program);
  const featureWeight = isTeacher ? 0 : usual.featureWeight;
  const temperature = isTeacher || head === 'values' ? 1 : usual.temperature;
  const pairs = featureWeight > 0 ? matchFeatures(student, teacher.program, mostFeatures) : [];
  const followed = {
    ...teacher.program,
    outputs: [...teacher.program.outputs, ...pairs.map((p) => p.teacher)],
  };
  const predictor = await makePredictor(followed, teacher.parameters, sampleShape, { batch, threads });
  const sampler = makeSampler(usual);
  const outputs = teacher.program.outputs.length;
  const scales =
    head === 'values' || pairs.length > 0
      ? await valueScales(predictor, sampler, head === 'values' ? outputs : 0)
      : [];
  const trainer = await makeTrainer(student, parameters, {
    batch,
    threads,
    ...(lessons.formMs !== undefined && { formMs: lessons.formMs }),
    head,
    scales: scales.slice(0, outputs),
    temperature,
    features: pairs.map((pair, n) => ({
      value: pair.student,
      factor: (featureWeight * scales[outputs + n]!) / pairs.length,
    })),
    weightDecay: 1e-4,
  });
  const workshop = { trainer, predictor, sampler, lessons: usual, temperature };
  return {
    parameters: trainer.parameters,
    train: (leg, signal, onProgress) => train(workshop, leg, signal, onProgress),
    async release() {
      await trainer.release();
      await predictor.release();
    },
  };
}

async function train(
  { trainer, predictor, sampler, lessons, temperature }: Workshop,
  leg: Leg,
  signal: AbortSignal,
  onProgress: (done: number, loss: number) => void,
): Promise<LegReport> {
  const started = performance.now();
  const outputs = lessons.teacher.program.outputs.length;
  const recent: number[] = [];
  const average = new RunningAverage(trainer.parameters);
  let step = 0;
  let done = 0;
  while (step < leg.steps && done < 1 && !signal.aborted) {
    const { x, labels } = await sampler.next();
    const results = await predictor.run(x, lessons.batch);
    const taught = results.slice(0, outputs);
    const targets = taught.map((y) =>
      lessons.head === 'scores' ? mixture(y, labels, lessons.labelWeight) : y.data,
    );
    const further: Record<string, Float32Array> = { [guidanceName]: Float32Array.of(1 - done) };
    if (temperature !== 1)
      for (const [n, y] of taught.entries()) further[softenedName(n)] = softened(y, temperature);
    for (const [n, { data }] of results.slice(outputs).entries()) further[featureName(n)] = data;
    const warm = Math.min(1, (step + 1) / 30);
    const rate = leg.peakRate * warm * (0.01 + 0.495 * (1 + Math.cos(Math.PI * done)));
    const loss = await trainer.step(x, targets, rate, further);
    if (done >= 1 - lessons.averagedShare) average.add();
    recent.push(loss);
    if (recent.length > 50) recent.shift();
    step++;
    done = Math.max(step / leg.steps, (performance.now() - started) / 1000 / leg.seconds);
    if (step % 10 === 0) {
      onProgress(Math.min(1, done), loss);
      // session.run blocks the thread: let messages (cancel) in now and then.
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
  average.apply();
  const loss = recent.reduce((a, b) => a + b, 0) / Math.max(1, recent.length);
  return { steps: step, seconds: (performance.now() - started) / 1000, loss };
}

/** The softmax of the teacher's scores over a temperature. */
function softened(scores: Dense, temperature: number): Float32Array {
  const width = scores.shape.at(-1)!;
  const out = new Float32Array(scores.data.length);
  for (let at = 0; at < out.length; at += width) {
    let top = Number.NEGATIVE_INFINITY;
    for (let i = at; i < at + width; i++) top = Math.max(top, scores.data[i]!);
    let total = 0;
    for (let i = at; i < at + width; i++) total += out[i] = Math.exp((scores.data[i]! - top) / temperature);
    for (let i = at; i < at + width; i++) out[i]! /= total;
  }
  return out;
}

/** The teacher's softmax mixed with the label's one-hot. */
function mixture(scores: Dense, labels: Int32Array | null, labelWeight: number): Float32Array {
  const out = softened(scores, 1);
  if (!labels) return out;
  const width = scores.shape.at(-1)!;
  labels.forEach((label, row) => {
    if (label === noLabel) return;
    const start = row * width;
    for (let i = start; i < start + width; i++) out[i]! *= 1 - labelWeight;
    out[start + label]! += labelWeight;
  });
  return out;
}

/** True where both compute the same, whatever their parameters are. */
const isSameProgram = (a: Program, b: Program): boolean =>
  a.instructions.length === b.instructions.length &&
  a.instructions.every(({ op, shape, inputs }, id) => {
    const other = b.instructions[id]!;
    return op === other.op && sameShape(shape, other.shape) && inputs.join() === other.inputs.join();
  });

interface Sampler {
  /** Labels are −1 where a sample is no longer what its label says. */
  next(): Promise<{ x: Float32Array; labels: Int32Array | null }>;
}

const noLabel = -1;
/** The most that are laid over each other, and the most that are changed, where samples are as scarce as can be. */
const blendedWhereScarce = 0.4;
const augmentedWhereScarce = 0.95;

/** Batches of the fit part in seeded random order, epoch by epoch, augmented as their shape allows. */
function makeSampler(lessons: WholeLessons): Sampler {
  const rng = xoroshiro128plus(lessons.seed);
  const { fit, batch, augmentedShare } = lessons;
  const scarcity = scarcityOf(fit.count);
  const change = augmentationFor(lessons.sampleShape, scarcity);
  const changedShare = augmentedShare + scarcity * Math.max(0, augmentedWhereScarce - augmentedShare);
  const order = Int32Array.from({ length: fit.count }, (_, i) => i);
  let at = order.length;
  return {
    async next() {
      const indices = new Int32Array(batch);
      for (let i = 0; i < batch; i++) {
        if (at >= order.length) {
          shuffle(order, rng);
          at = 0;
        }
        indices[i] = order[at++]!;
      }
      const x = await fit.read(indices);
      const size = x.length / batch;
      const sample = (i: number): Float32Array => x.subarray(i * size, (i + 1) * size);
      for (let i = 0; change && i < batch; i++)
        if (uniformFloat64(rng) < changedShare) change(sample(i), rng);
      const labels = fit.labels && indices.map((i) => fit.labels![i]!);
      // A sample may meet one that was laid over before: all the better mixed.
      for (let i = 0; change && batch > 1 && i < batch; i++) {
        if (uniformFloat64(rng) >= scarcity * blendedWhereScarce) continue;
        blend(sample(i), sample((i + 1 + uniformInt(rng, 0, batch - 2)) % batch), rng);
        if (labels) labels[i] = noLabel;
      }
      return { x, labels };
    },
  };
}

function shuffle(order: Int32Array, rng: RandomGenerator): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = uniformInt(rng, 0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
}

/**
 * One over the variance of each value of the teacher, so that values of any range weigh the same. Of plain outputs it is
 * the variance around what stands at a place in all samples: where a detector's anchors are is nothing to learn.
 */
async function valueScales(predictor: Predictor, sampler: Sampler, plain: number): Promise<number[]> {
  const { x } = await sampler.next();
  return (await predictor.run(x, predictor.batch)).map(({ shape, data }, n) => {
    const places = n < plain ? data.length / shape[0]! : 1;
    const means = new Float64Array(places);
    for (let i = 0; i < data.length; i++) means[i % places]! += (data[i]! * places) / data.length;
    const variance = data.reduce((sum, v, i) => sum + (v - means[i % places]!) ** 2, 0) / data.length;
    return 1 / Math.max(variance, 1e-6);
  });
}
