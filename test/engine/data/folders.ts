import { rmSync } from 'node:fs';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { onTestFinished } from 'vitest';
import type { NpyArray } from '../../../electron/engine/data/npy.ts';
import { encodeNpz } from '../../../electron/engine/data/npz.ts';

/** A new folder that is removed after the test. */
export async function makeFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'fieldtune-data-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Arrays x uint8 [count, 2, 3, 1], filled with each sample's index, and y of `classes` classes in turn. */
export function makeArrays(count: number, classes = 4): { readonly x: NpyArray; readonly y: NpyArray } {
  const x = Uint8Array.from({ length: count * 6 }, (_, i) => Math.floor(i / 6) % 256);
  const y = BigInt64Array.from({ length: count }, (_, i) => BigInt(i % classes));
  return { x: { shape: [count, 2, 3, 1], values: x }, y: { shape: [count], values: y } };
}

/** Writes an `.npz` file and returns its path. */
export async function writeNpz(path: string, arrays: Readonly<Record<string, NpyArray>>): Promise<string> {
  await writeFile(path, encodeNpz(arrays));
  return path;
}

/** A data folder of `.npz` files: 40 samples to fit and 20 to verify, unless given otherwise. */
export async function makeNpzFolder(
  description: object,
  fit: Readonly<Record<string, NpyArray>> = makeArrays(40),
  verify: Readonly<Record<string, NpyArray>> = makeArrays(20),
): Promise<string> {
  const folder = await makeFolder();
  await writeFile(join(folder, 'dataset.json'), JSON.stringify(description));
  await writeNpz(join(folder, 'fit.npz'), fit);
  await writeNpz(join(folder, 'verify.npz'), verify);
  return folder;
}

/** Writes a PNG of one colour. */
export async function writeImage(path: string, width: number, height: number, red: number): Promise<void> {
  await mkdir(join(path, '..'), { recursive: true });
  const background = { r: red, g: 20, b: 30 };
  await sharp({ create: { width, height, channels: 3, background } })
    .png()
    .toFile(path);
}

/** A data folder of 4 × 5 pixel images, a folder a class: 32 to fit and 16 to verify, red is 10 × the label. */
export async function makeImageFolder(description: object, classes: readonly string[]): Promise<string> {
  const folder = await makeFolder();
  await writeFile(join(folder, 'dataset.json'), JSON.stringify(description));
  for (const [part, count] of [
    ['fit', 32],
    ['verify', 16],
  ] as const) {
    for (let i = 0; i < count; i++) {
      const label = i % classes.length;
      await writeImage(join(folder, part, classes[label] ?? '', `${i}.png`), 4, 5, 10 * label);
    }
  }
  return folder;
}
