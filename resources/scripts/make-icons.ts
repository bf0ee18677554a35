// Draws resources/build/icon.svg in the forms that the systems want: PNG, ICO (Windows) and ICNS (macOS).
// usage: node resources/scripts/make-icons.ts
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import sharp from 'sharp';

const folder = fileURLToPath(new URL('../build/', import.meta.url));

const linuxSizes = [16, 32, 48, 64, 128, 256, 512];
const windowsSizes = [16, 24, 32, 48, 64, 128, 256];
/** Types of PNG entries in an ICNS file, by their size in pixels. */
const macTypes: readonly (readonly [type: string, size: number])[] = [
  ['ic11', 32],
  ['ic12', 64],
  ['ic07', 128],
  ['ic13', 256],
  ['ic08', 256],
  ['ic14', 512],
  ['ic09', 512],
  ['ic10', 1024],
];

/** A container of Windows icons: a directory with an entry of 16 bytes for each picture, then the pictures. */
export function packIco(pictures: readonly { readonly size: number; readonly png: Buffer }[]): Buffer {
  const header = Buffer.alloc(6 + 16 * pictures.length);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(pictures.length, 4);
  let offset = header.length;
  pictures.forEach(({ size, png }, i) => {
    const at = 6 + 16 * i;
    // A byte cannot say 256; 0 stands for it.
    header.writeUInt8(size % 256, at);
    header.writeUInt8(size % 256, at + 1);
    header.writeUInt16LE(1, at + 4);
    header.writeUInt16LE(32, at + 6);
    header.writeUInt32LE(png.length, at + 8);
    header.writeUInt32LE(offset, at + 12);
    offset += png.length;
  });
  return Buffer.concat([header, ...pictures.map(({ png }) => png)]);
}

/** A container of macOS icons: type, length and bytes of each picture. */
export function packIcns(pictures: readonly { readonly type: string; readonly png: Buffer }[]): Buffer {
  const chunk = (type: string, body: Buffer): Buffer => {
    const head = Buffer.alloc(8);
    head.write(type, 'latin1');
    head.writeUInt32BE(8 + body.length, 4);
    return Buffer.concat([head, body]);
  };
  return chunk('icns', Buffer.concat(pictures.map(({ type, png }) => chunk(type, png))));
}

async function makeIcons(): Promise<void> {
  const svg = await readFile(join(folder, 'icon.svg'));
  const drawn = new Map<number, Buffer>();
  const draw = async (size: number): Promise<Buffer> => {
    const png =
      drawn.get(size) ??
      (await sharp(svg).resize(size, size).png({ compressionLevel: 9, palette: true }).toBuffer());
    drawn.set(size, png);
    return png;
  };
  await mkdir(join(folder, 'icons'), { recursive: true });
  for (const size of linuxSizes) {
    await writeFile(join(folder, 'icons', `${size}x${size}.png`), await draw(size));
  }
  const windows = await Promise.all(windowsSizes.map(async (size) => ({ size, png: await draw(size) })));
  await writeFile(join(folder, 'icon.ico'), packIco(windows));
  const mac = await Promise.all(macTypes.map(async ([type, size]) => ({ type, png: await draw(size) })));
  await writeFile(join(folder, 'icon.icns'), packIcns(mac));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await makeIcons();
