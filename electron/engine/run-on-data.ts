import { availableParallelism } from 'node:os';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { checkAgainstModel, type Data, type Part } from './data/data.ts';
import { checkModel } from './onnx/check.ts';
import type { OnnxModel } from './onnx/model.ts';
import { readModelFile } from './onnx/read.ts';
import { writeModel } from './onnx/write.ts';
import type { Verified } from './stages/verify.ts';
import { type Dense, localThreads, openSession } from './tuning/runtime.ts';
import { top1 } from './verify/agreement.ts';

const batchOfFreeModels = 50;

/** A model that was opened against some data. */
export interface OpenedModel {
  readonly path: string;
  readonly model: OnnxModel;
  readonly inputName: string;
}

/** Which samples are run, and what is made of the outputs. */
export interface SamplesToRun {
  readonly part: Part;
  /** The first ones of the part. */
  readonly count: number;
  /** `scores`: the largest output is the predicted class. */
  readonly head: 'scores' | 'values';
  /** Asked before each batch with the number of samples done. */
  goOn(done: number): boolean;
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
export const headOf = (data: Data, { model }: OpenedModel): 'scores' | 'values' =>
  data.task === 'classification' && model.outputs.length === 1 ? 'scores' : 'values';

/** Number of classes that a classifier's one output tells apart, where the model says so. */
function classesOf(model: OnnxModel): number | null {
  const shape = model.outputs[0]?.shape ?? [];
  const last = shape.at(-1);
  return model.outputs.length === 1 && shape.length === 2 && typeof last === 'number' ? last : null;
}

/** Runs a model as its file says in plain onnxruntime. Errors: modelFailsToRun, cancelled. */
export async function runOnData(
  { path, model, inputName }: OpenedModel,
  data: Data,
  { part, count: all, head, goOn }: SamplesToRun,
): Promise<Result<Verified, AppError>> {
  const fixed = model.inputs[0]?.shape[0];
  const batch = typeof fixed === 'number' ? fixed : Math.min(batchOfFreeModels, all);
  const rows: Float32Array[] = [];
  let session: Awaited<ReturnType<typeof openSession>> | undefined;
  try {
    session = await openSession(writeModel(model), localThreads(availableParallelism()));
    for (let at = 0; at < all; at += batch) {
      if (!goOn(at)) return fail({ kind: 'cancelled' });
      const count = Math.min(batch, all - at);
      const x = await readBatch(part, at, count, typeof fixed === 'number' ? batch : count);
      const results = await session.run({
        [inputName]: { shape: [x.length / sizeOf(data.sampleShape), ...data.sampleShape], data: x },
      });
      const ys = session.outputs.map((name) => results[name]).filter((y) => y !== undefined);
      for (let sample = 0; sample < count; sample++) rows.push(rowOf(ys, sample, batchOf(ys, x, data)));
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return fail({ kind: 'modelFailsToRun', path, reason });
  } finally {
    await session?.release();
  }
  const width = rows[0]?.length ?? 1;
  const outputs = new Float32Array(rows.reduce((sum, row) => sum + row.length, 0));
  let at = 0;
  for (const row of rows) {
    outputs.set(row, at);
    at += row.length;
  }
  const predictions = head === 'scores' ? top1(outputs, width) : new Int32Array(0);
  return ok({ outputs, width, samples: all, predictions });
}

/** Samples from `at` on, filled up with zeros to `rows`: a model of a fixed batch takes no fewer. */
async function readBatch(part: Part, at: number, count: number, rows: number): Promise<Float32Array> {
  const some = await part.read(Array.from({ length: count }, (_, i) => at + i));
  if (rows === count) return some;
  const x = new Float32Array((some.length / count) * rows);
  x.set(some);
  return x;
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);

/** How many samples went in. Throws for an output that cannot be cut into as many parts. */
function batchOf(ys: readonly Dense[], x: Float32Array, data: Data): number {
  const samples = x.length / sizeOf(data.sampleShape);
  if (ys.some((y) => y.data.length % samples !== 0)) {
    throw new Error(`its outputs cannot be told apart for the ${samples} samples of a batch`);
  }
  return samples;
}

/** All outputs of one sample, side by side. */
function rowOf(ys: readonly Dense[], sample: number, samples: number): Float32Array {
  const parts = ys.map(({ data }) => {
    const width = data.length / samples;
    return data.subarray(sample * width, (sample + 1) * width);
  });
  const row = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    row.set(part, at);
    at += part.length;
  }
  return row;
}
