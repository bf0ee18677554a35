import type { AccuracyComparison } from '../../../contract/api.ts';
import type { ProgressNote } from '../../../contract/run-notes.ts';
import type { RunResult } from '../../../contract/run-result.ts';
import type { Part } from '../../data/data.ts';
import type { OnnxModel } from '../../onnx/model.ts';
import { runSamples, type Verified, verifiedOf } from '../../run-on-data.ts';
import { makeOutputComparison } from '../../verify/agreement.ts';
import { accuracyComparison, valuesComparison } from '../../verify/comparison.ts';
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
  return verifiedOf(head, ran, head === 'scores' ? ran.lastAxis : ran.width, part.count);
}

/** B against A on the verify part. */
export function compareOutputs(
  study: Pick<Study, 'head' | 'data'>,
  a: Verified,
  b: Verified,
): AccuracyComparison {
  if (study.head === 'values') return valuesComparison(a, b);
  const comparison = makeOutputComparison(a.width);
  comparison.add(a.outputs, b.outputs);
  const { cosine, largestDifference } = comparison.result();
  return accuracyComparison(a.predictions, b.predictions, study.data.parts.verify.labels, {
    cosine,
    largestDifference,
  });
}

/** The accuracy block of result.json for one of the two models. */
export function accuracyOf(
  percent: number,
  comparison: AccuracyComparison,
): RunResult['original']['accuracy'] {
  const { metric, samples } = comparison;
  if (metric === 'cosine') {
    // Only A's is 100 by definition; the interval of B's is that of the change.
    const interval = percent === comparison.a ? [0, 0] : comparison.changeInterval95;
    return { metric, value: percent, samples, interval95: [100 + interval[0]!, 100 + interval[1]!] };
  }
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
