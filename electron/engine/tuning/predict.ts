import type { Part } from '../data/data.ts';
import { lowerToModel } from '../instructions/lower.ts';
import type { Parameters, Program } from '../instructions/program.ts';
import { type Dense, type LocalSession, openSession } from './runtime.ts';

const opset = 17;

/** A program with fixed parameters that runs on batches of one size. */
export interface Predictor {
  readonly batch: number;
  /** `x` holds up to `batch` samples; the outputs are those of the samples given. */
  run(x: Float32Array, samples: number): Promise<Dense[]>;
  release(): Promise<void>;
}

/** Loads `program` for batches of `batch` samples of `sampleShape`. */
export async function makePredictor(
  program: Program,
  parameters: Parameters,
  sampleShape: readonly number[],
  settings: { readonly batch: number; readonly threads: number },
): Promise<Predictor> {
  const { batch, threads } = settings;
  const names = program.outputs.map((_, n) => `y_${n}`);
  const input = program.instructions.find((i) => i.op === 'input');
  if (input?.op !== 'input') throw new Error('The program has no input');
  const session: LocalSession = await openSession(
    lowerToModel(program, parameters, { opset, batch, outputs: names }),
    threads,
  );
  const size = sampleShape.reduce((a, d) => a * d, 1);
  const buffer = new Float32Array(batch * size);
  return {
    batch,
    async run(x, samples) {
      buffer.set(x.subarray(0, samples * size));
      const results = await session.run({
        [input.attributes.name]: { shape: [batch, ...sampleShape], data: buffer },
      });
      return names.map((name) => {
        const { shape, data } = results[name]!;
        return { shape: [samples, ...shape.slice(1)], data: data.slice(0, (data.length / batch) * samples) };
      });
    },
    release: () => session.release(),
  };
}

/** Outputs of a predictor over samples of a part: one dense tensor an output, samples first. */
export async function predict(
  predictor: Predictor,
  part: Part,
  indices: ArrayLike<number>,
): Promise<Dense[]> {
  const parts: Dense[][] = [];
  const list = Array.from(indices);
  for (let first = 0; first < list.length; first += predictor.batch) {
    const some = list.slice(first, first + predictor.batch);
    parts.push(await predictor.run(await part.read(some), some.length));
  }
  return (parts[0] ?? []).map((head, n) => {
    const data = new Float32Array(parts.reduce((sum, p) => sum + p[n]!.data.length, 0));
    let at = 0;
    for (const p of parts) {
      data.set(p[n]!.data, at);
      at += p[n]!.data.length;
    }
    return { shape: [list.length, ...head.shape.slice(1)], data };
  });
}
