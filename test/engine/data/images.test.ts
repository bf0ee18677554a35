import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { describe, expect, it } from 'vitest';
import { openData } from '../../../electron/engine/data/data.ts';
import { asStored } from '../../../electron/engine/data/description.ts';
import { listImages, openImages } from '../../../electron/engine/data/images.ts';
import { makeFolder, makeImageFolder, writeImage } from './folders.ts';

const nchw = { layout: 'nchw', mean: [0, 0, 0], std: [1, 1, 1] };

async function errorOf(folder: string) {
  const data = await openData(folder, 'model.onnx', 1);
  return data.ok ? null : data.error;
}

describe('openData on a folder of images', () => {
  it('labels images by their folder and reads them as the model wants them', async () => {
    const description = { classes: ['A', 'B'], classFolders: ['b', 'a'], preprocess: nchw };
    const data = await openData(await makeImageFolder(description, ['b', 'a']), 'model.onnx', 1);
    if (!data.ok) throw new Error(JSON.stringify(data.error));
    const { classes, sampleShape, parts } = data.value;
    expect({ classes, sampleShape }).toEqual({ classes: 2, sampleShape: [3, 5, 4] });
    expect([parts.fit.count, parts.select.count, parts.verify.count]).toEqual([25, 7, 16]);
    for (let i = 0; i < parts.verify.count; i++) {
      const pixels = await parts.verify.read([i]);
      expect([pixels[0], pixels[20], pixels[40]]).toEqual([10 * (parts.verify.labels?.[i] ?? -1), 20, 30]);
    }
  });

  it('takes the sorted folders of both parts where no classes are named', async () => {
    const data = await openData(await makeImageFolder({}, ['x', 'y', 'z']), 'model.onnx', 1);
    expect(data).toMatchObject({ ok: true, value: { classes: 3, sampleShape: [5, 4, 3] } });
  });

  it('resizes every image where the description says so', async () => {
    const folder = await makeImageFolder({ preprocess: { ...nchw, resize: [2, 7] } }, ['x']);
    await writeImage(join(folder, 'fit', 'x', '0.png'), 40, 30, 0);
    const data = await openData(folder, 'model.onnx', 1);
    expect(data).toMatchObject({ ok: true, value: { sampleShape: [3, 2, 7] } });
  });

  it('refuses images of mixed sizes where nothing resizes them', async () => {
    const folder = await makeImageFolder({ preprocess: nchw }, ['x']);
    const path = join(folder, 'verify', 'x', '7.png');
    await writeImage(path, 6, 5, 0);
    expect(await errorOf(folder)).toEqual({
      kind: 'dataShape',
      path,
      expected: [5, 4, 3],
      actual: [5, 6, 3],
    });
  });

  it('refuses a folder that is no class, and images beside the class folders', async () => {
    const folder = await makeImageFolder({ classes: ['x', 'y'] }, ['x', 'y']);
    await rename(join(folder, 'verify', 'y'), join(folder, 'verify', 'why'));
    expect(await errorOf(folder)).toMatchObject({
      kind: 'dataUnreadable',
      path: join(folder, 'verify', 'why'),
      reason: expect.stringContaining('none of the classes'),
    });
    const loose = await makeImageFolder({}, ['x']);
    await writeImage(join(loose, 'fit', 'loose.png'), 4, 5, 0);
    expect(await errorOf(loose)).toMatchObject({
      kind: 'dataUnreadable',
      path: join(loose, 'fit', 'loose.png'),
    });
  });

  it('names an image that is truncated, empty or none', async () => {
    const folder = await makeImageFolder({ preprocess: nchw }, ['x']);
    const path = join(folder, 'fit', 'x', '3.png');
    const noise = Buffer.from(Uint8Array.from({ length: 60 * 60 * 3 }, (_, i) => (i * i * 31) % 251));
    const whole = await sharp(noise, { raw: { width: 60, height: 60, channels: 3 } })
      .png()
      .toBuffer();
    for (const content of [whole.subarray(0, whole.length / 2), new Uint8Array(0), 'no image']) {
      await writeFile(path, content);
      expect(await errorOf(folder)).toMatchObject({ kind: 'dataUnreadable', path });
    }
  });

  it('leaves files alone that are no images', async () => {
    const folder = await makeImageFolder({}, ['x']);
    await writeFile(join(folder, 'fit', 'README.txt'), 'photos');
    await writeFile(join(folder, 'fit', 'x', '.hidden.png'), '');
    expect(await errorOf(folder)).toBeNull();
  });
});

describe('openImages', () => {
  const description = {
    name: 'Images',
    task: null,
    classNames: null,
    classes: null,
    classFolders: null,
    storedLayout: null,
    preprocess: asStored,
  };

  it('reads the same past its cache as from it', async () => {
    const folder = await makeFolder();
    for (let i = 0; i < 5; i++) await writeImage(join(folder, `${i}.png`), 3, 2, 40 * i);
    const files = await listImages(folder);
    if (!files.ok) throw new Error(JSON.stringify(files.error));
    const cached = await openImages(files.value, null, description);
    const uncached = await openImages(files.value, null, description, 2 * 18);
    if (!cached.ok || !uncached.ok) throw new Error('The images were not opened');
    const indices = [4, 0, 3, 1, 2];
    expect(await uncached.value.read(indices)).toEqual(await cached.value.read(indices));
  });

  it('keeps grey images at one channel, and makes them three for three constants', async () => {
    const folder = await makeFolder();
    const grey = sharp(Buffer.alloc(6, 77), { raw: { width: 3, height: 2, channels: 1 } });
    await writeFile(join(folder, 'a.png'), await grey.toColourspace('b-w').png().toBuffer());
    const files = await listImages(folder);
    if (!files.ok) throw new Error(JSON.stringify(files.error));
    const one = await openImages(files.value, null, description);
    expect(one.ok && one.value.sampleShape).toEqual([2, 3, 1]);
    expect(one.ok && [...(await one.value.read([0]))]).toEqual([77, 77, 77, 77, 77, 77]);
    const preprocess = { ...asStored, mean: [0, 0, 0] };
    const three = await openImages(files.value, null, { ...description, preprocess });
    expect(three.ok && three.value.sampleShape).toEqual([2, 3, 3]);
    expect(three.ok && (await three.value.read([0])).every((value) => value === 77)).toBe(true);
  });
});
