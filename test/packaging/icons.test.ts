import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';
import { expect, test } from 'vitest';

const folder = fileURLToPath(new URL('../../resources/build/', import.meta.url));
const read = (name: string): Buffer => readFileSync(`${folder}${name}`);
const sizeOf = async (png: Buffer): Promise<number> => {
  const { width, height, format } = await sharp(png).metadata();
  expect([format, height]).toEqual(['png', width]);
  return width;
};

test('the icon for Windows holds each size that Windows asks for, up to 256 pixels', async () => {
  const ico = read('icon.ico');
  expect(ico.readUInt16LE(2)).toBe(1);
  const sizes: number[] = [];
  for (let i = 0; i < ico.readUInt16LE(4); i++) {
    const entry = ico.subarray(6 + 16 * i, 22 + 16 * i);
    const at = entry.readUInt32LE(12);
    const size = await sizeOf(ico.subarray(at, at + entry.readUInt32LE(8)));
    expect(entry.readUInt8(0)).toBe(size % 256);
    sizes.push(size);
  }
  expect(sizes).toEqual([16, 24, 32, 48, 64, 128, 256]);
});

test('the icon for macOS holds pictures up to 1,024 pixels and is as long as it says', async () => {
  const icns = read('icon.icns');
  expect(icns.subarray(0, 4).toString()).toBe('icns');
  expect(icns.readUInt32BE(4)).toBe(icns.length);
  const sizes: number[] = [];
  for (let at = 8; at < icns.length; at += icns.readUInt32BE(at + 4)) {
    sizes.push(await sizeOf(icns.subarray(at + 8, at + icns.readUInt32BE(at + 4))));
  }
  expect(sizes).toEqual([32, 64, 128, 256, 256, 512, 512, 1024]);
});

test('the icons for Linux have the sizes that their names say', async () => {
  for (const size of [16, 32, 48, 64, 128, 256, 512]) {
    expect(await sizeOf(read(`icons/${size}x${size}.png`))).toBe(size);
  }
});
