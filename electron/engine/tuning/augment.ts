import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';

/** How an image lies in memory. */
export interface ImageLayout {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
  readonly channelsLast: boolean;
}

/** Reads a sample's shape as an image: one or three channels, at least 16 × 16; null for what is none. */
export function imageLayout(sampleShape: readonly number[]): ImageLayout | null {
  const [a, b, c] = sampleShape as [number, number, number];
  if (sampleShape.length !== 3) return null;
  if ((a === 1 || a === 3) && b >= 16 && c >= 16)
    return { height: b, width: c, channels: a, channelsLast: false };
  if ((c === 1 || c === 3) && a >= 16 && b >= 16)
    return { height: a, width: b, channels: c, channelsLast: true };
  return null;
}

/** How a series lies in memory: `steps` moments of `width` numbers each. */
export interface SeriesLayout {
  readonly steps: number;
  readonly width: number;
}

/** Reads a sample's shape as a series, such as a spectrogram [T,F,1] or [1,T,F]; null for an image and for the rest. */
export function seriesLayout(sampleShape: readonly number[]): SeriesLayout | null {
  if (imageLayout(sampleShape)) return null;
  const axes = sampleShape.filter((d) => d !== 1);
  if (axes.length === 0 || axes.length > 2) return null;
  const [steps, width] = [axes[0]!, axes[1] ?? 1];
  return steps >= 16 ? { steps, width } : null;
}

/** Changes samples that lie one after the other in `x`, in place. */
export type Augmentation = (x: Float32Array, rng: RandomGenerator) => void;

/** From this many samples on there are enough of them: each is seen a few dozen times in a leg, not thousands. */
const plenty = 2000;

/** How scarce `samples` are, 0 (plenty) to 1: what a student sees must then differ more from one time to the next. */
export const scarcityOf = (samples: number): number => Math.max(0, 1 - samples / plenty);

/**
 * What may be done to samples of a shape without changing what they show; null where nothing is known. Where they are
 * scarce, more is done: the teacher says what it shows, so it need not stay what its label says.
 */
export function augmentationFor(sampleShape: readonly number[], scarcity = 0): Augmentation | null {
  const image = imageLayout(sampleShape);
  const series = seriesLayout(sampleShape);
  if (!image && !series) return null;
  return (x, rng) => {
    if (image) augment(x, image, rng, scarcity);
    else if (series) shiftAndMask(x, series, rng);
    if (scarcity > 0) vary(x, scarcity, rng);
  };
}

/** The most that contrast and brightness change, as parts of themselves and of a sample's spread. */
const mostContrast = 0.3;
const mostBrightness = 0.25;

/** Changes contrast and brightness of one sample, in place. */
function vary(x: Float32Array, scarcity: number, rng: RandomGenerator): void {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < x.length; i++) {
    sum += x[i]!;
    squares += x[i]! * x[i]!;
  }
  const mean = sum / x.length;
  const spread = Math.sqrt(Math.max(0, squares / x.length - mean * mean));
  const between = (most: number): number => scarcity * most * (2 * uniformFloat64(rng) - 1);
  const contrast = 1 + between(mostContrast);
  const offset = mean + spread * between(mostBrightness) - contrast * mean;
  for (let i = 0; i < x.length; i++) x[i] = contrast * x[i]! + offset;
}

/** Lays `other` over `x`, in place: what comes out is for the teacher to say (Zhang et al., mixup, 2018). */
export function blend(x: Float32Array, other: Float32Array, rng: RandomGenerator): void {
  const part = 0.5 * uniformFloat64(rng);
  for (let i = 0; i < x.length; i++) x[i] = (1 - part) * x[i]! + part * other[i]!;
}

/** From this size on images are cropped and resized; smaller ones are only shifted. */
const leastForCrop = 96;
/** The least share of each side that a crop keeps, and by how much less where samples are scarce. */
const leastCrop = 0.7;
const leastCropScarce = 0.3;

/** Shifts small images and crops large ones, and mirrors half of the coloured ones; in place. */
export function augment(x: Float32Array, layout: ImageLayout, rng: RandomGenerator, scarcity = 0): void {
  const { height, width, channels } = layout;
  const isLarge = Math.min(height, width) >= leastForCrop;
  const size = height * width * channels;
  const source = new Float32Array(size);
  for (let first = 0; first < x.length; first += size) {
    const sample = x.subarray(first, first + size);
    const mirrored = channels === 3 && uniformInt(rng, 0, 1) === 1;
    const view = isLarge ? croppedView(layout, rng, scarcity) : shiftedView(layout, rng);
    source.set(sample);
    if (isLarge) resample(source, sample, layout, view, mirrored);
    else move(source, sample, layout, view, mirrored);
  }
}

/** The part of an image that is seen: from (top, left), `scale` source pixels a pixel. */
interface View {
  readonly top: number;
  readonly left: number;
  readonly scale: number;
}

/** By up to a twelfth of the size. */
function shiftedView({ height, width }: ImageLayout, rng: RandomGenerator): View {
  const [reachY, reachX] = [Math.max(1, Math.round(height / 12)), Math.max(1, Math.round(width / 12))];
  return { top: uniformInt(rng, -reachY, reachY), left: uniformInt(rng, -reachX, reachX), scale: 1 };
}

function croppedView({ height, width }: ImageLayout, rng: RandomGenerator, scarcity: number): View {
  const least = leastCrop - scarcity * leastCropScarce;
  const scale = least + (1 - least) * uniformFloat64(rng);
  return {
    top: uniformFloat64(rng) * (1 - scale) * (height - 1),
    left: uniformFloat64(rng) * (1 - scale) * (width - 1),
    scale,
  };
}

const within = (value: number, extent: number): number => Math.min(extent - 1, Math.max(0, value));

/** Moves by whole pixels; edges are repeated. */
function move(
  source: Float32Array,
  target: Float32Array,
  { height, width, channels, channelsLast }: ImageLayout,
  { top, left }: View,
  mirrored: boolean,
): void {
  for (let i = 0; i < height; i++)
    for (let j = 0; j < width; j++) {
      const si = within(i + top, height);
      const sj = within((mirrored ? width - 1 - j : j) + left, width);
      for (let c = 0; c < channels; c++) {
        const to = channelsLast ? (i * width + j) * channels + c : (c * height + i) * width + j;
        const from = channelsLast ? (si * width + sj) * channels + c : (c * height + si) * width + sj;
        target[to] = source[from]!;
      }
    }
}

/** Reads a view by bilinear interpolation. Written flat: of large images it would take longer than the step itself. */
function resample(
  source: Float32Array,
  target: Float32Array,
  { height, width, channels, channelsLast }: ImageLayout,
  { top, left, scale }: View,
  mirrored: boolean,
): void {
  const [stepY, stepX, stepC] = channelsLast ? [width * channels, channels, 1] : [width, 1, height * width];
  const from = new Int32Array(width);
  const next = new Int32Array(width);
  const part = new Float32Array(width);
  for (let j = 0; j < width; j++) {
    const x = left + (mirrored ? width - 1 - j : j) * scale;
    const x0 = within(Math.floor(x), width);
    from[j] = x0 * stepX;
    next[j] = within(x0 + 1, width) * stepX;
    part[j] = x - x0;
  }
  for (let i = 0; i < height; i++) {
    const y = top + i * scale;
    const y0 = within(Math.floor(y), height);
    const fy = y - y0;
    for (let c = 0; c < channels; c++) {
      const upper = y0 * stepY + c * stepC;
      const lower = within(y0 + 1, height) * stepY + c * stepC;
      let to = i * stepY + c * stepC;
      for (let j = 0; j < width; j++, to += stepX) {
        const a = from[j]!;
        const b = next[j]!;
        const fx = part[j]!;
        const above = source[upper + a]! + fx * (source[upper + b]! - source[upper + a]!);
        const below = source[lower + a]! + fx * (source[lower + b]! - source[lower + a]!);
        target[to] = above + fy * (below - above);
      }
    }
  }
}

/** Shifts a series by up to a twelfth of its length, edges repeated, and masks one stretch of it (Park et al., 2019). */
function shiftAndMask(x: Float32Array, { steps, width }: SeriesLayout, rng: RandomGenerator): void {
  const size = steps * width;
  const source = new Float32Array(size);
  const reach = Math.max(1, Math.round(steps / 12));
  for (let first = 0; first < x.length; first += size) {
    const sample = x.subarray(first, first + size);
    source.set(sample);
    const by = uniformInt(rng, -reach, reach);
    for (let t = 0; t < steps; t++) {
      const from = within(t + by, steps) * width;
      sample.set(source.subarray(from, from + width), t * width);
    }
    const masked = uniformInt(rng, 0, reach);
    const start = uniformInt(rng, 0, steps - masked);
    const mean = sample.reduce((sum, v) => sum + v, 0) / size;
    sample.fill(mean, start * width, (start + masked) * width);
  }
}
