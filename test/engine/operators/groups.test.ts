import { describe, expect, test } from 'vitest';
import type { OnnxModel, OnnxNode, Tensor } from '../../../electron/engine/onnx/model.ts';
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

describe('exact rewrites', () => {
  test('BatchNormalization goes into the Conv before it', () => {
    const { model, applied } = rewriteModel(residualModel(true));
    expect(model.nodes.map((n) => n.type)).toEqual(['Conv', 'Relu', 'Conv', 'Relu', 'Conv', 'Add', 'Relu']);
    expect(applied).toEqual([{ rule: 'fold BatchNormalization', operators: ['conv2', 'bn'] }]);
  });

  test('it stays where the output of the Conv is read elsewhere too, and says so', () => {
    const base = residualModel(true);
    const outputs = [...base.outputs, { name: 'c0', type: 'float32' as const, shape: ['N', 4, 8, 8] }];
    const { model, applied, refused } = rewriteModel({ ...base, outputs });
    expect(applied).toEqual([]);
    expect(model.nodes).toHaveLength(8);
    expect(refused).toEqual([
      {
        rule: 'fold BatchNormalization',
        operator: 'bn',
        reason: 'the output of the Conv is read elsewhere too',
      },
    ]);
  });
});
