import type { AccuracyComparison } from '../../../contract/api.ts';
import type { ProgressNote } from '../../../contract/run-notes.ts';
import type { RunResult } from '../../../contract/run-result.ts';
import type { Part } from '../../data/data.ts';
import type { OnnxModel } from '../../onnx/model.ts';
import { runSamples, type Verified, verifiedOf } from '../../run-on-data.ts';
import { makeOutputComparison } from '../../verify/agreement.ts';
import { accuracyComparison } from '../../verify/comparison.ts';
import { wilsonInterval95 } from '../../verify/intervals.ts';
import { type Study, StudyFailure } from '../study.ts';

/** Batches from one look at whether to go on to the next. */
const batchesBetweenLooks = 20;

/** Runs model bytes over a part in plain onnxruntime: what is judged is the file, not the program it came from. */
export async function runOnPart(
  study: Study,
  bytes: Uint8Array,
  model: OnnxModel,
  part: Part,
  note: ProgressNote,
): Promise<Verified> {
  const { host, head, inputName, threads } = study;
  const { sampleShape } = study.data;
  const goOn = async (done: number, batches: number): Promise<boolean> => {
    if (batches % batchesBetweenLooks > 0) return true;
    if (host.signal.aborted) return false;
    host.event({ kind: 'progress', stage: 'verify', done, total: part.count, note });
    await new Promise((resolve) => setImmediate(resolve));
    return true;
  };
  const samples = { part, count: part.count, goOn };
  const ran = await runSamples({ bytes, model, inputName, sampleShape, threads }, samples);
  if (!ran) throw new StudyFailure({ kind: 'cancelled' });
  return verifiedOf(head, ran.outputs, head === 'scores' ? ran.lastAxis : ran.width, part.count);
}

/** B against A on the verify part. */
export function compareOutputs(
  study: Pick<Study, 'head' | 'data'>,
  a: Verified,
  b: Verified,
): AccuracyComparison {
  const comparison = makeOutputComparison(a.width);
  comparison.add(a.outputs, b.outputs);
  const { cosine, largestDifference } = comparison.result();
  if (study.head === 'scores')
    return accuracyComparison(a.predictions, b.predictions, study.data.parts.verify.labels, {
      cosine,
      largestDifference,
    });
  return agreementOfValues(a, b, cosine, largestDifference);
}

/** A sample agrees when no output is further from A's than a tenth of that output's spread over the samples. */
function agreementOfValues(
  a: Verified,
  b: Verified,
  cosine: number,
  largestDifference: number,
): AccuracyComparison {
  const spread = deviation(a.outputs);
  let same = 0;
  for (let s = 0; s < a.samples; s++) {
    let squares = 0;
    for (let i = s * a.width; i < (s + 1) * a.width; i++) squares += (a.outputs[i]! - b.outputs[i]!) ** 2;
    if (Math.sqrt(squares / a.width) <= 0.1 * spread) same++;
  }
  const [low, high] = wilsonInterval95(same, a.samples);
  return {
    metric: 'agreement',
    samples: a.samples,
    a: 100,
    b: (100 * same) / a.samples,
    change: (100 * same) / a.samples - 100,
    changeInterval95: [100 * low - 100, 100 * high - 100],
    p: null,
    cosine,
    largestDifference,
  };
}

function deviation(values: Float32Array): number {
  let [sum, squares] = [0, 0];
  for (const v of values) {
    sum += v;
    squares += v * v;
  }
  return Math.sqrt(Math.max(0, squares / values.length - (sum / values.length) ** 2));
}

/** The accuracy block of result.json for one of the two models. */
export function accuracyOf(
  percent: number,
  comparison: AccuracyComparison,
): RunResult['original']['accuracy'] {
  const { metric, samples } = comparison;
  const [low, high] = wilsonInterval95(Math.round((percent / 100) * samples), samples);
  return { metric, value: percent, samples, interval95: [100 * low, 100 * high] };
}

/** Number of elements of all weights and biases, in whatever precision; scales of quantization are none. */
export function parametersOf({ nodes, initializers }: OnnxModel): number {
  const scales = new Set(
    nodes.flatMap(({ type, inputs }) =>
      type === 'QuantizeLinear' || type === 'DequantizeLinear' ? inputs.slice(1) : [],
    ),
  );
  const held = new Set(['float32', 'int8', 'uint8', 'int32']);
  return [...initializers].reduce(
    (sum, [name, { type, shape }]) =>
      held.has(type) && !scales.has(name) ? sum + shape.reduce((a, d) => a * d, 1) : sum,
    0,
  );
}
