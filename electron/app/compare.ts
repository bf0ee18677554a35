import type {
  AccuracyComparison,
  CompareCall,
  ComparedModel,
  CompareResult,
  Listener,
} from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { checkModel } from '../engine/onnx/check.ts';
import { sha256 } from '../engine/onnx/hash.ts';
import type { OnnxModel } from '../engine/onnx/model.ts';
import { readModelFile } from '../engine/onnx/read.ts';
import { writeModel } from '../engine/onnx/write.ts';
import { parametersOf } from '../engine/stages/verify.ts';
import { compareSpeed, latencyQuantiles, noiseFloorOf, type PairUs } from '../engine/verify/ratio.ts';
import { runInEngine } from './engine-process.ts';
import { connect, type Services } from './services.ts';

const timing = { blocks: 40, iterations: 0, visitMs: 20, warmupMs: 150, seed: 1 } as const;

interface Opened {
  readonly path: string;
  readonly model: OnnxModel;
  readonly bytes: Uint8Array;
  readonly shape: string;
}

/** A against B on the board, interleaved, with a control of A against itself; with data their accuracies too. */
export async function compare(
  services: Services,
  call: CompareCall,
  listener: Listener,
): Promise<Result<CompareResult, AppError>> {
  const a = open(call.modelPathA);
  if (!a.ok) return a;
  const b = open(call.modelPathB);
  if (!b.ok) return b;
  if (a.value.shape !== b.value.shape)
    return fail({
      kind: 'modelBroken',
      path: call.modelPathB,
      reason: `its input is ${b.value.shape} and that of A is ${a.value.shape}`,
    });
  const connected = await connect(services, call.board, listener);
  if (!connected.ok) return connected;
  const board = connected.value;
  try {
    listener.onEvent({ kind: 'stageStarted', stage: 'compare' });
    const started = performance.now();
    // Other bytes, so sessions of their own: the control, and B even where B is A.
    const sessions = [a.value.bytes, marked(a.value.model, 'control'), marked(b.value.model, 'B')];
    const put = await board.putModels(new Map(sessions.map((bytes) => [sha256(bytes), bytes])));
    if (!put.ok) return put;
    const request = {
      ...timing,
      sha256s: sessions.map(sha256),
      settings: { threads: call.threads, level: 'all' as const },
    };
    const reply = await board.time(request, listener.signal);
    if (!reply.ok) return reply;
    const refused = reply.value.failed[0];
    if (refused)
      return fail({
        kind: 'modelFailsToRun',
        path: refused.model === 2 ? call.modelPathB : call.modelPathA,
        reason: refused.reason,
      });
    const { blocks, callsUs, dropped } = reply.value;
    const pairs = (i: number) =>
      blocks.flatMap(({ wallUs }): PairUs[] =>
        (wallUs[0] ?? 0) > 0 && (wallUs[i] ?? 0) > 0 ? [[wallUs[0]!, wallUs[i]!]] : [],
      );
    const noiseFloor = noiseFloorOf(pairs(1), timing.seed);
    const speed = compareSpeed(pairs(2), noiseFloor, timing.seed);
    const accuracy =
      call.dataPath === undefined ? ok(null) : await accuracies(services, call, call.dataPath, listener);
    if (!accuracy.ok) return accuracy;
    listener.onEvent({
      kind: 'stageFinished',
      stage: 'compare',
      seconds: (performance.now() - started) / 1000,
      summary: speed.verdict,
    });
    return ok({
      board: board.identity,
      threads: call.threads,
      a: compared(a.value, callsUs[0]!),
      b: compared(b.value, callsUs[2]!),
      speedup: speed.ratio,
      speedupInterval95: speed.interval95,
      verdict: speed.verdict,
      noiseFloor,
      pairs: pairs(2).length,
      droppedBlocks: dropped.length,
      accuracy: accuracy.value,
    });
  } finally {
    await board.close();
  }
}

function open(path: string): Result<Opened, AppError> {
  const read = readModelFile(path);
  if (!read.ok) return read;
  const checked = checkModel(read.value, path);
  if (!checked.ok) return checked;
  const shape = JSON.stringify([...checked.value.values()]).replaceAll('-1', '"N"');
  return ok({ path, model: read.value, bytes: writeModel(read.value), shape });
}

const marked = (model: OnnxModel, as: string): Uint8Array =>
  writeModel({ ...model, graphName: `${model.graphName} (${as})` });

const compared = ({ path, model, bytes }: Opened, callsUs: readonly number[]): ComparedModel => ({
  path,
  sha256: sha256(bytes),
  parameters: parametersOf(model),
  sizeBytes: bytes.length,
  latencyUs: latencyQuantiles(callsUs),
});

function accuracies(
  services: Services,
  call: CompareCall,
  dataPath: string,
  listener: Listener,
): Promise<Result<AccuracyComparison, AppError>> {
  const none = async (): Promise<never> => {
    throw new Error('Evaluating asks nothing of the board');
  };
  const host = {
    signal: listener.signal,
    event: (event: Parameters<Listener['onEvent']>[0]) => listener.onEvent(event),
    time: none,
    profile: none,
    peakMemory: none,
    recall: none,
    record: none,
    saveCandidates: none,
  };
  const job = { modelPathA: call.modelPathA, modelPathB: call.modelPathB, dataPath };
  return runInEngine<AccuracyComparison>({ type: 'evaluate', job }, host, services.engineEntry);
}
