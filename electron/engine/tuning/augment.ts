import { uniformInt } from 'pure-rand/distribution/uniformInt';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** How an image lies in memory; null for what is not an image and is never augmented. */
export interface ImageLayout {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly channelsLast: boolean;
}

/** Reads a sample's shape as an image: one or three channels, at least 16 × 16. */
export function imageLayout(sampleShape: readonly number[]): ImageLayout | null {
  const [a, b, c] = sampleShape as [number, number, number];
  if (sampleShape.length !== 3) return null;
  if ((a === 1 || a === 3) && b >= 16 && c >= 16)
    return { height: b, width: c, channels: a, channelsLast: false };
  if ((c === 1 || c === 3) && a >= 16 && b >= 16)
    return { height: a, width: b, channels: c, channelsLast: true };
  return null;
}

/** Shifts each image by up to a twelfth of its size, edges repeated, and mirrors half of the coloured ones; in place. */
export function augment(x: Float32Array, layout: ImageLayout, rng: RandomGenerator): void {
  const { height, width, channels, channelsLast } = layout;
  const size = height * width * channels;
  const source = new Float32Array(size);
  const [reachY, reachX] = [Math.max(1, Math.round(height / 12)), Math.max(1, Math.round(width / 12))];
  for (let first = 0; first < x.length; first += size) {
    const [dy, dx] = [uniformInt(rng, -reachY, reachY), uniformInt(rng, -reachX, reachX)];
    const mirrored = channels === 3 && uniformInt(rng, 0, 1) === 1;
    if (dy === 0 && dx === 0 && !mirrored) continue;
    source.set(x.subarray(first, first + size));
    for (let i = 0; i < height; i++)
      for (let j = 0; j < width; j++) {
        const si = Math.min(height - 1, Math.max(0, i + dy));
        const sj = Math.min(width - 1, Math.max(0, (mirrored ? width - 1 - j : j) + dx));
        for (let c = 0; c < channels; c++) {
          const to = channelsLast ? (i * width + j) * channels + c : (c * height + i) * width + j;
          const from = channelsLast ? (si * width + sj) * channels + c : (c * height + si) * width + sj;
          x[first + to] = source[from]!;
        }
      }
  }
}
