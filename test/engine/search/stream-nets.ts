import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import type { Draft } from '../../../electron/engine/search/draft.ts';
import { withValues } from './small-nets.ts';

const plain = (kernel: number, stride = 1) => {
  const pad = (kernel - 1) / 2;
  return { strides: [stride, stride], dilations: [1, 1], pads: [pad, pad, pad, pad], groups: 1 };
};

function convolution(b: ProgramBuilder, x: number, name: string, to: number, kernel = 3, stride = 1): number {
  const from = b.shape(x)[1]!;
  const bias = b.add('reshape', [b.parameter(`${name}.bias`, [to])], { shape: [1, to, 1, 1] });
  const weight = b.parameter(name, [to, from, kernel, kernel]);
  return b.add('add', [b.add('conv', [x, weight], plain(kernel, stride)), bias], {});
}

const relu = (b: ProgramBuilder, x: number) => b.add('relu', [x], {});

/**
 * x [N,3,8,8] → stem of 8, a block of 8, a block that goes to 16 at half the resolution, whose shortcut takes every
 * other point and pads channels (`pad`), joins zeros (`concat`) or is a 1×1 convolution, then the mean, `fc` → 5.
 */
export function residualNet(shortcut: 'pad' | 'concat' | 'conv'): Draft {
  const b = new ProgramBuilder();
  const stem = relu(b, convolution(b, b.input('x', [-1, 3, 8, 8]), 'stem', 8));
  const first = convolution(b, relu(b, convolution(b, stem, 'a1', 8)), 'a2', 8);
  const one = relu(b, b.add('add', [first, stem], {}));
  const second = convolution(b, relu(b, convolution(b, one, 'b1', 16, 3, 2)), 'b2', 16);
  const half = [2, 3].reduce((id, axis) => b.add('slice', [id], { axis, start: 0, end: 8, step: 2 }), one);
  const ways = {
    pad: () => b.add('pad', [half], { before: [0, 4, 0, 0], after: [0, 4, 0, 0], value: 0 }),
    concat: () => b.add('concat', [half, b.constant(0, [-1, 8, 4, 4])], { axis: 1 }),
    conv: () => convolution(b, one, 'b3', 16, 1, 2),
  };
  const two = relu(b, b.add('add', [second, ways[shortcut]()], {}));
  const mean = b.add('mean', [two], { axes: [2, 3], keepDims: false });
  const scores = b.add('matmul', [mean, b.parameter('fc', [16, 5])], {});
  return withValues(b.build([b.add('add', [scores, b.parameter('fc.bias', [5])], {})]));
}

/**
 * x [N,6,4] → embedding `embed` 4→12 and positions, normalized over the 12, attention of 3 heads of 4 with `q`, `k`,
 * `v` and `out`, a residual sum, a feed-forward `up` 12→20, GELU, `down` 20→12, a residual sum, the mean over
 * tokens, `fc` → 5.
 */
export function transformer(): Draft {
  const b = new ProgramBuilder();
  const linear = (x: number, name: string, to: number): number => {
    const from = b.shape(x).at(-1)!;
    const product = b.add('matmul', [x, b.parameter(name, [from, to])], {});
    return b.add('add', [product, b.parameter(`${name}.bias`, [to])], {});
  };
  const embedded = linear(b.input('x', [-1, 6, 4]), 'embed', 12);
  const stream = b.add('add', [embedded, b.parameter('positions', [6, 12])], {});
  const normal = normalized(b, stream, 'norm');
  const heads = (name: string, permutation: readonly number[]): number => {
    const split = b.add('reshape', [linear(normal, name, 12)], { shape: [-1, 6, 3, 4] });
    return b.add('transpose', [split], { permutation });
  };
  const [q, k, v] = [heads('q', [0, 2, 1, 3]), heads('k', [0, 2, 3, 1]), heads('v', [0, 2, 1, 3])];
  const raised = b.add('exp', [b.add('mul', [b.add('matmul', [q, k], {}), b.constant(0.5)], {})], {});
  const total = b.add('sum', [raised], { axes: [3], keepDims: true });
  const mixed = b.add('matmul', [b.add('div', [raised, total], {}), v], {});
  const joined = b.add('reshape', [b.add('transpose', [mixed], { permutation: [0, 2, 1, 3] })], {
    shape: [-1, 6, 12],
  });
  const attended = b.add('add', [linear(joined, 'out', 12), stream], {});
  const fed = b.add('add', [linear(gelu(b, linear(attended, 'up', 20)), 'down', 12), attended], {});
  const mean = b.add('mean', [fed], { axes: [1], keepDims: false });
  return withValues(b.build([linear(mean, 'fc', 5)]));
}

/** x · ½(1 + erf(x/√2)), as exporters write it. */
export function gelu(b: ProgramBuilder, x: number): number {
  const inner = b.add('erf', [b.add('div', [x, b.constant(Math.SQRT2)], {})], {});
  const gate = b.add('mul', [x, b.add('add', [inner, b.constant(1)], {})], {});
  return b.add('mul', [gate, b.constant(0.5)], {});
}

function normalized(b: ProgramBuilder, x: number, name: string): number {
  const axes = { axes: [2], keepDims: true };
  const extent = b.shape(x)[2]!;
  const centred = b.add('sub', [x, b.add('mean', [x], axes)], {});
  const variance = b.add('mean', [b.add('mul', [centred, centred], {})], axes);
  const deviation = b.add('sqrt', [b.add('add', [variance, b.constant(1e-5)], {})], {});
  const scaled = b.add('mul', [b.add('div', [centred, deviation], {}), b.parameter(name, [extent])], {});
  return b.add('add', [scaled, b.parameter(`${name}.bias`, [extent])], {});
}
