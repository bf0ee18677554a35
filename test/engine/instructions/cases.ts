import type { AttributesOf, InstructionName, Shape } from '../../../electron/engine/instructions/program.ts';

/** One instruction with operands and attributes, and what its readings are held to. */
export interface Case<K extends InstructionName = InstructionName> {
  readonly op: K;
  readonly title: string;
  /** Shapes of the operands; −1 is the batch. */
  readonly operands: readonly Shape[];
  readonly attributes: AttributesOf[K];
  /** Values of all operands lie between these; −1 and 1 where not said. */
  readonly range?: readonly [number, number];
  /** The oldest opset that can say it; 8 where not said. */
  readonly from?: number;
  /** Operands without a gradient. */
  readonly flat?: readonly number[];
  /** Operands whose values are whole numbers. */
  readonly whole?: readonly number[];
}

const cases: Case[] = [];
const none = {};

function add<K extends InstructionName>(
  op: K,
  title: string,
  operands: readonly Shape[],
  attributes: AttributesOf[K],
  more: Pick<Case, 'range' | 'from' | 'flat' | 'whole'> = {},
): void {
  // A case of one instruction is a case of the union; TypeScript cannot see it through a generic key.
  cases.push({ op, title, operands, attributes, ...more } as unknown as Case);
}

add('input', 'with an open batch', [], { name: 'own', shape: [-1, 3] });
add('parameter', 'a matrix', [], { name: 'own', shape: [2, 3] });
add('constant', 'a matrix', [], { shape: [2, 2], values: [1, -2, 3.5, 4] });
add('constant', 'one value for all', [], { shape: [3, 2], values: [0.25] });

for (const op of ['add', 'sub', 'mul', 'max', 'min'] as const) {
  add(
    op,
    'of equal shapes',
    [
      [-1, 3],
      [-1, 3],
    ],
    none,
  );
  add(op, 'broadcast by rank', [[-1, 3, 4], [4]], none);
  add(
    op,
    'broadcast both ways',
    [
      [3, 1],
      [-1, 1, 4],
    ],
    none,
  );
  add(op, 'with a scalar', [[-1, 3], []], none);
}
add(
  'div',
  'of equal shapes',
  [
    [-1, 3],
    [-1, 3],
  ],
  none,
  { range: [0.5, 2] },
);
add(
  'div',
  'broadcast both ways',
  [
    [3, 1],
    [-1, 1, 4],
  ],
  none,
  { range: [0.5, 2] },
);
add('pow', 'of a positive base', [[-1, 3], [3]], none, { range: [0.3, 1.7] });
for (const op of ['equal', 'greater'] as const)
  add(op, 'broadcast', [[-1, 3], [3]], none, { flat: [0, 1], whole: [0, 1], range: [-2, 2] });
for (const op of ['neg', 'abs', 'exp', 'tanh', 'sigmoid', 'relu'] as const)
  add(op, 'of a tensor', [[-1, 3, 4]], none, { range: [-2, 2] });
add('erf', 'near 0 and in the tails', [[-1, 5, 5]], none, { range: [-4, 4], from: 9 });
for (const op of ['log', 'sqrt', 'reciprocal'] as const)
  add(op, 'of positive values', [[-1, 3, 4]], none, { range: [0.4, 2] });
add('clip', 'on both sides', [[-1, 12]], { min: -0.5, max: 0.4 });
add('clip', 'from above only', [[-1, 12]], { min: Number.NEGATIVE_INFINITY, max: 0.4 });
add(
  'where',
  'of equal shapes',
  [
    [-1, 3],
    [-1, 3],
    [-1, 3],
  ],
  none,
  { flat: [0], whole: [0] },
);
add('where', 'broadcast', [[3], [-1, 1], [4, 1, 1]], none, { flat: [0], whole: [0] });

for (const op of ['sum', 'mean', 'reduceMax'] as const) {
  add(op, 'over one axis, kept', [[-1, 3, 4]], { axes: [1], keepDims: true });
  add(op, 'over two axes, dropped', [[-1, 3, 4]], { axes: [2, 1], keepDims: false });
  add(op, 'over the batch', [[-1, 3, 4]], { axes: [0, 2], keepDims: false });
  add(op, 'over everything', [[-1, 3]], { axes: [0, 1], keepDims: false });
  add(op, 'over nothing', [[-1, 3]], { axes: [], keepDims: false });
}

add(
  'matmul',
  'of matrices',
  [
    [-1, 3],
    [3, 4],
  ],
  none,
);
add(
  'matmul',
  'of a batch with a matrix',
  [
    [-1, 2, 3],
    [3, 4],
  ],
  none,
);
add(
  'matmul',
  'of a batch with a batch',
  [
    [-1, 2, 3, 4],
    [-1, 2, 4, 3],
  ],
  none,
);
add(
  'matmul',
  'of a matrix with a batch',
  [
    [5, 3],
    [-1, 3, 2],
  ],
  none,
);
add(
  'matmul',
  'broadcast over heads',
  [
    [-1, 1, 2, 3],
    [4, 3, 2],
  ],
  none,
);

const plain = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1 };
const same = { ...plain, pads: [1, 1, 1, 1] };
const convs: readonly (readonly [string, Shape, Shape, AttributesOf['conv']])[] = [
  ['3×3 with pads', [-1, 8, 5, 5], [4, 8, 3, 3], same],
  ['3×3 without pads', [-1, 3, 5, 6], [4, 3, 3, 3], plain],
  ['at stride 2', [-1, 8, 6, 7], [4, 8, 3, 3], { ...same, strides: [2, 2] }],
  ['at unequal strides', [-1, 2, 6, 7], [3, 2, 3, 3], { ...same, strides: [2, 1] }],
  ['with asymmetric pads', [-1, 2, 5, 5], [3, 2, 3, 3], { ...plain, pads: [0, 1, 2, 1] }],
  ['with pads wider than the kernel reaches', [-1, 2, 4, 4], [3, 2, 1, 1], same],
  ['dilated', [-1, 2, 7, 7], [3, 2, 3, 3], { ...plain, dilations: [2, 2], pads: [2, 2, 2, 2] }],
  ['dilated at stride 2', [-1, 8, 7, 7], [3, 8, 3, 3], { ...same, dilations: [2, 1], strides: [2, 2] }],
  ['in groups', [-1, 4, 5, 5], [6, 2, 3, 3], { ...same, groups: 2 }],
  ['in groups at stride 2', [-1, 4, 5, 6], [6, 2, 3, 3], { ...same, groups: 2, strides: [2, 2] }],
  ['depthwise', [-1, 4, 5, 5], [4, 1, 3, 3], { ...same, groups: 4 }],
  ['depthwise at stride 2', [-1, 4, 6, 6], [4, 1, 3, 3], { ...same, groups: 4, strides: [2, 2] }],
  ['depthwise with a multiplier', [-1, 3, 5, 5], [6, 1, 3, 3], { ...same, groups: 3 }],
  ['depthwise of one channel', [-1, 1, 5, 5], [1, 1, 3, 3], same],
  ['1×1', [-1, 8, 4, 4], [4, 8, 1, 1], plain],
  ['1×1 at stride 2', [-1, 8, 5, 4], [4, 8, 1, 1], { ...plain, strides: [2, 2] }],
  ['1×3', [-1, 8, 4, 5], [4, 8, 1, 3], { ...plain, pads: [0, 1, 0, 1] }],
  ['of one channel', [-1, 1, 6, 6], [4, 1, 3, 3], same],
  ['in one dimension', [-1, 3, 9], [4, 3, 3], { strides: [1], dilations: [1], pads: [1, 1], groups: 1 }],
  [
    'in one dimension at stride 2',
    [-1, 8, 9],
    [4, 8, 4],
    { strides: [2], dilations: [1], pads: [1, 2], groups: 1 },
  ],
  ['as large as the image', [-1, 8, 4, 4], [3, 8, 4, 4], plain],
];
for (const [title, x, w, a] of convs) add('conv', title, [x, w], a);
for (const [title, x, w, a, outputPads] of [
  ['at stride 1', [-1, 4, 4, 4], [4, 3, 3, 3], same, [0, 0]],
  ['at stride 2 with output pads', [-1, 4, 3, 3], [4, 8, 3, 3], { ...same, strides: [2, 2] }, [1, 1]],
  ['with one output pad', [-1, 2, 3, 4], [2, 3, 3, 3], { ...same, strides: [2, 2] }, [0, 1]],
  ['in groups', [-1, 4, 3, 3], [4, 3, 2, 2], { ...plain, strides: [2, 2], groups: 2 }, [0, 0]],
  ['depthwise', [-1, 4, 3, 3], [4, 1, 3, 3], { ...same, strides: [2, 2], groups: 4 }, [1, 1]],
  ['dilated', [-1, 2, 4, 4], [2, 3, 2, 2], { ...plain, dilations: [2, 2], pads: [1, 0, 0, 1] }, [0, 0]],
  ['in one dimension', [-1, 4, 5], [4, 3, 3], { strides: [2], dilations: [1], pads: [1, 0], groups: 1 }, [0]],
] as const)
  add('convTranspose', title, [x, w], { ...a, outputPads });

const tiled = { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] };
const overlapping = { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] };
const pools = [
  ['that tiles', [-1, 2, 4, 6], tiled],
  ['that leaves a rest', [-1, 2, 5, 5], tiled],
  ['that overlaps, with pads', [-1, 2, 6, 7], overlapping],
  ['at stride 1', [-1, 2, 4, 4], { ...overlapping, strides: [1, 1] }],
  ['with asymmetric pads', [-1, 2, 5, 5], { kernel: [3, 2], strides: [2, 1], pads: [0, 1, 2, 0] }],
  ['that skips elements', [-1, 2, 7, 7], { kernel: [2, 2], strides: [3, 3], pads: [0, 0, 0, 0] }],
  ['in one dimension', [-1, 2, 7], { kernel: [3], strides: [2], pads: [1, 1] }],
] as const;
for (const [title, x, a] of pools) {
  add('maxPool', title, [x], a);
  for (const countIncludePad of [true, false])
    add('averagePool', `${title}, ${countIncludePad ? 'with' : 'without'} pads counted`, [x], {
      ...a,
      countIncludePad,
    });
}

add('reshape', 'that keeps the batch', [[-1, 6]], { shape: [-1, 2, 3] });
add('reshape', 'that folds the batch', [[-1, 2, 3]], { shape: [-2, 3] });
add('reshape', 'that moves the batch', [[3, -1]], { shape: [3, -1, 1] });
add('reshape', 'to a scalar', [[1, 1]], { shape: [] });
add('transpose', 'of the last axes', [[-1, 2, 3]], { permutation: [0, 2, 1] });
add('transpose', 'of all axes', [[-1, 2, 3, 4]], { permutation: [2, 0, 3, 1] });
add('slice', 'of a middle', [[-1, 6]], { axis: 1, start: 2, end: 5, step: 1 });
add('slice', 'with steps', [[-1, 7, 2]], { axis: 1, start: 1, end: 7, step: 2 });
add('slice', 'with steps to the last element', [[-1, 7, 2]], { axis: 1, start: 0, end: 7, step: 3 });
add('slice', 'with a step past the end', [[-1, 5]], { axis: 1, start: 3, end: 5, step: 4 });
add('pad', 'with zeros', [[-1, 2, 3]], { before: [0, 1, 0], after: [0, 0, 2], value: 0 });
add('pad', 'with a value', [[-1, 3]], { before: [0, 2], after: [0, 1], value: -1.5 });
add(
  'concat',
  'of three',
  [
    [-1, 2, 3],
    [-1, 1, 3],
    [-1, 4, 3],
  ],
  { axis: 1 },
);
add('concat', 'of one', [[-1, 2]], { axis: 1 });
add('expand', 'of ones', [[-1, 1, 3]], { shape: [-1, 4, 3] });
add('expand', 'by rank', [[3, 1]], { shape: [2, 3, 4] });
add('expand', 'over the batch', [[1, 3]], { shape: [-1, 3] });
add('gather', 'of a permutation', [[-1, 4, 2]], { axis: 1, indices: [2, 0, 3, 1] });
add('gather', 'with repeats', [[-1, 4, 2]], { axis: 1, indices: [3, 0, 3, 3, 1] });
add('gather', 'of some, last axis', [[-1, 2, 5]], { axis: 2, indices: [4, 1] });
add('resize', 'twice', [[-1, 2, 3, 2]], { factors: [2, 2] });
add('resize', 'by unequal factors', [[-1, 2, 3, 2]], { factors: [3, 1] });
add('resize', 'in one dimension', [[-1, 2, 3]], { factors: [2] });

const perTensor = { scales: [0.02], zeroPoints: [3], axis: 1 };
const perChannel = { scales: [0.02, 0.01, 0.004], zeroPoints: [0, 5, -7], axis: 1 };
// Quantized values are whole numbers that only `dequantize` reads: both are run as the pair that a program may hold.
add('quantize', 'to signed bytes', [[-1, 3, 5]], { ...perTensor, signed: true }, { from: 10, flat: [0] });
add('quantize', 'to unsigned bytes', [[-1, 3, 5]], { ...perTensor, signed: false }, { from: 10, flat: [0] });
add('quantize', 'per channel', [[-1, 3, 5]], { ...perChannel, signed: true }, { from: 13, flat: [0] });
add('dequantize', 'of signed bytes', [[-1, 3, 5]], { ...perTensor, signed: true }, { from: 10, flat: [0] });
add('dequantize', 'per channel', [[-1, 3, 5]], { ...perChannel, signed: true }, { from: 13, flat: [0] });

/** Every instruction at least once. */
export const instructionCases: readonly Case[] = cases;
