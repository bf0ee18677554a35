import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import type { DataError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { Description } from './description.ts';
import { messageOf } from './npz.ts';
import { makePreprocessor, planPreprocess } from './preprocess.ts';
import { checkIndices, type Source } from './source.ts';
import { describeSteps } from './steps.ts';

/** An image of a part, and the class folder that it lies in; null when it lies in none. */
export interface ImageFile {
  readonly path: string;
  readonly folder: string | null;
}

/** Decoded images kept in memory for one part, bytes; those past it are decoded at each read. */
export const largestCacheBytes = 2 ** 29;

const imageName = /^[^.].*\.(jpe?g|png|webp|gif|tiff?|avif)$/i;

/** Lists the images of a part's folder, sorted by class folder and name. Errors: dataUnreadable. */
export async function listImages(folder: string): Promise<Result<readonly ImageFile[], DataError>> {
  const found: ImageFile[] = [];
  try {
    for (const name of (await readdir(folder)).sort()) {
      const path = join(folder, name);
      const isFolder = (await stat(path)).isDirectory();
      if (!isFolder && imageName.test(name)) found.push({ path, folder: null });
      if (!isFolder) continue;
      for (const inner of (await readdir(path)).sort()) {
        if (imageName.test(inner)) found.push({ path: join(path, inner), folder: name });
      }
    }
  } catch (error) {
    return fail({ kind: 'dataUnreadable', path: folder, reason: messageOf(error) });
  }
  return ok(found);
}

interface ImageSize {
  readonly height: number;
  readonly width: number;
  readonly channels: 1 | 3;
}

/**
 * Opens images as 8-bit samples [height, width, channels]: turned upright, resized by bilinear interpolation
 * where the description says so. All are looked at once, so that a bad file is named before a run depends on it.
 * Errors: dataUnreadable (names the file), dataShape (sizes differ and nothing resizes them).
 */
export async function openImages(
  files: readonly ImageFile[],
  labels: Int32Array | null,
  description: Description,
  cacheBytes = largestCacheBytes,
): Promise<Result<Source, DataError>> {
  const { preprocess } = description;
  const size = await chooseSize(files, description);
  if (!size.ok) return size;
  const { height, width, channels } = size.value;
  const plan = planPreprocess([height, width, channels], 'nhwc', {
    ...preprocess,
    layout: preprocess.layout === 'as stored' ? 'nhwc' : preprocess.layout,
  });
  if (!plan.ok) return fail({ kind: 'dataUnreadable', path: files[0]?.path ?? '', reason: plan.error });

  const resized = preprocess.resize !== null;
  const sampleSize = height * width * channels;
  const cached = Math.min(files.length, Math.floor(cacheBytes / sampleSize));
  const pixels = new Uint8Array(cached * sampleSize);
  const opened = await inBatches(files, async ({ path }, index) => {
    const image =
      index < cached ? await decode(path, size.value, resized) : await measure(path, size.value, resized);
    if (image.ok && image.value !== null) pixels.set(image.value, index * sampleSize);
    return image;
  });
  if (!opened.ok) return opened;

  const preprocessSample = makePreprocessor(plan.value);
  return ok({
    count: files.length,
    labels,
    sampleShape: plan.value.sampleShape,
    isStoredAsBytes: true,
    plan: plan.value,
    steps: describeSteps(storedForm(size.value, resized), plan.value),
    async read(indices) {
      checkIndices(indices, files.length);
      const out = new Float32Array(indices.length * sampleSize);
      for (let i = 0; i < indices.length; i++) {
        const index = indices[i] ?? 0;
        if (index < cached) preprocessSample(pixels, index, out, i);
        else preprocessSample(await decodeAgain(files[index]?.path ?? '', size.value, resized), 0, out, i);
      }
      return out;
    },
  });
}

function storedForm({ height, width, channels }: ImageSize, resized: boolean): string[] {
  const decoded = `Image files, decoded to 8-bit ${channels === 1 ? 'grey' : 'colour'} and turned upright.`;
  const size = `${height} × ${width} pixels`;
  return [decoded, resized ? `Resized to ${size} by bilinear interpolation.` : `They have ${size} each.`];
}

/** The size that all samples have: the wanted one, else the first image's. */
async function chooseSize(
  files: readonly ImageFile[],
  { preprocess }: Description,
): Promise<Result<ImageSize, DataError>> {
  const path = files[0]?.path ?? '';
  try {
    const first = await sharp(path).metadata();
    const constants = Math.max(preprocess.mean.length, preprocess.std.length);
    const isGrey = first.space === 'b-w' || first.space === 'grey16';
    const channels = constants === 3 || !isGrey ? 3 : 1;
    const [height, width] = preprocess.resize ?? [first.autoOrient.height, first.autoOrient.width];
    return ok({ height, width, channels });
  } catch (error) {
    return fail({ kind: 'dataUnreadable', path, reason: messageOf(error) });
  }
}

async function decode(
  path: string,
  size: ImageSize,
  resized: boolean,
): Promise<Result<Uint8Array, DataError>> {
  try {
    let image = sharp(path, { failOn: 'error' }).autoOrient().removeAlpha();
    if (resized) image = image.resize(size.width, size.height, { fit: 'fill', kernel: 'linear' });
    image = size.channels === 1 ? image.greyscale() : image.toColourspace('srgb');
    const { data, info } = await image.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
    const actual = [info.height, info.width, info.channels];
    const expected = [size.height, size.width, size.channels];
    if (String(actual) !== String(expected)) return fail({ kind: 'dataShape', path, expected, actual });
    return ok(data);
  } catch (error) {
    return fail({ kind: 'dataUnreadable', path, reason: messageOf(error) });
  }
}

/** Checks an image by its header alone. */
async function measure(path: string, size: ImageSize, resized: boolean): Promise<Result<null, DataError>> {
  try {
    const { autoOrient } = await sharp(path).metadata();
    if (resized || (autoOrient.height === size.height && autoOrient.width === size.width)) return ok(null);
    const expected = [size.height, size.width, size.channels];
    const actual = [autoOrient.height, autoOrient.width, size.channels];
    return fail({ kind: 'dataShape', path, expected, actual });
  } catch (error) {
    return fail({ kind: 'dataUnreadable', path, reason: messageOf(error) });
  }
}

async function decodeAgain(path: string, size: ImageSize, resized: boolean): Promise<Uint8Array> {
  const image = await decode(path, size, resized);
  if (!image.ok) throw new Error(`${path} changed while it was in use`, { cause: image.error });
  return image.value;
}

/** Works on a few images at a time; stops at the first failure in their order. */
async function inBatches<T>(
  files: readonly ImageFile[],
  work: (file: ImageFile, index: number) => Promise<Result<T, DataError>>,
): Promise<Result<null, DataError>> {
  const batch = 8;
  for (let start = 0; start < files.length; start += batch) {
    const some = files.slice(start, start + batch);
    for (const result of await Promise.all(some.map((file, i) => work(file, start + i)))) {
      if (!result.ok) return result;
    }
  }
  return ok(null);
}
