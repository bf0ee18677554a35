import { resolve } from 'node:path';
import type { Board } from '../board/board.ts';
import type {
  AccuracyComparison,
  CompareCall,
  ComparedModel,
  CompareResult,
  Listener,
} from '../contract/api.ts';
import type { EnergyFindings } from '../contract/energy.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { SustainedResult } from '../contract/sustained.ts';
import type { ValueInfo } from '../engine/onnx/model.ts';
import { compareSpeed, latencyQuantiles, noiseFloorOf, pairsOf } from '../engine/verify/ratio.ts';
import type { BoardInventory } from '../runner/board-reading.ts';
import type { CallFigures, SessionSettings, TimeReply } from '../runner/protocol.ts';
import { type BoardBefore, readBeforeMeasuring } from './before-measuring.ts';
import { connect } from './connecting.ts';
import { measureEnergy } from './energy.ts';
import { observing } from './observing.ts';
import {
  type CheckedModel,
  type OpenModel,
  openCheckedModel,
  sendModels,
  withModelPath,
} from './open-model.ts';
import { type AppParts, orCancelled } from './parts.ts';
import { sustainOnBoard } from './sustain.ts';

/**
 * Sessions of one and the same file differ a little by where their memory lies, so the pairs are taken in several
 * goes, each with fresh sessions.
 */
const goes = 4;
const timing = { blocks: 10, iterations: 0, visitMs: 25, warmupMs: 120 } as const;
const seed = 1;

/** The models of a go by their places: A, A again as the control, B. */
const places = { a: 0, control: 1, b: 2 } as const;

/** Times two models against each other and, with data, compares their accuracy; see `Api.compare`. */
export async function compare(
  parts: AppParts,
  call: CompareCall,
  listener: Listener,
): Promise<Result<CompareResult, AppError>> {
  const models = openPair(parts, call);
  if (!models.ok) return models;
  const compared = await onBoard(parts, call, models.value, listener);
  const named = compared.ok ? compared : fail(withModelPath(compared.error, models.value));
  return orCancelled(named, listener);
}

/** Reads the two models of a comparison. Errors: those of a model, modelsDiffer. */
export function openPair(
  { cwd }: AppParts,
  { modelPathA: pathA, modelPathB: pathB }: CompareCall,
): Result<readonly [CheckedModel, CheckedModel], AppError> {
  const a = openCheckedModel(pathA, cwd);
  if (!a.ok) return a;
  const b = openCheckedModel(pathB, cwd);
  if (!b.ok) return b;
  const reason = differenceOf(a.value, b.value);
  return reason === null
    ? ok([a.value, b.value] as const)
    : fail({ kind: 'modelsDiffer', pathA, pathB, reason });
}

async function onBoard(
  parts: AppParts,
  call: CompareCall,
  models: readonly [OpenModel, OpenModel],
  listener: Listener,
): Promise<Result<CompareResult, AppError>> {
  const connected = await connect(parts, call.board, listener);
  if (!connected.ok) return connected;
  const board = connected.value;
  const settings = { threads: call.threads, level: call.level ?? 'all' } as const;
  if (call.minutes !== undefined) return overMinutes(parts, call, call.minutes, models, board, listener);
  let replies: readonly TimeReply[];
  let before: BoardBefore;
  let energy: EnergyFindings;
  try {
    const read = await readBeforeMeasuring(board, listener);
    if (!read.ok) return read;
    before = read.value;
    const timed = await time({ board, inventory: before.inventory }, models, settings, listener);
    if (!timed.ok) return timed;
    ({ replies, energy } = timed.value);
  } finally {
    await board.close();
  }
  const accuracy = call.dataPath === undefined ? ok(null) : await accuracyOf(parts, call, models, listener);
  if (!accuracy.ok) return accuracy;
  const pairs = replies.flatMap((reply) => pairsOf(reply.blocks, places.b));
  const control = replies.flatMap((reply) => pairsOf(reply.blocks, places.control));
  const noiseFloor = noiseFloorOf(control, seed);
  const speed = compareSpeed(pairs, noiseFloor, seed);
  return ok({
    board: board.identity,
    ...settings,
    a: comparedModel(models[0], replies, places.a),
    b: comparedModel(models[1], replies, places.b),
    speedup: speed.ratio,
    speedupInterval95: speed.interval95,
    verdict: speed.verdict,
    noiseFloor,
    pairs: pairs.length,
    droppedBlocks: replies.reduce((sum, reply) => sum + reply.dropped.length, 0),
    accuracy: accuracy.value,
    energy,
    state: before.state,
    provider: before.inventory.providerUsed,
  });
}

/** The same over minutes, where what was measured counts however it ended. */
async function overMinutes(
  parts: AppParts,
  call: CompareCall,
  minutes: number,
  models: readonly [OpenModel, OpenModel],
  board: Board,
  listener: Listener,
): Promise<Result<CompareResult, AppError>> {
  const settings = { threads: call.threads, level: call.level ?? 'all' } as const;
  let measured: Result<SustainedResult, AppError>;
  let before: BoardBefore;
  let accuracy: Result<AccuracyComparison | null, AppError> = ok(null);
  try {
    // First, so that data which cannot be used is found before half an hour of measuring, and not after it.
    if (call.dataPath !== undefined) accuracy = await accuracyOf(parts, call, models, listener);
    if (!accuracy.ok) return accuracy;
    const read = await readBeforeMeasuring(board, listener);
    if (!read.ok) return read;
    before = read.value;
    measured = await sustainOnBoard(board, models, settings, minutes, listener);
  } finally {
    await board.close();
  }
  if (!measured.ok) return measured;
  const sustained = measured.value;
  const { whole, a, b } = sustained;
  const figures = ({ p50Us, p90Us, p99Us }: CallFigures) => ({ p50: p50Us, p90: p90Us, p99: p99Us });
  return ok({
    board: board.identity,
    ...settings,
    a: { ...modelFacts(models[0]), latencyUs: figures(a) },
    b: { ...modelFacts(models[1]), latencyUs: figures(b) },
    speedup: whole.speedup,
    speedupInterval95: whole.interval95,
    verdict: whole.verdict,
    noiseFloor: whole.noiseFloor,
    pairs: sustained.blocks,
    droppedBlocks: 0,
    accuracy: accuracy.value,
    sustained,
    state: before.state,
    provider: before.inventory.providerUsed,
  });
}

interface Timings {
  readonly replies: readonly TimeReply[];
  readonly energy: EnergyFindings;
}

/** A, A again and B in interleaved blocks, some with fresh sessions each time; then their energy, where it can be told. */
async function time(
  { board, inventory }: { readonly board: Board; readonly inventory: BoardInventory },
  [a, b]: readonly [OpenModel, OpenModel],
  settings: SessionSettings,
  listener: Listener,
): Promise<Result<Timings, AppError>> {
  const started = performance.now();
  listener.onEvent({ kind: 'stageStarted', stage: 'compare' });
  const put = await sendModels(board, [a, b]);
  if (!put.ok) return put;
  const sha256s = [a.boardSha256, a.boardSha256, b.boardSha256];
  const replies: TimeReply[] = [];
  for (let go = 0; go < goes; go++) {
    listener.onEvent({
      kind: 'progress',
      stage: 'compare',
      done: go * timing.blocks,
      total: goes * timing.blocks,
      note: { kind: 'pairs' },
    });
    // The order in which sessions are made must favour none, so every other go makes them the other way round.
    const turned = go % 2 === 1;
    const order = turned ? sha256s.toReversed() : sha256s;
    const request = { ...timing, sha256s: order, settings };
    const timed = await board.time({ ...request, seed: seed + go }, listener.signal);
    if (!timed.ok) return timed;
    const reply = turned ? turnedBack(timed.value) : timed.value;
    const failed = reply.failed[0];
    if (failed)
      return fail({
        kind: 'modelFailsToRun',
        path: sha256s[failed.model] ?? '',
        reason: failed.reason,
      });
    replies.push(reply);
  }
  const pairs = replies.flatMap((reply) => pairsOf(reply.blocks, places.b)).length;
  const hashes = [a.boardSha256, b.boardSha256] as const;
  const energy = await measureEnergy({ board, inventory }, hashes, settings, listener, 'compare');
  if (!energy.ok) return energy;
  listener.onEvent({
    kind: 'stageFinished',
    stage: 'compare',
    seconds: (performance.now() - started) / 1000,
    summary: { kind: 'paired', pairs },
  });
  return ok({ replies, energy: energy.value });
}

/** A reply with its models in the order in which they were given before they were turned round. */
export function turnedBack(reply: TimeReply): TimeReply {
  return {
    ...reply,
    blocks: reply.blocks.map(({ wallUs, cpuUs }) => ({
      wallUs: wallUs.toReversed(),
      cpuUs: cpuUs.toReversed(),
    })),
    iterations: reply.iterations.toReversed(),
    callsUs: reply.callsUs.toReversed(),
    failed: reply.failed.map(({ model, reason }) => ({ model: reply.iterations.length - 1 - model, reason })),
  };
}

const modelFacts = ({ path, sha256, parameters, bytes }: OpenModel): Omit<ComparedModel, 'latencyUs'> => ({
  path,
  sha256,
  parameters,
  sizeBytes: bytes.length,
});

function comparedModel(model: OpenModel, replies: readonly TimeReply[], place: number): ComparedModel {
  return {
    ...modelFacts(model),
    latencyUs: latencyQuantiles(replies.flatMap((reply) => reply.callsUs[place] ?? [])),
  };
}

/** Compares the accuracy of two models as the stage `verify`. Errors: those of `evaluate`. */
export async function accuracyOf(
  { cwd, runInEngine }: AppParts,
  { dataPath }: CompareCall,
  [a, b]: readonly [OpenModel, OpenModel],
  listener: Listener,
): Promise<Result<AccuracyComparison, AppError>> {
  const started = performance.now();
  listener.onEvent({ kind: 'stageStarted', stage: 'verify' });
  const job = {
    modelPathA: a.absolutePath,
    modelPathB: b.absolutePath,
    dataPath: resolve(cwd, dataPath ?? ''),
    seed,
  };
  const host = observing(listener.signal, (event) => listener.onEvent(event));
  const evaluated = await runInEngine('evaluate', job, host);
  if (!evaluated.ok) return evaluated;
  const { samples, metric } = evaluated.value;
  listener.onEvent({
    kind: 'stageFinished',
    stage: 'verify',
    seconds: (performance.now() - started) / 1000,
    summary: { kind: 'evaluated', metric, samples },
  });
  return evaluated;
}

/** What two models take or give that is not the same, by places; names may differ. Null: nothing. */
export function differenceOf(a: CheckedModel, b: CheckedModel): string | null {
  const inputsA = [...a.inputShapes.values()];
  const inputsB = [...b.inputShapes.values()];
  if (inputsA.length !== inputsB.length) return `A has ${inputsA.length} inputs and B has ${inputsB.length}`;
  for (const [index, shape] of inputsA.entries()) {
    const other = inputsB[index] ?? [];
    if (String(shape) !== String(other))
      return `input ${index + 1} is ${shownShape(shape)} in A and ${shownShape(other)} in B`;
  }
  const { outputs: outputsA } = a.model;
  const { outputs: outputsB } = b.model;
  if (outputsA.length !== outputsB.length)
    return `A has ${outputsA.length} outputs and B has ${outputsB.length}`;
  for (const [index, output] of outputsA.entries()) {
    const other = outputsB[index];
    if (other && !canBeSame(output, other))
      return `output ${index + 1} is ${shownShape(output.shape)} in A and ${shownShape(other.shape)} in B`;
  }
  return null;
}

/** Whether two outputs may be the same: what one of them leaves open is no difference. */
function canBeSame(a: ValueInfo, b: ValueInfo): boolean {
  if (a.shape.length === 0 || b.shape.length === 0) return true;
  if (a.shape.length !== b.shape.length) return false;
  return a.shape.every((size, axis) => {
    const other = b.shape[axis];
    return typeof size !== 'number' || typeof other !== 'number' || size === other;
  });
}

const shownShape = (shape: readonly (number | string | null)[]): string =>
  `[${shape.map((size) => (size === null || size === -1 ? 'any' : size)).join(', ')}]`;
