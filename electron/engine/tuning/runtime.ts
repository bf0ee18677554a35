import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { OnnxModel } from '../onnx/model.ts';
import { writeModel } from '../onnx/write.ts';

/** A dense float32 tensor on its way in or out of the runtime. */
export interface Dense {
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

/** A model loaded on this computer. */
export interface LocalSession {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** Runs once; the arrays fed are read in place. */
  run(feeds: Readonly<Record<string, Dense>>): Promise<Record<string, Dense>>;
  release(): Promise<void>;
}

/** How many threads work on this computer that is not the board: its cores, at most 4. */
export const localThreads = (cores: number): number => Math.max(1, Math.min(4, cores));

/** Loads a model; a model that the runtime refuses throws its message. */
export async function openSession(model: OnnxModel | Uint8Array, threads: number): Promise<LocalSession> {
  const bytes = model instanceof Uint8Array ? model : writeModel(model);
  const session = await InferenceSession.create(bytes, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    logSeverityLevel: 3,
    // Spinning threads of one session would take the cores from the other (teacher and student take turns).
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  });
  return {
    inputs: session.inputNames,
    outputs: session.outputNames,
    async run(feeds) {
      const tensors: Record<string, Tensor> = {};
      for (const [name, { shape, data }] of Object.entries(feeds))
        tensors[name] = new Tensor('float32', data, [...shape]);
      const results = await session.run(tensors);
      const out: Record<string, Dense> = {};
      for (const name of session.outputNames) {
        const tensor = results[name]!;
        if (!(tensor.data instanceof Float32Array))
          throw new Error(`Output ${name} is ${tensor.type}, not float32`);
        out[name] = { shape: tensor.dims, data: tensor.data };
      }
      return out;
    },
    release: () => session.release(),
  };
}
