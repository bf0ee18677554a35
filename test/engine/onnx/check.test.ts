import { describe, expect, it } from 'vitest';
import { checkModel, resolveInputShapes } from '../../../electron/engine/onnx/check.ts';
import { functionCodec } from '../../../electron/engine/onnx/messages.ts';
import type { OnnxModel } from '../../../electron/engine/onnx/model.ts';
import { floats, modelOf, operator, residualModel } from './small-models.ts';

const relu = modelOf(['N', 4], [operator('Relu', 'r', ['x'], ['y'])], {}, 'y');
const check = (model: OnnxModel, sampleShape?: readonly number[]) =>
  checkModel(model, 'm.onnx', sampleShape ? { sampleShape } : {});

describe('checking a model', () => {
  it('accepts a float model and gives its input shapes', () => {
    expect(check(residualModel())).toEqual({ ok: true, value: new Map([['x', [-1, 3, 8, 8]]]) });
  });

  it('names an operator that ONNX does not have', () => {
    const model = modelOf(['N', 4], [operator('Frobnicate', 'odd', ['x'], ['y'])], {}, 'y');
    const error = { kind: 'modelUnknownOperator', path: 'm.onnx', operator: 'odd', type: 'Frobnicate' };
    expect(check(model)).toEqual({ ok: false, error });
  });

  it('names an operator of a foreign domain with that domain', () => {
    const nodes = [{ ...operator('Relu', 'odd', ['x'], ['y']), domain: 'com.example' }];
    expect(check({ ...relu, nodes })).toMatchObject({ error: { type: 'com.example.Relu' } });
  });

  it("accepts the runtime's own domain and the model's own functions", () => {
    const own = functionCodec.encode({ name: 'Mine', domain: 'com.example' });
    const nodes = [
      { ...operator('Gelu', 'g', ['x'], ['t']), domain: 'com.microsoft' },
      { ...operator('Mine', 'm', ['t'], ['y']), domain: 'com.example' },
    ];
    expect(check({ ...relu, nodes, functions: [own] }).ok).toBe(true);
  });

  it('refuses an input that is not float32', () => {
    const inputs = [{ name: 'x', type: 'uint8' as const, shape: [1, 4] }];
    const model = {
      ...relu,
      inputs,
      nodes: [operator('Cast', 'c', ['x'], ['y'], { to: { kind: 'int', value: 1 } })],
    };
    expect(check(model)).toEqual({
      ok: false,
      error: { kind: 'modelInputType', path: 'm.onnx', input: 'x', type: 'uint8' },
    });
  });

  it('finds that a model without operators, or with whole numbers only, has no float operator', () => {
    const direct = { ...relu, nodes: [], outputs: [{ name: 'x', type: 'float32' as const, shape: [] }] };
    const shape = {
      ...relu,
      nodes: [operator('Shape', 's', ['x'], ['y'])],
      outputs: [{ name: 'y', type: 'int64' as const, shape: [] }],
    };
    for (const model of [direct, shape])
      expect(check(model)).toMatchObject({ error: { kind: 'modelNoFloatOperator' } });
  });

  it('says that a model without inputs cannot be fed', () => {
    const model = {
      ...modelOf([1], [operator('Relu', 'r', ['w'], ['y'])], { w: floats([4]) }, 'y'),
      inputs: [],
    };
    expect(check(model)).toMatchObject({ error: { kind: 'modelBroken', reason: 'the graph has no input' } });
  });
});

describe('input shapes', () => {
  it.each<
    [string, readonly (number | string | null)[], readonly number[] | undefined, readonly number[] | null]
  >([
    ['takes a symbolic batch', ['N', 3, 8, 8], undefined, [-1, 3, 8, 8]],
    ['takes a batch fixed at 1', [1, 3, 8, 8], undefined, [-1, 3, 8, 8]],
    ['keeps another fixed batch', [16, 3], undefined, [16, 3]],
    ['takes open dimensions from the sample', [null, 3, 'H', 'W'], [3, 20, 30], [-1, 3, 20, 30]],
    ["prefers the model's own dimensions", ['N', 3, 'H'], [4, 20], [-1, 3, 20]],
    ['takes an unknown rank from the sample', [], [3, 8], [-1, 3, 8]],
    ['refuses open dimensions without a sample', ['N', 3, 'H', null], undefined, null],
    ['refuses open dimensions with a sample of another rank', ['N', 'L'], [3, 4], null],
    ['refuses an unknown rank without a sample', [], undefined, null],
  ])('%s', (_, shape, sample, expected) => {
    const model = { ...relu, inputs: [{ name: 'x', type: 'float32' as const, shape }] };
    const result = resolveInputShapes(model, 'm.onnx', sample);
    if (expected) expect(result).toEqual({ ok: true, value: new Map([['x', expected]]) });
    else {
      const said = shape.map((d) => d ?? '?');
      expect(result).toEqual({
        ok: false,
        error: { kind: 'modelDynamicShape', path: 'm.onnx', input: 'x', shape: said },
      });
    }
  });
});
