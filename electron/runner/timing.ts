import type { Tensor } from 'onnxruntime-node';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { type BlockConditions, readBlockConditions, readConditions } from './conditions.ts';
import { startConditionsLog } from './conditions-log.ts';
import type { TimedBlock, TimeReply, TimeRequest } from './protocol.ts';
import { type LoadedModel, loadModel, randomFeeds } from './runtime.ts';

/** What long work in the runner may use of its surroundings. */
export interface WorkContext {
  /** True once the app cancelled this request. */
  cancelled(): boolean;
  progress(done: number, total: number): void;
  /** Tells the app what there is so far, whole and at once. */
  tell(done: number, total: number, part: object): void;
  /** Lets frames in, so that a cancel is seen. */
  breathe(): Promise<void>;
}

/** Thrown out of long work when its request was cancelled. */
export class CancelledError extends Error {}

const maxCallsKept = 2_000;
const maxIterations = 20_000;
const clockTolerance = 0.1;

/** A model that is resident, with its inputs, and how many calls make a visit. */
export interface Contestant {
  readonly index: number;
  readonly model: LoadedModel;
  readonly feeds: Readonly<Record<string, Tensor>>;
  readonly iterations: number;
}

/** Mean call of one visit, by either clock. */
export interface Visit {
  readonly wallUs: number;
  readonly cpuUs: number;
}

interface Block extends TimedBlock {
  readonly before: BlockConditions;
  readonly after: BlockConditions;
}

/**
 * Times models against each other in random ABBA blocks, see `TimeRequest`.
 * A model that the runtime refuses is listed in `failed` and has NaN for its times.
 */
export async function timeModels(
  request: TimeRequest,
  pathOf: (sha256: string) => string | null,
  context: WorkContext,
): Promise<TimeReply> {
  const count = request.sha256s.length;
  const failed = new Map<number, string>();
  const callsUs = request.sha256s.map((): number[] => []);
  let contestants: Contestant[] = [];
  const drop = (contestant: Contestant, error: unknown): void => {
    failed.set(contestant.index, messageOf(error));
    contestants = contestants.filter((other) => other !== contestant);
    callsUs[contestant.index] = [];
    contestant.model.dispose();
  };

  try {
    for (const [index, sha256] of request.sha256s.entries()) {
      const loaded = loadContestant(request, index, sha256, pathOf);
      if ('reason' in loaded) failed.set(index, loaded.reason);
      else contestants.push(loaded);
      await pause(context);
    }

    const random = xoroshiro128plus(request.seed);
    const blocks: Block[] = [];
    const log = startConditionsLog(performance.now());
    for (let block = 0; block < request.blocks && contestants.length > 0; block++) {
      const order = shuffle(contestants, random);
      const visits = request.sha256s.map((): Visit[] => []);
      const before = readBlockConditions();
      log.note(performance.now(), before);
      for (const contestant of [...order, ...order.toReversed()]) {
        if (!failed.has(contestant.index)) {
          try {
            const kept = callsUs[contestant.index]!;
            const keep = (callUs: number): void => void (kept.length < maxCallsKept && kept.push(callUs));
            visits[contestant.index]!.push(visit(contestant, keep));
          } catch (error) {
            drop(contestant, error);
          }
          await pause(context);
        }
      }
      const after = readBlockConditions();
      log.note(performance.now(), after);
      blocks.push({ ...meanOfVisits(visits), before, after });
      context.progress(block + 1, request.blocks);
    }

    const { kept, dropped } = sortOut(blocks);
    const hideFailed = (values: readonly number[]): number[] =>
      values.map((value, index) => (failed.has(index) ? Number.NaN : value));
    const iterations = Array.from({ length: count }, () => 0);
    for (const contestant of contestants) iterations[contestant.index] = contestant.iterations;
    return {
      blocks: kept.map((block) => ({ wallUs: hideFailed(block.wallUs), cpuUs: hideFailed(block.cpuUs) })),
      iterations,
      callsUs,
      dropped,
      failed: [...failed].sort((a, b) => a[0] - b[0]).map(([model, reason]) => ({ model, reason })),
      conditions: readConditions(),
      conditionsLog: log.samples(),
    };
  } finally {
    for (const contestant of contestants) contestant.model.dispose();
  }
}

/** Calls a model until `warmupMs` have passed, at least twice; gives the times of the calls, microseconds. */
export function warmUp(
  model: LoadedModel,
  feeds: Readonly<Record<string, Tensor>>,
  warmupMs: number,
): readonly number[] {
  const timesUs: number[] = [];
  const startMs = performance.now();
  while (timesUs.length < 2 || performance.now() - startMs < warmupMs) timesUs.push(timeCallUs(model, feeds));
  return timesUs;
}

/** Runs a model once and gives the wall time, microseconds. */
export function timeCallUs(model: LoadedModel, feeds: Readonly<Record<string, Tensor>>): number {
  const startMs = performance.now();
  model.call(feeds);
  return (performance.now() - startMs) * 1000;
}

/** Breathes, then throws `CancelledError` when the request was cancelled meanwhile. */
export async function pause(context: WorkContext): Promise<void> {
  await context.breathe();
  if (context.cancelled()) throw new CancelledError();
}

/** The text of whatever the runtime threw. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Loads a model and warms it up; without it, the reason. What a visit is comes from the request. */
export function loadContestant(
  request: Pick<TimeRequest, 'settings' | 'seed' | 'iterations' | 'visitMs' | 'warmupMs'>,
  index: number,
  sha256: string,
  pathOf: (sha256: string) => string | null,
): Contestant | { readonly reason: string } {
  const path = pathOf(sha256);
  if (path === null) return { reason: `the board has no model ${sha256}` };
  let model: LoadedModel | undefined;
  try {
    model = loadModel(path, request.settings);
    const feeds = randomFeeds(model, request.seed + index);
    const warmUs = warmUp(model, feeds, request.warmupMs);
    const typicalUs = median(warmUs.slice(Math.floor(warmUs.length / 2)));
    const wanted = Math.round((request.visitMs * 1000) / Math.max(typicalUs, 0.1));
    const iterations =
      request.iterations > 0 ? request.iterations : Math.min(Math.max(wanted, 1), maxIterations);
    return { index, model, feeds, iterations };
  } catch (error) {
    model?.dispose();
    return { reason: messageOf(error) };
  }
}

/** The calls of one visit; `onCall` gets the time of each, microseconds. */
export function visit(contestant: Contestant, onCall: (callUs: number) => void): Visit {
  const { model, feeds, iterations } = contestant;
  // The model before has emptied the caches; where a visit is many calls, the first is not one of them.
  if (iterations > 1) model.call(feeds);
  let wallUs = 0;
  const cpuStart = process.cpuUsage();
  for (let iteration = 0; iteration < iterations; iteration++) {
    const callUs = timeCallUs(model, feeds);
    wallUs += callUs;
    onCall(callUs);
  }
  const cpu = process.cpuUsage(cpuStart);
  return { wallUs: wallUs / iterations, cpuUs: (cpu.user + cpu.system) / iterations };
}

/** The block that the visits of each model make together. */
export function meanOfVisits(visits: readonly (readonly Visit[])[]): TimedBlock {
  const mean = (values: readonly number[]): number =>
    values.length === 0 ? Number.NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
  return {
    wallUs: visits.map((list) => mean(list.map((entry) => entry.wallUs))),
    cpuUs: visits.map((list) => mean(list.map((entry) => entry.cpuUs))),
  };
}

/**
 * Drops the blocks during which the board was held back or ran at another clock than in the middle of all blocks.
 * A board that is throttled throughout is steady: its blocks stay, and `conditions` says so.
 */
function sortOut(blocks: readonly Block[]): {
  readonly kept: readonly Block[];
  readonly dropped: readonly { readonly block: number; readonly reason: string }[];
} {
  const clocks = blocks.map((block) => block.after.clockMHz).filter((value) => value !== null);
  const usualMHz = clocks.length > 0 ? median(clocks) : null;
  const reasonOf = (block: Block): string | null => {
    if (block.before.throttledNow || block.after.throttledNow) return 'throttled';
    if ((block.after.throttleCount ?? 0) > (block.before.throttleCount ?? 0)) return 'throttled';
    const clockMHz = block.after.clockMHz;
    if (usualMHz !== null && clockMHz !== null && Math.abs(clockMHz / usualMHz - 1) > clockTolerance) {
      return `clock ${Math.round(clockMHz)} MHz, usually ${Math.round(usualMHz)} MHz`;
    }
    return null;
  };
  const dropped = blocks.flatMap((block, index) => {
    const reason = reasonOf(block);
    return reason ? [{ block: index, reason }] : [];
  });
  if (dropped.length === blocks.length) return { kept: blocks, dropped: [] };
  const out = new Set(dropped.map((entry) => entry.block));
  return { kept: blocks.filter((_, index) => !out.has(index)), dropped };
}

/** The values in a random order. */
export function shuffle<T>(values: readonly T[], random: RandomGenerator): T[] {
  const result = [...values];
  for (let last = result.length - 1; last > 0; last--) {
    const other = uniformInt(random, 0, last);
    [result[last], result[other]] = [result[other]!, result[last]!];
  }
  return result;
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
