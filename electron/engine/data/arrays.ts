import type { DataError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { Description } from './description.ts';
import type { NpyArray, NpyValues } from './npy.ts';
import { readNpz } from './npz.ts';
import { makePreprocessor, planPreprocess, type StoredValues } from './preprocess.ts';
import { checkIndices, type Source } from './source.ts';
import { describeSteps } from './steps.ts';

/**
 * Opens the arrays `x` [n, ...] and, where there is one, `y` [n] of an `.npz` file. Integers stay as stored,
 * floats become float32. Errors: dataUnreadable, dataNotFinite, dataShape.
 */
export async function openArrays(path: string, description: Description): Promise<Result<Source, DataError>> {
  const unreadable = (reason: string) => fail<DataError>({ kind: 'dataUnreadable', path, reason });
  const arrays = await readNpz(path, ['x', 'y']);
  if (!arrays.ok) return arrays;
  const x = arrays.value.get('x');
  const y = arrays.value.get('y');
  if (!x) return unreadable('it holds no array x');
  const [count = 0, ...storedShape] = x.shape;
  if (storedShape.length === 0) return unreadable('x needs an axis of samples and at least one more');
  if (storedShape.includes(0)) return unreadable(`x has the shape [${x.shape}] and so no values`);

  const labels = y ? readLabels(y, count) : ok(null);
  if (!labels.ok) return unreadable(labels.error);
  const { preprocess, storedLayout } = description;
  const plan = planPreprocess(storedShape, storedLayout, preprocess);
  if (!plan.ok) return unreadable(plan.error);
  const { sampleShape } = plan.value;
  if (preprocess.resize !== null) {
    const [height, width] = preprocess.resize;
    const { channels } = plan.value;
    const expected = plan.value.wantedChannelsFirst ? [channels, height, width] : [height, width, channels];
    // Arrays hold samples of one size, so resizing them belongs to whoever saved them.
    if (String(expected) !== String(sampleShape)) {
      return fail({ kind: 'dataShape', path, expected, actual: sampleShape });
    }
  }

  const stored = toStored(x.values);
  const notFinite = countNotFinite(stored);
  if (notFinite > 0) return fail({ kind: 'dataNotFinite', path, array: 'x', count: notFinite });
  const preprocessSample = makePreprocessor(plan.value);
  const sampleSize = sampleShape.reduce((a, b) => a * b, 1);
  return ok({
    count,
    labels: labels.value,
    sampleShape,
    isStoredAsBytes: stored instanceof Uint8Array,
    plan: plan.value,
    steps: describeSteps([`Stored as ${typeNameOf(x.values)} [${storedShape.join(', ')}].`], plan.value),
    read(indices) {
      checkIndices(indices, count);
      const out = new Float32Array(indices.length * sampleSize);
      for (let i = 0; i < indices.length; i++) preprocessSample(stored, indices[i] ?? 0, out, i);
      return out;
    },
  });
}

/** The element type as numpy calls it. */
const typeNameOf = (values: NpyValues): string =>
  values.constructor.name.replace(/^Big|Array$/g, '').toLowerCase();

/** Values that preprocessing can read: 64-bit ones become float32. */
export function toStored(values: NpyValues): StoredValues {
  if (values instanceof Float64Array) return Float32Array.from(values);
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) {
    return Float32Array.from({ length: values.length }, (_, i) => Number(values[i]));
  }
  return values;
}

/** How many values are infinite or no number. */
export function countNotFinite(values: StoredValues): number {
  if (!(values instanceof Float32Array)) return 0;
  let count = 0;
  for (const value of values) if (!Number.isFinite(value)) count++;
  return count;
}

function readLabels(y: NpyArray, samples: number): Result<Int32Array, string> {
  const [count = 0, ...rest] = y.shape;
  if (y.shape.length === 0 || rest.some((size) => size !== 1)) {
    return fail(`y has the shape [${y.shape}], one whole number a sample is needed`);
  }
  if (count !== samples) return fail(`x holds ${samples} samples, y ${count} labels`);
  if (y.values instanceof Float32Array || y.values instanceof Float64Array) {
    return fail('y holds floats, one whole number a sample is needed');
  }
  const labels = new Int32Array(samples);
  for (let i = 0; i < samples; i++) {
    // Clamped, so that a label past 32 bits stays out of range instead of wrapping round to a class.
    labels[i] = Math.max(-1, Math.min(2 ** 31 - 1, Number(y.values[i])));
  }
  return ok(labels);
}
