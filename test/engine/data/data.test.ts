import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { checkAgainstModel, type Data, openData, type Part } from '../../../electron/engine/data/data.ts';
import { makeArrays, makeFolder, makeNpzFolder, writeNpz } from './folders.ts';

const identity = { preprocess: { layout: 'as stored' } };

async function opened(path: string, modelFileName = 'model.onnx', seed = 1): Promise<Data> {
  const data = await openData(path, modelFileName, seed);
  if (!data.ok) throw new Error(JSON.stringify(data.error));
  return data.value;
}

async function errorOf(path: string) {
  const data = await openData(path, 'model.onnx', 1);
  return data.ok ? null : data.error;
}

/** The stored indices of a part's samples: makeArrays fills each sample with its index. */
async function membersOf(part: Part): Promise<number[]> {
  const values = await part.read(Array.from({ length: part.count }, (_, i) => i));
  return Array.from({ length: part.count }, (_, i) => values[(i * values.length) / part.count] ?? -1);
}

describe('openData on a folder of npz files', () => {
  it('cuts select off fit and leaves verify as it is stored', async () => {
    const data = await opened(await makeNpzFolder({ name: 'Tiny', ...identity }));
    expect(data).toMatchObject({ name: 'Tiny', task: 'classification', classes: 4, sampleShape: [2, 3, 1] });
    const { fit, select, verify } = data.parts;
    const [fitted, selected] = [await membersOf(fit), await membersOf(select)];
    expect(selected).toHaveLength(8);
    expect([...fitted, ...selected].sort((a, b) => a - b)).toEqual(Array.from({ length: 40 }, (_, i) => i));
    expect(await membersOf(verify)).toEqual(Array.from({ length: 20 }, (_, i) => i));
    expect([...(fit.labels ?? [])]).toEqual(fitted.map((index) => index % 4));
    expect([...(select.labels ?? [])].sort()).toEqual([0, 0, 1, 1, 2, 2, 3, 3]);
  });

  it('cuts the same for the same seed, and another way for another', async () => {
    const folder = await makeNpzFolder(identity);
    const first = await membersOf((await opened(folder)).parts.select);
    expect(await membersOf((await opened(folder)).parts.select)).toEqual(first);
    const cuts = await Promise.all(
      [2, 3, 4].map(async (seed) => membersOf((await opened(folder, 'm', seed)).parts.select)),
    );
    expect(cuts.some((cut) => String(cut) !== String(first))).toBe(true);
  });

  it('merges the overrides for the model into the preprocessing', async () => {
    const folder = await makeNpzFolder({
      stored: 'uint8 NHWC',
      preprocess: { scale: 0.5, mean: [1], std: [1], layout: 'nchw' },
      preprocessOverrides: { 'other.onnx': { std: [2] } },
    });
    const data = await opened(folder);
    expect(data.sampleShape).toEqual([1, 2, 3]);
    expect([...(await data.parts.verify.read([4]))]).toEqual([1, 1, 1, 1, 1, 1]);
    const other = await opened(folder, '/models/other.onnx');
    expect([...(await other.parts.verify.read([4, 0])).subarray(5, 7)]).toEqual([0.5, -0.5]);
  });

  it('is unlabelled without y, or where the description says so', async () => {
    const { x, y } = makeArrays(40);
    const without = await opened(await makeNpzFolder(identity, { x }, { x }));
    expect(without).toMatchObject({ task: 'unlabelled', classes: null });
    expect(without.parts.fit.labels).toBeNull();
    const said = await opened(await makeNpzFolder({ task: 'unlabelled' }, { x, y }, { x, y }));
    expect(said).toMatchObject({ task: 'unlabelled', classes: null });
    expect(said.parts.verify.labels).toBeNull();
  });

  it('throws on a sample that is not there', async () => {
    const { parts } = await opened(await makeNpzFolder(identity));
    expect(() => parts.verify.read([20])).toThrow('Sample 20 of 20');
  });

  it('reads every numeric type', async () => {
    const numbers = Array.from({ length: 80 }, (_, i) => i);
    for (const values of [
      Int8Array.from(numbers),
      Int16Array.from(numbers),
      Uint16Array.from(numbers),
      Int32Array.from(numbers),
      Uint32Array.from(numbers),
      Float32Array.from(numbers),
      Float64Array.from(numbers),
    ]) {
      const x = { shape: [40, 2], values };
      const data = await opened(await makeNpzFolder(identity, { x }, { x }));
      expect([...(await data.parts.verify.read([3]))]).toEqual([6, 7]);
    }
    const x = { shape: [40, 1], values: BigInt64Array.from({ length: 40 }, (_, i) => BigInt(-i)) };
    const data = await opened(await makeNpzFolder(identity, { x }, { x }));
    expect([...(await data.parts.verify.read([39]))]).toEqual([-39]);
  });
});

describe('openData on a single npz', () => {
  it('splits 70, 10 and 20 percent, stratified and disjoint', async () => {
    const path = await writeNpz(join(await makeFolder(), 'all.npz'), makeArrays(200));
    const data = await opened(path);
    expect(data).toMatchObject({ name: 'all', task: 'classification', classes: 4 });
    const { fit, select, verify } = data.parts;
    expect([fit.count, select.count, verify.count]).toEqual([140, 20, 40]);
    const members = (await Promise.all([fit, select, verify].map(membersOf))).flat();
    expect(members.sort((a, b) => a - b)).toEqual(Array.from({ length: 200 }, (_, i) => i));
    for (const label of [0, 1, 2, 3]) {
      const count = verify.labels?.filter((other) => other === label).length ?? 0;
      expect(Math.abs(count - 10)).toBeLessThanOrEqual(1);
    }
  });

  it('splits by chance without labels', async () => {
    const path = await writeNpz(join(await makeFolder(), 'all.npz'), { x: makeArrays(100).x });
    const { task, parts } = await opened(path);
    expect(task).toBe('unlabelled');
    expect([parts.fit.count, parts.select.count, parts.verify.count]).toEqual([70, 10, 20]);
    expect(await membersOf(parts.verify)).not.toEqual((await membersOf(parts.verify)).sort((a, b) => a - b));
  });

  it('needs 80 labelled samples', async () => {
    const path = await writeNpz(join(await makeFolder(), 'all.npz'), makeArrays(79));
    expect(await errorOf(path)).toEqual({ kind: 'dataTooFew', path, samples: 79, needed: 80 });
  });
});

describe('openData refuses', () => {
  it('a path that is not there', async () => {
    const path = join(await makeFolder(), 'none');
    expect(await errorOf(path)).toMatchObject({ kind: 'dataMissing', path });
  });

  it('a folder without dataset.json, and one without verify', async () => {
    const empty = await makeFolder();
    expect(await errorOf(empty)).toMatchObject({ kind: 'dataMissing', path: join(empty, 'dataset.json') });
    const folder = await makeNpzFolder(identity);
    await rm(join(folder, 'verify.npz'));
    expect(await errorOf(folder)).toMatchObject({
      kind: 'dataMissing',
      reason: expect.stringContaining('verify'),
    });
    await mkdir(join(folder, 'verify'));
    expect(await errorOf(folder)).toMatchObject({ kind: 'dataMissing', path: join(folder, 'verify') });
  });

  it.each([
    ['broken JSON', '{', 'JSON'],
    ['a std of 0', '{"preprocess": {"std": [1, 0]}}', 'preprocess.std'],
    ['an unknown layout', '{"preprocess": {"layout": "hcwn"}}', 'preprocess.layout'],
    ['an unknown task', '{"task": "segmentation"}', 'task'],
    ['a list', '[]', 'dataset.json'],
    ['class folders for other classes', '{"classes": ["a"], "classFolders": ["a", "b"]}', 'classFolders'],
  ])('a dataset.json with %s', async (_, json, reason) => {
    const folder = await makeNpzFolder({});
    await writeFile(join(folder, 'dataset.json'), json);
    expect(await errorOf(folder)).toMatchObject({
      kind: 'dataUnreadable',
      path: join(folder, 'dataset.json'),
      reason: expect.stringContaining(reason),
    });
  });

  it('a file of 0 bytes and one that is no zip', async () => {
    const folder = await makeFolder();
    await writeFile(join(folder, 'empty.npz'), '');
    expect(await errorOf(join(folder, 'empty.npz'))).toMatchObject({ kind: 'dataUnreadable' });
    await writeFile(join(folder, 'text.npz'), 'x,y');
    expect(await errorOf(join(folder, 'text.npz'))).toMatchObject({ kind: 'dataUnreadable' });
  });

  it('arrays without x, without an axis of samples, or with y of another length', async () => {
    const { x, y } = makeArrays(40);
    const reasonOf = async (fit: Parameters<typeof makeNpzFolder>[1]) => {
      const error = await errorOf(await makeNpzFolder(identity, fit));
      return error?.kind === 'dataUnreadable' ? error.reason : error?.kind;
    };
    expect(await reasonOf({ y })).toContain('no array x');
    expect(await reasonOf({ x: y })).toContain('axis of samples');
    expect(await reasonOf({ x, y: makeArrays(39).y })).toBe('x holds 40 samples, y 39 labels');
    expect(await reasonOf({ x, y: { shape: [40], values: new Float32Array(40) } })).toContain(
      'y holds floats',
    );
    expect(await reasonOf({ x, y: { shape: [40, 4], values: new Uint8Array(160) } })).toContain('[40,4]');
    expect(await reasonOf({ x: { shape: [40, 0], values: new Uint8Array(0) } })).toContain('no values');
  });

  it('values that are not finite, counted, also where a float64 is past float32', async () => {
    const values = Float64Array.from({ length: 80 }, (_, i) => i);
    values.set([Number.NaN, Number.POSITIVE_INFINITY, 1e300], 5);
    const folder = await makeNpzFolder(identity, { x: { shape: [40, 2], values } });
    const path = join(folder, 'fit.npz');
    expect(await errorOf(folder)).toEqual({ kind: 'dataNotFinite', path, array: 'x', count: 3 });
  });

  it('labels below 0, or past the classes, in either part', async () => {
    const { x } = makeArrays(40);
    const labelled = (label: number) => {
      const y = Int32Array.from({ length: 40 }, (_, i) => (i === 7 ? label : 0));
      return { x, y: { shape: [40], values: y } };
    };
    const classes = ['a', 'b', 'c', 'd'];
    const low = await makeNpzFolder({ classes }, labelled(-3), makeArrays(20));
    expect(await errorOf(low)).toEqual({
      kind: 'dataLabels',
      path: join(low, 'fit.npz'),
      label: -1,
      classes: 4,
    });
    const high = await makeNpzFolder({ classes }, makeArrays(40), labelled(4));
    expect(await errorOf(high)).toEqual({
      kind: 'dataLabels',
      path: join(high, 'verify.npz'),
      label: 4,
      classes: 4,
    });
  });

  it('too few samples to fit or to verify, with the number that is needed', async () => {
    const one = await makeNpzFolder(identity, makeArrays(1));
    expect(await errorOf(one)).toEqual({
      kind: 'dataTooFew',
      path: join(one, 'fit.npz'),
      samples: 1,
      needed: 32,
    });
    const fifteen = await makeNpzFolder(identity, makeArrays(40), makeArrays(15));
    expect(await errorOf(fifteen)).toEqual({
      kind: 'dataTooFew',
      path: join(fifteen, 'verify.npz'),
      samples: 15,
      needed: 16,
    });
  });

  it('parts of different shapes, and arrays of another size than resize says', async () => {
    const other = { x: { shape: [20, 3, 2, 1], values: new Uint8Array(120) }, y: makeArrays(20).y };
    const folder = await makeNpzFolder(identity, makeArrays(40), other);
    expect(await errorOf(folder)).toEqual({
      kind: 'dataShape',
      path: join(folder, 'verify.npz'),
      expected: [2, 3, 1],
      actual: [3, 2, 1],
    });
    const resized = await makeNpzFolder({ stored: 'NHWC', preprocess: { resize: [4, 4], layout: 'nchw' } });
    expect(await errorOf(resized)).toMatchObject({
      kind: 'dataShape',
      expected: [1, 4, 4],
      actual: [1, 2, 3],
    });
  });
});

describe('checkAgainstModel', () => {
  it('accepts the same shape with any batch, and open dimensions', async () => {
    const data = await opened(await makeNpzFolder(identity));
    for (const shape of [
      [-1, 2, 3, 1],
      [1, 2, 3, 1],
      [-1, -1, 3, 1],
    ]) {
      expect(checkAgainstModel(data, shape, 4, 'd').ok).toBe(true);
    }
  });

  it('refuses another shape and labels past the model’s classes', async () => {
    const data = await opened(await makeNpzFolder(identity));
    expect(checkAgainstModel(data, [-1, 1, 2, 3], null, 'd')).toEqual({
      ok: false,
      error: { kind: 'dataShape', path: 'd', expected: [1, 2, 3], actual: [2, 3, 1] },
    });
    expect(checkAgainstModel(data, [-1, 2, 3, 1], 3, 'd')).toEqual({
      ok: false,
      error: { kind: 'dataLabels', path: 'd', label: 3, classes: 3 },
    });
  });
});
