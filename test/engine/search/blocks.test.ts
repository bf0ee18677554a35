import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { checkProgram, signatureOf } from '../../../electron/engine/instructions/check.ts';
import type { Draft } from '../../../electron/engine/search/draft.ts';
import { applyEdit, type Edit, firstChannels } from '../../../electron/engine/search/edits.ts';
import { oneConvolution, outputOf, residualBlock, withValues } from './small-nets.ts';
import { gelu, transformer } from './stream-nets.ts';

const apply = (draft: Draft, edit: Edit) => applyEdit(draft, edit, firstChannels);
const opsOf = (draft: Draft): string[] => draft.program.instructions.map((i) => i.op);
const difference = (a: Draft, b: Draft): number => {
  const [x, y] = [outputOf(a, 2), outputOf(b, 2)];
  return x.reduce((most, v, i) => Math.max(most, Math.abs(v - y[i]!)), 0);
};

/** The draft with all entries of some parameters at one value. */
const filled = (draft: Draft, value: number, ...names: string[]): Draft => ({
  ...draft,
  parameters: new Map(
    [...draft.parameters].map(([name, p]) => [
      name,
      names.includes(name) ? { shape: p.shape, data: p.data.map(() => value) } : p,
    ]),
  ),
});

describe('a fixed mixture of tokens', () => {
  test('equals attention whose scores are all alike, and query, key and softmax are gone', () => {
    const even = filled(transformer(), 0, 'q', 'q.bias');
    const mixed = apply(even, { kind: 'mixTokens', weight: 'q' });
    expect(mixed!.parameters.get('q:mixture')!.shape).toEqual([6, 6]);
    expect([...mixed!.parameters.keys()].some((n) => n === 'q' || n === 'k')).toBe(false);
    expect(opsOf(mixed!)).not.toContain('exp');
    expect(checkProgram(mixed!.program, signatureOf(even.program)).ok).toBe(true);
    expect(difference(mixed!, even)).toBeLessThan(1e-6);
  });

  test('is refused where there is no attention', () => {
    expect(apply(transformer(), { kind: 'mixTokens', weight: 'up' })).toBeNull();
    expect(apply(residualBlock(), { kind: 'mixTokens', weight: 'w1' })).toBeNull();
  });
});

describe('a cheaper activation', () => {
  const behind = (act: (b: ProgramBuilder, x: number) => number): Draft => {
    const b = new ProgramBuilder();
    const x = b.add('matmul', [b.input('x', [-1, 6]), b.parameter('w', [6, 8])], {});
    const y = act(b, b.add('add', [x, b.parameter('w.bias', [8])], {}));
    return withValues(b.build([b.add('matmul', [y, b.parameter('v', [8, 3])], {})]));
  };
  const exponential = (b: ProgramBuilder, x: number) => {
    const below = b.add('exp', [b.add('min', [x, b.constant(0)], {})], {});
    return b.add('add', [b.add('relu', [x], {}), b.add('sub', [below, b.constant(1)], {})], {});
  };
  const softplus = (b: ProgramBuilder, x: number) =>
    b.add('log', [b.add('add', [b.add('exp', [x], {}), b.constant(1)], {})], {});
  const relu = (b: ProgramBuilder, x: number) => b.add('relu', [x], {});

  test.each([
    ['GELU', gelu],
    ['Elu', exponential],
    ['Softplus', softplus],
  ] as const)('stands exactly where %s stood', (_name, dear) => {
    const made = apply(behind(dear), { kind: 'activation', weight: 'w', as: 'relu' });
    expect(made!.program).toEqual(behind(relu).program);
  });

  test('HardSwish is x · clip(x/6 + ½)', () => {
    const made = apply(behind(gelu), { kind: 'activation', weight: 'w', as: 'hardSwish' });
    expect(opsOf(made!)).toContain('clip');
    // A GELU and a HardSwish never lie more than 0.17 apart; eight of them are summed with weights below 0.3.
    expect(difference(made!, behind(gelu))).toBeLessThan(0.17 * 8 * 0.3);
  });

  test('what is cheap already, or leaves in several places, stays', () => {
    const hardSwish = (b: ProgramBuilder, x: number) =>
      b.add('mul', [x, b.add('clip', [x], { min: 0, max: 1 })], {});
    for (const cheap of [relu, hardSwish])
      expect(apply(behind(cheap), { kind: 'activation', weight: 'w', as: 'relu' })).toBeNull();
    const twice = (b: ProgramBuilder, x: number) =>
      b.add('add', [gelu(b, x), b.add('mean', [x], { axes: [1], keepDims: true })], {});
    expect(apply(behind(twice), { kind: 'activation', weight: 'w', as: 'relu' })).toBeNull();
  });
});

describe('a stride taken earlier', () => {
  /** x → conv `a`, relu, conv `b` with a stride. */
  const pair = (size: number, kernel: number, pads: readonly number[], stride: number): Draft => {
    const b = new ProgramBuilder();
    const plain = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1 };
    const first = b.add('conv', [b.input('x', [-1, 3, size, size]), b.parameter('a', [4, 3, 1, 1])], plain);
    const bias = b.add('reshape', [b.parameter('a.bias', [4])], { shape: [1, 4, 1, 1] });
    const act = b.add('relu', [b.add('add', [first, bias], {})], {});
    const own = { strides: [stride, stride], dilations: [1, 1], pads, groups: 1 };
    return withValues(b.build([b.add('conv', [act, b.parameter('b', [5, 4, kernel, kernel])], own)]));
  };

  test('keeps the result as large as it was wherever it fits', () => {
    let fitted = 0;
    fc.assert(
      fc.property(
        fc.integer({ min: 5, max: 12 }),
        fc.constantFrom(1, 2, 3, 5),
        fc.array(fc.integer({ min: 0, max: 2 }), { minLength: 4, maxLength: 4 }),
        fc.integer({ min: 2, max: 3 }),
        (size, kernel, pads, stride) => {
          const draft = pair(size, kernel, pads, stride);
          const made = apply(draft, { kind: 'strideEarly', weight: 'b', steps: 1 });
          if (!made) return;
          fitted++;
          expect(checkProgram(made.program, signatureOf(draft.program)).ok).toBe(true);
          const convs = made.program.instructions.flatMap((i) =>
            i.op === 'conv' ? [i.attributes.strides[0]] : [],
          );
          expect(convs).toEqual([stride, 1]);
        },
      ),
      { seed: 3, numRuns: 80 },
    );
    expect(fitted).toBeGreaterThan(20);
  });

  test('computes the same where the convolution with the stride has one tap', () => {
    const draft = pair(8, 1, [0, 0, 0, 0], 2);
    expect(difference(apply(draft, { kind: 'strideEarly', weight: 'b', steps: 1 })!, draft)).toBeLessThan(
      1e-6,
    );
  });

  test('is refused without a stride, or without a convolution before', () => {
    expect(apply(residualBlock(), { kind: 'strideEarly', weight: 'w2', steps: 1 })).toBeNull();
    expect(apply(oneConvolution(), { kind: 'strideEarly', weight: 'w1', steps: 1 })).toBeNull();
  });
});
