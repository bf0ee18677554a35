import type { Tensor } from 'onnxruntime-node';
import { noPrediction, top1 } from '../engine/verify/agreement.ts';
import type { LoadedModel } from './runtime.ts';

/** What a model said to one input: all outputs in its order. */
export interface ModelAnswer {
  readonly outputs: readonly { readonly shape: readonly number[]; readonly values: Float32Array }[];
}

/** How two answers to one input compare. */
export interface AnswerComparison {
  readonly by: 'top-1' | 'outputs';
  readonly agreed: boolean;
  readonly top1A: number | null;
  readonly top1B: number | null;
  readonly cosine: number;
  /** Infinite where a value is not finite. */
  readonly largestDifference: number;
}

/** Where outputs are no scores, B may be this far from A: Euclidean length of the difference against that of A. */
export const mostDistance = 0.1;

/** Reads what came out of a call. Throws for outputs that are no plain numbers. */
export function answerOf(model: LoadedModel, outputs: Readonly<Record<string, Tensor>>): ModelAnswer {
  return {
    outputs: model.outputNames.map((name) => {
      const tensor = outputs[name];
      if (!tensor) throw new Error(`Output ${name} did not come`);
      return { shape: tensor.dims, values: toFloats(name, tensor) };
    }),
  };
}

/**
 * Holds B's answer against A's. One output with one axis of two or more scores is compared by its largest score;
 * all else by the outputs as they are, see `mostDistance`.
 */
export function compareAnswers(a: ModelAnswer, b: ModelAnswer): AnswerComparison {
  const valuesA = joined(a);
  const valuesB = joined(b);
  const isWhole = valuesA.length === valuesB.length;
  let dot = 0;
  let squaresA = 0;
  let squaresB = 0;
  let squaresOff = 0;
  let largestDifference = isWhole ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < Math.min(valuesA.length, valuesB.length); i++) {
    const [x, y] = [valuesA[i]!, valuesB[i]!];
    dot += x * y;
    squaresA += x * x;
    squaresB += y * y;
    squaresOff += (x - y) ** 2;
    const difference = Math.abs(x - y);
    if (!(difference <= largestDifference))
      largestDifference = Number.isFinite(difference) ? difference : Number.POSITIVE_INFINITY;
  }
  const product = Math.sqrt(squaresA * squaresB);
  const cosine = squaresA === 0 && squaresB === 0 ? 1 : dot / product;
  const distances = { cosine: Number.isFinite(cosine) ? cosine : 0, largestDifference };
  if (isWhole && isScores(a)) {
    const top1A = top1(valuesA, valuesA.length)[0] ?? noPrediction;
    const top1B = top1(valuesB, valuesB.length)[0] ?? noPrediction;
    return { by: 'top-1', agreed: top1A === top1B && top1A !== noPrediction, top1A, top1B, ...distances };
  }
  const agreed = isWhole && squaresOff <= mostDistance ** 2 * squaresA;
  return { by: 'outputs', agreed, top1A: null, top1B: null, ...distances };
}

/** All outputs one after the other. */
export function joined({ outputs }: ModelAnswer): Float32Array {
  const [first] = outputs;
  if (first && outputs.length === 1) return first.values;
  const all = new Float32Array(outputs.reduce((sum, { values }) => sum + values.length, 0));
  let at = 0;
  for (const { values } of outputs) {
    all.set(values, at);
    at += values.length;
  }
  return all;
}

function isScores({ outputs }: ModelAnswer): boolean {
  const [only] = outputs;
  return outputs.length === 1 && (only?.shape.filter((size) => size !== 1).length ?? 0) === 1;
}

function toFloats(name: string, tensor: Tensor): Float32Array {
  const { data } = tensor;
  // A copy: the runtime may use its memory again.
  if (data instanceof Float32Array) return data.slice();
  if (Array.isArray(data)) throw new Error(`Output ${name} is text, which cannot be compared`);
  return Float32Array.from(data as ArrayLike<number | bigint>, Number);
}
