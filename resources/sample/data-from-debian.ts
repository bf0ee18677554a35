import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { fail, ok, type Result } from '../../electron/contract/result.ts';
import { encodeNpz } from '../../electron/engine/data/npz.ts';
import { stratifiedOrder } from '../../electron/engine/data/split.ts';

/** Labelled images, uint8 [count, 1, 28, 28] and the class of each. */
export interface LabelledImages {
  readonly count: number;
  readonly images: Uint8Array;
  readonly labels: Uint8Array;
}

/** Fashion-MNIST as published: 60,000 images to train on, 10,000 to test with. */
export interface FashionMnist {
  readonly train: LabelledImages;
  readonly test: LabelledImages;
}

/** Classes of Fashion-MNIST in the order of their labels. */
export const fashionMnistClasses = [
  'T-shirt/top',
  'Trouser',
  'Pullover',
  'Dress',
  'Coat',
  'Sandal',
  'Shirt',
  'Sneaker',
  'Bag',
  'Ankle boot',
] as const;

const debianFolder = '/usr/share/datasets/fashion-mnist';
const imageSize = 28 * 28;
const fitCount = 10_000;
const verifyCount = 3_000;
const seed = 1;

/** Reads the whole of Fashion-MNIST from Debian's package; the error is a sentence for a person. */
export async function readFashionMnist(folder = debianFolder): Promise<Result<FashionMnist, string>> {
  try {
    return ok({
      train: await readImages(folder, 'train'),
      test: await readImages(folder, 't10k'),
    });
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) throw error;
    return fail(`${folder} is missing. Install it with: sudo apt-get install dataset-fashion-mnist`);
  }
}

async function readImages(folder: string, name: string): Promise<LabelledImages> {
  const images = await readIdx(join(folder, `${name}-images-idx3-ubyte.gz`));
  const labels = await readIdx(join(folder, `${name}-labels-idx1-ubyte.gz`));
  if (images.length !== labels.length * imageSize)
    throw new Error(`${name}: images and labels differ in number`);
  return { count: labels.length, images, labels };
}

/** Values of an IDX file of bytes: two zeros, 8 for the type, the rank, then the rank's sizes as uint32 BE. */
async function readIdx(path: string): Promise<Uint8Array> {
  const bytes = new Uint8Array(gunzipSync(await readFile(path)));
  const view = new DataView(bytes.buffer);
  if (view.getUint16(0) !== 0 || bytes[2] !== 8) throw new Error(`${path} is no IDX file of bytes`);
  const rank = bytes[3] ?? 0;
  const sizes = Array.from({ length: rank }, (_, axis) => view.getUint32(4 + 4 * axis));
  const values = bytes.subarray(4 + 4 * rank);
  if (values.length !== sizes.reduce((a, b) => a * b, 1)) throw new Error(`${path} is cut off`);
  return values;
}

/** Takes a stratified, seeded slice in the order of the source. */
export function takeSlice(source: LabelledImages, count: number): LabelledImages {
  const order = stratifiedOrder(source.count, Int32Array.from(source.labels), seed);
  const taken = order.slice(0, count).sort();
  const images = new Uint8Array(count * imageSize);
  taken.forEach((from, to) => {
    images.set(source.images.subarray(from * imageSize, (from + 1) * imageSize), to * imageSize);
  });
  return { count, images, labels: Uint8Array.from(taken, (from) => source.labels[from] ?? 0) };
}

function toNpz({ count, images, labels }: LabelledImages): Uint8Array {
  return encodeNpz({
    x: { shape: [count, 1, 28, 28], values: images },
    y: { shape: [count], values: labels },
  });
}

const description = {
  name: 'Fashion-MNIST',
  task: 'classification',
  classes: fashionMnistClasses,
  stored: 'uint8 NCHW',
  preprocess: { scale: 1 / 255, mean: [0], std: [1], layout: 'nchw' },
  source:
    `Fashion-MNIST, MIT, from Debian's dataset-fashion-mnist; fit = ${fitCount} of the training set, ` +
    `verify = ${verifyCount} of the test set, each stratified with seed ${seed}`,
};

const license = `Fashion-MNIST
https://github.com/zalandoresearch/fashion-mnist

fit.npz and verify.npz hold a part of its images and labels, unchanged.

The MIT License (MIT)

Copyright © 2017 Zalando SE, https://tech.zalando.com

Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated
documentation files (the "Software"), to deal in the Software without restriction, including without limitation
the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and
to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of
the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO
THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF
CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS
IN THE SOFTWARE.
`;

/** Writes the sample's data folder: dataset.json, fit.npz, verify.npz and LICENSE. */
export async function writeSampleData(folder: string): Promise<Result<null, string>> {
  const mnist = await readFashionMnist();
  if (!mnist.ok) return mnist;
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'fit.npz'), toNpz(takeSlice(mnist.value.train, fitCount)));
  await writeFile(join(folder, 'verify.npz'), toNpz(takeSlice(mnist.value.test, verifyCount)));
  await writeFile(join(folder, 'dataset.json'), `${JSON.stringify(description, null, 2)}\n`);
  await writeFile(join(folder, 'LICENSE'), license);
  return ok(null);
}

if (import.meta.main) {
  const written = await writeSampleData(join(import.meta.dirname, 'data'));
  if (!written.ok) {
    console.error(written.error);
    process.exitCode = 1;
  }
}
