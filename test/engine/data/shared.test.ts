import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import { describe, expect, it } from 'vitest';
import { checkAgainstModel, type Data, openData } from '../../../electron/engine/data/data.ts';
import { accuracy, top1 } from '../../../electron/engine/verify/agreement.ts';

const root = resolve(import.meta.dirname, '../../..');
const shared = resolve(root, '../shared');
const isMissing = !existsSync(shared);
const reason = isMissing ? ' (skipped: ../shared is missing)' : '';

async function opened(path: string, modelFileName: string): Promise<Data> {
  const data = await openData(path, modelFileName, 1);
  if (!data.ok) throw new Error(JSON.stringify(data.error));
  return data.value;
}

/** Top-1 accuracy of a model on the first samples of verify, percent. */
async function measureAccuracy(model: string, data: Data, samples: number): Promise<number> {
  const session = await InferenceSession.create(resolve(shared, 'models', model), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  });
  const input = session.inputNames[0] ?? '';
  const output = session.outputNames[0] ?? '';
  const predictions: number[] = [];
  for (let i = 0; i < samples; i++) {
    const values = await data.parts.verify.read([i]);
    const outputs = await session.run({ [input]: new Tensor('float32', values, [1, ...data.sampleShape]) });
    const { data: logits } = outputs[output] ?? {};
    if (!(logits instanceof Float32Array)) throw new Error('The output is not float32');
    predictions.push(...top1(logits, logits.length));
  }
  await session.release();
  return 100 * accuracy(predictions, data.parts.verify.labels?.subarray(0, samples) ?? []);
}

describe.skipIf(isMissing)(`openData on the shared data folders${reason}`, () => {
  it.each([
    ['cifar10', 'cifar10_resnet20.onnx', [3, 32, 32], 10, [9000, 1000, 5000]],
    ['faces', 'ultraface_rfb_320.onnx', [3, 240, 320], null, [9, 3, 12]],
    ['fashion-mnist', 'fashion_mnist_cnn.onnx', [28, 28, 1], 10, [10_800, 1200, 10_000]],
    ['imagenet-photos', 'mobilenet_v1_025_224.onnx', [3, 224, 224], 1000, [320, 80, 600]],
    ['keywords', 'mlperf_tiny_kws_dscnn.onnx', [1, 49, 10], 12, [320, 80, 600]],
  ] as const)('opens %s as %s wants it', async (folder, model, sampleShape, classes, counts) => {
    const data = await opened(resolve(shared, 'data', folder), model);
    const { fit, select, verify } = data.parts;
    expect([data.sampleShape, data.classes, [fit.count, select.count, verify.count]]).toEqual([
      sampleShape,
      classes,
      counts,
    ]);
    expect(checkAgainstModel(data, [-1, ...sampleShape], classes, folder).ok).toBe(true);
  });

  it.each([
    ['keywords', 'mlperf_tiny_kws_dscnn.onnx', 600, 91.83],
    ['imagenet-photos', 'mobilenet_v1_025_224.onnx', 600, 54.5],
    ['cifar10', 'cifar10_resnet20.onnx', 3000, 81.23],
    ['cifar10', 'cifar10_vit_pgd_2_3_16.onnx', 3000, 59.67],
  ] as const)(
    'preprocesses %s so that %s is as accurate as known',
    async (folder, model, samples, percent) => {
      const data = await opened(resolve(shared, 'data', folder), model);
      expect(await measureAccuracy(model, data, samples)).toBeCloseTo(percent, 1);
    },
    30_000,
  );
});

describe('openData on the sample’s data', () => {
  it('opens 10,000 images to fit and 3,000 to verify, each class as often', async () => {
    const data = await opened(resolve(root, 'resources/sample/data'), 'sample.onnx');
    const { fit, select, verify } = data.parts;
    expect([data.sampleShape, data.classes]).toEqual([[1, 28, 28], 10]);
    expect([fit.count, select.count, verify.count]).toEqual([9000, 1000, 3000]);
    for (let label = 0; label < 10; label++) {
      expect(select.labels?.filter((other) => other === label)).toHaveLength(100);
      expect(verify.labels?.filter((other) => other === label)).toHaveLength(300);
    }
    const values = await verify.read([0, 2999]);
    expect(values.reduce((a, b) => Math.max(a, b), 0)).toBe(1);
    expect(values.reduce((a, b) => Math.min(a, b), 1)).toBe(0);
  });
});
