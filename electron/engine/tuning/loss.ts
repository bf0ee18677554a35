import { ProgramBuilder } from '../instructions/builder.ts';
import type { Program, Shape } from '../instructions/program.ts';

/** What the loss compares: class scores before softmax, or plain values (detectors, regressors). */
export type Head = 'scores' | 'values';

/** Input of the training program that holds the target of output n. */
export const targetName = (n: number): string => `target_${n}`;

/**
 * The student with its loss in front: outputs [loss, student's outputs …]. For `scores`, target_0 [N,K] is a
 * distribution and the loss its cross-entropy (a mixture of the teacher's softmax and the labels). For
 * `values` it is the mean squared difference to the teacher, each output scaled by `scales`.
 */
export function withLoss(student: Program, head: Head, scales: readonly number[]): Program {
  const b = new ProgramBuilder();
  const inputs = new Map<string, number>();
  for (const i of student.instructions)
    if (i.op === 'input') inputs.set(i.attributes.name, b.input(i.attributes.name, i.attributes.shape));
  const outputs = b.include(student, inputs);
  const parts = outputs.map((y, n) => {
    const target = b.input(targetName(n), b.shape(y));
    return head === 'scores' ? crossEntropy(b, y, target) : squared(b, y, target, scales[n] ?? 1);
  });
  const loss = parts.reduce((sum, part) => b.add('add', [sum, part], {}));
  return b.build([loss, ...outputs]);
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
