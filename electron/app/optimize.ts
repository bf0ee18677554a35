import { basename, resolve as resolvePath } from 'node:path';
import type {
  BoardChoice,
  Listener,
  OptimizeCall,
  OptimizeResult,
  PickCall,
  RunEvent,
} from '../contract/api.ts';
import { boardsOfCall } from '../contract/boards-of-call.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { HostFailure } from '../engine/client.ts';
import type { OptimizeJob } from '../engine/host.ts';
import { checkModel } from '../engine/onnx/check.ts';
import type { SettledState } from '../store/runs.ts';
import { readBoardsBefore } from './before-measuring.ts';
import { type BoardGroup, makeBoardGroup } from './board-group.ts';
import { type Connected, connectBoards } from './connecting-several.ts';
import { energyOfRun } from './energy.ts';
import { makeEngineHost } from './engine-host.ts';
import { currentAddress } from './known-board.ts';
import { makeMeasuring } from './measuring.ts';
import { type OpenModel, openModel, storedModelOf, withModelPath } from './open-model.ts';
import { checkOutput } from './outputs.ts';
import { type AppParts, orCancelled } from './parts.ts';
import { type RunClock, startRunClock } from './run-clock.ts';
import { type PickSource, readPickSource } from './run-front.ts';
import { findUnchangedData, fingerprintData, type RunRequest, readRunRequest } from './run-request.ts';
import { endRun, filesIn, findWritten, makeResult, storeFindings, writeResult } from './run-results.ts';

/** A run that belongs to this process. */
interface Work {
  readonly run: string;
  readonly request: RunRequest;
  readonly model: OpenModel;
  /** Absolute. */
  readonly out: string;
  readonly elapsedSeconds: number;
  /** Board that earlier attempts measured on. */
  readonly boardId: string | null;
  /** What a run that only chooses takes from; null for one that searches. */
  readonly source: PickSource | null;
  /** What of the choice of the board is otherwise than when the run was asked for. */
  readonly changes: Partial<BoardChoice>;
}

/** Starts a run and brings it to its end; see `Api.optimize`. */
export async function optimize(
  parts: AppParts,
  call: OptimizeCall,
  listener: Listener,
): Promise<Result<OptimizeResult, AppError>> {
  const { store, cwd } = parts;
  const model = openModel(call.modelPath, cwd);
  if (!model.ok) return model;
  const outOf = foldersOf(cwd, model.value, call.out);
  const free = checkOutput(outOf(''));
  if (!free.ok) return free;
  const checked = checkModel(model.value.model, call.modelPath);
  // A shape that the model leaves open may come from the data, which the engine holds against it.
  if (!checked.ok && checked.error.kind !== 'modelDynamicShape') return checked;
  const dataPath = resolvePath(cwd, call.dataPath);
  const dataFingerprint = await fingerprintData(dataPath);
  if (!dataFingerprint.ok) return fail({ ...dataFingerprint.error, path: call.dataPath });
  const saved = store.models.save(storedModelOf(model.value));
  if (!saved.ok) return saved;
  const used = store.recentData.use(dataPath, null, basename(dataPath));
  if (!used.ok) return used;
  const request: RunRequest = { call, cwd, dataFingerprint: dataFingerprint.value };
  const work = { request, model: model.value, boardId: null, source: null, changes: {} };
  return begin(parts, work, outOf, listener);
}

/** Goes on with a run that did not come to its end; see `Api.resume`. */
export async function resume(
  parts: AppParts,
  run: string,
  listener: Listener,
  changes: { readonly acceptBoard?: string } = {},
): Promise<Result<OptimizeResult, AppError>> {
  const { store } = parts;
  const claimed = store.runs.claim(run);
  if (!claimed.ok) return claimed;
  const { request: stored, modelSha256, elapsedSeconds, boardId, out } = claimed.value;
  return settled(parts, run, listener, async () => {
    const written = findWritten(out, run);
    // Killed between the last file and the last row: nothing is left to be done but that row.
    if (written) return endRun(store, written, filesIn(out));
    const request = readRunRequest(stored);
    const free = checkOutput(out);
    if (!free.ok) return free;
    const model = openUnchangedModel(run, request, modelSha256);
    if (!model.ok) return model;
    const data = await findUnchangedData(run, request);
    if (!data.ok) return data;
    const { pickedFrom } = request;
    const source = pickedFrom === undefined ? ok(null) : readPickSource(store, pickedFrom);
    if (!source.ok) return source;
    const address = currentAddress(store, boardId, request.call.board.address);
    const work = {
      run,
      request,
      model: model.value,
      out,
      elapsedSeconds,
      boardId,
      source: source.value,
      changes: { ...changes, address },
    };
    return workOn(parts, work, listener);
  });
}

/** Chooses again from the front of a finished run, as a run of its own; see `Api.pick`. */
export async function pick(
  parts: AppParts,
  { run: named, maxAccuracyDrop, out }: PickCall,
  listener: Listener,
): Promise<Result<OptimizeResult, AppError>> {
  const { store, cwd } = parts;
  const source = store.runs.get(named);
  if (!source) return fail({ kind: 'runUnknown', run: named });
  const { pickedFrom = named, ...earlier } = readRunRequest(source.request);
  const kept = readPickSource(store, pickedFrom);
  if (!kept.ok) return kept.error.kind === 'runHasNoFront' ? fail({ ...kept.error, run: named }) : kept;
  const model = openUnchangedModel(named, earlier, source.modelSha256);
  if (!model.ok) return model;
  const data = await findUnchangedData(named, earlier);
  if (!data.ok) return data;
  const outOf = foldersOf(cwd, model.value, out);
  const free = checkOutput(outOf(''));
  if (!free.ok) return free;
  const { out: _, ...asked } = earlier.call;
  const call: OptimizeCall = { ...asked, maxAccuracyDrop, ...(out === undefined ? {} : { out: outOf('') }) };
  const request: RunRequest = { ...earlier, call, pickedFrom };
  const address = currentAddress(store, source.boardId, call.board.address);
  const work = {
    request,
    model: model.value,
    boardId: source.boardId,
    source: kept.value,
    changes: { address },
  };
  return begin(parts, work, outOf, listener);
}

/** Where a run of this model puts its results, by its id: the folder asked for, seen from `cwd`, or one of its own. */
const foldersOf =
  (cwd: string, { name }: OpenModel, out: string | undefined) =>
  (run: string): string =>
    resolvePath(cwd, out ?? `out/${name}-${run}`);

/** Makes the run and brings it to its end. */
async function begin(
  parts: AppParts,
  work: Omit<Work, 'run' | 'out' | 'elapsedSeconds'>,
  outOf: (run: string) => string,
  listener: Listener,
): Promise<Result<OptimizeResult, AppError>> {
  const { request, model } = work;
  const created = parts.store.runs.create({
    request,
    modelSha256: model.sha256,
    boardAddress: request.call.board.address,
    out: outOf,
    seed: request.call.seed,
  });
  if (!created.ok) return created;
  const run = created.value;
  const begun = { ...work, run, out: outOf(run), elapsedSeconds: 0 };
  return settled(parts, run, listener, () => workOn(parts, begun, listener));
}

/** The model of a run, which is still what it was. Errors: those of a model, inputChanged. */
function openUnchangedModel(
  run: string,
  { call, cwd }: RunRequest,
  sha256: string,
): Result<OpenModel, AppError> {
  const model = openModel(call.modelPath, cwd);
  if (!model.ok || model.value.sha256 === sha256) return model;
  return fail({ kind: 'inputChanged', run, path: call.modelPath });
}

/** Does the work and sees to it that the run is given up, whatever comes of it. */
async function settled(
  { store }: AppParts,
  run: string,
  listener: Listener,
  work: () => Promise<Result<OptimizeResult, AppError>>,
): Promise<Result<OptimizeResult, AppError>> {
  try {
    const result = orCancelled(await work(), listener);
    if (!result.ok) store.runs.setState(run, endOf(result.error, store.runs.get(run)?.boardId ?? null));
    return result;
  } catch (error) {
    store.runs.setState(run, 'failed');
    if (error instanceof HostFailure) return fail(error.error);
    throw error;
  }
}

/** How a run ends by an error: one that had its board and lost it is interrupted, and goes on once it is back. */
function endOf({ kind }: AppError, boardId: string | null): SettledState {
  if (kind === 'cancelled') return 'cancelled';
  return boardId !== null && lossKinds.has(kind) ? 'interrupted' : 'failed';
}

const lossKinds: ReadonlySet<AppError['kind']> = new Set([
  'boardLost',
  'boardUnreachable',
  'boardIsAnother',
  'hostKeyUnknown',
  'hostKeyRefused',
  'hostKeyChanged',
  'knownHostsUnreadable',
  'sshConfigBroken',
  'authenticationFailed',
]);

async function workOn(
  parts: AppParts,
  work: Work,
  listener: Listener,
): Promise<Result<OptimizeResult, AppError>> {
  const { run, model } = work;
  listener.onEvent({ kind: 'runCreated', run, out: work.out });
  const clock = startRunClock(parts.store, run, work.elapsedSeconds);
  const kept = keepingStages(clock, listener);
  try {
    const connected = await connectBoards(parts, choicesOf(work), kept);
    if (!connected.ok) return connected;
    try {
      const result = await searchOn(parts, work, connected.value, clock, kept);
      return result.ok ? result : fail(withModelPath(result.error, [model]));
    } finally {
      await Promise.all(connected.value.boards.map((board) => board.close()));
    }
  } finally {
    clock.stop();
  }
}

/** The boards of a run as they are to be connected now. Where several are now is not kept. */
function choicesOf({ request, changes }: Work): readonly [BoardChoice, ...BoardChoice[]] {
  const [first, ...others] = boardsOfCall(request.call);
  if (others.length === 0) return [{ ...first, ...changes }];
  const { address: _, ...accepted } = changes;
  return [{ ...first, ...accepted }, ...others.map((choice) => ({ ...choice, ...accepted }))];
}

/** A listener that keeps the stages in the store before it tells about them. */
function keepingStages(clock: RunClock, listener: Listener): Listener {
  const keep = (event: RunEvent): Result<void, AppError> => {
    if (event.kind === 'stageStarted') return clock.start(event.stage);
    if (event.kind === 'stageFinished') return clock.finish(event.stage, event.summary);
    return ok(undefined);
  };
  return {
    signal: listener.signal,
    confirmHostKey: (board, fingerprint) => listener.confirmHostKey(board, fingerprint),
    ask: listener.ask,
    onEvent: (event) => {
      const result = keep(event);
      if (!result.ok) throw new HostFailure(result.error);
      listener.onEvent(event);
    },
  };
}

async function searchOn(
  parts: AppParts,
  work: Work,
  { boards, left }: Connected,
  clock: RunClock,
  listener: Listener,
): Promise<Result<OptimizeResult, AppError>> {
  const { store, now, runInEngine } = parts;
  const { run, model, out, source } = work;
  const { call, cwd } = work.request;
  const [board] = boards;
  const further = boards.slice(1).map(({ identity }) => identity.id);
  const linked = store.runs.setBoard(run, board.identity, further);
  if (!linked.ok) return linked;
  if (work.boardId !== null && boards.every(({ identity }) => identity.id !== work.boardId)) {
    listener.onEvent({ kind: 'warning', warning: { kind: 'otherBoard', board: board.identity.name } });
  }
  const job: OptimizeJob = {
    modelPath: model.absolutePath,
    dataPath: resolvePath(cwd, call.dataPath),
    threads: call.threads,
    level: call.level ?? 'all',
    strategy: call.strategy ?? 'evolution',
    groupSize: call.groupSize,
    seed: call.seed,
    budgetSeconds: call.budgetSeconds,
    elapsedSeconds: clock.settle(),
    maxAccuracyDrop: call.maxAccuracyDrop,
    targetSpeedup: call.targetSpeedup ?? null,
  };
  const before = await readBoardsBefore(boards, listener);
  if (!before.ok) return before;
  const group = boardsOfCall(call).length > 1 ? groupOf(parts, work, { boards, left }, listener) : null;
  const host = makeEngineHost(store, { run, board, model, listener, group });
  // A run that only chooses judges what another has found.
  const outcome = source
    ? await runInEngine('pick', { job, ...source }, host)
    : await runInEngine('optimize', job, host);
  if (!outcome.ok) return outcome;

  const started = performance.now();
  listener.onEvent({ kind: 'stageStarted', stage: 'report' });
  const deciding = group?.deciding() ?? board;
  const known = before.value.get(deciding) ?? null;
  const spent = await energyOfRun(deciding, known, { outcome: outcome.value, model, job }, listener);
  if (!spent.ok) return spent;
  clock.settle();
  const made = makeResult({
    run,
    job,
    createdAt: now(),
    model,
    identity: deciding.identity,
    standings: group?.standings() ?? null,
    outcome: outcome.value,
    before: known,
    energy: spent.value,
    stages: store.stages.list(run).map(({ name, seconds }) => ({ name, seconds })),
  });
  const kept = storeFindings(store, made, out);
  if (!kept.ok) return kept;
  const written = writeResult(out, made);
  if (!written.ok) return written;
  listener.onEvent({
    kind: 'stageFinished',
    stage: 'report',
    seconds: (performance.now() - started) / 1000,
    summary: { kind: 'reported', files: written.value.length },
  });
  return endRun(store, made.result, written.value);
}

/** The boards of a run with several, as one. */
function groupOf(
  { store }: AppParts,
  { run, model }: Work,
  { boards, left }: Connected,
  listener: Listener,
): BoardGroup {
  const { signal } = listener;
  const [first, ...others] = boards.map((board) => ({
    board,
    measuring: makeMeasuring(store, { run, board, model, signal }),
  }));
  if (!first) throw new Error('A run without a board');
  return makeBoardGroup([first, ...others], left, ({ address, error }) =>
    listener.onEvent({ kind: 'warning', warning: { kind: 'boardLeftOut', board: address, error } }),
  );
}
