import type { AccuracyComparison } from '../../contract/api.ts';
import type { ProgressNote } from '../../contract/run-notes.ts';
import type { RunResult } from '../../contract/run-result.ts';
import type { Part } from '../data/data.ts';
import type { OnnxModel } from '../onnx/model.ts';
import { openSession } from '../tuning/runtime.ts';
import { makeOutputComparison, top1 } from '../verify/agreement.ts';
import { accuracyComparison } from '../verify/comparison.ts';
import { wilsonInterval95 } from '../verify/intervals.ts';
import { checkCancelled, type Study } from './study.ts';

/** Outputs of a model file on the verify part, as a user's own program would get them. */
export interface Verified {
  readonly predictions: Int32Array;
  readonly outputs: Float32Array;
  /** Length of one row of `outputs` that a prediction is made from. */
  readonly width: number;
  readonly samples: number;
}

/** Runs model bytes over a part in plain onnxruntime: what is judged is the file, not the program it came from. */
export async function runOnPart(
  study: Study,
  bytes: Uint8Array,
  model: OnnxModel,
  part: Part,
  note: ProgressNote,
): Promise<Verified> {
  const session = await openSession(bytes, study.threads);
  const first = model.inputs[0]!.shape[0];
  const batch = typeof first === 'number' ? first : 50;
  const size = study.data.sampleShape.reduce((a, d) => a * d, 1);
  const parts: Float32Array[] = [];
  let width = 1;
  try {
    for (let at = 0; at < part.count; at += batch) {
      const indices = Array.from({ length: Math.min(batch, part.count - at) }, (_, i) => at + i);
      const x = new Float32Array(indices.length * size);
      x.set(await part.read(indices));
      const results = await session.run({
        [study.inputName]: { shape: [indices.length, ...study.data.sampleShape], data: x },
      });
      const ys = session.outputs.map((name) => results[name]!);
      width =
        study.head === 'scores'
          ? ys[0]!.shape[ys[0]!.shape.length - 1]!
          : ys.reduce((sum, y) => sum + y.data.length, 0) / indices.length;
      parts.push(
        joined(
          ys.map((y) => y.data),
          indices.length,
        ),
      );
      if (at % (batch * 20) === 0) {
        checkCancelled(study.host);
        study.host.event({ kind: 'progress', stage: 'verify', done: at, total: part.count, note });
        await new Promise((resolve) => setImmediate(resolve));
      }
    }
  } finally {
    await session.release();
  }
  const outputs = new Float32Array(parts.reduce((sum, p) => sum + p.length, 0));
  let at = 0;
  for (const p of parts) {
    outputs.set(p, at);
    at += p.length;
  }
  return {
    outputs,
    width,
    samples: part.count,
    predictions: study.head === 'scores' ? top1(outputs, width) : new Int32Array(0),
  };
}

/** Outputs of one batch side by side, sample by sample. */
function joined(ys: readonly Float32Array[], samples: number): Float32Array {
  if (ys.length === 1) return ys[0]!.slice();
  const widths = ys.map((y) => y.length / samples);
  const total = widths.reduce((a, b) => a + b, 0);
  const out = new Float32Array(total * samples);
  for (let s = 0; s < samples; s++) {
    let at = s * total;
    ys.forEach((y, n) => {
      out.set(y.subarray(s * widths[n]!, (s + 1) * widths[n]!), at);
      at += widths[n]!;
    });
  }
  return out;
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

/** Number of elements of all float initializers. */
export const parametersOf = (model: OnnxModel): number =>
  [...model.initializers.values()].reduce((sum, t) => (t.type === 'float32' ? sum + t.data.length : sum), 0);
