import { ProgramBuilder } from '../instructions/builder.ts';
import type { Program, Shape } from '../instructions/program.ts';

/** What the loss compares: class scores before softmax, or plain values (detectors, regressors). */
export type Head = 'scores' | 'values';

/** Input of the training program that holds the target of output n. */
export const targetName = (n: number): string => `target_${n}`;
/** Input that holds the one-hot labels [N,K]. */
export const labelName = 'label_target';
/** Input that holds what feature n is to follow. */
export const featureName = (n: number): string => `feature_${n}`;
/** Input, a scalar, that weighs the features against the rest. */
export const featureWeightName = 'feature_weight';

/** What a training program is held to. */
export interface LossSettings {
  readonly head: Head;
  /** One over the variance of each output, for `values`. */
  readonly scales: readonly number[];
  /** Of the soft labels, for `scores` (Hinton et al., 2015); 1 where not said. */
  readonly temperature?: number;
  /** Share of the labels against the soft labels, for `scores`; no input of labels where it is 0. */
  readonly labelWeight?: number;
  /** Values of the program that follow the teacher's, each with one over its variance. */
  readonly features?: readonly { readonly value: number; readonly scale: number }[];
}

/**
 * The student with its loss in front: outputs [loss, student's outputs …]. For `scores`, target_0 [N,K] is a
 * distribution and the loss its cross-entropy, at a temperature T times T², mixed with that of the labels. For
 * `values` it is the mean squared difference to the teacher, each output scaled by `scales`. The mean of the
 * features' scaled squared differences is added with the weight that is fed.
 */
export function withLoss(student: Program, settings: LossSettings): Program {
  const { head, scales, temperature = 1, labelWeight = 0, features = [] } = settings;
  const b = new ProgramBuilder();
  const inputs = new Map<string, number>();
  for (const i of student.instructions)
    if (i.op === 'input') inputs.set(i.attributes.name, b.input(i.attributes.name, i.attributes.shape));
  const all = b.include(
    { ...student, outputs: [...student.outputs, ...features.map((f) => f.value)] },
    inputs,
  );
  const outputs = all.slice(0, student.outputs.length);
  const parts = outputs.map((y, n) => {
    const target = b.input(targetName(n), b.shape(y));
    if (head === 'values') return squared(b, y, target, scales[n] ?? 1);
    const soft = softEntropy(b, y, target, temperature);
    if (labelWeight === 0) return soft;
    const hard = crossEntropy(b, y, b.input(labelName, b.shape(y)));
    return b.add('add', [scaled(b, soft, 1 - labelWeight), scaled(b, hard, labelWeight)], {});
  });
  if (features.length > 0) {
    const followed = features.map(({ scale }, n) => {
      const value = all[outputs.length + n]!;
      return squared(b, value, b.input(featureName(n), b.shape(value)), scale / features.length);
    });
    const total = followed.reduce((sum, part) => b.add('add', [sum, part], {}));
    parts.push(b.add('mul', [total, b.input(featureWeightName, [])], {}));
  }
  const loss = parts.reduce((sum, part) => b.add('add', [sum, part], {}));
  return b.build([loss, ...outputs]);
}

const scaled = (b: ProgramBuilder, id: number, factor: number): number =>
  factor === 1 ? id : b.add('mul', [id, b.constant(factor)], {});

function softEntropy(b: ProgramBuilder, y: number, target: number, temperature: number): number {
  return scaled(b, crossEntropy(b, scaled(b, y, 1 / temperature), target), temperature ** 2);
}

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
