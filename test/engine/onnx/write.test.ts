import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { sha256 } from '../../../electron/engine/onnx/hash.ts';
import { attributeCodec, graphCodec } from '../../../electron/engine/onnx/messages.ts';
import type { OnnxModel } from '../../../electron/engine/onnx/model.ts';
import { readModel, readModelFile } from '../../../electron/engine/onnx/read.ts';
import { writeModel } from '../../../electron/engine/onnx/write.ts';
import { areClose, floats, integers, modelOf, operator, residualModel, runModel } from './small-models.ts';

const models = join(import.meta.dirname, '../../../../shared/models');

function readBack(model: OnnxModel): OnnxModel {
  const result = readModel(writeModel(model), 'again');
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

describe('writing and reading again', () => {
  it('gives back a model with every kind of attribute, type and dimension', () => {
    const opaque = attributeCodec.encode({ name: 'body', type: 5, g: graphCodec.decode(new Uint8Array()) });
    const sequence = Uint8Array.of(0x22, 0x04, 0x0a, 0x02, 0x08, 0x01);
    const model: OnnxModel = {
      ...residualModel(),
      opsets: { '': 17, 'com.example': 3 },
      inputs: [
        { name: 'x', type: 'float32', shape: ['N', null, 8, 8] },
        { name: 'list', type: 'other', shape: [], encodedType: sequence },
      ],
      nodes: [
        ...residualModel().nodes,
        {
          name: 'odd',
          type: 'Odd',
          domain: 'com.example',
          inputs: ['x', '', 'small'],
          outputs: ['odd', ''],
          attributes: {
            zero: { kind: 'int', value: 0 },
            far: { kind: 'int', value: Number.MIN_SAFE_INTEGER },
            half: { kind: 'float', value: 0.5 },
            text: { kind: 'string', value: 'größer' },
            none: { kind: 'ints', value: [] },
            list: { kind: 'ints', value: [0, -1, Number.MAX_SAFE_INTEGER] },
            reals: { kind: 'floats', value: [0, -2.5] },
            words: { kind: 'strings', value: ['a', ''] },
            table: { kind: 'tensor', value: floats([2, 3]) },
            body: { kind: 'opaque', value: opaque },
          },
        },
      ],
      initializers: new Map([
        ...residualModel().initializers,
        ['small', { type: 'int8' as const, shape: [3], data: Uint8Array.of(1, 255, 0) }],
        ['wide', { type: 'float64' as const, shape: [], data: new Uint8Array(8) }],
        ['long', integers(0, -5, Number.MAX_SAFE_INTEGER)],
        ['empty', { type: 'float32' as const, shape: [0], data: new Float32Array() }],
      ]),
      metadata: { author: 'someone', empty: '' },
    };
    expect(readBack(model)).toEqual(model);
  });

  it('carries strings and types without a name of their own unchanged', () => {
    const encoded = Uint8Array.of(0x10, 16, 0x4a, 2, 0x80, 0x3f); // data_type bfloat16, raw_data of one value
    const bfloat = { type: 'other' as const, shape: [], data: encoded };
    const model = {
      ...residualModel(),
      initializers: new Map([...residualModel().initializers, ['b', bfloat]]),
    };
    const again = readBack(readBack(model)).initializers.get('b');
    expect(again).toEqual(bfloat);
  });

  it('writes an attribute of 0 so that the runtime sees it', async () => {
    const nodes = [operator('Softmax', 's', ['x'], ['y'], { axis: { kind: 'int', value: 0 } })];
    const { y } = await runModel(modelOf([2, 2], nodes, {}, 'y'), { x: floats([2, 2]) });
    expect((y?.[0] ?? 0) + (y?.[2] ?? 0)).toBeCloseTo(1, 5);
  });

  it('writes "to the end" of a Slice as a bound that the runtime accepts', async () => {
    const initializers = { from: integers(1), end: integers(Number.MAX_SAFE_INTEGER) };
    const model = modelOf([4], [operator('Slice', 's', ['x', 'from', 'end'], ['y'])], initializers, 'y');
    expect((await runModel(model, { x: floats([4]) })).y).toHaveLength(3);
  });

  it('leaves a scalar input shape open rather than inventing one', () => {
    const encoded = writeModel(modelOf([], [operator('Relu', 'r', ['x'], ['y'])], {}, 'y'));
    const again = readModel(encoded, 'again');
    expect(again).toMatchObject({ ok: true, value: { inputs: [{ name: 'x', shape: [] }] } });
  });

  it('hashes bytes as sha256 in hexadecimal', () => {
    const ofNothing = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
    expect(sha256(new Uint8Array())).toBe(ofNothing);
  });
});

describe.skipIf(!existsSync(models))('real models (skipped: ../shared is missing)', () => {
  it.each(existsSync(models) ? readdirSync(models) : [])(
    '%s round-trips and computes the same',
    async (file) => {
      const result = readModelFile(join(models, file));
      if (!result.ok) throw new Error(JSON.stringify(result.error));
      const model = result.value;
      expect(readBack(model)).toEqual(model);
      const [input] = model.inputs;
      const shape = (input?.shape ?? []).map((d) => (typeof d === 'number' ? d : 1));
      const outputs = await runModel(model, { [input?.name ?? '']: floats(shape) });
      const { InferenceSession, Tensor } = await import('onnxruntime-node');
      const session = await InferenceSession.create(join(models, file), { logSeverityLevel: 4 });
      const x = floats(shape);
      const feed = x.type === 'float32' ? new Tensor('float32', x.data, shape) : null;
      const expected = feed ? await session.run({ [input?.name ?? '']: feed }) : {};
      for (const [name, values] of Object.entries(outputs))
        expect(areClose(values, Array.from(expected[name]?.data as Float32Array))).toBe(true);
    },
  );
});
