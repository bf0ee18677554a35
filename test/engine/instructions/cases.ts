import type { AttributesOf, InstructionName, Shape } from '../../../electron/engine/instructions/program.ts';

/** One use of an instruction: operand shapes (the batch as −1), attributes, and where its operands lie. */
export interface Case<K extends InstructionName = InstructionName> {
  readonly op: K;
  readonly shapes: readonly Shape[];
  readonly attributes: AttributesOf[K];
  /** Operands are spread over this range; some functions have no value, or no slope, outside. */
  readonly range?: readonly [number, number];
  /** Operands without a gradient. */
  readonly constant?: readonly number[];
}

const use = <K extends InstructionName>(
  op: K,
  shapes: readonly Shape[],
  attributes: AttributesOf[K],
  more: Partial<Case<K>> = {},
): Case =>
  // The union of all cases forgets that `op` and `attributes` belong together; this function does not.
  ({ op, shapes, attributes, ...more }) as unknown as Case;

const none = {};
const image: Shape = [-1, 4, 6, 6];
const plain = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1 };
const quantized = { scales: [0.05], zeroPoints: [3], axis: 1, signed: true };

/** At least one case of every instruction that computes. */
export const cases: readonly Case[] = [
  ...(['add', 'sub', 'mul', 'max', 'min'] as const).flatMap((op) => [
    use(op, [image, image], none),
    use(op, [image, [4, 1, 1]], none),
    use(op, [[1, 4, 1, 6], image], none),
  ]),
  use('div', [image, [4, 1, 1]], none, { range: [0.5, 2] }),
  use('pow', [image, [4, 1, 1]], none, { range: [0.5, 2] }),
  use('equal', [image, image], none, { constant: [0, 1] }),
  use('greater', [image, image], none, { constant: [0, 1] }),
  ...(['neg', 'abs', 'exp', 'tanh', 'sigmoid', 'erf', 'relu'] as const).map((op) => use(op, [image], none)),
  ...(['log', 'sqrt', 'reciprocal'] as const).map((op) => use(op, [image], none, { range: [0.4, 2] })),
  use('clip', [image], { min: -0.31, max: 0.43 }),
  use('where', [image, image, [4, 1, 1]], none, { constant: [0] }),
  use('sum', [image], { axes: [2, 3], keepDims: true }),
  use('sum', [image], { axes: [0, 1, 2, 3], keepDims: false }),
  use('mean', [image], { axes: [2, 3], keepDims: false }),
  use('mean', [image], { axes: [0, 1], keepDims: true }),
  use('reduceMax', [image], { axes: [1], keepDims: true }),
  use('reduceMax', [image], { axes: [2, 3], keepDims: false }),
  use(
    'matmul',
    [
      [-1, 5],
      [5, 3],
    ],
    none,
  ),
  use(
    'matmul',
    [
      [-1, 4, 5],
      [5, 3],
    ],
    none,
  ),
  use(
    'matmul',
    [
      [-1, 2, 4, 5],
      [-1, 2, 5, 3],
    ],
    none,
  ),
  use('conv', [image, [5, 4, 3, 3]], { ...plain, pads: [1, 1, 1, 1] }),
  use('conv', [image, [5, 4, 3, 3]], { ...plain, strides: [2, 2], pads: [0, 1, 1, 0] }),
  use('conv', [image, [5, 4, 2, 2]], { ...plain, dilations: [2, 2] }),
  use('conv', [image, [6, 2, 3, 3]], { ...plain, groups: 2 }),
  use('conv', [image, [4, 1, 3, 3]], { ...plain, groups: 4, pads: [1, 1, 1, 1] }),
  use('conv', [image, [8, 1, 3, 3]], { ...plain, groups: 4, strides: [2, 1] }),
  use('conv', [image, [5, 4, 1, 1]], plain),
  use(
    'conv',
    [
      [-1, 9, 5, 5],
      [4, 9, 3, 3],
    ],
    plain,
  ),
  use(
    'conv',
    [
      [-1, 3, 9],
      [4, 3, 3],
    ],
    { strides: [2], dilations: [1], pads: [1, 1], groups: 1 },
  ),
  use('convTranspose', [image, [4, 3, 3, 3]], { ...plain, outputPads: [0, 0] }),
  use('convTranspose', [image, [4, 3, 3, 3]], {
    ...plain,
    strides: [2, 2],
    pads: [1, 1, 1, 1],
    outputPads: [1, 1],
  }),
  use('convTranspose', [image, [4, 1, 3, 3]], {
    ...plain,
    groups: 4,
    pads: [1, 1, 1, 1],
    outputPads: [0, 0],
  }),
  use('maxPool', [image], { kernel: [2, 2], strides: [2, 2], pads: [0, 0, 0, 0] }),
  use('maxPool', [image], { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
  use('averagePool', [image], {
    kernel: [2, 2],
    strides: [2, 2],
    pads: [0, 0, 0, 0],
    countIncludePad: false,
  }),
  use('averagePool', [image], {
    kernel: [3, 3],
    strides: [1, 1],
    pads: [1, 1, 1, 1],
    countIncludePad: false,
  }),
  use('averagePool', [image], { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1], countIncludePad: true }),
  use('reshape', [image], { shape: [-1, 144] }),
  use('reshape', [image], { shape: [-36, 4] }),
  use('transpose', [image], { permutation: [2, 0, 3, 1] }),
  use('slice', [image], { axis: 2, start: 1, end: 5, step: 1 }),
  use('slice', [image], { axis: 3, start: 1, end: 6, step: 2 }),
  use('slice', [image], { axis: 3, start: 0, end: 6, step: 4 }),
  use('pad', [image], { before: [0, 0, 1, 2], after: [0, 1, 0, 2], value: 0.5 }),
  use('concat', [image, [-1, 2, 6, 6]], { axis: 1 }),
  use('expand', [[-1, 4, 1, 1]], { shape: [-1, 4, 3, 2] }),
  use('gather', [image], { axis: 1, indices: [2, 0, 3, 1] }),
  use('gather', [image], { axis: 2, indices: [1, 1, 5] }),
  use('resize', [image], { factors: [2, 3] }),
  use('quantize', [image], quantized, { constant: [0] }),
  use('dequantize', [image], quantized),
];
