import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asStored, type Preprocess } from '../../../electron/engine/data/description.ts';
import {
  makePreprocessor,
  planPreprocess,
  type StoredValues,
} from '../../../electron/engine/data/preprocess.ts';

function run(
  shape: readonly number[],
  stored: 'nchw' | 'nhwc' | null,
  preprocess: Partial<Preprocess>,
  values: StoredValues,
) {
  const plan = planPreprocess(shape, stored, { ...asStored, ...preprocess });
  if (!plan.ok) return plan.error;
  const size = shape.reduce((a, b) => a * b, 1);
  const out = new Float32Array(values.length);
  const preprocessSample = makePreprocessor(plan.value);
  for (let i = 0; i < values.length / size; i++) preprocessSample(values, i, out, i);
  return { shape: plan.value.sampleShape, values: [...out] };
}

describe('planPreprocess and makePreprocessor', () => {
  it('turns NHWC bytes into normalized NCHW', () => {
    const preprocess = { scale: 0.5, mean: [1, 2], std: [2, 4], layout: 'nchw' } as const;
    const values = Uint8Array.of(2, 4, 6, 8, 10, 12, 20, 40, 60, 80, 100, 120);
    expect(run([1, 3, 2], 'nhwc', preprocess, values)).toEqual({
      shape: [2, 1, 3],
      values: [0, 1, 2, 0, 0.5, 1, 4.5, 14.5, 24.5, 4.5, 9.5, 14.5],
    });
  });

  it('gives the same for bytes as for the floats of the same value', () => {
    const bytes = fc.uint8Array({ minLength: 12, maxLength: 12 });
    const constant = fc.double({ min: -3, max: 3, noNaN: true });
    const layouts = fc.constantFrom('nchw', 'nhwc', 'as stored');
    fc.assert(
      fc.property(bytes, constant, constant, layouts, (values, scale, mean, layout) => {
        const preprocess = { scale, mean: [mean, 0, 1], std: [1, 2, 0.5], layout } as const;
        expect(run([2, 2, 3], 'nhwc', preprocess, values)).toEqual(
          run([2, 2, 3], 'nhwc', preprocess, Float32Array.from(values)),
        );
      }),
    );
  });

  it('comes back to what was stored through the opposite layout', () => {
    const sizes = fc.tuple(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 5 }),
      fc.constantFrom(1, 3),
    );
    fc.assert(
      fc.property(sizes, ([height, width, channels]) => {
        const count = height * width * channels;
        const values = Int16Array.from({ length: count }, (_, i) => i * 7 - 50);
        const there = run([height, width, channels], 'nhwc', { layout: 'nchw' }, values);
        if (typeof there === 'string') throw new Error(there);
        expect(there.shape).toEqual([channels, height, width]);
        const back = run(there.shape, 'nchw', { layout: 'nhwc' }, Float32Array.from(there.values));
        expect(back).toEqual({ shape: [height, width, channels], values: [...values] });
      }),
    );
  });

  it('keeps the stored layout where the description asks for it', () => {
    const { shape } = Object(run([1, 49, 10], 'nchw', {}, new Float32Array(490)));
    expect(shape).toEqual([1, 49, 10]);
  });

  it('adds the channel axis to planes where an image layout is wanted', () => {
    const values = Uint8Array.of(1, 2, 3, 4);
    expect(run([2, 2], null, { layout: 'nchw' }, values)).toMatchObject({
      shape: [1, 2, 2],
      values: [1, 2, 3, 4],
    });
    expect(run([2, 2], null, { layout: 'nhwc' }, values)).toMatchObject({
      shape: [2, 2, 1],
      values: [1, 2, 3, 4],
    });
    expect(run([2, 2], null, {}, values)).toMatchObject({ shape: [2, 2], values: [1, 2, 3, 4] });
  });

  it('finds the channels by the number of constants where no layout is named', () => {
    const preprocess = { mean: [1, 2], std: [1, 1] };
    expect(run([2, 3], null, preprocess, Float32Array.of(1, 1, 1, 2, 2, 2))).toMatchObject({
      values: [0, 0, 0, 0, 0, 0],
    });
    expect(run([3, 2], null, preprocess, Float32Array.of(1, 2, 1, 2, 1, 2))).toMatchObject({
      values: [0, 0, 0, 0, 0, 0],
    });
  });

  it('takes plain feature vectors', () => {
    expect(run([4], null, { scale: 2, mean: [1] }, Float32Array.of(0, 1, 2, 3))).toEqual({
      shape: [4],
      values: [-1, 1, 3, 5],
    });
  });

  it('refuses constants for another number of channels', () => {
    const preprocess = { mean: [0, 0, 0], std: [1, 1, 1], layout: 'nchw' } as const;
    expect(run([28, 28, 1], 'nhwc', preprocess, new Uint8Array(784))).toContain('3 channels');
  });
});
