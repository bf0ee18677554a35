import sharp from 'sharp';
import type { Data } from '../data/data.ts';
import type { Plan } from '../data/preprocess.ts';
import { type ImageLayout, imageLayout } from '../tuning/augment.ts';

/** How a sample looks: a picture, or where it is none its first values. */
export interface Appearance {
  /** PNG as a data URL. */
  readonly picture: string | null;
  readonly values: readonly number[];
}

const shownValues = 64;
/** Pictures are shown small; larger ones would only make the answer heavy. */
const largestPixels = 160;

/** How one sample of `data` looks; `x` holds its preprocessed values. */
export async function appearanceOf(
  { sampleShape, stored }: Pick<Data, 'sampleShape' | 'stored'>,
  x: Float32Array,
): Promise<Appearance> {
  const layout = imageLayout(sampleShape);
  if (layout === null) return { picture: null, values: Array.from(x.subarray(0, shownValues)) };
  const { width, height, channels } = layout;
  const pixels = toPixels(x, layout, stored.plan, stored.isStoredAsBytes);
  const png = await sharp(pixels, { raw: { width, height, channels: channels === 1 ? 1 : 3 } })
    .resize(largestPixels, largestPixels, { fit: 'inside', withoutEnlargement: true })
    .png()
    .toBuffer();
  return { picture: `data:image/png;base64,${png.toString('base64')}`, values: [] };
}

/** Bytes [height, width, channels]: the stored values where these were bytes, else their range stretched. */
function toPixels(x: Float32Array, layout: ImageLayout, plan: Plan, isStoredAsBytes: boolean): Uint8Array {
  const { channels, channelsLast } = layout;
  const area = layout.height * layout.width;
  const restored = new Float32Array(x.length);
  for (let channel = 0; channel < channels; channel++) {
    const [mean, std] = [plan.mean[channel] ?? 0, plan.std[channel] ?? 1];
    for (let pixel = 0; pixel < area; pixel++) {
      const value = x[channelsLast ? pixel * channels + channel : channel * area + pixel] ?? 0;
      restored[pixel * channels + channel] = (value * std + mean) / (plan.scale || 1);
    }
  }
  const [low, high] = isStoredAsBytes ? [0, 255] : viewableRange(restored);
  return Uint8Array.from(restored, (value) =>
    Math.max(0, Math.min(255, Math.round(((value - low) / (high - low)) * 255))),
  );
}

/** What black and white stand for: the usual ranges of pictures where the values keep to one, else their own. */
function viewableRange(values: Float32Array): readonly [number, number] {
  const { low, high } = rangeOf([values]);
  if (low >= 0 && high <= 1) return [0, 1];
  if (low >= 0 && high <= 255) return [0, 255];
  return high > low ? [low, high] : [low, low + 1];
}

/** Smallest, mean and largest of some values; zeros of none. */
export function rangeOf(arrays: readonly Float32Array[]): {
  readonly low: number;
  readonly mean: number;
  readonly high: number;
} {
  let [low, high, sum, count] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const values of arrays)
    for (const value of values) {
      if (value < low) low = value;
      if (value > high) high = value;
      sum += value;
      count++;
    }
  return count === 0 ? { low: 0, mean: 0, high: 0 } : { low, mean: sum / count, high };
}
