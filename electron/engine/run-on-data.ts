import { availableParallelism } from 'node:os';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { checkAgainstModel, type Data, type Part } from './data/data.ts';
import { checkModel } from './onnx/check.ts';
import type { OnnxModel, ValueInfo } from './onnx/model.ts';
import { readModelFile } from './onnx/read.ts';
import { writeModel } from './onnx/write.ts';
import type { Head } from './tuning/loss.ts';
import { type Dense, localThreads, openSession } from './tuning/runtime.ts';
import { top1 } from './verify/agreement.ts';

const batchOfFreeModels = 50;

/** A model that was opened against some data. */
export interface OpenedModel {
  readonly path: string;
  readonly model: OnnxModel;
  readonly inputName: string;
}

/** Which samples are run. */
export interface SamplesToRun {
  readonly part: Part;
  /** The first ones of the part. */
  readonly count: number;
  /** Asked before each batch with the number of samples and of batches done. */
  goOn(samples: number, batches: number): boolean | Promise<boolean>;
}

/** Outputs of a model file on some samples, as a user's own program would get them. */
export interface Verified {
  readonly predictions: Int32Array;
  readonly outputs: Float32Array;
  /** Length of one row of `outputs` that a prediction is made from. */
  readonly width: number;
  /** Shape of each output without its batch, in the order in which they lie side by side in `outputs`. */
  readonly outputShapes: readonly (readonly number[])[];
  readonly samples: number;
}

/** Reads a model and holds the data against it. Errors: those of the model, dataShape, dataLabels, usage (several inputs). */
export function openAgainst(data: Data, path: string, dataPath: string): Result<OpenedModel, AppError> {
  const model = readModelFile(path);
  if (!model.ok) return model;
  const shapes = checkModel(model.value, path, { sampleShape: data.sampleShape });
  if (!shapes.ok) return shapes;
  const [first, ...others] = shapes.value;
  if (!first || others.length > 0) {
    const expected = `no data for a model of ${shapes.value.size} inputs`;
    return fail({ kind: 'usage', option: '--data', value: dataPath, expected });
  }
  const [inputName, inputShape] = first;
  const fits = checkAgainstModel(data, inputShape, classesOf(model.value), dataPath);
  return fits.ok ? ok({ path, model: model.value, inputName }) : fits;
}

/** How the outputs of a model on this data are read: as scores of classes where there is one output and labels. */
export const headOf = (data: Data, model: OnnxModel): Head =>
  data.task === 'classification' && model.outputs.length === 1 ? 'scores' : 'values';

/** Number of classes that a classifier's one output, of `shape`, tells apart; null where there is no telling. */
export function classesOf(
  { outputs }: OnnxModel,
  shape: ValueInfo['shape'] = outputs[0]?.shape ?? [],
): number | null {
  const last = shape.at(-1);
  return outputs.length === 1 && shape.length === 2 && typeof last === 'number' ? last : null;
}

/** Runs a model as its file says in plain onnxruntime. Errors: modelFailsToRun, cancelled. */
export async function runOnData(
  { path, model, inputName }: OpenedModel,
  { sampleShape }: Data,
  { head, ...samples }: SamplesToRun & { readonly head: Head },
): Promise<Result<Verified, AppError>> {
  let ran: SampleOutputs | null;
  try {
    const bytes = writeModel(model);
    const threads = localThreads(availableParallelism());
    ran = await runSamples({ bytes, model, inputName, sampleShape, threads }, samples);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail({ kind: 'modelFailsToRun', path, reason });
  }
  return ran ? ok(verifiedOf(head, ran, ran.width, samples.count)) : fail({ kind: 'cancelled' });
}

/** Outputs with what they predict, a prediction from every `width` of them where they are scores. */
export const verifiedOf = (
  head: Head,
  { outputs, outputShapes }: Pick<SampleOutputs, 'outputs' | 'outputShapes'>,
  width: number,
  samples: number,
): Verified => ({
  outputs,
  width,
  outputShapes,
  samples,
  predictions: head === 'scores' ? top1(outputs, width) : new Int32Array(0),
});

/** A model with what running it takes. */
interface ModelToRun {
  readonly model: OnnxModel;
  /** The model's file. */
  readonly bytes: Uint8Array;
  readonly inputName: string;
  readonly sampleShape: readonly number[];
  readonly threads: number;
}

/** All outputs of each sample, side by side. */
interface SampleOutputs {
  readonly outputs: Float32Array;
  /** Shape of each output without its batch. */
  readonly outputShapes: readonly (readonly number[])[];
  /** Values a sample. */
  readonly width: number;
  /** Size of the last axis of the first output that has more than one place: [N,C,1,1] are C scores, as [N,C] are. */
  readonly lastAxis: number;
}

/**
 * Runs a model over samples in plain onnxruntime, in batches of the size it wants. Null: it was not to go on. Throws
 * what the runtime says of a model that fails.
 */
export async function runSamples(
  { bytes, model, inputName, sampleShape, threads }: ModelToRun,
  { part, count: all, goOn }: SamplesToRun,
): Promise<SampleOutputs | null> {
  const fixed = model.inputs[0]?.shape[0];
  const batch = typeof fixed === 'number' ? fixed : batchOfFreeModels;
  const parts: Float32Array[] = [];
  let lastAxis = 1;
  let outputShapes: readonly (readonly number[])[] = [];
  const session = await openSession(bytes, threads);
  try {
    for (let at = 0; at < all; at += batch) {
      if (!(await goOn(at, at / batch))) return null;
      const count = Math.min(batch, all - at);
      const rows = typeof fixed === 'number' ? batch : count;
      const data = await readBatch(part, at, count, rows);
      const results = await session.run({ [inputName]: { shape: [rows, ...sampleShape], data } });
      const ys = session.outputs.map((name) => results[name]!);
      lastAxis = ys[0]?.shape.slice(1).findLast((d) => d > 1) ?? 1;
      outputShapes = ys.map(({ shape, data: values }) =>
        shape[0] === rows ? shape.slice(1) : [values.length / rows],
      );
      parts.push(sideBySide(ys, count, rows));
    }
  } finally {
    await session.release();
  }
  const outputs = new Float32Array(parts.reduce((sum, some) => sum + some.length, 0));
  let at = 0;
  for (const some of parts) {
    outputs.set(some, at);
    at += some.length;
  }
  const width = (parts[0]?.length ?? 0) / Math.min(batch, all);
  return { outputs, outputShapes, width, lastAxis };
}

/** Samples from `at` on, filled up with zeros to `rows`: a model of a fixed batch takes no fewer. */
async function readBatch(part: Part, at: number, count: number, rows: number): Promise<Float32Array> {
  const some = await part.read(Array.from({ length: count }, (_, i) => at + i));
  if (rows === count) return some;
  const x = new Float32Array((some.length / count) * rows);
  x.set(some);
  return x;
}

/** All outputs of the first `count` of the samples that went in. Throws for an output that cannot be cut into as many. */
function sideBySide(ys: readonly Dense[], count: number, samples: number): Float32Array {
  const widths = ys.map(({ data }) => data.length / samples);
  if (!widths.every(Number.isInteger))
    throw new Error(`its outputs cannot be told apart for the ${samples} samples of a batch`);
  const [only, ...others] = ys;
  if (only && others.length === 0) return only.data.slice(0, count * widths[0]!);
  const width = widths.reduce((sum, some) => sum + some, 0);
  const out = new Float32Array(width * count);
  let at = 0;
  for (let sample = 0; sample < count; sample++)
    for (const [n, { data }] of ys.entries()) {
      out.set(data.subarray(sample * widths[n]!, (sample + 1) * widths[n]!), at);
      at += widths[n]!;
    }
  return out;
}
