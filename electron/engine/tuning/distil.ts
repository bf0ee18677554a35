import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { Part } from '../data/data.ts';
import type { Parameters, Program } from '../instructions/program.ts';
import { augment, imageLayout } from './augment.ts';
import type { Head } from './loss.ts';
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
}

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

/** Prepares whole-model distillation of a student program: all its parameters, the teacher's outputs as targets. */
export async function makeDistillation(
  student: Program,
  parameters: Parameters,
  lessons: Lessons,
): Promise<Distillation> {
  const { batch, threads, head, sampleShape } = lessons;
  const { teacher } = lessons;
  const predictor = await makePredictor(teacher.program, teacher.parameters, sampleShape, { batch, threads });
  const sampler = makeSampler(lessons);
  const scales = head === 'values' ? await outputScales(predictor, sampler) : [1];
  const trainer = await makeTrainer(student, parameters, { batch, threads, head, scales, weightDecay: 1e-4 });
  return {
    parameters: trainer.parameters,
    train: (leg, signal, onProgress) => train(trainer, predictor, sampler, lessons, leg, signal, onProgress),
    async release() {
      await trainer.release();
      await predictor.release();
    },
  };
}

async function train(
  trainer: Trainer,
  predictor: Predictor,
  sampler: Sampler,
  lessons: Lessons,
  leg: Leg,
  signal: AbortSignal,
  onProgress: (done: number, loss: number) => void,
): Promise<LegReport> {
  const started = performance.now();
  const recent: number[] = [];
  let step = 0;
  let done = 0;
  while (step < leg.steps && done < 1 && !signal.aborted) {
    const { x, labels } = await sampler.next();
    const targets = (await predictor.run(x, lessons.batch)).map((y) =>
      lessons.head === 'scores' ? mixture(y, labels, lessons.labelWeight) : y.data,
    );
    const warm = Math.min(1, (step + 1) / 30);
    const loss = await trainer.step(
      x,
      targets,
      leg.peakRate * warm * (0.01 + 0.495 * (1 + Math.cos(Math.PI * done))),
    );
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
  const loss = recent.reduce((a, b) => a + b, 0) / Math.max(1, recent.length);
  return { steps: step, seconds: (performance.now() - started) / 1000, loss };
}

/** The teacher's softmax mixed with the label's one-hot. */
function mixture(scores: Dense, labels: Int32Array | null, labelWeight: number): Float32Array {
  const width = scores.shape[scores.shape.length - 1]!;
  const out = new Float32Array(scores.data.length);
  const weight = labels ? labelWeight : 0;
  for (let row = 0; row * width < out.length; row++) {
    const at = row * width;
    let top = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < width; i++) top = Math.max(top, scores.data[at + i]!);
    let total = 0;
    for (let i = 0; i < width; i++) total += out[at + i] = Math.exp(scores.data[at + i]! - top);
    for (let i = 0; i < width; i++) out[at + i] = ((1 - weight) * out[at + i]!) / total;
    if (labels) out[at + labels[row]!]! += weight;
  }
  return out;
}

interface Sampler {
  next(): Promise<{ x: Float32Array; labels: Int32Array | null }>;
}

/** Batches of the fit part in seeded random order, epoch by epoch, lightly augmented where they are images. */
function makeSampler(lessons: Lessons): Sampler {
  const rng = xoroshiro128plus(lessons.seed);
  const { fit, batch } = lessons;
  const layout = imageLayout(lessons.sampleShape);
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
      if (layout) augment(x, layout, rng);
      const { labels } = fit;
      return { x, labels: labels && indices.map((i) => labels[i]!) };
    },
  };
}

function shuffle(order: Int32Array, rng: RandomGenerator): void {
  for (let i = order.length - 1; i > 0; i--) {
    const j = uniformInt(rng, 0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
}

/** One over the variance of each output of the teacher, so that outputs of any range weigh the same. */
async function outputScales(predictor: Predictor, sampler: Sampler): Promise<number[]> {
  const { x } = await sampler.next();
  return (await predictor.run(x, predictor.batch)).map(({ data }) => {
    const mean = data.reduce((a, v) => a + v, 0) / data.length;
    const variance = data.reduce((a, v) => a + (v - mean) ** 2, 0) / data.length;
    return 1 / Math.max(variance, 1e-6);
  });
}
