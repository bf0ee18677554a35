import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { RunEvent } from '../../electron/contract/api.ts';
import { ok } from '../../electron/contract/result.ts';
import type { EngineHost, FinishedWork, OptimizeJob } from '../../electron/engine/host.ts';
import { describeGraph } from '../../electron/engine/inspect/graph.ts';
import type { AttributeValue, OnnxModel, OnnxNode } from '../../electron/engine/onnx/model.ts';
import { readModel } from '../../electron/engine/onnx/read.ts';
import { writeModel } from '../../electron/engine/onnx/write.ts';
import { openSession } from '../../electron/engine/tuning/runtime.ts';
import { top1 } from '../../electron/engine/verify/agreement.ts';
import type { Experience, Trial } from '../../electron/store/experiences.ts';
import { writeNpz } from './data/folders.ts';
import { modelOf, operator } from './onnx/small-models.ts';

const samples = 250;
const size = 16;
const classes = 4;
const channels = [1, 16, 24, 16] as const;

const ints = (...value: number[]): AttributeValue => ({ kind: 'ints', value });

/** x [N,1,16,16] → three 3×3 convolutions, global average → 4 scores. */
function net(bias: Float32Array): OnnxModel {
  const initializers: Record<
    string,
    OnnxModel['initializers'] extends ReadonlyMap<string, infer T> ? T : never
  > = {};
  const nodes: OnnxNode[] = [];
  let seed = 7;
  const random = (): number => {
    seed = (seed * 16_807) % 2_147_483_647;
    return seed / 2_147_483_647 - 0.5;
  };
  let value = 'x';
  for (let i = 1; i < channels.length; i++) {
    const shape = [channels[i] ?? 0, channels[i - 1] ?? 0, 3, 3];
    const count = shape.reduce((a, b) => a * b, 1);
    const data = Float32Array.from(
      { length: count },
      () => random() * Math.sqrt(24 / (count / (shape[0] ?? 1))),
    );
    initializers[`w${i}`] = { type: 'float32', shape, data };
    nodes.push(operator('Conv', `conv${i}`, [value, `w${i}`], [`c${i}`], { pads: ints(1, 1, 1, 1) }));
    nodes.push(operator('Relu', `relu${i}`, [`c${i}`], [`r${i}`]));
    value = `r${i}`;
  }
  const last = channels.at(-1) ?? 1;
  const data = Float32Array.from({ length: last * classes }, random);
  initializers.w = { type: 'float32', shape: [last, classes], data };
  nodes.push(operator('GlobalAveragePool', 'pool', [value], ['p']));
  nodes.push(operator('Flatten', 'flat', ['p'], ['f']));
  initializers.b = { type: 'float32', shape: [classes], data: bias };
  nodes.push(operator('Gemm', 'scores', ['f', 'w', 'b'], ['y']));
  return modelOf(['N', 1, size, size], nodes, initializers, 'y');
}

/** Stripes of another direction, width and contrast in each sample. */
function stripes(): Float32Array {
  const x = new Float32Array(samples * size * size);
  for (let n = 0; n < samples; n++)
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++) {
        const angle = n * 0.37;
        const place = (i * Math.cos(angle) + j * Math.sin(angle)) * (0.4 + (n % 11) * 0.2);
        x[(n * size + i) * size + j] = Math.sin(place + n) * (0.5 + (n % 7) / 4);
      }
  return x;
}

/** Writes a small model into `folder`, and data that it is always right about. */
export async function makeOptimizable(
  folder: string,
): Promise<{ readonly modelPath: string; readonly dataPath: string }> {
  const [modelPath, dataPath] = [join(folder, 'net.onnx'), join(folder, 'stripes.npz')];
  const x = stripes();
  const raw = await scoresOf(net(new Float32Array(classes)), x);
  // Scores around zero, so that no class wins everywhere.
  const mean = new Float32Array(classes);
  raw.forEach((score, i) => {
    mean[i % classes] = (mean[i % classes] ?? 0) + score / samples;
  });
  const model = net(mean.map((value) => -value));
  await writeFile(modelPath, writeModel(model));
  const labels = BigInt64Array.from(Array.from(top1(await scoresOf(model, x), classes), BigInt));
  if (new Set(labels).size < 3) throw new Error('The net tells too few classes apart');
  await writeNpz(dataPath, {
    x: { shape: [samples, 1, size, size], values: x },
    y: { shape: [samples], values: labels },
  });
  return { modelPath, dataPath };
}

async function scoresOf(model: OnnxModel, x: Float32Array): Promise<Float32Array> {
  const session = await openSession(model, 1);
  const { y } = await session.run({ x: { shape: [samples, 1, size, size], data: x } });
  await session.release();
  return y?.data ?? new Float32Array(0);
}

/** A job that is over within seconds. */
export const shortJob = (files: { readonly modelPath: string; readonly dataPath: string }): OptimizeJob => ({
  ...files,
  threads: 1,
  level: 'all',
  strategy: 'evolution',
  groupSize: 4,
  seed: 1,
  // Leaves searching and fitting more than they need, on a busy machine too, and tuning a few seconds.
  budgetSeconds: 45,
  elapsedSeconds: 0,
  maxAccuracyDrop: 100,
  targetSpeedup: null,
});

/** Time of each operator on the pretended board: its arithmetic and a fixed price of a call. */
function operatorsOf(bytes: Uint8Array): readonly { name: string; type: string; us: number }[] {
  const model = readModel(bytes, 'timed.onnx');
  if (!model.ok) throw new Error(model.error.kind);
  const graph = describeGraph(model.value, 'timed.onnx');
  if (!graph.ok) throw new Error(graph.error.kind);
  return graph.value.operators.map(({ name, type, multiplyAdds }) => ({
    name,
    type,
    us: 1 + (multiplyAdds ?? 0) / 2000,
  }));
}
const usOf = (bytes: Uint8Array): number => operatorsOf(bytes).reduce((sum, { us }) => sum + us, 0);

/** A host whose board is pretended, so that its times are the same each time; it keeps finished work like the app. */
export function pretendingHost(
  memo = new Map<string, FinishedWork>(),
  past: readonly Experience[] = [],
): EngineHost & {
  readonly remembered: Trial[];
  readonly events: RunEvent[];
  readonly memo: Map<string, FinishedWork>;
} {
  const events: RunEvent[] = [];
  const remembered: Trial[] = [];
  const keyOf = (kind: string, key: unknown): string => JSON.stringify([kind, key]);
  return {
    events,
    remembered,
    memo,
    signal: new AbortController().signal,
    async time(models, { blocks }) {
      const us = models.map(usOf);
      const noise = (block: number): number => 1 + ((block % 5) - 2) / 1000;
      return ok({
        blocks: Array.from({ length: blocks }, (_, block) => ({
          wallUs: us.map((time, i) => time * noise(block + i)),
          cpuUs: us,
        })),
        iterations: us.map(() => 1),
        callsUs: us.map((time) => Array.from({ length: 50 }, (_, call) => time * noise(call))),
        dropped: [],
        failed: [],
        conditions: {
          governor: 'performance',
          clockMHz: [1500],
          temperatureC: 40,
          throttled: false,
          load1: 0,
        },
      });
    },
    async profile(model, { iterations }) {
      const operators = operatorsOf(model);
      const calls = (us: number): number[] => new Array<number>(iterations).fill(us);
      const total = usOf(model);
      return ok({
        cleanUs: calls(total),
        instrumentedUs: calls(total * 1.1),
        events: operators.map(({ name, type, us }) => ({
          name,
          type,
          callsUs: calls(us),
          outputBytes: 4,
          parameterBytes: 0,
        })),
        optimizedModel: model,
      });
    },
    peakMemory: async () => ok(null),
    recall: async (kind, key) => memo.get(keyOf(kind, key)) ?? null,
    record: async (kind, key, work) => void memo.set(keyOf(kind, key), work),
    saveCandidates: async () => undefined,
    experience: async () => past,
    remember: async (trials) => void remembered.push(...trials),
    event: (event) => void events.push(event),
  };
}

/** The same with times from `priceOf`, µs, without noise. */
export function pricedHost(
  priceOf: (bytes: Uint8Array) => number,
  memo = new Map<string, FinishedWork>(),
): EngineHost {
  const plain = pretendingHost(memo);
  return {
    ...plain,
    async time(models, request, signal) {
      const reply = await plain.time(models, request, signal);
      if (!reply.ok) return reply;
      const us = models.map(priceOf);
      const blocks = reply.value.blocks.map(() => ({ wallUs: us, cpuUs: us }));
      return ok({ ...reply.value, blocks, callsUs: us.map((time) => [time, time]) });
    },
  };
}
