import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { OnnxModel, OnnxNode, Tensor } from '../../../electron/engine/onnx/model.ts';
import { readModelFile } from '../../../electron/engine/onnx/read.ts';
import { findGroups } from '../../../electron/engine/operators/groups.ts';
import { importModel, importRegion } from '../../../electron/engine/operators/import.ts';
import { rewriteModel } from '../../../electron/engine/operators/rewrite.ts';

const floats = (shape: readonly number[], value = 0.1): Tensor => ({
  type: 'float32',
  shape,
  data: new Float32Array(shape.reduce((a, d) => a * d, 1)).fill(value),
});
const conv = (n: number, x: string, y: string): OnnxNode => ({
  name: `conv${n}`,
  type: 'Conv',
  domain: '',
  inputs: [x, `w${n}`],
  outputs: [y],
  attributes: { pads: { kind: 'ints', value: [1, 1, 1, 1] } },
});
const node = (type: string, name: string, inputs: string[], output: string): OnnxNode => ({
  name,
  type,
  domain: '',
  inputs,
  outputs: [output],
  attributes: {},
});

/** stem, then a residual block: conv1 relu1 | conv2 (bn) relu2 conv3 add relu3. */
function residualModel(withNormalization = false): OnnxModel {
  const middle = withNormalization
    ? [conv(2, 'b', 'c0'), node('BatchNormalization', 'bn', ['c0', 's', 's', 's', 's'], 'c')]
    : [conv(2, 'b', 'c')];
  return {
    irVersion: 8,
    opsets: { '': 13 },
    producer: 'test',
    graphName: 'residual',
    inputs: [{ name: 'x', type: 'float32', shape: ['N', 4, 8, 8] }],
    outputs: [{ name: 'y', type: 'float32', shape: ['N', 4, 8, 8] }],
    nodes: [
      conv(1, 'x', 'a'),
      node('Relu', 'relu1', ['a'], 'b'),
      ...middle,
      node('Relu', 'relu2', ['c'], 'd'),
      conv(3, 'd', 'e'),
      node('Add', 'add', ['e', 'b'], 'f'),
      node('Relu', 'relu3', ['f'], 'y'),
    ],
    initializers: new Map<string, Tensor>([
      ...[1, 2, 3].map((n) => [`w${n}`, floats([4, 4, 3, 3])] as const),
      ['s', floats([4], 0.5)],
    ]),
    metadata: {},
  };
}

describe('groups', () => {
  const model = residualModel();
  const { shapes } = importModel(model, new Map([['x', [-1, 4, 8, 8]]]));

  test('single operators, the branch, the block and the whole are found, each with one way in and out', () => {
    const groups = findGroups(model, shapes, 4);
    expect(groups.map((g) => g.operators.join(' '))).toEqual([
      'conv1 relu1',
      'conv1 relu1 conv2 relu2 conv3 add relu3',
      'conv2 relu2',
      'conv2 relu2 conv3',
      'conv2 relu2 conv3 add relu3',
      'conv3',
    ]);
    expect(groups.find((g) => g.name === 'conv2 … relu3')).toMatchObject({
      input: 'b',
      output: 'y',
      heavy: 2,
    });
  });

  test('no group holds more operators with weights than was asked for', () => {
    expect(Math.max(...findGroups(model, shapes, 1).map((g) => g.heavy))).toBe(1);
  });

  test('a region is a program of its own with the shapes of the model', () => {
    const block = findGroups(model, shapes, 4).find((g) => g.name === 'conv2 … relu3')!;
    const program = importRegion(model, new Set(block.operators), shapes);
    expect(program.instructions.filter((i) => i.op === 'input').map((i) => i.attributes)).toEqual([
      { name: 'b', shape: [-1, 4, 8, 8] },
    ]);
    expect(program.outputs).toHaveLength(1);
  });
});

/** Groups of a chain of operators on x [N,4,8,8], as their operators' names. */
function groupsOf(nodes: readonly OnnxNode[], groupSize = 4, outputs = ['y']): string[] {
  const base = residualModel();
  const model: OnnxModel = {
    ...base,
    nodes,
    outputs: outputs.map((name) => ({ name, type: 'float32', shape: [] })),
  };
  const known = importModel(model, new Map([['x', [-1, 4, 8, 8]]])).shapes;
  return findGroups(model, known, groupSize).map((g) => g.operators.join(' '));
}

describe('where a region begins and ends', () => {
  test('a gate of two operators belongs to the operator before it', () => {
    const nodes = [
      conv(1, 'x', 'a'),
      node('Sigmoid', 'sigmoid', ['a'], 'b'),
      node('Mul', 'gate', ['a', 'b'], 'c'),
      conv(2, 'c', 'y'),
    ];
    expect(groupsOf(nodes)).toEqual(['conv1 sigmoid gate', 'conv1 sigmoid gate conv2', 'conv2']);
  });

  test('a block that normalizes first is one region with its sum; its head alone is none', () => {
    const nodes = [
      node('BatchNormalization', 'bn', ['x', 's', 's', 's', 's'], 'a'),
      node('Relu', 'relu', ['a'], 'b'),
      conv(1, 'b', 'c'),
      node('Add', 'add', ['c', 'x'], 'd'),
      conv(2, 'd', 'y'),
    ];
    expect(groupsOf(nodes)).toEqual(['bn relu conv1 add', 'bn relu conv1 add conv2', 'conv1', 'conv2']);
  });

  test('a pool may stand between, and is not taken along at an end', () => {
    const nodes = [
      node('GlobalMaxPool', 'before', ['x'], 'a'),
      conv(1, 'a', 'b'),
      node('GlobalMaxPool', 'between', ['b'], 'c'),
      conv(2, 'c', 'd'),
      node('GlobalMaxPool', 'after', ['d'], 'y'),
    ];
    expect(groupsOf(nodes)).toEqual(['conv1', 'conv1 between conv2', 'conv2']);
  });

  test('what is read elsewhere, or is a result, stays', () => {
    const nodes = [conv(1, 'x', 'a'), node('Relu', 'relu', ['a'], 'b'), conv(2, 'b', 'y')];
    expect(groupsOf(nodes, 4, ['y', 'a'])).toEqual(['conv1', 'conv2']);
    expect(groupsOf([...nodes, node('Abs', 'elsewhere', ['b'], 'z')], 4, ['y', 'z'])).toEqual([
      'conv1 relu',
      'conv2',
    ]);
  });

  test('an operator without a definition parts the regions', () => {
    const nodes = [conv(1, 'x', 'a'), node('Round', 'strange', ['a'], 'b'), conv(2, 'b', 'y')];
    expect(groupsOf(nodes)).toEqual(['conv1', 'conv2']);
  });

  test('of very many regions the small ones stay', () => {
    const nodes = Array.from({ length: 160 }, (_, i) =>
      i === 159 ? conv(1, 't159', 'y') : { ...conv(1, i === 0 ? 'x' : `t${i}`, `t${i + 1}`), name: `c${i}` },
    );
    const groups = groupsOf(nodes);
    expect(groups).toHaveLength(400);
    expect(groups.filter((g) => !g.includes(' '))).toHaveLength(160);
  });
});

const resnet = join(import.meta.dirname, '../../../../shared/models/cifar10_resnet20.onnx');
test.skipIf(!existsSync(resnet))(
  'resnet20 gives its operators, branches, blocks and pairs of blocks (skipped: ../shared is missing, without it)',
  () => {
    const read = readModelFile(resnet);
    if (!read.ok) throw new Error(read.error.kind);
    const { model: rewritten } = rewriteModel(read.value);
    const { shapes: known } = importModel(rewritten, new Map([['input.1', [-1, 3, 32, 32]]]));
    const types = new Map(rewritten.nodes.map((n) => [n.name, n.type]));
    const counts = new Map<string, number>();
    for (const group of findGroups(rewritten, known, 4)) {
      const key = group.operators.map((name) => types.get(name)).join(' ');
      counts.set(key, (counts.get(key) ?? 0) + 1);
      expect(importRegion(rewritten, new Set(group.operators), known).outputs).toHaveLength(1);
    }
    const block = 'Conv Relu Conv Add Relu';
    expect(Object.fromEntries(counts)).toEqual({
      Conv: 11,
      'Conv Relu': 10,
      Gemm: 1,
      'Conv Relu Conv': 9,
      [block]: 7,
      'Conv Relu Conv Conv Add Relu': 2,
      [`${block} ${block}`]: 4,
      [`Conv Relu ${block}`]: 1,
    });
  },
);
