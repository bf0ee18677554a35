import { z } from 'zod';
import { graphLevels, type ProfileResult, searchStrategies } from './api.ts';
import type { DeploymentRecord } from './deploy.ts';
import type { AppError } from './errors.ts';
import type { BoardSearch } from './found-boards.ts';
import type { Result } from './result.ts';
import { longestMinutes, shortestMinutes } from './sustained.ts';
import { longestName, longestNote, type Trial, type TrialCard } from './trial.ts';
import type {
  AppInfo,
  BoardCard,
  DataCard,
  DataDetail,
  DisagreementPicture,
  GraphDiff,
  HostKey,
  JobState,
  ModelCard,
  ModelDetail,
  RunDetail,
  RunPage,
  Settings,
  StorageUse,
  TrendPoint,
} from './views.ts';

const path = z.string().min(1).max(4096);
const address = z.string().min(1).max(512);
const sha256 = z.string().regex(/^[0-9a-f]{64}$/);
const runId = z.string().regex(/^[0-9a-z-]{1,64}$/);
const trialId = z.string().regex(/^[0-9a-z-]{1,64}$/);
const jobId = z.string().regex(/^[0-9a-z-]{1,64}$/);
const threads = z.int().min(1).max(64);
const level = z.enum(graphLevels).exactOptional();
const nothing = z.strictObject({});

const board = z.strictObject({
  address,
  acceptHostKey: z.string().max(600).exactOptional(),
  acceptBoard: z.string().max(64).exactOptional(),
  expectBoard: z.string().max(64).exactOptional(),
  identityFile: path.exactOptional(),
});

/** Boards of one run. */
const mostBoards = 16;
/** On a board: absolute, which the board's side checks again. */
const boardPath = z.string().min(1).max(1024);
const command = z.string().min(1).max(2000).exactOptional();

const deployCall = z.strictObject({
  source: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('run'), run: runId }),
    z.strictObject({ kind: z.literal('model'), modelPath: path }),
  ]),
  board,
  path: boardPath,
  manage: z.boolean(),
  otherBoard: z.boolean(),
  despiteTrial: z.boolean(),
  breakLock: z.boolean(),
  restart: command,
  health: command,
  healthTimeoutSeconds: z.number().min(1).max(3600),
});

/** What bounds a run; a person may set what it is when nothing is said. */
const runNumbers = {
  maxAccuracyDrop: z.number().min(0).max(100),
  budgetSeconds: z.number().min(1).max(86_400),
  threads,
  groupSize: z.int().min(1).max(16),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31),
} as const;

const optimizeCall = z.strictObject({
  modelPath: path,
  dataPath: path,
  board,
  boards: z.array(board).min(1).max(mostBoards).readonly().exactOptional(),
  out: path.exactOptional(),
  targetSpeedup: z.number().min(1).max(1000).exactOptional(),
  level,
  strategy: z.enum(searchStrategies).exactOptional(),
  ...runNumbers,
});

/** Settings of a person. */
export const settingsSchema = z.strictObject({
  language: z.enum(['system', 'en', 'ja']),
  theme: z.enum(['system', 'light', 'dark', 'contrast']),
  ...runNumbers,
});

/** Which runs to list. */
const runFilter = z.strictObject({
  /** Words that the model, the board or the id contains. */
  search: z.string().max(200).exactOptional(),
  board: address.exactOptional(),
  model: z.string().max(4096).exactOptional(),
  state: z
    .enum(['running', 'interrupted', 'improved', 'no improvement', 'failed', 'cancelled'])
    .exactOptional(),
  /** ISO 8601, inclusive. */
  since: z.iso.datetime().exactOptional(),
  until: z.iso.datetime().exactOptional(),
  sort: z.enum(['startedAt', 'speedup', 'accuracyChange', 'model', 'board']).exactOptional(),
  descending: z.boolean().exactOptional(),
  offset: z.int().min(0),
  limit: z.int().min(1).max(500),
});
export type RunFilter = z.infer<typeof runFilter>;

/** Every call of the window with the form of its arguments: parsed once, where a message comes in. */
export const callArguments = {
  'app.info': nothing,
  'settings.get': nothing,
  'settings.save': settingsSchema,
  'storage.use': nothing,
  /** Removes for good what was deleted in the history. */
  'storage.clean': nothing,
  'boards.list': nothing,
  /** Without a name a board keeps the one it has. */
  'boards.remember': z.strictObject({ address, name: z.string().max(200).exactOptional() }),
  'boards.forget': z.strictObject({ address }),
  /** What was found of boards, by the search that goes on or the last one. */
  'boards.found': nothing,
  /** Looks for boards unless somebody does already; answers at once, or with what came out where that is waited for. */
  'boards.discover': z.strictObject({
    seconds: z.number().min(0.5).max(60).exactOptional(),
    wait: z.boolean().exactOptional(),
  }),
  'boards.connect': z.strictObject({ board }),
  /** Asks before it deletes anything: see `JobQuestion`. */
  'boards.removeRunner': z.strictObject({ board }),
  'hostKeys.list': nothing,
  'hostKeys.forget': z.strictObject({ host: z.string().min(1).max(512), fingerprint: z.string().max(200) }),
  'models.list': nothing,
  'models.open': z.strictObject({ path }),
  'models.profile': z.strictObject({ sha256, board: address.exactOptional() }),
  'data.list': nothing,
  'data.open': z.strictObject({ path, modelPath: path.exactOptional() }),
  /** Asks with a dialog of the system; null: cancelled, or there is none. */
  'files.choose': z.strictObject({ what: z.enum(['model', 'data', 'key']) }),
  'runs.start': optimizeCall,
  'runs.resume': z.strictObject({ run: runId }),
  /** Chooses again from the front of a run that is done. */
  'runs.pick': z.strictObject({ run: runId, maxAccuracyDrop: runNumbers.maxAccuracyDrop }),
  'runs.profile': z.strictObject({ modelPath: path, board, threads, level }),
  'runs.compare': z.strictObject({
    modelPathA: path,
    modelPathB: path,
    board,
    boards: z.array(board).min(1).max(mostBoards).readonly().exactOptional(),
    dataPath: path.exactOptional(),
    minutes: z.number().min(shortestMinutes).max(longestMinutes).exactOptional(),
    threads,
    level,
  }),
  /** Asks before it changes anything: see `JobQuestion`. */
  'deployments.deploy': deployCall,
  'deployments.rollback': z.strictObject({
    board,
    path: boardPath,
    to: z
      .string()
      .regex(/^[0-9a-f]{4,64}$/)
      .exactOptional(),
    breakLock: z.boolean(),
  }),
  'deployments.unmanage': z.strictObject({ board, path: boardPath, breakLock: z.boolean() }),
  'deployments.check': z.strictObject({ board, path: boardPath.exactOptional() }),
  'deployments.list': z.strictObject({ board: address.exactOptional() }),
  'trials.start': z.strictObject({
    models: z.union([z.strictObject({ run: runId }), z.strictObject({ modelPathA: path, modelPathB: path })]),
    board,
    inputs: path,
    outputs: path.exactOptional(),
    most: z.int().min(1).max(1e9).exactOptional(),
    watch: z.boolean().exactOptional(),
    threads,
    level,
  }),
  'trials.list': z.strictObject({
    /** Without it, all. */
    of: z
      .union([z.strictObject({ run: runId }), z.strictObject({ sha256A: sha256, sha256B: sha256 })])
      .exactOptional(),
  }),
  'trials.get': z.strictObject({ trial: trialId }),
  /** A person's word; it is written once. */
  'trials.decide': z.strictObject({
    trial: trialId,
    decision: z.enum(['approved', 'rejected']),
    by: z.string().max(longestName),
    note: z.string().max(longestNote),
  }),
  'jobs.list': nothing,
  'jobs.cancel': z.strictObject({ job: jobId }),
  /** Keeps what was measured; `runs.resume` goes on. */
  'jobs.pause': z.strictObject({ job: jobId }),
  /** `answers` to what a sign-in asks, one for a prompt; `remember` keeps them where secrets are protected. */
  'jobs.answer': z.strictObject({
    job: jobId,
    question: z.int().min(1),
    accept: z.boolean(),
    answers: z.array(z.string().max(10_000)).max(32).exactOptional(),
    remember: z.boolean().exactOptional(),
  }),
  'runs.list': runFilter,
  'runs.get': z.strictObject({ run: runId }),
  'runs.delete': z.strictObject({ runs: z.array(runId).min(1).max(1000) }),
  'runs.restore': z.strictObject({ runs: z.array(runId).min(1).max(1000) }),
  'runs.trend': z.strictObject({ model: z.string().min(1).max(4096), board: address.exactOptional() }),
  'runs.disagreements': z.strictObject({
    run: runId,
    offset: z.int().min(0),
    limit: z.int().min(1).max(60),
  }),
  'runs.diff': z.strictObject({ run: runId }),
} as const;
export type CallName = keyof typeof callArguments;
export type CallArguments<N extends CallName> = z.infer<(typeof callArguments)[N]>;

/** What each call gives. */
export interface CallValues {
  'app.info': AppInfo;
  'settings.get': Settings;
  'settings.save': Settings;
  'storage.use': StorageUse;
  'storage.clean': StorageUse;
  'boards.list': readonly BoardCard[];
  'boards.remember': readonly BoardCard[];
  'boards.forget': readonly BoardCard[];
  'boards.found': BoardSearch;
  'boards.discover': BoardSearch;
  'boards.connect': JobState;
  'boards.removeRunner': JobState;
  'hostKeys.list': readonly HostKey[];
  'hostKeys.forget': readonly HostKey[];
  'models.list': readonly ModelCard[];
  'models.open': ModelDetail;
  'models.profile': ProfileResult | null;
  'data.list': readonly DataCard[];
  'data.open': DataDetail;
  'files.choose': string | null;
  'runs.start': JobState;
  'runs.resume': JobState;
  'runs.pick': JobState;
  'runs.profile': JobState;
  'runs.compare': JobState;
  'deployments.deploy': JobState;
  'deployments.rollback': JobState;
  'deployments.unmanage': JobState;
  'deployments.check': JobState;
  'deployments.list': readonly DeploymentRecord[];
  'trials.start': JobState;
  'trials.list': readonly TrialCard[];
  'trials.get': Trial;
  'trials.decide': TrialCard;
  'jobs.list': readonly JobState[];
  'jobs.cancel': null;
  'jobs.pause': null;
  'jobs.answer': null;
  'runs.list': RunPage;
  'runs.get': RunDetail;
  'runs.delete': null;
  'runs.restore': null;
  'runs.trend': readonly TrendPoint[];
  'runs.disagreements': readonly DisagreementPicture[];
  'runs.diff': GraphDiff;
}

export type CallResult<N extends CallName> = Result<CallValues[N], AppError>;

/** Calls that the app answers by itself; the others start, steer or ask about the face's own jobs. */
export type QueryName = Exclude<
  CallName,
  | 'app.info'
  | 'files.choose'
  | 'boards.connect'
  | 'boards.removeRunner'
  | `jobs.${string}`
  | 'deployments.deploy'
  | 'deployments.rollback'
  | 'deployments.unmanage'
  | 'deployments.check'
  | 'runs.start'
  | 'runs.resume'
  | 'runs.pick'
  | 'runs.profile'
  | 'runs.compare'
  | 'trials.start'
>;

/** Kinds of lists that can change. */
export type Changed =
  | 'deployments'
  | 'found'
  | 'boards'
  | 'hostKeys'
  | 'models'
  | 'data'
  | 'runs'
  | 'settings'
  | 'trials';

/** What is told without being asked. `changed`: lists of this kind should be fetched again. */
export type WindowEvent =
  | { readonly kind: 'job'; readonly job: JobState }
  | { readonly kind: 'changed'; readonly what: Changed };

/** From the window over a socket. */
export interface CallMessage {
  readonly id: number;
  readonly call: CallName;
  readonly args: unknown;
}

/** To the window over a socket: the answer to a call, or an event. */
export type WindowMessage =
  | { readonly kind: 'answer'; readonly id: number; readonly result: Result<unknown, AppError> }
  | { readonly kind: 'event'; readonly event: WindowEvent };

/** What a preload script puts on `window` in Electron. */
export interface WindowBridge {
  call(name: CallName, args: unknown): Promise<Result<unknown, AppError>>;
  onEvent(listener: (event: WindowEvent) => void): () => void;
}
