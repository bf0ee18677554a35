import { fail, ok, type Result } from '../../contract/result.ts';
import type { Layout, Preprocess } from './description.ts';

/** Stored values that preprocessing can read. */
export type StoredValues =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | Float32Array;

/** How one stored sample becomes one input of the model. */
export interface Plan {
  /** Without batch, as the model wants it. */
  readonly sampleShape: readonly number[];
  readonly channels: number;
  /** Values a channel. */
  readonly pixels: number;
  readonly storedChannelsFirst: boolean;
  readonly wantedChannelsFirst: boolean;
  readonly scale: number;
  /** One a channel. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
}

/**
 * Plans the preprocessing of samples of `storedShape` (without batch). Two axes are an image without a
 * channel axis where an image layout is wanted. The error is a reason in words.
 */
export function planPreprocess(
  storedShape: readonly number[],
  storedLayout: Layout | null,
  preprocess: Preprocess,
): Result<Plan, string> {
  const wantedLayout = preprocess.layout === 'as stored' ? storedLayout : preprocess.layout;
  const isImage = storedShape.length === 3;
  const isPlane = storedShape.length === 2 && preprocess.layout !== 'as stored';
  const shape = isPlane ? channelAxisAdded(storedShape, wantedLayout) : storedShape;

  const constants = Math.max(preprocess.mean.length, preprocess.std.length);
  const from = isImage ? (storedLayout ?? wantedLayout) : wantedLayout;
  const first = channelsStandFirst(shape, from, constants);
  const channels = (first ? shape[0] : shape.at(-1)) ?? 1;
  const mean = broadcast(preprocess.mean, channels);
  const std = broadcast(preprocess.std, channels);
  if (mean === null || std === null) {
    return fail(
      `preprocess gives mean and std of ${constants} channels, samples of [${shape}] have ${channels}`,
    );
  }

  const wantedFirst = isImage && wantedLayout !== null ? wantedLayout === 'nchw' : first;
  const plan = {
    channels,
    pixels: shape.reduce((a, b) => a * b, 1) / channels,
    storedChannelsFirst: first,
    wantedChannelsFirst: wantedFirst,
    scale: preprocess.scale,
    mean,
    std,
  };
  if (first === wantedFirst) return ok({ ...plan, sampleShape: shape });
  const spatial = first ? shape.slice(1) : shape.slice(0, -1);
  return ok({ ...plan, sampleShape: wantedFirst ? [channels, ...spatial] : [...spatial, channels] });
}

/** Preprocesses samples one at a time: the one at index `from` of `stored` becomes the one at `to` of `out`. */
export function makePreprocessor(
  plan: Plan,
): (stored: StoredValues, from: number, out: Float32Array, to: number) => void {
  const { channels, pixels } = plan;
  const size = channels * pixels;
  const storedStep = plan.storedChannelsFirst ? 1 : channels;
  const wantedStep = plan.wantedChannelsFirst ? 1 : channels;
  // Bytes have 256 values, so a table a channel spares the arithmetic per pixel.
  let tables: Float32Array[] | null = null;
  return (stored, from, out, to) => {
    if (stored instanceof Uint8Array) tables ??= makeTables(plan);
    for (let channel = 0; channel < channels; channel++) {
      let source = from * size + (plan.storedChannelsFirst ? channel * pixels : channel);
      let target = to * size + (plan.wantedChannelsFirst ? channel * pixels : channel);
      const table = stored instanceof Uint8Array ? tables?.[channel] : undefined;
      for (let pixel = 0; pixel < pixels; pixel++) {
        const value = stored[source] ?? Number.NaN;
        out[target] = table ? (table[value] ?? Number.NaN) : normalize(plan, channel, value);
        source += storedStep;
        target += wantedStep;
      }
    }
  };
}

function normalize(plan: Plan, channel: number, value: number): number {
  return (value * plan.scale - (plan.mean[channel] ?? 0)) / (plan.std[channel] ?? 1);
}

function makeTables(plan: Plan): Float32Array[] {
  return plan.mean.map((_, channel) =>
    Float32Array.from({ length: 256 }, (_, value) => normalize(plan, channel, value)),
  );
}

function channelAxisAdded(shape: readonly number[], layout: Layout | null): readonly number[] {
  return layout === 'nchw' ? [1, ...shape] : [...shape, 1];
}

function channelsStandFirst(shape: readonly number[], layout: Layout | null, constants: number): boolean {
  if (layout !== null && shape.length > 1) return layout === 'nchw';
  // Unsaid: the axis that has as many entries as there are constants.
  return shape.at(-1) !== constants && shape[0] === constants;
}

function broadcast(constants: readonly number[], channels: number): readonly number[] | null {
  if (constants.length === channels) return constants;
  const [only] = constants;
  return constants.length === 1 && only !== undefined ? new Array<number>(channels).fill(only) : null;
}
