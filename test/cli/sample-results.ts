import type {
  CompareResult,
  OptimizeResult,
  ProfileResult,
  RunSummary,
} from '../../electron/contract/api.ts';
import type {
  CheckResult,
  DeploymentRecord,
  DeployPlan,
  DeployResult,
} from '../../electron/contract/deploy.ts';
import type { RunResult } from '../../electron/contract/run-result.ts';
import type { SustainedResult } from '../../electron/contract/sustained.ts';
import type { Trial } from '../../electron/contract/trial.ts';
import type { BoardIdentity } from '../../electron/runner/protocol.ts';

const sha256 = 'a'.repeat(64);

/** A stand-in for a test. */
export const board: BoardIdentity = {
  id: 'b1',
  name: 'bench-pi',
  arch: 'arm64',
  cpu: 'Cortex-A72',
  cores: 4,
  memoryBytes: 4e9,
  os: 'Debian 12',
  nodeVersion: '24.0.0',
  runtimeVersion: '1.30.0',
  serialNumber: null,
};

/** A stand-in for a test. */
export const profileResult: ProfileResult = {
  board,
  threads: 1,
  modelPath: '/data/resnet20.onnx',
  modelSha256: sha256,
  parameters: 274_442,
  sizeBytes: 1_100_000,
  latencyUs: { p50: 1120, p90: 1200, p99: 1400 },
  calls: 2000,
  profilingOverhead: 1.12,
  unexplainedUs: -30,
  operators: [
    ...Array.from({ length: 14 }, (_, index) => ({
      name:
        index === 0
          ? 'a/very/long/name/of/a/convolution/in/the/first/stage/of/the/network/Conv_1'
          : `conv_${index + 1}`,
      type: 'Conv',
      share: 0.2 / (index + 1),
      latencyUs: 224 / (index + 1),
      latencyInterval95Us: [220 / (index + 1), 228 / (index + 1)] as const,
      parameters: 2304,
      multiplyAdds: 2_359_296,
      outputBytes: 65_536,
      absorbed: index === 0 ? ['BatchNormalization_2', 'Relu_3'] : [],
      users: true,
    })),
    {
      name: 'ReorderOutput',
      type: 'ReorderOutput',
      share: 0.02,
      latencyUs: 22,
      latencyInterval95Us: [20, 24],
      parameters: 0,
      multiplyAdds: null,
      outputBytes: 1024,
      absorbed: [],
      users: false,
    },
  ],
  unmapped: ['mystery_token_3'],
  rankingCertain: false,
  files: ['/data/out/profile.json'],
};

const measured = (p50: number, parameters: number, value: number): RunResult['original'] => ({
  sha256,
  parameters,
  sizeBytes: parameters * 4,
  latencyUs: { p50, p90: p50 * 1.1, p99: p50 * 1.3 },
  peakMemoryBytes: 52_000_000,
  accuracy: { metric: 'top-1', value, samples: 3000, interval95: [value - 1.4, value + 1.4] },
});

/** A stand-in for a test. */
const runResult: RunResult = {
  schema: 1,
  run: 'r7',
  createdAt: '2026-11-25T05:00:00Z',
  seed: 1,
  explanation: '',
  notes: ['Wall time and CPU time agree.'],
  model: { path: '/data/resnet20.onnx', name: 'resnet20' },
  data: { name: 'cifar10', fit: 4000, select: 1000, verify: 3000, metric: 'top-1' },
  board: {
    id: 'b1',
    name: 'bench-pi',
    arch: 'arm64',
    cpu: 'Cortex-A72',
    os: 'Debian 12',
    runtimeVersion: '1.30.0',
    threads: 1,
  },
  original: measured(1120, 274_442, 81.2),
  optimized: measured(430, 120_000, 80.9),
  comparison: {
    speedup: 2.6,
    speedupInterval95: [2.51, 2.69],
    accuracyChange: -0.3,
    accuracyChangeInterval95: [-0.9, 0.3],
    tunedOriginalAccuracy: 81.9,
    verdict: 'faster',
  },
  operators: [],
  replacements: [
    {
      operators: ['conv_5', 'conv_7'],
      from: 'conv 3×3 (64 → 64)',
      to: 'conv 3×3 depthwise; conv 1×1',
      savedUs: 310,
      damage: 0.02,
    },
  ],
  search: {
    proposed: 200,
    checked: 180,
    duplicates: 40,
    timed: 60,
    fitted: 20,
    spliced: 12,
    tuned: 3,
    seconds: 61,
  },
  stages: [{ name: 'search', seconds: 61 }],
};

/** A stand-in for a test. */
export const optimizeResult: OptimizeResult = {
  run: 'r7',
  result: runResult,
  improved: true,
  explanation: '',
  reason: null,
  files: ['/data/out/resnet20-r7/optimized.onnx', '/elsewhere/report.html'],
};

/** A stand-in for a test. */
export const compareResult: CompareResult = {
  board,
  threads: 1,
  level: 'all',
  a: {
    path: '/data/a.onnx',
    sha256,
    parameters: 274_442,
    sizeBytes: 1_100_000,
    latencyUs: { p50: 1120, p90: 1200, p99: 1400 },
  },
  b: {
    path: '/data/b.onnx',
    sha256,
    parameters: 120_000,
    sizeBytes: 480_000,
    latencyUs: { p50: 1110, p90: 1190, p99: 1390 },
  },
  speedup: 1.01,
  speedupInterval95: [0.99, 1.04],
  verdict: 'inconclusive',
  noiseFloor: 0.012,
  pairs: 40,
  droppedBlocks: 2,
  accuracy: {
    metric: 'top-1',
    samples: 3000,
    a: 81.2,
    b: 80.9,
    change: -0.3,
    changeInterval95: [-0.9, 0.3],
    p: 0.34,
    cosine: 0.9987,
    largestDifference: 1.234,
  },
};

/** A stand-in for a test. */
export const runSummaries: readonly RunSummary[] = [
  {
    run: 'r7',
    startedAt: '2026-11-25T05:00:00Z',
    board: 'ssh://pi@10.0.0.7:22',
    boardName: 'bench-pi',
    model: '/data/resnet20.onnx',
    modelSha256: sha256,
    state: 'improved',
    speedup: 2.6,
    accuracyChange: -0.3,
    out: '/data/out/resnet20-r7',
  },
  {
    run: 'r8',
    startedAt: '2026-11-25T06:00:00Z',
    board: 'local',
    boardName: '',
    model: '/data/<img onerror=x>\u001b[31m.onnx',
    modelSha256: sha256,
    state: 'interrupted',
    speedup: null,
    accuracyChange: null,
    out: '/data/out/x-r8',
  },
];

/** A comparison over thirty minutes, in the heat of which the ranking turned. */
export const sustainedResult: SustainedResult = {
  minutesAsked: 30,
  minutes: 30,
  ended: 'complete',
  reason: '',
  blocks: 11_820,
  whole: {
    ...{ fromMinute: 0, toMinute: 30, speedup: 1.18, interval95: [1.16, 1.21], verdict: 'faster' },
    ...{ noiseFloor: 0.004, batches: 32 },
  },
  first: {
    ...{ fromMinute: 0, toMinute: 2, speedup: 1.32, interval95: [1.3, 1.34], verdict: 'faster' },
    ...{ noiseFloor: 0.006, batches: 16 },
  },
  lastThird: {
    ...{ fromMinute: 20, toMinute: 30, speedup: 0.94, interval95: [0.92, 0.96], verdict: 'slower' },
    ...{ noiseFloor: 0.005, batches: 32 },
  },
  ranking: 'turned',
  a: {
    ...{ calls: 1_600_000, p50Us: 1120, p90Us: 1200, p99Us: 1400 },
    driftPercentPerMinute: { slope: 0.42, interval95: [0.31, 0.53] },
  },
  b: { ...{ calls: 1_900_000, p50Us: 950, p90Us: 990, p99Us: 1390 }, driftPercentPerMinute: null },
  temperatureC: { from: 48.3, to: 79.8, lowest: 47.9, highest: 81.2 },
  clockMHz: { from: 2400, to: 1800, lowest: 1500, highest: 2400 },
  throttledShare: 0.413,
  load1: { from: 0.9, to: 1.1, lowest: 0.9, highest: 1.2 },
  memory: { fromBytes: 82_000_000, toBytes: 83_000_000, changePercent: 1.22, verdict: 'flat' },
  points: [0, 1, 2, 3].map((minute) => ({
    minute,
    aUs: 1100 + 10 * minute,
    bUs: 900 + 50 * minute,
    speedup: 1.3 - 0.1 * minute,
    temperatureC: 48 + minute,
    clockMHz: 2400,
    throttled: minute > 2 ? 1 : 0,
    rssBytes: 82_000_000,
  })),
};

export const deployPlan: DeployPlan = {
  action: 'deploy',
  board: profileResult.board,
  address: 'ssh://pi@10.0.0.7:22',
  path: '/opt/app/model.onnx',
  run: 'r7',
  model: { name: 'keywords (optimized)', sha256: 'b'.repeat(64), sizeBytes: 1_100_000 },
  comparison: {
    speedup: 2.6,
    speedupInterval95: [2.51, 2.69],
    accuracyChange: -0.3,
    accuracyChangeInterval95: [-0.9, 0.3],
  },
  measuredOn: null,
  trial: { trial: 't-1', state: 'awaiting approval', decision: null },
  now: { sha256: 'a'.repeat(64), sizeBytes: 2_200_000, modifiedAt: '2026-11-20T10:00:00.000Z' },
  becomesManaged: true,
  restart: 'systemctl restart app',
  health: null,
  healthTimeoutSeconds: 30,
};

export const deployResult: DeployResult = {
  id: '20261125-044210-ab12cd',
  action: 'deploy',
  board: profileResult.board,
  address: 'ssh://pi@10.0.0.7:22',
  path: '/opt/app/model.onnx',
  active: 'b'.repeat(64),
  previous: 'a'.repeat(64),
  smoke: { samples: 8, largestDifference: 1e-6, relativeError: 1e-5, medianUs: 431, fromData: true },
  trial: { trial: 't-1', state: 'awaiting approval', decision: null },
  sentBytes: 1_100_000,
  restarted: true,
  healthChecked: false,
  seconds: 4.2,
};

export const deploymentRecords: readonly DeploymentRecord[] = [
  {
    id: deployResult.id,
    action: 'deploy',
    state: 'active',
    boardId: profileResult.board.id,
    boardName: 'bench\npi',
    address: 'ssh://pi@10.0.0.7:22',
    path: '/opt/app/model.onnx',
    run: 'r7',
    sha256: 'b'.repeat(64),
    previous: 'a'.repeat(64),
    by: 'kim@laptop',
    startedAt: '2026-11-25T04:42:10.000Z',
    updatedAt: '2026-11-25T04:42:14.000Z',
    failure: null,
  },
];

export const checkResult: CheckResult = {
  board: profileResult.board,
  address: 'local',
  paths: [
    {
      path: '/opt/app/model.onnx',
      standing: 'managed',
      active: { sha256: 'b'.repeat(64), sizeBytes: 1_100_000, modifiedAt: '2026-11-25T04:42:14.000Z' },
      matches: true,
      versions: [
        { sha256: 'b'.repeat(64), isActive: true, isPrevious: false, sound: true },
        { sha256: 'a'.repeat(64), isActive: false, isPrevious: true, sound: false },
      ],
      lockedBy: null,
      cutOff: { what: 'unchecked', by: 'kim@laptop\n', at: '2026-11-25T04:42:10.000Z' },
    },
  ],
};

/** A trial that nobody has decided on. */
export const sampleTrial: Trial = {
  ...{ trial: 't-20261127-170000-ab12', startedAt: '2026-11-27T17:00:00Z', run: null },
  ...{ boardId: 'b'.repeat(32), boardName: 'bench-pi', address: 'ssh://pi@10.0.0.7:22' },
  a: { path: '/data/a.onnx', sha256: 'a'.repeat(64) },
  b: { path: '/data/b.onnx', sha256: 'b'.repeat(64) },
  ...{ threads: 1, level: 'all', inputs: '/srv/frames', outputs: null, ended: 'complete', reason: '' },
  counts: {
    ...{ inputs: 1_210, agreed: 1_204, malformed: 1, failedB: 0 },
    a: { calls: 1_210, p50Us: 1120, p90Us: 1200, p99Us: 1400 },
    b: { calls: 1_210, p50Us: 690, p90Us: 720, p99Us: 910 },
    ...{ smallestCosine: 0.9312, largestDifference: 2.31, by: 'top-1' },
  },
  agreementPercent: 99.5,
  agreementInterval95: [98.92, 99.77],
  disagreements: [
    {
      ...{ input: 'frame-0017.npy', top1A: 3, top1B: 5, cosine: 0.9312, largestDifference: 2.31 },
      ...{ outputA: [0, 1, 2, 9], outputB: [0, 1, 2, 3], reason: null },
    },
  ],
  malformed: [{ file: 'x.jpg', reason: 'no decoder' }],
  folder: '/home/pi/.fieldtune/trials/t-20261127-170000-ab12',
  ...{ state: 'awaiting approval', decision: null },
};
