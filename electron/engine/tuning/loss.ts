import { ProgramBuilder } from '../instructions/builder.ts';
import type { Program, Shape } from '../instructions/program.ts';

/** What the loss compares: class scores before softmax, or plain values (detectors, regressors). */
export type Head = 'scores' | 'values';

/** Input of the training program that holds the target of output n. */
export const targetName = (n: number): string => `target_${n}`;
/** Input that holds the teacher's distribution at the settings' temperature for output n. */
export const softenedName = (n: number): string => `softened_${n}`;
/** Input that holds what feature n is to follow. */
export const featureName = (n: number): string => `feature_${n}`;
/** Input, a scalar, that weighs what only guides the student: softened labels and features. */
export const guidanceName = 'guidance';

/** What a training program is held to. */
export interface LossSettings {
  readonly head: Head;
  /** One over the variance of each output, for `values`. */
  readonly scales: readonly number[];
  /** Of the softened labels, for `scores` (Hinton et al., 2015); there are none where it is 1 or not said. */
  readonly temperature?: number;
  /** Values of the program that follow the teacher's, and the factor of each one's mean squared difference. */
  readonly features?: readonly { readonly value: number; readonly factor: number }[];
}

/**
 * The student with its loss in front: outputs [loss, student's outputs …]. For `scores`, target_0 [N,K] is a
 * distribution and the loss its cross-entropy (a mixture of the teacher's softmax and the labels). For
 * `values` it is the mean squared difference to the teacher, each output scaled by `scales`. What guides is added
 * with the weight that is fed: the cross-entropy at a temperature T, times T², and the differences of the features.
 */
export function withLoss(student: Program, settings: LossSettings): Program {
  const { head, scales, temperature = 1, features = [] } = settings;
  const b = new ProgramBuilder();
  const all = b.takeIn({ ...student, outputs: [...student.outputs, ...features.map((f) => f.value)] });
  const outputs = all.slice(0, student.outputs.length);
  const parts = outputs.map((y, n) => {
    const target = b.input(targetName(n), b.shape(y));
    return head === 'scores' ? crossEntropy(b, y, target) : squared(b, y, target, scales[n] ?? 1);
  });
  const guides = features.map(({ factor }, n) => {
    const value = all[outputs.length + n]!;
    return squared(b, value, b.input(featureName(n), b.shape(value)), factor);
  });
  if (head === 'scores' && temperature !== 1)
    outputs.forEach((y, n) => {
      const soft = crossEntropy(b, scaled(b, y, 1 / temperature), b.input(softenedName(n), b.shape(y)));
      guides.push(scaled(b, soft, temperature ** 2));
    });
  if (guides.length > 0) parts.push(b.add('mul', [sumOf(b, guides), b.input(guidanceName, [])], {}));
  return b.build([sumOf(b, parts), ...outputs]);
}

const sumOf = (b: ProgramBuilder, ids: readonly number[]): number =>
  ids.reduce((sum, id) => b.add('add', [sum, id], {}));

const scaled = (b: ProgramBuilder, id: number, factor: number): number =>
  factor === 1 ? id : b.add('mul', [id, b.constant(factor)], {});

/** −mean over samples of Σ target · log softmax(y). */
function crossEntropy(b: ProgramBuilder, y: number, target: number): number {
  const last = b.shape(y).length - 1;
  const axes = [last];
  const top = b.add('reduceMax', [y], { axes, keepDims: true });
  const shifted = b.add('sub', [y, top], {});
  const total = b.add('sum', [b.add('exp', [shifted], {})], { axes, keepDims: true });
  const logs = b.add('sub', [shifted, b.add('log', [total], {})], {});
  const picked = b.add('sum', [b.add('mul', [logs, target], {})], { axes, keepDims: false });
  return b.add('neg', [meanOfAll(b, picked)], {});
}

function squared(b: ProgramBuilder, y: number, target: number, scale: number): number {
  const difference = b.add('sub', [y, target], {});
  const square = b.add('mul', [difference, difference], {});
  return b.add('mul', [meanOfAll(b, square), b.constant(scale)], {});
}

function meanOfAll(b: ProgramBuilder, id: number): number {
  const shape: Shape = b.shape(id);
  return b.add('mean', [id], { axes: shape.map((_, i) => i), keepDims: false });
}
