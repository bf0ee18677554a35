import type { BoardConcern, ConcernKind } from '../../electron/contract/concerns.ts';
import type {
  LogEntry,
  NothingFound,
  ProgressNote,
  RunWarning,
  SearchEffort,
  SearchObstacle,
  StageSummary,
} from '../../electron/contract/run-notes.ts';
import type { FrontPoint } from '../../electron/contract/search-progress.ts';
import { board } from './sample-results.ts';

/** Some of every kind; the type makes a forgotten kind a compile error. */
type OfEvery<U extends { readonly kind: string }> = {
  readonly [K in U['kind']]: readonly Extract<U, { readonly kind: K }>[];
};

// What a hostile or careless neighbour may hand us: line breaks, colours, a stack.
const reason = 'first\nsecond \u001b[31mred\u001b[0m\n    at run (/srv/app/index.js:10:5)';

/** What a search took that had something to learn from. */
export const effort: SearchEffort = {
  rankingInferences: 60,
  rankingInferencesFixed: 480,
  timingInferences: 27_677,
  timingInferencesFixed: 39_020,
  structuresTimed: 412,
  sparedByPrediction: 60,
  sparedByMemory: 36,
  checksOfSpared: 9,
  wronglySpared: 1,
  predictor: { structures: 500, medianError: 0.07, p90Error: 0.25 },
};

export const everyNote: OfEvery<ProgressNote> = {
  runnerBytes: [
    { kind: 'runnerBytes' },
    { kind: 'runnerBytes', board: 'ssh://pi@bench\n:22' },
    { kind: 'runnerBytes', secondsLeft: 41.3 },
  ],
  calls: [
    { kind: 'calls', calls: 500, again: false },
    { kind: 'calls', calls: 1500, again: true },
  ],
  candidatesTimed: [{ kind: 'candidatesTimed' }],
  candidatesFitted: [{ kind: 'candidatesFitted' }],
  generation: [{ kind: 'generation', generation: 3, models: 48 }],
  originalTuned: [{ kind: 'originalTuned' }],
  studentAtWork: [{ kind: 'studentAtWork', rung: 2, student: 1, students: 3, speedup: 1.743 }],
  studentDone: [
    { kind: 'studentDone', rung: 2, speedup: 1.743, accuracy: 91.26, originalAccuracy: 91.8, steps: 812 },
  ],
  verified: [
    { kind: 'verified', model: 'original' },
    { kind: 'verified', model: 'optimized' },
    { kind: 'verified', model: 'tunedOriginal' },
  ],
  evaluated: [
    { kind: 'evaluated', model: 'a', samples: 40 },
    { kind: 'evaluated', model: 'b', samples: 40 },
  ],
  pairs: [{ kind: 'pairs' }],
  shadowing: [{ kind: 'shadowing', agreed: 1_204, malformed: 3 }],
  sustaining: [
    { kind: 'sustaining', aUs: null, bUs: null, temperatureC: null },
    { kind: 'sustaining', aUs: 1_234, bUs: 812, temperatureC: 61.4 },
  ],
  energy: [{ kind: 'energy' }],
  modelBytes: [{ kind: 'modelBytes' }],
};

export const everySummary: OfEvery<StageSummary> = {
  connected: [{ kind: 'connected', runtimeVersion: '1.30.0', board: 'bench\npi' }],
  connectedSeveral: [{ kind: 'connectedSeveral', boards: ['bench\npi', 'other'], asked: 3 }],
  profiled: [
    { kind: 'profiled', calls: 500, operators: 25, certain: true },
    { kind: 'profiled', calls: 500, operators: 25, certain: false },
  ],
  ranked: [
    { kind: 'ranked', operators: 25, latencyUs: 728.4 },
    { kind: 'ranked', operators: 25, latencyUs: 728.4, inferences: 60, inferencesFixed: 480 },
  ],
  rewritten: [
    { kind: 'rewritten', rewrites: 0 },
    { kind: 'rewritten', rewrites: 22 },
  ],
  searched: [
    { kind: 'searched', proposed: 908, timed: 598 },
    { kind: 'searched', proposed: 908, timed: 598, effort: { ...effort, predictor: null } },
    { kind: 'searched', proposed: 908, timed: 598, effort },
  ],
  fitted: [{ kind: 'fitted', models: 5 }],
  tuned: [{ kind: 'tuned', speedup: 2.118, accuracy: 90.95, originalAccuracy: 91.8 }],
  verified: [
    { kind: 'verified', change: -0.421, samples: 300 },
    { kind: 'verified', change: 0.25, samples: 300 },
  ],
  evaluated: [
    { kind: 'evaluated', metric: 'top-1', samples: 40 },
    { kind: 'evaluated', metric: 'agreement', samples: 40 },
  ],
  compared: [{ kind: 'compared', speedup: 2.1, speedupInterval95: [2.06, 2.15] }],
  shadowed: [{ kind: 'shadowed', inputs: 1_210, agreed: 1_204 }],
  paired: [{ kind: 'paired', pairs: 160 }],
  sustained: [{ kind: 'sustained', blocks: 11_820, minutes: 30 }],
  reported: [{ kind: 'reported', files: 4 }],
  uploaded: [
    { kind: 'uploaded', sentBytes: 0 },
    { kind: 'uploaded', sentBytes: 1_300_000 },
  ],
  smoked: [{ kind: 'smoked', samples: 8, relativeError: 0.00012, medianUs: 431 }],
  switched: [
    { kind: 'switched', active: 'a'.repeat(64), previous: null, restarted: false, healthChecked: false },
    {
      kind: 'switched',
      active: 'a'.repeat(64),
      previous: 'b'.repeat(64),
      restarted: true,
      healthChecked: true,
    },
  ],
};

const concernKinds: { readonly [K in ConcernKind]: string } = {
  undervoltage: '',
  throttled: '',
  temperature: '83 °C (cpu-thermal)',
  memoryPressure: '12 %',
  load: '2.31 / 4',
  swap: '412 MB',
  battery: '',
  governor: 'ondemand',
  coresOffline: '2, 3',
  turbo: '',
  disk: '120 MB',
  undervoltageEarlier: '',
};

/** A concern of every kind; the command is the same for all. */
export const everyConcern: readonly BoardConcern[] = [
  ...Object.entries(concernKinds).map(([kind, value]) => ({
    kind: kind as ConcernKind,
    value,
    command: null,
  })),
  { kind: 'load', value: '0.10 / 4', process: 'stress-ng (0.98)', command: 'top -b -n 1' },
];

export const everyWarning: OfEvery<RunWarning> = {
  boardConcern: [
    { kind: 'boardConcern', concern: everyConcern[0]!, board: 'bench-pi' },
    ...everyConcern.map((concern) => ({ kind: 'boardConcern' as const, concern })),
  ],
  otherBoard: [{ kind: 'otherBoard', board: 'bench-pi' }],
  boardLeftOut: [
    {
      kind: 'boardLeftOut',
      board: 'ssh://pi@bench:22',
      error: { kind: 'boardLost', board: 'bench\npi', reason },
    },
  ],
  sshConfigSkipped: [{ kind: 'sshConfigSkipped', file: '/h/.ssh/config', line: 7, what: 'Match exec' }],
  linkLost: [{ kind: 'linkLost', board: 'ssh://pi@10.0.0.7:22', reason }],
  linkBack: [{ kind: 'linkBack', board: 'ssh://pi@10.0.0.7:22' }],
  deploymentInterrupted: (['deploy', 'rollback', 'unmanage'] as const).map((action) => ({
    kind: 'deploymentInterrupted',
    board: 'bench\npi',
    address: 'ssh://pi@10.0.0.7:22',
    path: '/opt/app/model.onnx',
    action,
    at: '2026-11-25T04:42:10.000Z',
  })),
  deploymentCutOff: (['notSwitched', 'finished', 'unchecked', 'unmanaged', 'stillManaged'] as const).map(
    (cutOff) => ({
      kind: 'deploymentCutOff',
      board: 'bench\npi',
      path: '/opt/app/model.onnx',
      cutOff,
      action: 'deploy',
      by: 'kim@laptop\n',
      at: '2026-11-25T04:42:10.000Z',
    }),
  ),
  storeDamaged: [{ kind: 'storeDamaged', path: '/s/f.sqlite', setAside: '/s/f.damaged-1', reason }],
};

const everyObstacle: OfEvery<SearchObstacle> = {
  severalInputs: [{ kind: 'severalInputs', inputs: 2 }],
  inEightBits: [{ kind: 'inEightBits', operator: 'conv1_quant' }],
  undefinedOperator: [{ kind: 'undefinedOperator', operator: 'lstm_1', reason: 'LSTM has no definition' }],
};

export const everyReason: OfEvery<NothingFound> = {
  noSearch: Object.values(everyObstacle).flatMap((some) =>
    some.map((obstacle) => ({ kind: 'noSearch' as const, obstacle })),
  ),
  noneFaster: [{ kind: 'noneFaster' }],
  accuracyLost: [
    {
      kind: 'accuracyLost',
      allowed: 1,
      looks: [
        { speedup: 2.118, change: -1.62 },
        { speedup: 1.52, change: -1.18 },
      ],
    },
  ],
  notFaster: [
    { kind: 'notFaster', verdict: 'slower' },
    { kind: 'notFaster', verdict: 'inconclusive' },
  ],
};

const point: FrontPoint = {
  id: 'p1',
  speedup: 2,
  accuracy: 81,
  originalAccuracy: 81.8,
  state: 'screened',
  replacements: 3,
  speedupInterval95: null,
  accuracyInterval95: null,
};

export const everyEntry: OfEvery<LogEntry> = {
  runCreated: [{ kind: 'runCreated', run: 'r7', out: '/data/out/x' }],
  boardConnected: [
    { kind: 'boardConnected', identity: board, installedBytes: 0 },
    { kind: 'boardConnected', identity: board, installedBytes: 62e6 },
  ],
  warning: Object.values(everyWarning).flatMap((some) =>
    some.map((warning) => ({ kind: 'warning' as const, warning })),
  ),
  stageFinished: Object.values(everySummary).flatMap((some) =>
    some.map((summary) => ({
      kind: 'stageFinished' as const,
      stage: 'search' as const,
      seconds: 61,
      summary,
    })),
  ),
  ranking: [
    { kind: 'ranking', latencyUs: 1120, slowest: { name: 'conv_2', type: 'Conv', share: 0.1 } },
    { kind: 'ranking', latencyUs: 1120, slowest: null },
  ],
  originalAccuracy: [{ kind: 'originalAccuracy', percent: 81.2 }],
  point: [
    { kind: 'point', point },
    { kind: 'point', point: { ...point, accuracy: null } },
    { kind: 'point', point: { ...point, state: 'tuned' } },
    { kind: 'point', point: { ...point, state: 'refused' } },
    {
      kind: 'point',
      point: { ...point, state: 'confirmed', speedupInterval95: [1.9, 2.1], accuracyInterval95: [79, 83] },
    },
  ],
  asked: [
    {
      kind: 'asked',
      question: { kind: 'hostKey', board: 'ssh://pi@10.0.0.7:22', fingerprint: 'SHA256:abc', id: 1 },
    },
    { kind: 'asked', question: { kind: 'password', board: 'pi', user: 'pi', failedTries: 0, id: 2 } },
    { kind: 'asked', question: { kind: 'passphrase', board: 'pi', file: '/k', failedTries: 1, id: 3 } },
    {
      kind: 'asked',
      question: {
        kind: 'keyboardInteractive',
        board: 'pi',
        user: 'pi',
        name: '',
        instructions: '',
        prompts: [{ text: 'Code:', echo: true }],
        failedTries: 0,
        id: 4,
      },
    },
    {
      kind: 'asked',
      question: {
        kind: 'removal',
        found: {
          board: 'ssh://pi@10.0.0.7:22',
          deleted: false,
          folders: ['/home/pi/.fieldtune'],
          runners: 1,
          models: 2,
          temporary: 0,
          running: 0,
          sizeBytes: 62e6,
        },
        id: 5,
      },
    },
  ],
  answered: [
    { kind: 'answered', about: 'removal', accept: true },
    { kind: 'answered', about: 'removal', accept: false },
    { kind: 'answered', about: 'hostKey', accept: true },
    { kind: 'answered', about: 'hostKey', accept: false },
    { kind: 'answered', about: 'password', accept: true },
    { kind: 'answered', about: 'password', accept: false },
  ],
  stopping: [
    { kind: 'stopping', state: 'pausing' },
    { kind: 'stopping', state: 'cancelling' },
  ],
  done: [{ kind: 'done' }],
  failed: [
    { kind: 'failed', error: { kind: 'boardLost', board: 'bench-pi', reason } },
    { kind: 'failed', error: null },
  ],
  paused: [{ kind: 'paused' }],
  cancelled: [
    { kind: 'cancelled', kept: true },
    { kind: 'cancelled', kept: false },
  ],
};
