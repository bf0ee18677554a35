import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { makeEngineRunner } from '../../../electron/engine/client.ts';
import type { OnnxModel } from '../../../electron/engine/onnx/model.ts';
import { writeModel } from '../../../electron/engine/onnx/write.ts';
import { writeNpz } from '../data/folders.ts';
import { listeningHost } from '../inspect/listening-host.ts';

const classes = 4;
const samples = 100;

/** x [batch,4] → x · weights → y [batch,4]; a weight of NaN makes every output NaN. */
function scorer(diagonal: readonly number[], batch: number | string): Uint8Array {
  const weights = new Float32Array(classes * classes);
  diagonal.forEach((value, i) => {
    weights[i * classes + i] = value;
  });
  const model: OnnxModel = {
    irVersion: 8,
    opsets: { '': 13 },
    producer: 'test',
    graphName: 'scorer',
    inputs: [{ name: 'x', type: 'float32', shape: [batch, classes] }],
    outputs: [{ name: 'y', type: 'float32', shape: [batch, classes] }],
    nodes: [
      { name: 'score', type: 'MatMul', domain: '', inputs: ['x', 'w'], outputs: ['y'], attributes: {} },
    ],
    initializers: new Map([['w', { type: 'float32', shape: [classes, classes], data: weights }]]),
    metadata: {},
  };
  return writeModel(model);
}

/** A folder with one-hot samples, the label being the hot place, and the two models. */
async function folderWith(a: Uint8Array, b: Uint8Array, labelled = true): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-evaluate-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const x = new Float32Array(samples * classes);
  for (let i = 0; i < samples; i++) x[i * classes + (i % classes)] = 1;
  const y = BigInt64Array.from({ length: samples }, (_, i) => BigInt(i % classes));
  await writeNpz(join(folder, 'data.npz'), {
    x: { shape: [samples, classes], values: x },
    ...(labelled ? { y: { shape: [samples], values: y } } : {}),
  });
  writeFileSync(join(folder, 'a.onnx'), a);
  writeFileSync(join(folder, 'b.onnx'), b);
  return folder;
}

const evaluateIn = (folder: string, host = listeningHost()) =>
  makeEngineRunner()(
    'evaluate',
    {
      modelPathA: join(folder, 'a.onnx'),
      modelPathB: join(folder, 'b.onnx'),
      dataPath: join(folder, 'data.npz'),
      seed: 1,
    },
    host,
  );

describe('the engine process evaluates two models', () => {
  const right = [1, 1, 1, 1];
  // Class 3 scores below the others everywhere.
  const wrongOnOne = [1, 1, 1, -1];

  test.each([
    ['any batch', 'n', 'n'],
    ['one by one', 1, 1],
    ['a fixed batch that does not divide the samples', 8, 8],
    ['different batches', 'n', 1],
  ] as const)('with the same figures for %s', async (_name, batchA, batchB) => {
    const folder = await folderWith(scorer(right, batchA), scorer(wrongOnOne, batchB));
    const host = listeningHost();
    const evaluated = await evaluateIn(folder, host);
    if (!evaluated.ok) throw new Error(JSON.stringify(evaluated.error));
    expect(evaluated.value).toMatchObject({ metric: 'top-1', samples: 20, a: 100, b: 75, change: -25 });
    expect(evaluated.value.largestDifference).toBe(2);
    expect(host.events.at(-1)).toMatchObject({ kind: 'progress', stage: 'verify', total: 40 });
  });

  test('with outputs that are NaN as wrong ones', async () => {
    const folder = await folderWith(scorer(right, 'n'), scorer([Number.NaN, 1, 1, 1], 'n'));
    const evaluated = await evaluateIn(folder);
    if (!evaluated.ok) throw new Error(JSON.stringify(evaluated.error));
    expect(evaluated.value).toMatchObject({ a: 100, b: 0, cosine: expect.any(Number) });
    expect(evaluated.value.largestDifference).toBe(Number.POSITIVE_INFINITY);
  });

  test('by how far their outputs are apart where there are no labels', async () => {
    const folder = await folderWith(scorer(right, 'n'), scorer(right, 'n'), false);
    const evaluated = await evaluateIn(folder);
    if (!evaluated.ok) throw new Error(JSON.stringify(evaluated.error));
    expect(evaluated.value).toMatchObject({ metric: 'cosine', largestDifference: 0, p: null });
    expect(evaluated.value.b).toBeCloseTo(100, 4);
  });

  test('only on data of their shape', async () => {
    const folder = await folderWith(scorer(right, 'n'), scorer(right, 'n'));
    await writeNpz(join(folder, 'data.npz'), {
      x: { shape: [samples, 5], values: new Float32Array(samples * 5) },
    });
    expect(await evaluateIn(folder)).toMatchObject({
      ok: false,
      error: { kind: 'dataShape', expected: [classes], actual: [5] },
    });
  });
});
