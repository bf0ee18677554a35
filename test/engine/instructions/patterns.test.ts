import { describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { checkProgram } from '../../../electron/engine/instructions/check.ts';
import { lower } from '../../../electron/engine/instructions/lower.ts';
import { print } from '../../../electron/engine/instructions/print.ts';
import type { Program } from '../../../electron/engine/instructions/program.ts';

const options = { batch: 1, prefix: 'p', inputs: new Map<string, string>() };
const typesOf = (program: Program, opset = 17): string[] =>
  lower(program, { ...options, opset, outputs: program.outputs.map((_, i) => `y${i}`) }).nodes.map(
    (n) => n.type,
  );

const plain = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1 };

function convolution(also: (b: ProgramBuilder, conv: number, sum: number) => number[]): Program {
  const b = new ProgramBuilder();
  const x = b.input('x', [-1, 4, 6, 6]);
  const padded = b.add('pad', [x], { before: [0, 0, 1, 1], after: [0, 0, 1, 1], value: 0 });
  const conv = b.add('conv', [padded, b.parameter('w', [8, 4, 3, 3])], plain);
  const bias = b.add('reshape', [b.parameter('v', [8])], { shape: [1, 8, 1, 1] });
  const sum = b.add('add', [conv, bias], {});
  return b.build(also(b, conv, sum));
}

describe('lowering says it with the best operator', () => {
  test('pad, conv and bias are one Conv with pads and bias; relu follows for the runtime to fuse', () => {
    const program = convolution((b, _c, sum) => [b.add('relu', [sum], {})]);
    const lowered = lower(program, { ...options, opset: 17, outputs: ['y'] });
    expect(lowered.nodes.map((n) => n.type)).toEqual(['Conv', 'Relu']);
    expect(lowered.nodes[0]!.inputs).toEqual(['x', 'w', 'v']);
    expect(lowered.nodes[0]!.attributes.pads).toEqual({ kind: 'ints', value: [1, 1, 1, 1] });
  });

  test('a convolution that is read elsewhere too keeps its bias apart', () => {
    expect(typesOf(convolution((_b, conv, sum) => [sum, conv]))).toContain('Add');
  });

  test('x · clip(x/6 + ½) is HardSwish from opset 14 on', () => {
    const b = new ProgramBuilder();
    const x = b.input('x', [-1, 4]);
    const line = b.add('add', [b.add('mul', [x, b.constant(1 / 6)], {}), b.constant(0.5)], {});
    const program = b.build([b.add('mul', [x, b.add('clip', [line], { min: 0, max: 1 })], {})]);
    expect(typesOf(program, 14)).toEqual(['HardSwish']);
    expect(typesOf(program, 13)).toEqual(['HardSigmoid', 'Mul']);
  });

  test('the softmax of the definitions is Softmax, a mean over space GlobalAveragePool, a biased product Gemm', () => {
    const b = new ProgramBuilder();
    const x = b.input('x', [-1, 4, 3, 3]);
    const pooled = b.add('mean', [x], { axes: [2, 3], keepDims: true });
    const flat = b.add('reshape', [pooled], { shape: [-1, 4] });
    const scores = b.add(
      'add',
      [b.add('matmul', [flat, b.parameter('w', [4, 5])], {}), b.parameter('v', [5])],
      {},
    );
    const top = b.add('reduceMax', [scores], { axes: [1], keepDims: true });
    const e = b.add('exp', [b.add('sub', [scores, top], {})], {});
    const program = b.build([b.add('div', [e, b.add('sum', [e], { axes: [1], keepDims: true })], {})]);
    expect(typesOf(program)).toEqual(['GlobalAveragePool', 'Reshape', 'Gemm', 'Softmax']);
  });

  test('slices along several axes are one Slice', () => {
    const b = new ProgramBuilder();
    const rows = b.add('slice', [b.input('x', [-1, 4, 6, 6])], { axis: 2, start: 1, end: 5, step: 1 });
    expect(typesOf(b.build([b.add('slice', [rows], { axis: 3, start: 0, end: 6, step: 2 })]))).toEqual([
      'Slice',
    ]);
  });
});

describe('the checker refuses', () => {
  const good = convolution((_b, _c, sum) => [sum]);
  const broken = (change: (instructions: Program['instructions'][number][]) => void): Program => {
    const instructions = [...good.instructions];
    change(instructions);
    return { ...good, instructions };
  };

  test.each([
    [
      'an operand from later on',
      broken((i) => i.splice(1, 1, { ...i[1]!, inputs: [5] } as never)),
      'operand from later on',
    ],
    [
      'a shape that is not the one inferred',
      broken((i) => i.splice(1, 1, { ...i[1]!, shape: [-1, 4, 9, 9] } as never)),
      'not [N,4,9,9]',
    ],
    [
      'an instruction that is not in the table',
      broken((i) => i.splice(1, 1, { ...i[1]!, op: 'magic' } as never)),
      'no instruction magic',
    ],
    [
      'a parameter that stands twice',
      broken((i) => i.push(i.find((x) => x.op === 'parameter')!)),
      'stands twice',
    ],
  ])('%s', (_name, program, reason) => {
    const result = checkProgram(program);
    expect(result.ok ? '' : result.error).toContain(reason);
  });
});

test('a program prints as a person would write it', () => {
  expect(print(convolution((b, _c, sum) => [b.add('relu', [sum], {})]))).toBe(
    [
      'a = pad (x) → [N,4,8,8]',
      'b = conv 3×3 (a, w [8,4,3,3]) → [N,8,6,6]',
      'c = reshape (v [8]) → [1,8,1,1]',
      'd = b + c → [N,8,6,6]',
      'y = relu (d) → [N,8,6,6]',
    ].join('\n'),
  );
});
