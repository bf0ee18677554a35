import { describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { checkProgram, signatureOf } from '../../../electron/engine/instructions/check.ts';
import { coarseningsOf } from '../../../electron/engine/search/coarsen.ts';
import type { Draft } from '../../../electron/engine/search/draft.ts';
import { applyEdit, firstChannels } from '../../../electron/engine/search/edits.ts';
import { outputOf, withValues } from './small-nets.ts';

type End = 'mean' | 'sum' | 'averagePool' | 'maxPool' | 'flatten' | 'window' | 'map';

const plain = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1 };
const padded = { ...plain, pads: [1, 1, 1, 1] };
const pool = (kernel: number[], strides = kernel) => ({ kernel, strides, pads: [0, 0, 0, 0] });

/** What stands behind the last convolution, whose result is [N,6,9,8]. */
const ends: Record<End, (b: ProgramBuilder, x: number) => number> = {
  mean: (b, x) => b.add('mean', [x], { axes: [2, 3], keepDims: false }),
  sum: (b, x) => b.add('sum', [x], { axes: [2, 3], keepDims: false }),
  averagePool: (b, x) => b.add('averagePool', [x], { ...pool([9, 8]), countIncludePad: false }),
  maxPool: (b, x) => b.add('maxPool', [x], pool([9, 8])),
  flatten: (b, x) => b.add('reshape', [x], { shape: [-1, 6 * 9 * 8] }),
  window: (b, x) => b.add('averagePool', [x], { ...pool([3, 4]), countIncludePad: false }),
  map: (_b, x) => x,
};

/** x [N,4,9,8] → depthwise 3×3 `d`, ReLU, pointwise `p`, ReLU, an end, and what else. */
function chain(end: End): Draft {
  const b = new ProgramBuilder();
  const x = b.input('x', [-1, 4, 9, 8]);
  const d = b.add('conv', [x, b.parameter('d', [4, 1, 3, 3])], { ...padded, groups: 4 });
  const p = b.add('conv', [b.add('relu', [d], {}), b.parameter('p', [6, 4, 1, 1])], plain);
  return withValues(b.build([ends[end](b, b.add('relu', [p], {}))]));
}

/** x [N,4,8,8] → y = pointwise `a`; y + 3×3 `c` of y, then the mean. */
function residual(): Draft {
  const b = new ProgramBuilder();
  const y = b.add('conv', [b.input('x', [-1, 4, 8, 8]), b.parameter('a', [4, 4, 1, 1])], plain);
  const c = b.add('conv', [y, b.parameter('c', [4, 4, 3, 3])], padded);
  const sum = b.add('relu', [b.add('add', [y, c], {})], {});
  return withValues(b.build([b.add('mean', [sum], { axes: [2, 3], keepDims: true })]));
}

const apply = (draft: Draft, weight: string, factors: number[]) =>
  applyEdit(draft, { kind: 'coarsen', weight, factors }, firstChannels);
const shapeOf = (draft: Draft, weight: string): string => {
  const { instructions } = draft.program;
  const leaf = instructions.findIndex((i) => i.op === 'parameter' && i.attributes.name === weight);
  return instructions.find((i) => i.op === 'conv' && i.inputs[1] === leaf)!.shape.join();
};

describe('a lower resolution from a convolution on', () => {
  test.each(['mean', 'averagePool', 'maxPool'] as const)('fits where all ends in a %s over space', (end) => {
    const draft = chain(end);
    expect(coarseningsOf(draft.program)).toEqual(
      ['d', 'p'].flatMap((weight) =>
        [
          [2, 2],
          [2, 1],
          [1, 2],
        ].map((factors) => ({ weight, factors })),
      ),
    );
    for (const { weight, factors } of coarseningsOf(draft.program)) {
      const made = apply(draft, weight, [...factors])!;
      expect(checkProgram(made.program, signatureOf(draft.program)).ok).toBe(true);
      expect(outputOf(made, 2)).toHaveLength(outputOf(draft, 2).length);
    }
    const half = apply(draft, 'd', [2, 1])!;
    expect([shapeOf(half, 'd'), shapeOf(half, 'p')]).toEqual(['-1,4,5,8', '-1,6,5,8']);
  });

  test.each(['sum', 'flatten', 'window', 'map'] as const)('is refused before a %s', (end) => {
    const draft = chain(end);
    expect(coarseningsOf(draft.program)).toEqual([]);
    expect(apply(draft, 'd', [2, 2])).toBeNull();
    expect(apply(draft, 'p', [2, 2])).toBeNull();
  });

  test('leaves out positions of a spatial convolution, and averages before one of one tap', () => {
    const strided = apply(chain('mean'), 'd', [2, 2])!;
    expect(strided.program.instructions.map((i) => i.op)).not.toContain('averagePool');
    const averaged = apply(chain('mean'), 'p', [2, 2])!;
    const pooled = averaged.program.instructions.find((i) => i.op === 'averagePool');
    expect(pooled?.shape).toEqual([-1, 4, 4, 4]);
  });

  test('changes nothing where only products and the mean follow', () => {
    const b = new ProgramBuilder();
    const y = b.add('conv', [b.input('x', [-1, 4, 8, 6]), b.parameter('a', [3, 4, 1, 1])], plain);
    const draft = withValues(b.build([b.add('mean', [y], { axes: [2, 3], keepDims: false })]));
    const made = apply(draft, 'a', [2, 2])!;
    expect(shapeOf(made, 'a')).toBe('-1,3,4,3');
    const [before, after] = [outputOf(draft, 2), outputOf(made, 2)];
    for (const [i, v] of before.entries()) expect(after[i]).toBeCloseTo(v, 6);
  });

  test('is taken on by both sides of a residual sum', () => {
    const draft = residual();
    const made = apply(draft, 'c', [2, 2])!;
    expect([shapeOf(made, 'a'), shapeOf(made, 'c')]).toEqual(['-1,4,8,8', '-1,4,4,4']);
    expect(checkProgram(made.program, signatureOf(draft.program)).ok).toBe(true);
  });
});
