import { addressForms, parseBoardAddress } from '../board/address.ts';
import {
  type BoardChoice,
  type CompareCall,
  graphLevels,
  type OptimizeCall,
  type PickCall,
  type ProfileCall,
  type RemoveRunnerCall,
  searchStrategies,
} from '../contract/api.ts';
import type { RequestError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { longestMinutes, shortestMinutes } from '../contract/sustained.ts';
import type { TrialCall } from '../contract/trial.ts';
import { parseDuration } from './durations.ts';

/** A refused option or argument. */
export type UsageError = Extract<RequestError, { kind: 'usage' }>;

/** Options as typed, all text. */
export interface BoardOptions {
  readonly board: string;
  readonly acceptHostKey?: string;
  readonly replaceHostKey?: string;
  readonly acceptBoard?: string;
  readonly identity?: string;
}

/** Options of the commands that take several boards: each may be given several times. */
export interface BoardsOptions {
  readonly board?: OneOrSeveral;
  readonly acceptHostKey?: OneOrSeveral;
  readonly replaceHostKey?: OneOrSeveral;
  /** Of whichever of the boards. */
  readonly acceptBoard?: string;
  readonly identity?: OneOrSeveral;
}
type OneOrSeveral = string | readonly string[];

/** Options of `boards remove-runner` as typed. */
export interface RemovalOptions extends BoardOptions {
  readonly yes?: true;
}

/** Options of `profile` as typed; what is missing is refused when read. */
export interface ProfileOptions extends BoardOptions {
  readonly model?: string;
  readonly threads: string;
  readonly level: string;
  readonly out?: string;
}

/** Options of `optimize` as typed, without the model and the data. */
export interface SearchOptions extends BoardsOptions {
  readonly out?: string;
  readonly maxAccuracyDrop: string;
  readonly targetSpeedup?: string;
  readonly budget: string;
  readonly threads: string;
  readonly level: string;
  readonly search: string;
  readonly groupSize: string;
  readonly seed: string;
}

/** Options of `pick` as typed. */
export interface PickOptions {
  readonly maxAccuracyDrop?: string;
  readonly out?: string;
}

/** Options of `trial` as typed; what is missing is refused when read. */
export interface TrialOptions extends BoardOptions {
  readonly inputs?: string;
  readonly outputs?: string;
  readonly max?: string;
  readonly watch?: true;
  readonly threads: string;
  readonly level: string;
}

/** Options of `compare` as typed. */
export interface CompareOptions extends BoardsOptions {
  readonly data?: string;
  readonly minutes?: string;
  readonly threads: string;
  readonly level: string;
}

/** As the contract allows. */
const mostBoards = 16;
const longestBudgetSeconds = 7 * 24 * 3600;

/** Carries the first refusal out of a reader; never leaves this file. */
class Refusal extends Error {
  readonly usage: UsageError;

  constructor(usage: UsageError) {
    super(usage.option);
    this.usage = usage;
  }
}

/** Refuses an option within `reading`. */
export function refuse(option: string, value: string, expected: string): never {
  throw new Refusal({ kind: 'usage', option, value, expected });
}

/** What a reader gives, or the first refusal in it. */
export function reading<T>(read: () => T): Result<T, UsageError> {
  try {
    return ok(read());
  } catch (error) {
    if (error instanceof Refusal) return fail(error.usage);
    throw error;
  }
}

function readNumber(
  option: string,
  value: string,
  allowed: (value: number) => boolean,
  expected: string,
): number {
  const number = /^[+-]?(\d+\.?\d*|\.\d+)$/.test(value) ? Number(value) : Number.NaN;
  return allowed(number) ? number : refuse(option, value, expected);
}

function readWhole(option: string, value: string, from: number, to: number): number {
  const allowed = (number: number) => Number.isInteger(number) && number >= from && number <= to;
  return readNumber(option, value, allowed, `a whole number from ${from} to ${to}`);
}

function readOneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  return allowed.find((one) => one === value) ?? refuse(option, value, allowed.join(' or '));
}

/** A path as typed. */
export function readPath(option: string, value: string): string {
  return value === '' || value.includes('\0') ? refuse(option, value, 'a path') : value;
}

function readAddress(value: string): string {
  const parsed = parseBoardAddress(value);
  if (parsed.ok) return value;
  // What the error repeats is without a password: every user of this computer sees a command line.
  const { address, reason } =
    parsed.error.kind === 'boardAddress' ? parsed.error : { address: '', reason: '' };
  return refuse('--board', address, `${addressForms} (${reason})`);
}

const fingerprint = /^SHA256:[A-Za-z0-9+/]{43}=?$/;

function readFingerprints(option: string, value: string): string {
  const all = value.split(',').map((one) => one.trim());
  if (!all.every((one) => fingerprint.test(one)))
    refuse(option, value, "the board's fingerprint as SHA256:… with 43 characters");
  return all.map((one) => one.replace(/=$/, '')).join(',');
}

function readBoardId(value: string): string {
  if (!/^[0-9a-f]{32}$/i.test(value))
    refuse('--accept-board', value, "the board's id of 32 digits and letters");
  return value.toLowerCase();
}

/** Reads what `resume` may be told about the board. */
export function readResumeChanges(options: {
  readonly acceptBoard?: string;
}): Result<{ readonly acceptBoard?: string }, UsageError> {
  const { acceptBoard } = options;
  return reading(() => (acceptBoard === undefined ? {} : { acceptBoard: readBoardId(acceptBoard) }));
}

/** The one board of a command. */
export function readBoard(options: BoardOptions): BoardChoice {
  const { acceptHostKey, replaceHostKey, acceptBoard, identity } = options;
  if (replaceHostKey !== undefined && !fingerprint.test(replaceHostKey))
    refuse('--replace-host-key', replaceHostKey, 'the old fingerprint as SHA256:… with 43 characters');
  if (replaceHostKey !== undefined && acceptHostKey === undefined)
    refuse('--replace-host-key', '', 'the new fingerprint with --accept-host-key as well');
  return {
    address: readAddress(options.board),
    ...(acceptHostKey === undefined
      ? {}
      : { acceptHostKey: readFingerprints('--accept-host-key', acceptHostKey) }),
    ...(replaceHostKey === undefined ? {} : { replaceHostKey: replaceHostKey.replace(/=$/, '') }),
    ...(acceptBoard === undefined ? {} : { acceptBoard: readBoardId(acceptBoard) }),
    ...(identity === undefined ? {} : { identityFile: readPath('--identity', identity) }),
  };
}

/** The boards of a run with several are all in `boards`, the first in `board` as well. */
function readBoards(options: BoardsOptions): {
  readonly board: BoardChoice;
  readonly boards?: readonly BoardChoice[];
} {
  const addresses = allOf(options.board ?? 'local');
  const overSsh = addresses.filter((address) => address !== 'local').length;
  let nth = 0;
  const choices = addresses.map((board) => {
    const acceptHostKey = ofBoard('--accept-host-key', options.acceptHostKey, nth, overSsh);
    const replaceHostKey = ofBoard('--replace-host-key', options.replaceHostKey, nth, overSsh);
    const identity = ofBoard('--identity', options.identity, nth, overSsh);
    if (board !== 'local') nth += 1;
    return readBoard({
      board,
      ...(acceptHostKey === undefined ? {} : { acceptHostKey }),
      ...(replaceHostKey === undefined ? {} : { replaceHostKey }),
      ...(options.acceptBoard === undefined ? {} : { acceptBoard: options.acceptBoard }),
      ...(identity === undefined ? {} : { identity }),
    });
  });
  const [first, ...others] = choices;
  if (!first) return refuse('--board', '', 'local or ssh://user@host[:port]');
  if (addresses.length > mostBoards) refuse('--board', `${addresses.length} boards`, `at most ${mostBoards}`);
  return others.length === 0 ? { board: first } : { board: first, boards: choices };
}

const allOf = (given: OneOrSeveral): readonly string[] => (typeof given === 'string' ? [given] : given);

/** Given once, an option is for all boards; given as often as there are boards over SSH, for them in their order. */
function ofBoard(
  option: string,
  given: OneOrSeveral | undefined,
  nth: number,
  overSsh: number,
): string | undefined {
  const values = allOf(given ?? []);
  if (values.length <= 1) return values[0];
  if (values.length !== overSsh)
    refuse(
      option,
      `${values.length} values`,
      `one for all boards, or one for each of the ${overSsh} over SSH`,
    );
  return values[nth];
}

const readThreads = (value: string): number => readWhole('--threads', value, 1, 256);

const readDrop = (value: string): number =>
  readNumber(
    '--max-accuracy-drop',
    value,
    (points) => points >= 0 && points <= 100,
    'percentage points from 0 to 100',
  );

const readMinutes = (value: string): number =>
  readNumber(
    '--minutes',
    value,
    (minutes) => minutes >= shortestMinutes && minutes <= longestMinutes,
    `minutes from ${shortestMinutes} to ${longestMinutes} such as 30`,
  );

const readLevel = (value: string) => readOneOf('--level', value, graphLevels);

const readOut = (out: string | undefined): { readonly out?: string } =>
  out === undefined ? {} : { out: readPath('--out', out) };

/** Reads which board `boards inspect` is to look at. */
export const readInspectedBoard = (options: BoardOptions): Result<BoardChoice, UsageError> =>
  reading(() => readBoard(options));

/** Reads what `boards remove-runner` was asked for. */
export function readRemovalCall(options: RemovalOptions): Result<RemoveRunnerCall, UsageError> {
  return reading(() => ({ board: readBoard(options), onlyLook: options.yes !== true }));
}

/** Reads what `profile` was asked for. */
export function readProfileCall(options: ProfileOptions): Result<ProfileCall, UsageError> {
  return reading(() => ({
    modelPath: readPath('--model', options.model ?? ''),
    board: readBoard(options),
    threads: readThreads(options.threads),
    level: readLevel(options.level),
    ...readOut(options.out),
  }));
}

/** Reads what `optimize` was asked for; a missing model or data folder is refused. */
export function readOptimizeCall(
  model: string | undefined,
  data: string | undefined,
  options: SearchOptions,
): Result<OptimizeCall, UsageError> {
  return reading(() => {
    const budgetSeconds = parseDuration(options.budget);
    if (budgetSeconds === null || budgetSeconds < 1 || budgetSeconds > longestBudgetSeconds) {
      refuse('--budget', options.budget, 'a time from 1s to 168h such as 90s, 10m or 1h');
    }
    const { targetSpeedup } = options;
    return {
      modelPath: readPath('--model', model ?? ''),
      dataPath: readPath('--data', data ?? ''),
      ...readBoards(options),
      ...readOut(options.out),
      maxAccuracyDrop: readDrop(options.maxAccuracyDrop),
      ...(targetSpeedup === undefined
        ? {}
        : {
            targetSpeedup: readNumber(
              '--target-speedup',
              targetSpeedup,
              (value) => value > 1 && value <= 1000,
              'a ratio above 1 such as 1.5',
            ),
          }),
      budgetSeconds,
      threads: readThreads(options.threads),
      level: readLevel(options.level),
      strategy: readOneOf('--search', options.search, searchStrategies),
      groupSize: readWhole('--group-size', options.groupSize, 1, 64),
      seed: readWhole('--seed', options.seed, 0, 2 ** 31 - 1),
    };
  });
}

/** Reads what `pick` was asked for; a missing limit is refused, since the run's own chooses nothing else. */
export function readPickCall(run: string, options: PickOptions): Result<PickCall, UsageError> {
  return reading(() => ({
    run,
    maxAccuracyDrop: readDrop(options.maxAccuracyDrop ?? ''),
    ...readOut(options.out),
  }));
}

/** Reads what `trial` was asked for: two models, or one word that names a run. */
export function readTrialCall(
  first: string,
  second: string | undefined,
  options: TrialOptions,
): Result<TrialCall, UsageError> {
  return reading(() => {
    if (second === undefined && !/^[0-9a-z-]{1,64}$/.test(first))
      refuse('B.onnx', '', 'the model that shadows A, or the id of a run in place of both');
    const models =
      second === undefined
        ? { run: first }
        : { modelPathA: readPath('A.onnx', first), modelPathB: readPath('B.onnx', second) };
    return {
      models,
      board: readBoard(options),
      inputs: readPath('--inputs', options.inputs ?? ''),
      ...(options.outputs === undefined ? {} : { outputs: readPath('--outputs', options.outputs) }),
      ...(options.max === undefined ? {} : { most: readWhole('--max', options.max, 1, 1e9) }),
      ...(options.watch === undefined ? {} : { watch: true }),
      threads: readThreads(options.threads),
      level: readLevel(options.level),
    };
  });
}

/** Reads what `compare` was asked for. */
export function readCompareCall(
  a: string,
  b: string,
  options: CompareOptions,
): Result<CompareCall, UsageError> {
  return reading(() => ({
    modelPathA: readPath('A.onnx', a),
    modelPathB: readPath('B.onnx', b),
    ...readBoards(options),
    ...(options.data === undefined ? {} : { dataPath: readPath('--data', options.data) }),
    ...(options.minutes === undefined ? {} : { minutes: readMinutes(options.minutes) }),
    threads: readThreads(options.threads),
    level: readLevel(options.level),
  }));
}
