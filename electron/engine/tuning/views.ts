import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { Part } from '../data/data.ts';
import { augmentationFor } from './augment.ts';

/** From this many samples on a part says enough as it is. */
const enough = 400;
const mostViewsEach = 8;
/** Views are kept, as they are asked for again after every leg. */
const mostBytes = 128 * 1024 * 1024;

/**
 * A small part with views of its samples behind them: shifted, cropped or masked as for training, of which the labels
 * still hold. What depends on chance in how a few samples were taken weighs less then. The samples themselves come
 * first, then all of them in a second view, and so on; the same ones for the same `seed`. A part that is large enough,
 * or of which the shape says nothing, is given back.
 */
export function withViews(part: Part, sampleShape: readonly number[], seed: number): Part {
  const change = augmentationFor(sampleShape);
  const size = sampleShape.reduce((a, d) => a * d, 1);
  const most = Math.min(enough, Math.floor(mostBytes / (4 * size)));
  const each = part.count === 0 ? 1 : Math.min(mostViewsEach, Math.floor(most / part.count));
  if (!change || each < 2) return part;
  const count = part.count * each;
  const known = new Map<number, Float32Array>();
  const view = async (index: number): Promise<Float32Array> => {
    const before = known.get(index);
    if (before) return before;
    const sample = await part.read([index % part.count]);
    if (index >= part.count) change(sample, xoroshiro128plus(seed * enough + index));
    known.set(index, sample);
    return sample;
  };
  return {
    count,
    labels: part.labels && Int32Array.from({ length: count }, (_, i) => part.labels![i % part.count]!),
    async read(indices) {
      const out = new Float32Array(indices.length * size);
      for (let i = 0; i < indices.length; i++) out.set(await view(indices[i]!), i * size);
      return out;
    },
  };
}
