import { describe, expect, test } from 'vitest';
import { ProgramBuilder, prune } from '../../../electron/engine/instructions/builder.ts';
import { checkProgram, signatureOf } from '../../../electron/engine/instructions/check.ts';
import { costOf } from '../../../electron/engine/instructions/cost.ts';
import { differentiate, parametersOf } from '../../../electron/engine/instructions/differentiate.ts';
import { lowerToModel } from '../../../electron/engine/instructions/lower.ts';
import type {
  AttributesOf,
  InstructionName,
  Program,
  Shape,
} from '../../../electron/engine/instructions/program.ts';
import { ShapeMismatch } from '../../../electron/engine/instructions/row.ts';
import { instructionNames, rowOf } from '../../../electron/engine/instructions/table.ts';
import { reference } from './running.ts';

const none = {};
const plain = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1 };
const window = { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] };
const bytes = { scales: [0.1], zeroPoints: [0], axis: 1, signed: true };

/** Operands and attributes that each instruction must not take, and why. */
const refusals: {
  [K in InstructionName]?: readonly (readonly [string, readonly Shape[], AttributesOf[K]])[];
} = {
  input: [['an empty dimension', [], { name: 'x', shape: [-1, 0] }]],
  parameter: [['the batch', [], { name: 'w', shape: [-1, 3] }]],
  constant: [
    ['too few values', [], { shape: [2, 2], values: [1, 2, 3] }],
    ['values for an open batch', [], { shape: [-1, 2], values: [1, 2] }],
  ],
  clip: [['nothing', [], { min: 0, max: 1 }]],
  where: [['operands that do not broadcast', [[2], [3], [1]], none]],
  sum: [
    ['an axis that is not there', [[-1, 3]], { axes: [2], keepDims: true }],
    ['an axis from the back', [[-1, 3]], { axes: [-1], keepDims: true }],
    ['an axis twice', [[-1, 3]], { axes: [1, 1], keepDims: true }],
  ],
  mean: [['an axis that is not there', [[-1, 3]], { axes: [2], keepDims: true }]],
  reduceMax: [['an axis that is not there', [[-1, 3]], { axes: [2], keepDims: true }]],
  matmul: [
    [
      'inner extents that differ',
      [
        [-1, 3],
        [4, 2],
      ],
      none,
    ],
    ['a vector', [[-1, 3], [3]], none],
    [
      'batches that do not broadcast',
      [
        [2, 2, 3],
        [3, 3, 2],
      ],
      none,
    ],
  ],
  conv: [
    [
      'other channels',
      [
        [-1, 3, 5, 5],
        [4, 2, 3, 3],
      ],
      plain,
    ],
    [
      'kernels that the groups do not divide',
      [
        [-1, 4, 5, 5],
        [3, 2, 3, 3],
      ],
      { ...plain, groups: 2 },
    ],
    [
      'a kernel larger than the image',
      [
        [-1, 3, 2, 5],
        [4, 3, 3, 3],
      ],
      plain,
    ],
    [
      'a kernel of another rank',
      [
        [-1, 3, 5],
        [4, 3, 3, 3],
      ],
      plain,
    ],
    [
      'the batch as space',
      [
        [1, 3, -1, 5],
        [4, 3, 3, 3],
      ],
      plain,
    ],
  ],
  convTranspose: [
    [
      'other channels',
      [
        [-1, 3, 5, 5],
        [4, 3, 3, 3],
      ],
      { ...plain, outputPads: [0, 0] },
    ],
    [
      'pads that leave nothing',
      [
        [-1, 4, 1, 1],
        [4, 3, 1, 1],
      ],
      { ...plain, pads: [1, 1, 1, 1], outputPads: [0, 0] },
    ],
  ],
  maxPool: [
    ['another rank', [[-1, 3, 4]], window],
    ['a window that can lie outside', [[-1, 3, 4, 4]], { ...window, pads: [2, 0, 0, 0] }],
  ],
  averagePool: [['a window larger than the image', [[-1, 3, 1, 4]], { ...window, countIncludePad: true }]],
  reshape: [
    ['another size', [[-1, 6]], { shape: [-1, 5] }],
    ['a batch that disappears', [[-1, 6]], { shape: [6] }],
  ],
  transpose: [
    ['an axis twice', [[-1, 2, 3]], { permutation: [0, 1, 1] }],
    ['another rank', [[-1, 2, 3]], { permutation: [0, 1] }],
  ],
  slice: [
    ['an end outside', [[-1, 4]], { axis: 1, start: 0, end: 5, step: 1 }],
    ['nothing between start and end', [[-1, 4]], { axis: 1, start: 2, end: 2, step: 1 }],
    ['the batch', [[-1, 4]], { axis: 0, start: 0, end: 1, step: 1 }],
    ['a step back', [[-1, 4]], { axis: 1, start: 0, end: 4, step: -1 }],
  ],
  pad: [
    ['the batch', [[-1, 4]], { before: [1, 0], after: [0, 0], value: 0 }],
    ['less than nothing', [[-1, 4]], { before: [0, -1], after: [0, 0], value: 0 }],
    ['another rank', [[-1, 4]], { before: [0], after: [0], value: 0 }],
  ],
  concat: [
    [
      'other extents',
      [
        [-1, 2, 3],
        [-1, 2, 4],
      ],
      { axis: 1 },
    ],
    [
      'along the batch',
      [
        [-1, 2],
        [-1, 2],
      ],
      { axis: 0 },
    ],
  ],
  expand: [['a dimension that is not 1', [[-1, 2]], { shape: [-1, 4] }]],
  gather: [
    ['an index outside', [[-1, 4]], { axis: 1, indices: [4] }],
    ['no index', [[-1, 4]], { axis: 1, indices: [] }],
    ['the batch', [[-1, 4]], { axis: 0, indices: [0] }],
  ],
  resize: [['another rank', [[-1, 2, 3]], { factors: [2, 2] }]],
  quantize: [
    ['other channels than scales', [[-1, 3]], { ...bytes, scales: [1, 2], zeroPoints: [0, 0] }],
    ['a scale of nothing', [[-1, 3]], { ...bytes, scales: [0] }],
  ],
  dequantize: [['fewer zero points than scales', [[-1, 2]], { ...bytes, scales: [1, 2] }]],
};
const binaries = ['add', 'sub', 'mul', 'div', 'max', 'min', 'pow', 'equal', 'greater'] as const;

function attempt(op: InstructionName, operands: readonly Shape[], attributes: unknown): () => void {
  const b = new ProgramBuilder();
  const inputs = operands.map((shape, n) => b.input(`x${n}`, shape));
  return () => void b.add(op, inputs, attributes as never);
}

describe('the builder refuses', () => {
  test.each(
    Object.entries(refusals).flatMap(([op, all]) =>
      all.map(([why, operands, attributes]) => [op as InstructionName, why, operands, attributes] as const),
    ),
  )('%s of %s', (op, _why, operands, attributes) => {
    expect(attempt(op, operands, attributes)).toThrow(ShapeMismatch);
  });

  test.each(binaries)('%s of operands that do not broadcast', (op) => {
    expect(attempt(op, [[-1, 3], [2]], none)).toThrow(ShapeMismatch);
  });

  test('each instruction with one operand too many', () => {
    for (const op of instructionNames) {
      const { arity } = rowOf(op);
      if (arity === 'many') continue;
      const operands = Array.from({ length: arity + 1 }, (): Shape => [-1, 3]);
      expect(attempt(op, operands, none), op).toThrow(ShapeMismatch);
    }
  });
});

describe('the checker refuses', () => {
  const quantized = (read: (b: ProgramBuilder, q: number) => number): Program => {
    const b = new ProgramBuilder();
    return b.build([read(b, b.add('quantize', [b.input('x', [-1, 3])], bytes))]);
  };

  test.each([
    ['a quantized tensor in arithmetic', quantized((b, q) => b.add('relu', [q], none)), 'reads a quantized'],
    ['a quantized result', quantized((_b, q) => q), 'an output is quantized'],
    [
      'signed bytes read as unsigned',
      quantized((b, q) => b.add('dequantize', [q], { ...bytes, signed: false })),
      'signed bytes',
    ],
    [
      'plain numbers dequantized',
      quantized((b, q) => b.add('dequantize', [b.add('dequantize', [q], bytes)], bytes)),
      'not quantized',
    ],
    ['an output that is missing', { ...quantized((_b, q) => q), outputs: [7] }, 'an output is missing'],
    [
      'a wrong number of operands',
      { instructions: [{ op: 'relu', inputs: [], attributes: {}, shape: [] }], outputs: [0] } as Program,
      'takes 1 operands',
    ],
    [
      'a concatenation of nothing',
      {
        instructions: [{ op: 'concat', inputs: [], attributes: { axis: 0 }, shape: [1] }],
        outputs: [0],
      } as Program,
      'concat of nothing',
    ],
    [
      'operands that do not fit',
      {
        instructions: [
          { op: 'input', inputs: [], attributes: { name: 'x', shape: [3] }, shape: [3] },
          { op: 'reshape', inputs: [0], attributes: { shape: [4] }, shape: [4] },
        ],
        outputs: [1],
      } as Program,
      'reshape of [3] to [4]',
    ],
  ])('%s', (_title, program, reason) => {
    const result = checkProgram(program);
    expect(result.ok ? 'accepted' : result.error).toContain(reason);
  });

  test('a program of another signature, and accepts it with its own', () => {
    const b = new ProgramBuilder();
    const program = b.build([b.add('relu', [b.input('x', [-1, 3])], none)]);
    const own = signatureOf(program);
    expect(checkProgram(program, own).ok).toBe(true);
    for (const [wanted, reason] of [
      [{ ...own, outputs: [[-1, 4]] }, 'output [N,3], not [N,4]'],
      [{ ...own, outputs: [] }, '1 outputs, not 0'],
      [{ ...own, inputs: new Map([['x', [-1, 4]]]) }, 'input x [N,3] is not wanted'],
      [{ ...own, inputs: new Map() }, 'is not wanted'],
    ] as const) {
      const result = checkProgram(program, wanted);
      expect(result.ok ? 'accepted' : result.error).toContain(reason);
    }
  });
});

describe('building', () => {
  test('keeps equal instructions once and different ones apart, endless numbers too', () => {
    const b = new ProgramBuilder();
    const x = b.input('x', [-1, 3]);
    expect(b.add('relu', [x], none)).toBe(b.add('relu', [x], none));
    expect(b.constant(Number.POSITIVE_INFINITY)).not.toBe(b.constant(Number.NEGATIVE_INFINITY));
    const from = b.add('constant', [], { shape: [2], values: Float32Array.of(1, 2) });
    expect(b.add('constant', [], { shape: [2], values: [1, 2] })).toBe(from);
    expect(b.add('constant', [], { shape: [2], values: [1, 3] })).not.toBe(from);
  });

  test('drops what no output needs, but keeps the inputs', () => {
    const b = new ProgramBuilder();
    const [x, unused] = [b.input('x', [-1, 3]), b.input('unused', [-1])];
    const y = b.add('relu', [x], none);
    b.add('exp', [b.add('mul', [x, b.parameter('w', [3])], none)], none);
    const pruned = prune({ instructions: b.instructions, outputs: [y] });
    expect(pruned.instructions.map((i) => i.op)).toEqual(['input', 'input', 'relu']);
    expect(pruned.outputs).toEqual([2]);
    expect(b.shape(unused)).toEqual([-1]);
    expect(checkProgram(pruned).ok).toBe(true);
  });

  test('copies a program in with its inputs bound and its parameters renamed', () => {
    const inner = new ProgramBuilder();
    const w = inner.parameter('w', [3]);
    const part = inner.build([inner.add('mul', [inner.input('x', [-1, 3]), w], none)]);
    const b = new ProgramBuilder();
    const once = b.include(part, new Map([['x', b.input('z', [-1, 3])]]), (n) => `a/${n}`);
    const twice = b.build(b.include(part, new Map([['x', once[0]!]]), (n) => `b/${n}`));
    expect(parametersOf(twice).map((p) => p.name)).toEqual(['a/w', 'b/w']);
    expect(() => b.include(part, new Map())).toThrow('not bound');
  });
});

describe('cost', () => {
  const b = new ProgramBuilder();
  const x = b.input('x', [-1, 4, 6, 6]);
  const conv = b.add('conv', [x, b.parameter('w', [8, 2, 3, 3])], { ...plain, groups: 2 });
  const flat = b.add('reshape', [conv], { shape: [-1, 128] });
  const program = b.build([b.add('matmul', [flat, b.parameter('v', [128, 10])], none)]);

  test('of a grouped convolution and a product is what a hand counts', () => {
    // conv: 8·4·4 results of 2·3·3 each; matmul: 10 results of 128 each.
    expect(costOf(program)).toEqual({
      multiplyAdds: 8 * 4 * 4 * 2 * 3 * 3 + 10 * 128,
      bytes: 4 * (4 * 6 * 6 + 8 * 2 * 3 * 3 + 8 * 4 * 4) + 4 * (128 + 128 * 10 + 10),
      parameters: 8 * 2 * 3 * 3 + 128 * 10,
      // The image and what the convolution makes of it; the image is no longer needed for what follows.
      peakBytes: 4 * (4 * 6 * 6 + 8 * 4 * 4),
    });
  });
});

describe('differentiation', () => {
  test('passes straight through a quantizer inside its range and stops outside', () => {
    const b = new ProgramBuilder();
    const q = b.add('quantize', [b.parameter('w', [3])], { ...bytes, scales: [0.01] });
    const y = b.add('dequantize', [q], { ...bytes, scales: [0.01] });
    const loss = b.build([b.add('sum', [y], { axes: [0], keepDims: false })]);
    const given = new Map([['w', { shape: [3], data: Float64Array.of(0.5, 5, -5) }]]);
    const [, gradient] = reference(differentiate(loss, ['w']), given);
    [1, 0, 0].forEach((v, i) => {
      expect(gradient!.data[i]).toBeCloseTo(v, 12);
    });
  });

  test('leaves out parameters behind a comparison, and throws when asked for one', () => {
    const b = new ProgramBuilder();
    const [w, v] = [b.parameter('w', [3]), b.parameter('v', [3])];
    const gate = b.add('greater', [v, b.constant(0)], none);
    const y = b.add('where', [gate, w, b.constant(0)], none);
    const loss = b.build([b.add('sum', [y], { axes: [0], keepDims: false })]);
    expect(parametersOf(loss).map((p) => p.name)).toEqual(['w']);
    expect(() => differentiate(loss, ['v'])).toThrow('does not depend on v');
    expect(() => differentiate(b.build([y]), ['w'])).toThrow('scalar');
  });

  test('gives the slope 0 to the kink of abs', () => {
    const b = new ProgramBuilder();
    const y = b.add('abs', [b.parameter('w', [2])], none);
    const loss = b.build([b.add('sum', [y], { axes: [0], keepDims: false })]);
    const given = new Map([['w', { shape: [2], data: Float64Array.of(0, -2) }]]);
    expect([...reference(differentiate(loss, ['w']), given)[1]!.data]).toEqual([0, -1]);
  });
});

test.each([
  ['erf', 8, 'Erf needs opset 9'],
  ['quantize', 9, 'QuantizeLinear needs opset 10'],
] as const)('lowering %s to opset %d throws', (op, opset, message) => {
  const b = new ProgramBuilder();
  const x = b.input('x', [-1, 3]);
  const y =
    op === 'erf' ? b.add('erf', [x], none) : b.add('dequantize', [b.add('quantize', [x], bytes)], bytes);
  expect(() => lowerToModel(b.build([y]), new Map(), { opset, batch: 1 })).toThrow(message);
});
