import { describe, expect, it } from 'vitest';
import { borderOf, extractRegion, replaceRegion } from '../../../electron/engine/onnx/extract.ts';
import { pruneUnused } from '../../../electron/engine/onnx/graph.ts';
import { attributeCodec } from '../../../electron/engine/onnx/messages.ts';
import type { AttributeValue } from '../../../electron/engine/onnx/model.ts';
import { readModel } from '../../../electron/engine/onnx/read.ts';
import { writeModel } from '../../../electron/engine/onnx/write.ts';
import { areClose, floats, integers, modelOf, operator, residualModel, runModel } from './small-models.ts';

const block = new Set(['second', 'second/norm', 'residual', 'residual/relu']);
const image = { x: floats([1, 3, 8, 8], 2) };

describe('cutting a region out', () => {
  it('finds what crosses its border', () => {
    expect(borderOf(residualModel(), block)).toEqual({ inputs: ['r1'], outputs: ['r2'] });
    expect(borderOf(residualModel(), new Set(['first', 'first/norm', 'first/relu', 'second']))).toEqual({
      inputs: ['x'],
      outputs: ['r1', 'c2'],
    });
  });

  it('makes a model that computes what the region computes in its place', async () => {
    const model = residualModel();
    const shape = [1, 8, 8, 8];
    const shapes = new Map([
      ['r1', shape],
      ['r2', shape],
    ]);
    const region = extractRegion(model, block, shapes);
    expect([...region.initializers.keys()].sort()).toEqual(['average', 'scale', 'shift', 'variance', 'w2']);
    expect(region.inputs).toEqual([{ name: 'r1', type: 'float32', shape }]);
    expect(readModel(writeModel(region), 'region')).toEqual({ ok: true, value: region });
    const inner = ['r1', 'r2'].map((name) => ({ name, type: 'float32' as const, shape }));
    const outer = await runModel({ ...model, outputs: inner }, image);
    const values = Float32Array.from(outer.r1 ?? []);
    const cut = await runModel(region, { r1: { type: 'float32', shape, data: values } });
    expect(areClose(cut.r2 ?? [], outer.r2 ?? [1])).toBe(true);
  });

  it('leaves a batch open where the shape says so', () => {
    const shapes = new Map([
      ['r1', [-1, 8, 8, 8]],
      ['r2', [-2, 8, 8, 8]],
    ]);
    const region = extractRegion(residualModel(), block, shapes);
    expect([region.inputs[0]?.shape, region.outputs[0]?.shape]).toEqual([
      ['N', 8, 8, 8],
      [null, 8, 8, 8],
    ]);
  });

  it('gives integer borders their own type', () => {
    const nodes = [
      operator('Shape', 'shape', ['x'], ['s']),
      operator('Gather', 'pick', ['s', 'i'], ['d']),
      operator('Reshape', 'use', ['x', 'd'], ['y']),
    ];
    const model = modelOf([4], nodes, { i: integers(0) }, 'y');
    const region = extractRegion(
      model,
      new Set(['pick']),
      new Map([
        ['s', [1]],
        ['d', [1]],
      ]),
    );
    expect(region.inputs[0]?.type).toBe('int64');
    expect(region.outputs[0]?.type).toBe('int64');
  });
});

describe('putting something in its place', () => {
  it('gives the same model for the region itself', async () => {
    const model = residualModel();
    const nodes = model.nodes.filter((node) => block.has(node.name));
    const same = replaceRegion(model, block, { nodes, initializers: new Map() });
    expect(same.nodes.map((node) => node.name)).toEqual(model.nodes.map((node) => node.name));
    expect((await runModel(same, image)).y).toEqual((await runModel(model, image)).y);
  });

  it('renames what the model already uses, keeps outer names and drops what nothing needs', async () => {
    const model = residualModel();
    const pointwise = {
      nodes: [operator('Conv', 'first', ['r1', 'w1'], ['c1']), operator('Relu', 'relu', ['c1'], ['r2'])],
      initializers: new Map([['w1', floats([8, 8, 1, 1])]]),
    };
    const replaced = replaceRegion(model, block, pointwise);
    const spliced = replaced.nodes.filter((node) => ['first_1', 'relu'].includes(node.name));
    expect(spliced.map((node) => [node.inputs, node.outputs])).toEqual([
      [['r1', 'w1_1'], ['c1_1']],
      [['c1_1'], ['r2']],
    ]);
    expect(replaced.initializers.has('w2')).toBe(false);
    expect(replaced.initializers.get('w1')).toBe(model.initializers.get('w1'));
    expect(replaced.nodes.map((node) => node.name).slice(0, 6)).toEqual([
      'first',
      'first/norm',
      'first/relu',
      'first_1',
      'relu',
      'pool',
    ]);
    expect((await runModel(replaced, image)).y).toHaveLength(5);
  });

  it('does not rename a constant that the replacement shares with the model', () => {
    const model = residualModel();
    const shared = model.initializers.get('scale');
    if (!shared) throw new Error('No scale');
    const nodes = [operator('Mul', 'm', ['r1', 'scale'], ['t']), operator('Relu', 'n', ['t'], ['r2'])];
    const replaced = replaceRegion(model, block, { nodes, initializers: new Map([['scale', shared]]) });
    expect(replaced.nodes.find((node) => node.name === 'm')?.inputs).toEqual(['r1', 'scale']);
  });

  it('may be done twice with the same replacement', async () => {
    const nodes = [operator('Relu', 'a', ['x'], ['t1']), operator('Relu', 'b', ['t1'], ['y'])];
    const half = (input: string, output: string) => ({
      nodes: [operator('Mul', 'scaled', [input, 'factor'], ['u']), operator('Relu', 'act', ['u'], [output])],
      initializers: new Map([['factor', floats([1])]]),
    });
    const once = replaceRegion(modelOf([4], nodes, {}, 'y'), new Set(['a']), half('x', 't1'));
    const twice = replaceRegion(once, new Set(['b']), half('t1', 'y'));
    expect(twice.nodes.map((node) => node.name)).toEqual(['scaled', 'act', 'scaled_1', 'act_1']);
    expect((await runModel(twice, { x: floats([4]) })).y).toHaveLength(4);
  });

  it('is a bug when an outer tensor is not made, or a region is unknown', () => {
    const nothing = { nodes: [], initializers: new Map() };
    expect(() => replaceRegion(residualModel(), block, nothing)).toThrow('does not make tensor r2');
    expect(() => replaceRegion(residualModel(), new Set(['none']), nothing)).toThrow('No operator none');
  });
});

describe('dropping what nothing needs', () => {
  it('drops dead operators and their constants, and keeps what a subgraph captures', () => {
    const branch = { node: [{ opType: 'Relu', input: ['kept'], output: ['z'] }], output: [{ name: 'z' }] };
    const value = attributeCodec.encode({ name: 'then_branch', type: 5, g: branch });
    const body: AttributeValue = { kind: 'opaque', value };
    const nodes = [
      operator('Mul', 'captured', ['x', 'w'], ['kept']),
      operator('Mul', 'dead', ['x', 'v'], ['gone']),
      operator('If', 'if', ['x'], ['y'], { then_branch: body }),
    ];
    const pruned = pruneUnused(modelOf([1], nodes, { w: floats([1]), v: floats([1]) }, 'y'));
    expect(pruned.nodes.map((node) => node.name)).toEqual(['captured', 'if']);
    expect([...pruned.initializers.keys()]).toEqual(['w']);
  });
});
