import { availableParallelism } from 'node:os';
import { basename } from 'node:path';
import type { AccuracyComparison } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { checkAgainstModel, type Data, openData, type Part } from './data/data.ts';
import type { EngineHost } from './host.ts';
import type { EvaluateJob } from './messages.ts';
import { checkModel } from './onnx/check.ts';
import type { OnnxModel } from './onnx/model.ts';
import { readModelFile } from './onnx/read.ts';
import { writeModel } from './onnx/write.ts';
import { compareOutputs, type Verified } from './stages/verify.ts';
import { type Dense, localThreads, openSession } from './tuning/runtime.ts';
import { top1 } from './verify/agreement.ts';

const batchOfFreeModels = 50;

/** A model that was opened against some data. */
interface Opened {
  readonly path: string;
  readonly model: OnnxModel;
  readonly inputName: string;
}

/**
 * Accuracy of B against A on the verify part of the data, each run as its file says in plain onnxruntime.
 * Errors: those of the model and of the data, cancelled.
 */
export async function evaluate(
  job: EvaluateJob,
  host: EngineHost,
): Promise<Result<AccuracyComparison, AppError>> {
  // A decides which preprocessing holds: B stands in for A, so it must live with the same inputs.
  const opened = await openData(job.dataPath, basename(job.modelPathA), job.seed);
  if (!opened.ok) return opened;
  const data = opened.value;
  const a = openAgainst(data, job.modelPathA, job.dataPath);
  if (!a.ok) return a;
  const b = openAgainst(data, job.modelPathB, job.dataPath);
  if (!b.ok) return b;
  const head =
    data.task === 'classification' && a.value.model.outputs.length === 1
      ? ('scores' as const)
      : ('values' as const);
  const outputs: Verified[] = [];
  for (const [index, opened] of [a.value, b.value].entries()) {
    const ran = await runModel(opened, data, head, (done) => {
      const { count } = data.parts.verify;
      host.event({
        kind: 'progress',
        stage: 'verify',
        done: index * count + done,
        total: 2 * count,
        note: `${index === 0 ? 'A' : 'B'} on ${count} samples`,
      });
      return !host.signal.aborted;
    });
    if (!ran.ok) return ran;
    outputs.push(ran.value);
  }
  const [ofA, ofB] = outputs;
  if (!ofA || !ofB) throw new Error('Two models were run');
  if (ofA.outputs.length === ofB.outputs.length) return ok(compareOutputs({ head, data }, ofA, ofB));
  return fail({
    kind: 'modelsDiffer',
    pathA: job.modelPathA,
    pathB: job.modelPathB,
    reason: `a sample gives ${ofA.outputs.length / ofA.samples} values in A and ${ofB.outputs.length / ofB.samples} in B`,
  });
}

function openAgainst(data: Data, path: string, dataPath: string): Result<Opened, AppError> {
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

/** Number of classes that a classifier's one output tells apart, where the model says so. */
function classesOf(model: OnnxModel): number | null {
  const shape = model.outputs[0]?.shape ?? [];
  const last = shape.at(-1);
  return model.outputs.length === 1 && shape.length === 2 && typeof last === 'number' ? last : null;
}

async function runModel(
  { path, model, inputName }: Opened,
  data: Data,
  head: 'scores' | 'values',
  goOn: (done: number) => boolean,
): Promise<Result<Verified, AppError>> {
  const part = data.parts.verify;
  const fixed = model.inputs[0]?.shape[0];
  const batch = typeof fixed === 'number' ? fixed : Math.min(batchOfFreeModels, part.count);
  const rows: Float32Array[] = [];
  let session: Awaited<ReturnType<typeof openSession>> | undefined;
  try {
    session = await openSession(writeModel(model), localThreads(availableParallelism()));
    for (let at = 0; at < part.count; at += batch) {
      if (!goOn(at)) return fail({ kind: 'cancelled' });
      const count = Math.min(batch, part.count - at);
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
  return ok({ outputs, width, samples: part.count, predictions });
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
