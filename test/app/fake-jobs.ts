import { readFileSync } from 'node:fs';
import { fail, ok } from '../../electron/contract/result.ts';
import type { RunResult } from '../../electron/contract/run-result.ts';
import type { Optimize, OptimizeOutcome, Pick } from '../../electron/engine/host.ts';
import type { JobTable } from '../../electron/engine/messages.ts';
import { sha256 } from '../../electron/engine/onnx/hash.ts';
import { readModel } from '../../electron/engine/onnx/read.ts';
import { writeModel } from '../../electron/engine/onnx/write.ts';

/** What the fake engine does, chosen by the seed of the run. */
export const behaviours = {
  improves: 1,
  findsNothing: 2,
  dies: 3,
  hasABug: 4,
  goesOnForever: 5,
} as const;

/** How many timings the fake engine asks for, each of another request. */
export const timings = 12;

/** An engine that measures and finds what it is told to by the seed. */
export const fakeOptimize: Optimize = async (job, host) => {
  const settings = { threads: job.threads, level: job.level };
  const read = readModel(readFileSync(job.modelPath), job.modelPath);
  if (!read.ok) return read;
  const a = writeModel(read.value);
  // Its process id, so that a test can see that it is gone.
  host.event({ kind: 'warning', warning: { kind: 'otherBoard', board: `engine ${process.pid}` } });
  host.event({ kind: 'stageStarted', stage: 'profile' });
  if (job.seed === behaviours.dies) {
    process.stderr.write('TypeError: no such thing\n    at nowhere\n\nNode.js v24.0.0\n');
    process.exit(7);
  }
  if (job.seed === behaviours.hasABug) throw new Error('a bug of the engine');
  if (job.seed === behaviours.goesOnForever) await new Promise(() => setInterval(() => undefined, 1000));
  const profiled = await host.profile(a, { settings, iterations: 6, warmupMs: 1 });
  if (!profiled.ok) return profiled;
  const ranked = { kind: 'ranked', operators: 1, latencyUs: 10 } as const;
  host.event({ kind: 'stageFinished', stage: 'profile', seconds: 1, summary: ranked });
  host.event({ kind: 'stageStarted', stage: 'search' });
  for (let n = 0; n < timings; n++) {
    const request = { settings, blocks: 2, iterations: 2, visitMs: 1, warmupMs: 1, seed: n };
    const timed = await host.time([a, a], request);
    if (!timed.ok) return timed;
    const key = { fit: n };
    const known = await host.recall('fit', key);
    if (known?.blob && known.blob[0] !== n) throw new Error('Other bytes came back than were recorded');
    if (!known) await host.record('fit', key, { value: { n }, blob: Uint8Array.of(n, 1, 2) });
    const note = { kind: 'candidatesTimed' } as const;
    host.event({ kind: 'progress', stage: 'search', done: n + 1, total: timings, note });
  }
  await host.saveCandidates([candidate]);
  const searched = { kind: 'searched', proposed: timings, timed: timings } as const;
  host.event({ kind: 'stageFinished', stage: 'search', seconds: 1, summary: searched });
  const memory = await host.peakMemory(a, settings);
  if (!memory.ok) return memory;
  const isUnchanged = job.seed === behaviours.findsNothing;
  const b = isUnchanged ? a : writeModel({ ...read.value, graphName: 'cheaper' });
  const outcome = outcomeOf(a, b, isUnchanged, memory.value);
  if (isUnchanged) return ok(outcome);
  const models = [
    {
      id: 'near',
      speedup: 1.2,
      selectAccuracy: 89.8,
      bytes: writeModel({ ...read.value, graphName: 'near' }),
    },
    { id: 'far', speedup: 2, selectAccuracy: 88, bytes: b },
  ].map((model) => ({ ...model, steps: 10, replacements: outcome.result.replacements }));
  return ok({ ...outcome, front: { originalSelect: 90, tunedOriginal: null, models } });
};

/** Takes the fastest of a front that lost no more than allowed on the samples for choosing. */
export const fakePick: Pick = async ({ job, from, front }, host) => {
  const read = readModel(readFileSync(job.modelPath), job.modelPath);
  if (!read.ok) return read;
  const a = writeModel(read.value);
  const settings = { threads: job.threads, level: job.level };
  host.event({ kind: 'stageStarted', stage: 'compare' });
  const allowed = front.models.filter((m) => front.originalSelect - m.selectAccuracy <= job.maxAccuracyDrop);
  const chosen = allowed.at(-1);
  const request = { settings, blocks: 2, iterations: 2, visitMs: 1, warmupMs: 1, seed: 1 };
  const timed = await host.time([a, chosen?.bytes ?? a], request);
  if (!timed.ok) return timed;
  const paired = { kind: 'paired', pairs: 2 } as const;
  host.event({ kind: 'stageFinished', stage: 'compare', seconds: 1, summary: paired });
  const outcome = outcomeOf(a, chosen?.bytes ?? a, chosen === undefined, null);
  const notes = [`Chosen from run ${from.run}: ${chosen?.id ?? 'none'}.`];
  return ok({ ...outcome, result: { ...outcome.result, notes } });
};

/** An evaluation that always finds the same. */
export const fakeEvaluate: JobTable['evaluate'] = async () => fail({ kind: 'cancelled' });

/** Inputs of one call each, all of the same values. */
export const fakeReadInputs: JobTable['readInputs'] = async ({ valuesPerCall, calls }) =>
  ok({
    calls: Array.from(
      { length: calls },
      () => new Uint8Array(new Float32Array(valuesPerCall).fill(0.5).buffer),
    ),
  });

const candidate = {
  ordinal: 0,
  group: 'dense0',
  operators: ['dense0'],
  program: 'matmul',
  origin: 'seed',
  parents: [],
  fate: 'chosen',
  reason: null,
  latencyUs: 1,
  ratio: 2,
  error: 0.1,
  klNats: 0.01,
  parametersSha256: null,
} as const;

/** What a fake engine found. */
export function outcomeOf(
  a: Uint8Array,
  b: Uint8Array,
  isUnchanged: boolean,
  peakMemoryBytes: number | null,
): OptimizeOutcome {
  const accuracy = { metric: 'top-1', value: 90, samples: 100, interval95: [82, 95] } as const;
  const model = (bytes: Uint8Array): RunResult['original'] => ({
    sha256: sha256(bytes),
    parameters: 16,
    sizeBytes: bytes.length,
    latencyUs: { p50: 10, p90: 11, p99: 12 },
    peakMemoryBytes,
    accuracy: { ...accuracy, interval95: [...accuracy.interval95] },
  });
  return {
    optimizedModel: b,
    front: null,
    extras: {
      comparison: {
        blocks: [{ wallUs: [10, 5], cpuUs: [10, 5] }],
        pairs: 1,
        droppedBlocks: 0,
        noiseFloor: 0.01,
        clock: 'wall',
      },
    },
    details: {
      callsUs: { a: [10], b: [5] },
      blockRatios: [2],
      noiseFloor: 0.01,
      pairs: 1,
      conditions: null,
      optimizedOperators: [{ name: 'dense0', type: 'MatMul', share: 1, latencyUs: 5, parameters: 16 }],
      profilingOverhead: null,
      unexplainedUs: null,
      points: [],
      disagreements: [],
      disagreementCount: 0,
      ...(isUnchanged && { reason: { kind: 'noneFaster' } }),
    },
    result: {
      explanation: isUnchanged ? 'Nothing was faster.' : '',
      notes: [],
      model: { path: 'as the engine sees it', name: 'x' },
      data: { name: 'few', fit: 10, select: 5, verify: 100, metric: 'top-1' },
      original: model(a),
      optimized: model(b),
      comparison: {
        speedup: isUnchanged ? 1 : 2,
        speedupInterval95: isUnchanged ? [1, 1] : [1.9, 2.1],
        accuracyChange: 0,
        accuracyChangeInterval95: [-1, 1],
        tunedOriginalAccuracy: null,
        verdict: isUnchanged ? 'inconclusive' : 'faster',
      },
      operators: [{ name: 'dense0', type: 'MatMul', share: 1, latencyUs: 10, parameters: 16 }],
      replacements: isUnchanged
        ? []
        : [{ operators: ['dense0'], from: 'matmul', to: 'less', savedUs: 5, damage: 0.01 }],
      search: {
        proposed: 1,
        checked: 1,
        duplicates: 0,
        timed: timings,
        fitted: 1,
        spliced: 1,
        tuned: 1,
        seconds: 1,
      },
    },
  };
}
