import { extname } from 'node:path';
import { Tensor } from 'onnxruntime-node';
import { fail, ok, type Result } from '../contract/result.ts';
import { countNotFinite, toStored } from '../engine/data/arrays.ts';
import type { Description } from '../engine/data/description.ts';
import { type NpyArray, parseNpy } from '../engine/data/npy.ts';
import { unpackNpz } from '../engine/data/npz.ts';
import { makePreprocessor, planPreprocess } from '../engine/data/preprocess.ts';
import type { LoadedModel, TensorPort } from './runtime.ts';
import { largestInputBytes } from './trial-files.ts';

/** One input of the models, as values in the order of the model's inputs. */
export interface TrialInput {
  /** The file's name, with `[n]` for one of several in it. */
  readonly name: string;
  readonly feeds: readonly Float32Array[];
}

/**
 * The inputs that a file holds: `.npy` one array with or without an axis of samples, `.npz` an array for each input
 * of the model by its name (or the only one, or `x`), `.bin` and `.raw` the float32 values of all inputs and nothing
 * else. `description` is that of a `dataset.json` beside it, whose preprocessing arrays get. The error is a reason.
 */
export function inputsOf(
  name: string,
  bytes: Uint8Array,
  ports: readonly TensorPort[],
  description: Description | null,
): Result<readonly TrialInput[], string> {
  const [only] = ports;
  switch (extname(name).toLowerCase()) {
    case '.npy': {
      if (only === undefined || ports.length !== 1)
        return fail(`the model has ${ports.length} inputs: put them in an .npz by their names`);
      const array = parseNpy(bytes);
      return array.ok ? together(name, [samplesOf(array.value, only, description)]) : array;
    }
    case '.npz': {
      const arrays = unpackNpz(bytes, null, largestInputBytes);
      if (!arrays.ok) return arrays;
      const found = ports.map((port) => {
        const array =
          arrays.value.get(port.name) ??
          (ports.length === 1
            ? (arrays.value.get('x') ?? (arrays.value.size === 1 ? [...arrays.value.values()][0] : undefined))
            : undefined);
        return array ? samplesOf(array, port, description) : fail(`it holds no array ${port.name}`);
      });
      return together(name, found);
    }
    default:
      return rawInput(name, bytes, ports);
  }
}

/** What a model is fed with one input. */
export function feedsOf(model: LoadedModel, input: TrialInput): Record<string, Tensor> {
  return Object.fromEntries(
    model.inputs.map((port, index) => [
      port.name,
      new Tensor('float32', input.feeds[index] ?? new Float32Array(0), port.shape),
    ]),
  );
}

const sizeOf = (shape: readonly number[]): number => shape.reduce((product, size) => product * size, 1);
const isSame = (a: readonly number[], b: readonly number[]): boolean => String(a) === String(b);

function samplesOf(
  array: NpyArray,
  port: TensorPort,
  description: Description | null,
): Result<readonly Float32Array[], string> {
  const values = toStored(array.values);
  const notFinite = countNotFinite(values);
  if (notFinite > 0) return fail(`${notFinite} of its values are not finite`);
  const expected = port.shape;
  const size = sizeOf(expected);
  const mismatch = fail(`its shape is [${array.shape}], the model takes [${expected}]`);

  if (description === null) {
    const isOne = isSame(array.shape, expected) || isSame(array.shape, expected.slice(1));
    const isMany = expected[0] === 1 && isSame(array.shape.slice(1), expected.slice(1));
    if (!isOne && !isMany) return mismatch;
    const whole = values instanceof Float32Array ? values : Float32Array.from(values);
    const count = isOne ? 1 : (array.shape[0] ?? 0);
    return ok(Array.from({ length: count }, (_, at) => whole.slice(at * size, (at + 1) * size)));
  }

  // A file may hold one sample or an axis of them: what fits the model after preprocessing is what it is.
  for (const stored of [array.shape, array.shape.slice(1)]) {
    const plan = planPreprocess(stored, description.storedLayout, description.preprocess);
    if (!plan.ok || !isSame(plan.value.sampleShape, expected.slice(1))) continue;
    const preprocess = makePreprocessor(plan.value);
    const count = stored === array.shape ? 1 : (array.shape[0] ?? 0);
    return ok(
      Array.from({ length: count }, (_, at) => {
        const out = new Float32Array(size);
        preprocess(values, at, out, 0);
        return out;
      }),
    );
  }
  return mismatch;
}

/** The samples of each input of the model, side by side. */
function together(
  name: string,
  inputs: readonly Result<readonly Float32Array[], string>[],
): Result<readonly TrialInput[], string> {
  const columns: (readonly Float32Array[])[] = [];
  for (const input of inputs) {
    if (!input.ok) return input;
    columns.push(input.value);
  }
  const count = columns[0]?.length ?? 0;
  if (count === 0) return fail('it holds no samples');
  if (columns.some((column) => column.length !== count))
    return fail('its arrays hold different numbers of samples');
  return ok(
    Array.from({ length: count }, (_, at) => ({
      name: count === 1 ? name : `${name}[${at}]`,
      feeds: columns.map((column) => column[at]!),
    })),
  );
}

function rawInput(
  name: string,
  bytes: Uint8Array,
  ports: readonly TensorPort[],
): Result<readonly TrialInput[], string> {
  const expectedBytes = ports.reduce((sum, port) => sum + 4 * sizeOf(port.shape), 0);
  if (bytes.length !== expectedBytes)
    return fail(`it holds ${bytes.length} bytes, the model takes ${expectedBytes} (float32)`);
  // Copied, so that the values start aligned.
  const values = new Float32Array(bytes.slice().buffer);
  const notFinite = countNotFinite(values);
  if (notFinite > 0) return fail(`${notFinite} of its values are not finite`);
  let at = 0;
  const feeds = ports.map((port) => {
    const size = sizeOf(port.shape);
    at += size;
    return values.slice(at - size, at);
  });
  return ok([{ name, feeds }]);
}
