import type { RunResult } from '../../electron/contract/run-result.ts';
import type { ReportExtras } from '../../electron/report/extras.ts';

const names = (from: number, to: number) =>
  Array.from(
    { length: to - from },
    (_, i) => `/backbone/stage${1 + ((from + i) % 3)}/block${from + i}/conv2/Conv`,
  );

const operators: RunResult['operators'] = [
  { name: 'Conv_12', type: 'Conv', share: 0.2811, latencyUs: 3092.4, parameters: 36928 },
  { name: 'Conv_19', type: 'Conv', share: 0.2174, latencyUs: 2391.2, parameters: 36929 },
  { name: 'Conv_26', type: 'Conv', share: 0.0913, latencyUs: 1004.1, parameters: 18496 },
  ...names(0, 18).map((name, i) => ({
    name,
    type: 'Conv',
    share: 0.0402 / (1 + i / 6),
    latencyUs: 442.5 / (1 + i / 6),
    parameters: 2304 + i,
  })),
  { name: 'MatMul_41', type: 'MatMul', share: 0.0042, latencyUs: 46.3, parameters: 650 },
];

/** A run that found something, with every part filled in. */
export const sampleResult: RunResult = {
  schema: 1,
  run: '20261125-044210-ab12',
  createdAt: '2026-11-25T05:31:07.250Z',
  seed: 20261,
  explanation: '',
  notes: ['The board had no active cooling; its temperature rose from 48 to 61 °C during the run.'],
  model: { path: '/home/mia/models/gate-camera.onnx', name: 'gate-camera' },
  data: { name: 'Gate photos, March', fit: 12000, select: 2001, verify: 3001, metric: 'top-1' },
  board: {
    id: '5f3a9c10d2',
    name: 'Gate 7 (Raspberry Pi 5)',
    arch: 'arm64',
    cpu: 'Cortex-A76',
    os: 'Debian GNU/Linux 13 (trixie)',
    runtimeVersion: '1.30.0',
    provider: 'cpu',
    threads: 4,
    level: 'extended',
  },
  conditions: {
    governor: 'ondemand',
    clockMHz: [1500, 2400],
    temperatureC: 57.25,
    throttled: false,
    load1: 0.273,
    concerns: [{ kind: 'governor', value: 'ondemand' }],
  },
  original: {
    sha256: '7b1c4d0e9f28a35b6c7d8e9f0a1b2c3d4e5f60718293a4b5c6d7e8f901a2b3c4',
    parameters: 274442,
    sizeBytes: 1103512,
    latencyUs: { p50: 11042.7, p90: 11310.9, p99: 12908.3 },
    peakMemoryBytes: 61865984,
    accuracy: { metric: 'top-1', value: 91.236, samples: 3003, interval95: [90.17, 92.197] },
  },
  optimized: {
    sha256: '0d9e8f7a6b5c4d3e2f1a0b9c8d7e6f5a4b3c2d1e0f9a8b7c6d5e4f3a2b1c0d9e',
    parameters: 171018,
    sizeBytes: 689264,
    latencyUs: { p50: 4786.1, p90: 4951.5, p99: 6015.8 },
    peakMemoryBytes: 58417152,
    accuracy: { metric: 'top-1', value: 90.603, samples: 3002, interval95: [89.504, 91.602] },
  },
  comparison: {
    speedup: 2.3061,
    speedupInterval95: [2.2473, 2.3589],
    accuracyChange: -0.633,
    accuracyChangeInterval95: [-1.402, 0.1333],
    tunedOriginalAccuracy: 91.47,
    verdict: 'faster',
    energy: {
      sensor: 'ina226 VDD_IN',
      covers: 'board',
      idleWatts: 2.318,
      rounds: 6,
      a: {
        total: { millijoules: 61.37, interval95: [60.92, 61.83] },
        aboveIdle: { millijoules: 35.81, interval95: [35.21, 36.43] },
        calls: 1093,
      },
      b: {
        total: { millijoules: 27.12, interval95: [26.84, 27.41] },
        aboveIdle: { millijoules: 16.04, interval95: [15.72, 16.37] },
        calls: 2517,
      },
      ratio: 2.2629,
      ratioInterval95: [2.2344, 2.2918],
    },
  },
  operators,
  replacements: [
    {
      operators: ['Conv_12', 'Conv_19'],
      from: 'x: input [N,64,56,56]\nw: parameter [64,64,3,3]\ny: conv(x, w, pads [1,1,1,1])\nz: relu(y)',
      to: 'x: input [N,64,56,56]\nd: parameter [64,1,3,3]\np: parameter [64,64,1,1]\ny: conv(x, d, pads [1,1,1,1], groups 64)\nz: relu(conv(y, p))',
      savedUs: 4127.3,
      damage: 0.0413,
    },
    {
      operators: ['Conv_26'],
      from: 'x: input [N,64,28,28]\nw: parameter [32,64,3,3]\ny: relu(conv(x, w, pads [1,1,1,1]))',
      to: 'x: input [N,64,28,28]\nw: parameter [16,64,1,1]\nv: parameter [32,16,3,3]\ny: relu(conv(conv(x, w), v, pads [1,1,1,1]))',
      savedUs: 611.8,
      damage: null,
    },
  ],
  search: {
    proposed: 1846,
    checked: 1391,
    duplicates: 417,
    timed: 212,
    fitted: 88,
    spliced: 65,
    tuned: 6,
    strategy: 'evolution',
    effort: {
      rankingInferences: 60,
      rankingInferencesFixed: 480,
      timingInferences: 61_310,
      timingInferencesFixed: 98_204,
      structuresTimed: 188,
      sparedByPrediction: 31,
      sparedByMemory: 12,
      checksOfSpared: 4,
      wronglySpared: 1,
      predictor: { structures: 377, medianError: 0.071, p90Error: 0.243 },
    },
    seconds: 1422.6,
  },
  stages: [
    { name: 'connect', seconds: 9.4 },
    { name: 'profile', seconds: 38.2 },
    { name: 'rewrite', seconds: 2.1 },
    { name: 'search', seconds: 1422.7 },
    { name: 'fit', seconds: 214.5 },
    { name: 'tune', seconds: 1104.9 },
    { name: 'verify', seconds: 71.3 },
    { name: 'compare', seconds: 118.6 },
    { name: 'report', seconds: 0.8 },
  ],
};

/** What stands beside `sampleResult`. */
export const sampleExtras: ReportExtras = {
  optimizedOperators: operators.map((operator, i) =>
    i < 2
      ? {
          ...operator,
          name: `${operator.name}/depthwise_pointwise`,
          latencyUs: 498.3 - i * 40,
          share: 0.104 - i * 0.01,
        }
      : { ...operator, share: operator.share * 1.6, latencyUs: operator.latencyUs * (i === 2 ? 0.39 : 0.99) },
  ),
  comparison: {
    blocks: Array.from({ length: 30 }, (_, i) => {
      const a = 11042 + 190 * Math.sin(i * 2.3);
      const b = 4788 + 110 * Math.cos(i * 3.1);
      return { wallUs: [a, b], cpuUs: [a * 3.9, b * 3.9] };
    }),
    pairs: 30,
    droppedBlocks: 2,
    noiseFloor: 0.0121,
    clock: 'wall',
    conditions: {
      governor: 'performance',
      clockMHz: [2400, 2400],
      temperatureC: 58.4,
      throttled: false,
      load1: 0.31,
    },
  },
  latencyCalls: 2000,
  profilingOverhead: 1.118,
  unexplainedUs: 241.6,
  identity: {
    id: '5f3a9c10d2',
    name: 'Gate 7 (Raspberry Pi 5)',
    arch: 'arm64',
    cpu: 'Cortex-A76',
    cores: 4,
    memoryBytes: 8_000_000_000,
    os: 'Debian GNU/Linux 13 (trixie)',
    nodeVersion: '24.1.0',
    runtimeVersion: '1.30.0',
    serialNumber: '10000000c0ffee42',
  },
};

const { level: _, ...board } = sampleResult.board;

/** The same on three boards: where it gains least, another of the same name, and one that was never met. */
export const severalResult: RunResult = {
  ...sampleResult,
  boards: [
    {
      address: 'ssh://pi@gate-7:22',
      board: sampleResult.board,
      leftOut: null,
      originalPeakMemoryBytes: 61865984,
      optimizedPeakMemoryBytes: 58417152,
      comparison: {
        originalUs: sampleResult.original.latencyUs,
        optimizedUs: sampleResult.optimized.latencyUs,
        speedup: 2.3061,
        speedupInterval95: [2.2473, 2.3589],
        verdict: 'faster',
        noiseFloor: 0.0117,
        pairs: 38,
        droppedBlocks: 2,
        governor: 'performance',
        temperatureC: 61.5,
        throttled: false,
        load1: 0.21,
      },
    },
    {
      address: 'ssh://pi@gate-8:22',
      board: { ...board, id: '77aa10', threads: 3 },
      leftOut: 'the link was cut',
      originalPeakMemoryBytes: 71865984,
      optimizedPeakMemoryBytes: null,
      comparison: {
        originalUs: { p50: 21042.7, p90: 21310.9, p99: 22908.3 },
        optimizedUs: { p50: 8786.1, p90: 8951.5, p99: 9015.8 },
        speedup: 2.4062,
        speedupInterval95: [2.3474, 2.4588],
        verdict: 'inconclusive',
        noiseFloor: 0.0219,
        pairs: 37,
        droppedBlocks: 3,
        governor: null,
        temperatureC: null,
        throttled: true,
        load1: 0.35,
      },
    },
    {
      address: 'ssh://pi@gate-9:22',
      board: null,
      leftOut: 'No route to host',
      originalPeakMemoryBytes: null,
      optimizedPeakMemoryBytes: null,
      comparison: null,
    },
  ],
};
