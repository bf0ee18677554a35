import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { ModelDetail } from '../../../electron/contract/views.ts';
import { inspectModel } from '../../../electron/engine/inspect/model.ts';
import { sha256 } from '../../../electron/engine/onnx/hash.ts';
import type { OnnxModel, OnnxNode } from '../../../electron/engine/onnx/model.ts';
import { writeModel } from '../../../electron/engine/onnx/write.ts';
import { makeFolder } from '../data/folders.ts';
import { floats, integers, modelOf, operator, residualModel } from '../onnx/small-models.ts';
import { unwrap } from './listening-host.ts';

async function fileOf(model: OnnxModel | Uint8Array): Promise<string> {
  const path = join(await makeFolder(), 'small.onnx');
  await writeFile(path, model instanceof Uint8Array ? model : writeModel(model));
  return path;
}

const inspect = async (model: OnnxModel): Promise<ModelDetail> =>
  unwrap(await inspectModel({ modelPath: await fileOf(model) }));

describe('a model is looked into', () => {
  test('with its file, its ports and its totals', async () => {
    const model = residualModel();
    const detail = await inspect(model);
    const bytes = writeModel(model);
    expect(detail).toMatchObject({
      name: 'small',
      sha256: sha256(bytes),
      sizeBytes: bytes.length,
      isSample: false,
      opset: 17,
      producer: 'fieldtune tests',
      inputs: [{ name: 'x', shape: [-1, 3, 8, 8], type: 'float32' }],
      outputs: [{ name: 'y', shape: [-1, 5], type: 'float32' }],
      opaque: [],
    });
    // Weights of both convolutions, four vectors of normalization (shared, so counted once), the last layer.
    expect(detail.parameters).toBe(8 * 3 * 9 + 8 * 8 * 9 + 4 * 8 + 8 * 5 + 5);
    expect(detail.multiplyAdds).toBe(64 * (8 * 3 * 9) + 64 * (8 * 8 * 9) + 8 * 5);
  });

  test('operator by operator, joined by their values, with shapes at batch 1', async () => {
    const detail = await inspect(residualModel());
    const byName = new Map(detail.operators.map((o) => [o.name, o]));
    expect(byName.size).toBe(11);
    expect(byName.get('first')).toEqual({
      name: 'first',
      type: 'Conv',
      inputs: ['x'],
      outputs: ['c1'],
      parameters: 216,
      multiplyAdds: 64 * 216,
      outputShape: [1, 8, 8, 8],
      attributes: { kernel_shape: '[3, 3]', pads: '[1, 1, 1, 1]' },
    });
    expect(byName.get('residual')).toMatchObject({ inputs: ['n2', 'r1'], parameters: 0, multiplyAdds: 0 });
    expect(byName.get('head')).toMatchObject({ outputShape: [1, 5], multiplyAdds: 40 });
  });

  test('with attributes as short texts', async () => {
    const long = Array.from({ length: 40 }, (_, i) => i / 8);
    const nodes: OnnxNode[] = [
      operator('LeakyRelu', 'leaky', ['x'], ['l'], { alpha: { kind: 'float', value: 0.10000000149 } }),
      operator('ConstantOfShape', 'zeros', ['shape'], ['z'], {
        value: { kind: 'tensor', value: floats([1]) },
      }),
      operator('Add', 'sum', ['l', 'z'], ['y'], {
        told: { kind: 'floats', value: long },
        note: { kind: 'string', value: 'n'.repeat(500) },
      }),
    ];
    const model = modelOf(['N', 4], nodes, { shape: integers(1, 4) }, 'y');
    const [leaky, zeros, sum] = (await inspect(model)).operators;
    expect(leaky?.attributes).toEqual({ alpha: '0.1' });
    expect(zeros?.attributes).toEqual({ value: 'float32 [1]' });
    expect(sum?.attributes.told).toBe('[0, 0.125, 0.25, 0.375, 0.5, 0.625, 0.75, 0.875, … 40 in all]');
    expect(sum?.attributes.note).toHaveLength(80);
  });

  test('with a name for every operator, be it unnamed or named twice', async () => {
    const nodes = [
      operator('Relu', '', ['x'], ['a']),
      operator('Relu', 'same', ['a'], ['b']),
      operator('Relu', 'same', ['b'], ['y']),
    ];
    const names = (await inspect(modelOf(['N', 4], nodes, {}, 'y'))).operators.map((o) => o.name);
    expect(new Set(names).size).toBe(3);
    expect(names).not.toContain('');
  });

  test('with the reason why an operator stays as it is', async () => {
    const nodes = [
      operator('MatMul', 'dense', ['x', 'w'], ['m']),
      operator('Sin', 'wave', ['m'], ['s']),
      operator('Relu', 'relu', ['s'], ['y']),
    ];
    const detail = await inspect(modelOf(['N', 4], nodes, { w: floats([4, 6]) }, 'y'));
    expect(detail.opaque).toEqual([{ operator: 'wave', reason: 'there is no definition of Sin' }]);
    expect(detail.operators[2]?.outputShape).toEqual([1, 6]);
    expect(detail.multiplyAdds).toBe(24);
  });

  test('without shapes where only the data can tell them', async () => {
    const nodes = [operator('Conv', 'conv', ['x', 'w'], ['c']), operator('Sin', 'wave', ['c'], ['y'])];
    const detail = await inspect(modelOf(['N', 3, 'height', null], nodes, { w: floats([8, 3, 1, 1]) }, 'y'));
    expect(detail.inputs).toEqual([{ name: 'x', shape: [-1, 3, -1, -1], type: 'float32' }]);
    expect(detail).toMatchObject({ multiplyAdds: null, parameters: 24 });
    expect(detail.operators[0]).toMatchObject({ outputShape: null, multiplyAdds: null });
    expect(detail.opaque.map((o) => o.operator)).toEqual(['wave']);
  });

  test('only where it is one that can be worked with', async () => {
    expect(await inspectModel({ modelPath: '/nowhere/model.onnx' })).toMatchObject({
      ok: false,
      error: { kind: 'modelMissing', path: '/nowhere/model.onnx' },
    });
    const text = await fileOf(Buffer.from('this is no model'));
    expect(await inspectModel({ modelPath: text })).toMatchObject({ error: { kind: 'modelNotOnnx' } });
    const strange = modelOf(['N', 4], [operator('Frobnicate', 'f', ['x'], ['y'])], {}, 'y');
    expect(await inspectModel({ modelPath: await fileOf(strange) })).toMatchObject({
      error: { kind: 'modelUnknownOperator', operator: 'f', type: 'Frobnicate' },
    });
  });

  test('in less than 2 s where it has 2,000 operators', async () => {
    const nodes: OnnxNode[] = [];
    const initializers: Record<string, ReturnType<typeof floats>> = {};
    for (let i = 0; i < 1000; i++) {
      initializers[`w${i}`] = floats([8, 8, 3, 3]);
      const pads = { kind: 'ints', value: [1, 1, 1, 1] } as const;
      nodes.push(operator('Conv', `conv${i}`, [i === 0 ? 'x' : `r${i - 1}`, `w${i}`], [`c${i}`], { pads }));
      nodes.push(operator('Relu', `relu${i}`, [`c${i}`], [`r${i}`]));
    }
    const path = await fileOf(modelOf(['N', 8, 16, 16], nodes, initializers, 'r999'));
    const started = performance.now();
    const detail = unwrap(await inspectModel({ modelPath: path }));
    expect(performance.now() - started).toBeLessThan(2000);
    expect(detail.operators).toHaveLength(2000);
    expect(detail.operators.at(-1)?.outputShape).toEqual([1, 8, 16, 16]);
  });
});
