import type { OptimizeCall } from '../../electron/contract/api.ts';
import type { RunResult } from '../../electron/contract/run-result.ts';
import type { RunDetails } from '../../electron/contract/views.ts';

/** A request of a run in the store of the bench. */
export const callOf = (address: string): OptimizeCall => ({
  modelPath: '/models/network.onnx',
  dataPath: '/data/photos',
  board: { address },
  maxAccuracyDrop: 1,
  budgetSeconds: 600,
  threads: 1,
  groupSize: 4,
  seed: 1,
});

/** Details of a run at the size that they have when they are full. */
export const sizedDetails: RunDetails = {
  callsUs: {
    a: Array.from({ length: 2000 }, (_, n) => 1000 + ((n * 7919) % 997) / 10),
    b: Array.from({ length: 2000 }, (_, n) => 400 + ((n * 7907) % 499) / 10),
  },
  blockRatios: Array.from({ length: 40 }, (_, n) => 2.5 + n / 1000),
  noiseFloor: 0.01,
  pairs: 40,
  conditions: { governor: 'performance', temperatureC: 50, clockMHz: [1500], throttled: false, load1: 0.1 },
  optimizedOperators: [],
  profilingOverhead: 1.1,
  unexplainedUs: 3,
  points: [],
  disagreements: Array.from({ length: 200 }, (_, sample) => ({ sample, label: 1, a: 1, b: 0 })),
  disagreementCount: 200,
};

/** A result of a run with 60 operators and 12 replacements. */
export function resultOf(run: string, sha256A: string, sha256B: string): RunResult {
  const model = (sha256: string, p50: number): RunResult['original'] => ({
    sha256,
    parameters: 50_000,
    sizeBytes: 1_000_000,
    latencyUs: { p50, p90: p50 * 1.1, p99: p50 * 1.3 },
    peakMemoryBytes: 50_000_000,
    accuracy: { metric: 'top-1', value: 90, samples: 500, interval95: [87, 92] },
  });
  return {
    schema: 1,
    run,
    createdAt: '2026-11-25T04:42:10.000Z',
    seed: 1,
    explanation: '',
    notes: [],
    model: { path: '/models/network.onnx', name: 'network' },
    data: { name: 'photos', fit: 4000, select: 500, verify: 500, metric: 'top-1' },
    board: {
      id: 'b',
      name: 'Bench',
      arch: 'arm64',
      cpu: 'Cortex-A76',
      os: 'Debian 13',
      runtimeVersion: '1.30.0',
      threads: 1,
    },
    original: model(sha256A, 1000),
    optimized: model(sha256B, 400),
    comparison: {
      speedup: 2.5,
      speedupInterval95: [2.4, 2.6],
      accuracyChange: -0.5,
      accuracyChangeInterval95: [-1, 0],
      tunedOriginalAccuracy: 91,
      verdict: 'faster',
    },
    operators: Array.from({ length: 60 }, (_, n) => ({
      name: `/network/layer${n}/Conv`,
      type: 'Conv',
      share: 1 / 60,
      latencyUs: 16,
      parameters: 800,
    })),
    replacements: Array.from({ length: 12 }, (_, n) => ({
      operators: [`/network/layer${n}/Conv`],
      from: 'conv x weights kernel 3×3, add bias, relu\n'.repeat(4),
      to: 'conv x weights kernel 3×3 groups 32, conv 1×1, add bias, relu\n'.repeat(4),
      savedUs: 10,
      damage: 0.01,
    })),
    search: {
      proposed: 500,
      checked: 400,
      duplicates: 50,
      timed: 200,
      fitted: 80,
      spliced: 40,
      tuned: 8,
      seconds: 500,
    },
    stages: [{ name: 'search', seconds: 500 }],
  };
}
