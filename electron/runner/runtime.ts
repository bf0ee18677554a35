import { env, Tensor } from 'onnxruntime-node';
import { type Binding, binding, initOrt } from 'onnxruntime-node/dist/binding.js';
import { uniformFloat32 } from 'pure-rand/distribution/uniformFloat32';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { SessionSettings } from './protocol.ts';

/** A loaded model whose `call` runs it once on fixed inputs, on this thread, and returns when it is done. */
export interface LoadedModel {
  readonly inputs: readonly TensorPort[];
  readonly outputNames: readonly string[];
  call(feeds: Readonly<Record<string, Tensor>>): Readonly<Record<string, Tensor>>;
  endProfiling(): void;
  dispose(): void;
}

/** A float32 input; symbolic and unknown dimensions count as 1. */
export interface TensorPort {
  readonly name: string;
  readonly shape: readonly number[];
}

/** Extra wishes of the profiled session. */
export interface ProfilingFiles {
  readonly profilePrefix: string;
  readonly optimizedModelPath: string | null;
}

const float32Code = 1;
const typeNames = [
  'undefined',
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
];

/**
 * Loads a model file. Throws with the runtime's own message when the runtime refuses it,
 * or when an input is not float32.
 *
 * The native session is used instead of the package's promise-based one: that one defers every call by
 * `setImmediate`, about 8 µs on a server core, which would flatter slow models against fast ones.
 */
export function loadModel(path: string, settings: SessionSettings, profiling?: ProfilingFiles): LoadedModel {
  env.logLevel = 'error';
  initOrt();
  const session = new binding.InferenceSession();
  session.loadModel(path, {
    intraOpNumThreads: settings.threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: settings.level,
    // A waiting pool must not burn the cores that the next visit is timed on.
    ...(settings.threads > 1 ? { extra: { session: { intra_op: { allow_spinning: '0' } } } } : {}),
    ...(profiling ? { enableProfiling: true, profileFilePrefix: profiling.profilePrefix } : {}),
    ...(profiling?.optimizedModelPath ? { optimizedModelFilePath: profiling.optimizedModelPath } : {}),
  });
  try {
    const inputs = session.inputMetadata.map(toPort);
    const outputNames = session.outputMetadata.map((output) => output.name);
    const fetches = Object.fromEntries(outputNames.map((name) => [name, null]));
    return {
      inputs,
      outputNames,
      // The binding's types allow non-tensors (sequences, maps); such a model has no float32-only answer.
      call: (feeds) => session.run({ ...feeds }, fetches, {}) as Record<string, Tensor>,
      endProfiling: () => session.endProfiling(),
      dispose: () => session.dispose(),
    };
  } catch (error) {
    session.dispose();
    throw error;
  }
}

/** Execution providers that the installed runtime was built with. */
export const listProviders = (): readonly string[] => binding.listSupportedBackends().map(({ name }) => name);

/** Seeded inputs, uniform in [0, 1). */
export function randomFeeds(model: LoadedModel, seed: number): Record<string, Tensor> {
  const random = xoroshiro128plus(seed);
  return Object.fromEntries(
    model.inputs.map((input) => {
      const values = new Float32Array(elementCount(input.shape));
      for (let index = 0; index < values.length; index++) values[index] = uniformFloat32(random);
      return [input.name, new Tensor('float32', values, input.shape)];
    }),
  );
}

/** Splits float32 LE bytes over the model's inputs in their order. Throws when the length does not fit. */
export function feedsFromBytes(model: LoadedModel, bytes: Uint8Array): Record<string, Tensor> {
  const expectedBytes = model.inputs.reduce((sum, input) => sum + 4 * elementCount(input.shape), 0);
  if (bytes.length !== expectedBytes) {
    throw new Error(`The inputs take ${expectedBytes} bytes, ${bytes.length} were given`);
  }
  const feeds: Record<string, Tensor> = {};
  let offset = 0;
  for (const input of model.inputs) {
    const sizeBytes = 4 * elementCount(input.shape);
    const values = new Float32Array(bytes.slice(offset, offset + sizeBytes).buffer);
    feeds[input.name] = new Tensor('float32', values, input.shape);
    offset += sizeBytes;
  }
  return feeds;
}

/** Joins float32 outputs in the model's order. Throws for another type. */
export function outputsToBytes(model: LoadedModel, outputs: Readonly<Record<string, Tensor>>): Uint8Array {
  const parts = model.outputNames.map((name) => {
    const data = outputs[name]?.data;
    if (!(data instanceof Float32Array)) throw new Error(`Output ${name} is not float32`);
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  });
  return Buffer.concat(parts);
}

function toPort(input: Binding.ValueMetadata): TensorPort {
  if (!input.isTensor) throw new Error(`Input ${input.name} is not a tensor`);
  if (input.type !== float32Code) {
    throw new Error(
      `Input ${input.name} is ${typeNames[input.type] ?? `type ${input.type}`}, only float32 is timed`,
    );
  }
  return { name: input.name, shape: input.shape.map((size) => (size > 0 ? size : 1)) };
}

function elementCount(shape: readonly number[]): number {
  return shape.reduce((product, size) => product * size, 1);
}
