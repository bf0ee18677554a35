import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { makeEngineRunner } from '../../../electron/engine/client.ts';
import { listeningHost, unwrap } from '../inspect/listening-host.ts';

const modelPath = fileURLToPath(new URL('../../../resources/sample/model.onnx', import.meta.url));
const dataPath = fileURLToPath(new URL('../../../resources/sample/data', import.meta.url));
const run = makeEngineRunner();

describe('the engine process looks into the sample', () => {
  test('model', async () => {
    const detail = unwrap(await run('inspectModel', { modelPath }, listeningHost()));
    expect(detail).toMatchObject({ name: 'model', opset: 13, parameters: 481_386, opaque: [] });
    expect(detail.inputs[0]?.shape).toEqual([-1, 1, 28, 28]);
    expect(detail.operators.filter(({ type }) => type === 'Conv')).toHaveLength(6);
    expect(detail.multiplyAdds).toBeGreaterThan(1e6);
  });

  test('data, and runs the model on them', async () => {
    const detail = unwrap(await run('inspectData', { dataPath, modelPath, seed: 1 }, listeningHost()));
    expect(detail).toMatchObject({
      name: 'Fashion-MNIST',
      sampleShape: [1, 28, 28],
      counts: { fit: 9000, select: 1000, verify: 3000 },
    });
    expect(detail.classes?.[9]).toBe('Ankle boot');
    expect(detail.samplesByClass?.reduce((a, b) => a + b)).toBe(10_000);
    expect(detail.preview).toHaveLength(24);
    expect(detail.preview.every(({ picture }) => picture?.startsWith('data:image/png;base64,'))).toBe(true);
    expect(detail.check?.samples).toBe(256);
    // The model reaches 89.5 % of the verify part; guessing one class of ten a tenth.
    expect(detail.check?.accuracy).toBeGreaterThan(80);
    expect(detail.check?.chance).toBeLessThan(20);
  });

  test('samples', async () => {
    const job = { dataPath, modelPath, seed: 1, samples: [0, 2999] };
    const { samples, classNames } = unwrap(await run('inspectSamples', job, listeningHost()));
    expect(samples.map(({ sample }) => sample)).toEqual([0, 2999]);
    expect(classNames).toHaveLength(10);
  });

  test('model beside itself', async () => {
    const job = { modelPathA: modelPath, modelPathB: modelPath };
    const { operators } = unwrap(await run('diffModels', job, listeningHost()));
    expect(new Set(operators.map(({ change }) => change))).toEqual(new Set(['same']));
  });

  test('and says in values what is wrong', async () => {
    const missing = await run('inspectModel', { modelPath: '/nowhere.onnx' }, listeningHost());
    expect(missing).toMatchObject({ ok: false, error: { kind: 'modelMissing', path: '/nowhere.onnx' } });
  });
});
