import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, test } from 'vitest';
import { inspectData } from '../../../electron/engine/inspect/data.ts';
import { readInputs } from '../../../electron/engine/inspect/inputs.ts';
import { inspectSamples } from '../../../electron/engine/inspect/samples.ts';
import type { OnnxModel } from '../../../electron/engine/onnx/model.ts';
import { writeModel } from '../../../electron/engine/onnx/write.ts';
import { makeArrays, makeFolder, makeImageFolder, makeNpzFolder, writeNpz } from '../data/folders.ts';
import { floats, modelOf, operator } from '../onnx/small-models.ts';
import { listeningHost, unwrap } from './listening-host.ts';

/** Bytes [count, size, size, channels] that differ from pixel to pixel, and labels of `classes` in turn. */
function pictures(count: number, channels: number, classes = 4, size = 16) {
  const each = size * size * channels;
  const x = Uint8Array.from({ length: count * each }, (_, i) => (i * 7 + Math.floor(i / each) * 31) % 256);
  const y = BigInt64Array.from({ length: count }, (_, i) => BigInt(i % classes));
  const shape = [count, size, size, channels];
  return {
    arrays: { x: { shape, values: x }, y: { shape: [count], values: y } },
    sample: (index: number) => Array.from(x.subarray(index * each, (index + 1) * each)),
  };
}

const inspect = (dataPath: string, modelPath: string | null = null) =>
  inspectData({ dataPath, modelPath, seed: 1 }, listeningHost());

/** Bytes of a picture, [height, width, channels] with as many channels as asked for. */
async function pixelsOf(picture: string | null | undefined, channels = 3): Promise<number[]> {
  const base64 = /^data:image\/png;base64,(.+)$/.exec(picture ?? '')?.[1];
  if (base64 === undefined) throw new Error('No PNG');
  const png = sharp(Buffer.from(base64, 'base64'));
  return Array.from(await (channels === 1 ? png.extractChannel(0) : png).raw().toBuffer());
}

/** x [N,4] → the largest of the four. */
async function scorer(width = 4): Promise<string> {
  const path = join(await makeFolder(), 'scorer.onnx');
  const eye = new Float32Array(width * 4);
  for (let i = 0; i < 4; i++) eye[i * 4 + i] = 1;
  const model: OnnxModel = {
    ...modelOf(['N', width], [operator('MatMul', 'm', ['x', 'w'], ['y'])], {}, 'y'),
    outputs: [{ name: 'y', type: 'float32', shape: ['N', 4] }],
    initializers: new Map([['w', { type: 'float32', shape: [width, 4], data: eye }]]),
  };
  await writeFile(path, writeModel(model));
  return path;
}

/** 100 one-hot samples; the label is the hot place, but for the first class, which is called the second. */
async function oneHot(labelled = true): Promise<string> {
  const x = new Float32Array(400);
  for (let i = 0; i < 100; i++) x[i * 4 + (i % 4)] = 1;
  const y = BigInt64Array.from({ length: 100 }, (_, i) => BigInt(Math.max(1, i % 4)));
  const path = join(await makeFolder(), 'hot.npz');
  const arrays = { x: { shape: [100, 4], values: x } };
  return writeNpz(path, labelled ? { ...arrays, y: { shape: [100], values: y } } : arrays);
}

const standardized = { scale: 1 / 255, mean: [0.5, 0.4, 0.3], std: [0.2, 0.25, 0.3], layout: 'nchw' };

describe('data are looked into', () => {
  test('with their parts, classes and steps', async () => {
    const description = { name: 'four', classes: ['a', 'b', 'c', 'd'], stored: 'uint8 NHWC' };
    const folder = await makeNpzFolder(
      { ...description, preprocess: standardized },
      pictures(40, 3).arrays,
      pictures(20, 3).arrays,
    );
    const detail = unwrap(await inspect(folder));
    expect(detail).toMatchObject({
      path: folder,
      name: 'four',
      task: 'classification',
      classes: ['a', 'b', 'c', 'd'],
      sampleShape: [3, 16, 16],
      counts: { fit: 32, select: 8, verify: 20 },
      samplesByClass: [10, 10, 10, 10],
      check: null,
    });
    expect(detail.preprocessing).toEqual([
      'Stored as uint8 [16, 16, 3].',
      'Divided by 255.',
      'The mean 0.5, 0.4, 0.3 of each channel is taken off.',
      'Divided by the standard deviation 0.2, 0.25, 0.3 of each channel.',
      'Channels are moved from the last axis to the first (NCHW).',
    ]);
    // Black and white of the channel of mean 0.5, which goes furthest both ways.
    expect(detail.range.low).toBeCloseTo(-2.5, 5);
    expect(detail.range.high).toBeCloseTo(2.5, 5);
  });

  test.each([
    ['grey', 1, { scale: 1 / 255, mean: 0.5, std: 0.25, layout: 'nchw' }],
    ['coloured', 3, standardized],
  ] as const)('with %s pictures exactly as they were stored', async (_name, channels, preprocess) => {
    const stored = pictures(40, channels);
    const folder = await makeNpzFolder(
      { stored: 'uint8 NHWC', preprocess },
      stored.arrays,
      pictures(20, channels).arrays,
    );
    const { preview } = unwrap(await inspect(folder));
    expect(preview).toHaveLength(24);
    const known = new Set(Array.from({ length: 40 }, (_, i) => stored.sample(i).join()));
    for (const { picture, values } of preview.slice(0, 6)) {
      expect(known.has((await pixelsOf(picture, channels)).join())).toBe(true);
      expect(values).toEqual([]);
    }
  });

  test('with pictures of floats stretched to what can be seen', async () => {
    const x = Float32Array.from({ length: 60 * 256 }, (_, i) => (i % 256) / 64 - 2);
    const path = await writeNpz(join(await makeFolder(), 'floats.npz'), {
      x: { shape: [60, 1, 16, 16], values: x },
    });
    const { preview, task } = unwrap(await inspect(path));
    expect(task).toBe('unlabelled');
    const shown = await pixelsOf(preview[0]?.picture, 1);
    expect([Math.min(...shown), Math.max(...shown)]).toEqual([0, 255]);
    expect(preview[0]).toMatchObject({ label: null, predicted: null });
  });

  test('with large pictures made smaller', async () => {
    const path = join(await makeFolder(), 'large.npz');
    await writeNpz(path, { x: { shape: [40, 1, 400, 200], values: new Uint8Array(40 * 400 * 200) } });
    const { preview } = unwrap(await inspect(path));
    const png = Buffer.from(preview[0]?.picture?.split(',')[1] ?? '', 'base64');
    expect(await sharp(png).metadata()).toMatchObject({ height: 160, width: 80 });
  });

  test('with first values where a sample is no picture', async () => {
    const folder = await makeNpzFolder({}, makeArrays(40), makeArrays(20));
    const { preview, classes, preprocessing } = unwrap(await inspect(folder));
    expect(preview[0]?.picture).toBeNull();
    expect(preview[0]?.values).toHaveLength(6);
    expect(classes).toEqual(['0', '1', '2', '3']);
    expect(preprocessing).toEqual(['Stored as uint8 [2, 3, 1].', 'The values go in as they are stored.']);
  });

  test('with the names of folders as classes', async () => {
    const folder = await makeImageFolder({ preprocess: { resize: [8, 8] } }, ['cat', 'dog']);
    const { classes, preprocessing, samplesByClass } = unwrap(await inspect(folder));
    expect(classes).toEqual(['cat', 'dog']);
    expect(samplesByClass).toEqual([16, 16]);
    expect(preprocessing).toEqual([
      'Image files, decoded to 8-bit colour and turned upright.',
      'Resized to 8 × 8 pixels by bilinear interpolation.',
      'The values go in as they are stored.',
    ]);
  });

  test('and held against a model by running it', async () => {
    const detail = unwrap(await inspect(await oneHot(), await scorer()));
    const { check, preview } = detail;
    expect(check?.samples).toBe(10);
    const right = preview.slice(0, 10).filter(({ label, predicted }) => label === predicted).length;
    expect(check?.accuracy).toBeCloseTo(10 * right, 6);
    for (const { values, predicted } of preview.slice(0, 10)) expect(predicted).toBe(values.indexOf(1));
    const labels = preview.slice(0, 10).map(({ label }) => label);
    const commonest = Math.max(...[1, 2, 3].map((c) => labels.filter((label) => label === c).length));
    expect(check?.chance).toBeCloseTo(10 * commonest, 6);
    // A sample that the model was not run on says so.
    expect(preview[10]?.predicted).toBeNull();
  });

  test('and run without labels, which gives no accuracy', async () => {
    const { check } = unwrap(await inspect(await oneHot(false), await scorer()));
    expect(check).toEqual({ samples: 10, accuracy: null, chance: null });
  });

  test('and refused where the model takes another shape', async () => {
    expect(await inspect(await oneHot(), await scorer(5))).toMatchObject({
      ok: false,
      error: { kind: 'dataShape', expected: [5], actual: [4] },
    });
  });

  test('and refused where there are none', async () => {
    expect(await inspect('/nowhere/data')).toMatchObject({ ok: false, error: { kind: 'dataMissing' } });
  });

  test('and refused where the model is one that the runtime cannot run', async () => {
    const path = join(await makeFolder(), 'broken.onnx');
    const weights = { w: floats([3, 4]) };
    await writeFile(
      path,
      writeModel(modelOf(['N', 4], [operator('MatMul', 'm', ['x', 'w'], ['y'])], weights, 'y')),
    );
    expect(await inspect(await oneHot(), path)).toMatchObject({ error: { kind: 'modelFailsToRun', path } });
  });
});

describe('samples of the verify part are looked at', () => {
  test('in the order asked for, with labels and names', async () => {
    const verify = pictures(20, 3);
    const folder = await makeNpzFolder(
      { classes: ['a', 'b', 'c', 'd'], stored: 'uint8 NHWC', preprocess: standardized },
      pictures(40, 3).arrays,
      verify.arrays,
    );
    const job = { dataPath: folder, modelPath: 'some.onnx', seed: 1, samples: [7, 2] };
    const { classNames, samples } = unwrap(await inspectSamples(job));
    expect(classNames).toEqual(['a', 'b', 'c', 'd']);
    expect(samples.map(({ sample, label }) => [sample, label])).toEqual([
      [7, 3],
      [2, 2],
    ]);
    expect(await pixelsOf(samples[0]?.picture)).toEqual(verify.sample(7));
    expect(await pixelsOf(samples[1]?.picture)).toEqual(verify.sample(2));
  });

  test('as far as they are there', async () => {
    const folder = await makeNpzFolder({}, makeArrays(40), makeArrays(20));
    const job = { dataPath: folder, modelPath: 'some.onnx', seed: 1, samples: [3, 20] };
    expect(await inspectSamples(job)).toMatchObject({
      ok: false,
      error: { kind: 'dataTooFew', samples: 20, needed: 21 },
    });
    expect(unwrap(await inspectSamples({ ...job, samples: [] })).samples).toEqual([]);
  });
});

describe('Inputs for calls of a model', () => {
  test('are the first samples kept aside, as many as a call takes', async () => {
    const verify = pictures(20, 3);
    const folder = await makeNpzFolder(
      { classes: ['a', 'b', 'c', 'd'], stored: 'uint8 NHWC', preprocess: standardized },
      pictures(40, 3).arrays,
      verify.arrays,
    );
    const about = { dataPath: folder, modelPath: 'some.onnx', seed: 1 };
    // The refusal of a wrong size says the right one.
    const refused = await readInputs({ ...about, valuesPerCall: 1, calls: 1 });
    if (refused.ok || refused.error.kind !== 'dataShape') throw new Error('One value is no sample');
    const size = refused.error.actual.reduce((product, length) => product * length, 1);
    const one = unwrap(await readInputs({ ...about, valuesPerCall: size, calls: 3 }));
    expect(one.calls).toHaveLength(3);
    expect(one.calls[0]?.byteLength).toBe(4 * size);
    const two = unwrap(await readInputs({ ...about, valuesPerCall: 2 * size, calls: 50 }));
    expect(two.calls).toHaveLength(10);
    expect(Buffer.concat([one.calls[0]!, one.calls[1]!]).equals(two.calls[0]!)).toBe(true);
    expect(await readInputs({ ...about, valuesPerCall: size + 1, calls: 1 })).toMatchObject({
      error: { kind: 'dataShape' },
    });
    expect(await readInputs({ ...about, valuesPerCall: 21 * size, calls: 1 })).toMatchObject({
      error: { kind: 'dataTooFew', samples: 20, needed: 21 },
    });
  });
});
