import { statSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import type { Board } from '../board/board.ts';
import type { Listener, OptimizeCall, OptimizeResult, RunEvent, StageName } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { RunResult } from '../contract/run-result.ts';
import type { OptimizeOutcome } from '../engine/host.ts';
import { checkModel } from '../engine/onnx/check.ts';
import { sha256 } from '../engine/onnx/hash.ts';
import { readModelFile } from '../engine/onnx/read.ts';
import { writeModel } from '../engine/onnx/write.ts';
import { parametersOf } from '../engine/stages/verify.ts';
import { writeReports } from '../report/write-reports.ts';
import { writeFilesAtomically } from '../store/atomic-file.ts';
import type { Run, SettledState } from '../store/runs.ts';
import { runInEngine } from './engine-process.ts';
import { makeHost } from './measuring.ts';
import { checkOutput, writeOutput } from './outputs.ts';
import { connect, type Services } from './services.ts';

/** How often the time spent is written down: what a kill may lose of the budget's account. */
const tickMs = 3_000;

/** Starts a run: checks what was asked, makes the run, works on it. */
export async function optimize(
  services: Services,
  call: OptimizeCall,
  listener: Listener,
): Promise<Result<OptimizeResult, AppError>> {
  const { store } = services;
  const read = readModelFile(call.modelPath);
  if (!read.ok) return read;
  const data = exists(call.dataPath);
  if (!data.ok) return data;
  if (call.out !== undefined) {
    const free = checkOutput(resolve(call.out));
    if (!free.ok) return free;
  }
  const checked = checkModel(read.value, call.modelPath);
  // A dynamic shape may still be fixed by the data, which the engine reads.
  if (!checked.ok && checked.error.kind !== 'modelDynamicShape') return checked;
  const bytes = writeModel(read.value);
  const name = basename(call.modelPath, extname(call.modelPath));
  const modelSha256 = sha256(bytes);
  const saved = store.models.save({
    sha256: modelSha256,
    name,
    path: resolve(call.modelPath),
    sizeBytes: bytes.length,
    parameters: parametersOf(read.value),
  });
  if (!saved.ok) return saved;
  const fixed = { ...call, modelPath: resolve(call.modelPath), dataPath: resolve(call.dataPath) };
  const out = call.out === undefined ? '' : resolve(call.out);
  const created = store.runs.create({
    request: fixed,
    modelSha256,
    boardAddress: call.board.address,
    out,
    seed: call.seed,
  });
  if (!created.ok) return created;
  return work(services, created.value, fixed, listener, 0);
}

/** Takes up a run that was interrupted, failed or cancelled. */
export async function resume(
  services: Services,
  run: string,
  listener: Listener,
): Promise<Result<OptimizeResult, AppError>> {
  const claimed = services.store.runs.claim(run);
  if (!claimed.ok) return claimed;
  // `optimize` wrote it, and only `optimize` makes runs.
  const call = claimed.value.request as OptimizeCall;
  const read = readModelFile(call.modelPath);
  const changed = read.ok && sha256(writeModel(read.value)) !== claimed.value.modelSha256;
  if (!read.ok || changed) {
    services.store.runs.setState(run, 'failed');
    return read.ok
      ? fail({ kind: 'modelBroken', path: call.modelPath, reason: 'it has changed since the run began' })
      : read;
  }
  return work(services, run, call, listener, claimed.value.elapsedSeconds);
}

function exists(path: string): Result<void, AppError> {
  try {
    statSync(path);
    return ok(undefined);
  } catch {
    return fail({ kind: 'dataMissing', path, reason: 'there is no such file or folder' });
  }
}

async function work(
  services: Services,
  run: string,
  call: OptimizeCall,
  listener: Listener,
  elapsedSeconds: number,
): Promise<Result<OptimizeResult, AppError>> {
  const { store } = services;
  const name = basename(call.modelPath, extname(call.modelPath));
  const out = call.out === undefined ? join(services.workFolder, 'out', `${name}-${run}`) : resolve(call.out);
  const account = makeAccount(services, run);
  const onEvent = (event: RunEvent): void => {
    account.note(event);
    listener.onEvent(event);
  };
  onEvent({ kind: 'runCreated', run, out });
  const result = await attempt(
    services,
    run,
    call,
    out,
    { ...listener, onEvent, confirmHostKey: listener.confirmHostKey.bind(listener) },
    elapsedSeconds,
  );
  account.close();
  const state: SettledState = result.ok
    ? result.value.improved
      ? 'improved'
      : 'no improvement'
    : result.error.kind === 'cancelled'
      ? 'cancelled'
      : 'failed';
  const { comparison, explanation } = result.ok ? result.value.result : { comparison: null, explanation: '' };
  store.runs.setState(run, state, {
    explanation,
    ...(comparison ? { speedup: comparison.speedup, accuracyChange: comparison.accuracyChange } : {}),
    ...(result.ok ? { result: result.value.result } : {}),
  });
  return result;
}

async function attempt(
  services: Services,
  run: string,
  call: OptimizeCall,
  out: string,
  listener: Listener,
  elapsedSeconds: number,
): Promise<Result<OptimizeResult, AppError>> {
  const { store } = services;
  const connected = await connect(services, call.board, listener);
  if (!connected.ok) return connected;
  const board = connected.value;
  try {
    const noted = store.runs.setBoard(run, board.identity);
    if (!noted.ok) return noted;
    const host = makeHost({
      run,
      store,
      board,
      signal: listener.signal,
      onEvent: (event) => listener.onEvent(event),
    });
    const { modelPath, dataPath, threads, groupSize, seed, budgetSeconds, maxAccuracyDrop, targetSpeedup } =
      call;
    const job = {
      modelPath,
      dataPath,
      threads,
      groupSize,
      seed,
      budgetSeconds,
      elapsedSeconds,
      maxAccuracyDrop,
      targetSpeedup: targetSpeedup ?? null,
    };
    const outcome = await runInEngine<OptimizeOutcome>({ type: 'optimize', job }, host, services.engineEntry);
    if (!outcome.ok) return outcome;
    return await report(services, run, call, out, board, outcome.value, listener);
  } finally {
    await board.close();
  }
}

/** Builds result.json and writes the output folder in one step. */
async function report(
  services: Services,
  run: string,
  call: OptimizeCall,
  out: string,
  board: Board,
  outcome: OptimizeOutcome,
  listener: Listener,
): Promise<Result<OptimizeResult, AppError>> {
  const { store } = services;
  const started = performance.now();
  listener.onEvent({ kind: 'stageStarted', stage: 'report' });
  const { id, name, arch, cpu, os, runtimeVersion } = board.identity;
  const result: RunResult = {
    schema: 1,
    run,
    createdAt: new Date().toISOString(),
    seed: call.seed,
    ...outcome.result,
    board: { id, name, arch, cpu, os, runtimeVersion, threads: call.threads },
    stages: store.stages.list(run).map((s) => ({ name: s.name, seconds: s.seconds })),
  };
  const files = await writeOutput(out, async (draft) => {
    const model = join(draft, 'optimized.onnx');
    const written = writeFilesAtomically(new Map([[model, outcome.optimizedModel]]));
    if (!written.ok) return written;
    const reports = writeReports(draft, result, { ...outcome.extras, identity: board.identity });
    return reports.ok ? ok([model, ...reports.value]) : reports;
  });
  if (!files.ok) return files;
  keepFindings(services, run, result, outcome);
  listener.onEvent({
    kind: 'stageFinished',
    stage: 'report',
    seconds: (performance.now() - started) / 1000,
    summary: `${files.value.length} files`,
  });
  return ok({
    run,
    result,
    improved: result.explanation === '',
    explanation: result.explanation,
    files: files.value,
  });
}

/** The final figures as rows of their own, so that everything in a report can be traced. */
function keepFindings({ store }: Services, run: string, result: RunResult, outcome: OptimizeOutcome): void {
  for (const model of [result.original, result.optimized]) {
    const { metric, value, samples, interval95 } = model.accuracy;
    store.accuracies.save(run, {
      modelSha256: model.sha256,
      split: 'verify',
      metric,
      value,
      samples,
      interval95,
    });
  }
  const evidence = outcome.extras.comparison;
  if (!evidence) return;
  store.comparisons.add(run, {
    purpose: 'final',
    sha256A: result.original.sha256,
    sha256B: result.optimized.sha256,
    speedup: result.comparison.speedup,
    interval95: result.comparison.speedupInterval95,
    verdict: result.comparison.verdict,
    pairs: evidence.pairs,
    droppedBlocks: evidence.droppedBlocks,
    noiseFloor: evidence.noiseFloor ?? null,
    blocks: evidence.blocks,
    conditions: evidence.conditions ?? null,
  });
}

/** Keeps the stages' and the run's time in the store while the run goes on. */
function makeAccount({ store }: Services, run: Run['run']): { note(event: RunEvent): void; close(): void } {
  let since = performance.now();
  let current: { stage: StageName; since: number } | null = null;
  const spend = (): void => {
    const now = performance.now();
    store.runs.addElapsed(run, (now - since) / 1000);
    since = now;
    if (!current) return;
    store.stages.addSeconds(run, current.stage, (now - current.since) / 1000);
    current.since = now;
  };
  const timer = setInterval(spend, tickMs);
  return {
    note(event) {
      if (event.kind === 'stageStarted') {
        store.stages.start(run, event.stage);
        current = { stage: event.stage, since: performance.now() };
      } else if (event.kind === 'stageFinished') {
        const left =
          current?.stage === event.stage ? (performance.now() - current.since) / 1000 : event.seconds;
        store.stages.finish(run, event.stage, left, event.summary);
        current = null;
      }
    },
    close() {
      clearInterval(timer);
      spend();
    },
  };
}
