import { randomBytes } from 'node:crypto';
import { resolve } from 'node:path';
import type { Board } from '../board/board.ts';
import type { GraphLevel, Listener } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { Trial, TrialCall, TrialProgress } from '../contract/trial.ts';
import { wilsonInterval95 } from '../engine/verify/intervals.ts';
import type { TrialDisagreement, TrialMalformed, TrialPart, TrialReply } from '../runner/protocol.ts';
import type { TrialRecord } from '../store/trials.ts';
import { differenceOf } from './compare.ts';
import { connect } from './connecting.ts';
import { type CheckedModel, openCheckedModel, sendModels, withModelPath } from './open-model.ts';
import { type AppParts, orCancelled } from './parts.ts';
import { optimizedOf, originalOf } from './queries/runs.ts';

/** How often a trial that goes on is written down, so that a killed app loses little. */
const saveEveryMs = 10_000;
/** More of what a board says is counted and not kept. */
const mostKept = 100;

/**
 * Lets B shadow A on the board, and keeps what came out as a trial that awaits approval; see `TrialCall`. Stopped, or
 * with the link gone, what was run counts. Errors: runUnknown, modelMissing, inputChanged, those of the models and
 * the board, trialRefused, trialEmpty, and those of every write of the store.
 */
export async function trial(
  parts: AppParts,
  call: TrialCall,
  listener: Listener,
): Promise<Result<Trial, AppError>> {
  const models = openModels(parts, call);
  if (!models.ok) return models;
  const [a, b] = models.value;
  const difference = differenceOf(a, b);
  if (difference !== null)
    return fail({ kind: 'modelsDiffer', pathA: a.path, pathB: b.path, reason: difference });
  const tried = await onBoard(parts, call, models.value, listener);
  return orCancelled(tried.ok ? tried : fail(withModelPath(tried.error, models.value)), listener);
}

function openModels(
  parts: AppParts,
  { models }: TrialCall,
): Result<readonly [CheckedModel, CheckedModel], AppError> {
  let paths: readonly [string, string];
  if ('run' in models) {
    const run = parts.store.runs.get(models.run);
    if (!run) return fail({ kind: 'runUnknown', run: models.run });
    const original = originalOf(run);
    if (!original.ok) return original;
    const optimized = optimizedOf(parts, run);
    if (!optimized.ok) return optimized;
    paths = [original.value, optimized.value];
  } else {
    paths = [models.modelPathA, models.modelPathB];
  }
  const a = openCheckedModel(paths[0], parts.cwd);
  if (!a.ok) return a;
  const b = openCheckedModel(paths[1], parts.cwd);
  return b.ok ? ok([a.value, b.value]) : b;
}

async function onBoard(
  parts: AppParts,
  call: TrialCall,
  [a, b]: readonly [CheckedModel, CheckedModel],
  listener: Listener,
): Promise<Result<Trial, AppError>> {
  const connected = await connect(parts, call.board, listener);
  if (!connected.ok) return connected;
  const board = connected.value;
  const started = performance.now();
  try {
    listener.onEvent({ kind: 'stageStarted', stage: 'trial' });
    const put = await sendModels(board, [a, b]);
    if (!put.ok) return put;
    const going = makeGoing(parts, call, [a, b], board);
    const reply = await board.trial(
      going.request,
      (part) => {
        going.take(part);
        listener.onEvent({ kind: 'trial', progress: going.progress() });
        listener.onEvent({
          kind: 'progress',
          stage: 'trial',
          done: part.counts.inputs,
          total: call.most ?? 0,
          note: { kind: 'shadowing', agreed: part.counts.agreed, malformed: part.counts.malformed },
        });
      },
      listener.signal,
    );
    const done = going.finish(reply, listener.signal.aborted);
    if (!done.ok) return done;
    const { inputs, agreed } = done.value.counts;
    listener.onEvent({
      kind: 'stageFinished',
      stage: 'trial',
      seconds: (performance.now() - started) / 1000,
      summary: { kind: 'shadowed', inputs, agreed },
    });
    return done;
  } finally {
    await board.close();
  }
}

/** One trial that goes on: what has come of it, written down now and then. */
function makeGoing(
  { store, now, cwd }: AppParts,
  call: TrialCall,
  [a, b]: readonly [CheckedModel, CheckedModel],
  board: Board,
) {
  const level: GraphLevel = call.level ?? 'all';
  // Paths on this computer may be told as seen from where the person stands; those of other boards must be whole.
  const onBoard = (path: string): string => (board.address === 'local' ? resolve(cwd, path) : path);
  const startedAt = now().toISOString();
  const id = `t-${startedAt.replace(/[-:]/g, '').replace('T', '-').slice(0, 15)}-${randomBytes(2).toString('hex')}`;
  const inputs = onBoard(call.inputs);
  const outputs = call.outputs === undefined ? null : onBoard(call.outputs);
  const disagreements: TrialDisagreement[] = [];
  const malformed: TrialMalformed[] = [];
  let latest: TrialPart | null = null;
  let savedMs = performance.now();

  const recordOf = (
    counts: TrialPart['counts'],
    end: Pick<Trial, 'ended' | 'reason' | 'folder'>,
  ): TrialRecord => ({
    trial: id,
    startedAt,
    run: 'run' in call.models ? call.models.run : null,
    boardId: board.identity.id,
    boardName: board.identity.name,
    address: board.address,
    a: { path: a.path, sha256: a.sha256 },
    b: { path: b.path, sha256: b.sha256 },
    threads: call.threads,
    level,
    inputs,
    outputs,
    ...end,
    counts,
    agreementPercent: counts.inputs === 0 ? 0 : (100 * counts.agreed) / counts.inputs,
    agreementInterval95: percentInterval(counts.agreed, counts.inputs),
    disagreements: [...disagreements],
    malformed: [...malformed],
  });
  const refused = (reason: string): Result<never, AppError> =>
    fail({ kind: 'trialRefused', board: board.address, folder: inputs, reason });

  return {
    request: {
      sha256A: a.boardSha256,
      sha256B: b.boardSha256,
      settings: { threads: call.threads, level },
      trial: id,
      modelName: a.path.split(/[\\/]/).at(-1) ?? a.path,
      inputs,
      outputs,
      most: call.most ?? 0,
      watch: call.watch ?? false,
    },
    take(part: TrialPart): void {
      latest = part;
      disagreements.push(...part.disagreements.slice(0, mostKept - disagreements.length));
      malformed.push(...part.malformed.slice(0, mostKept - malformed.length));
      const nowMs = performance.now();
      if (nowMs - savedMs < saveEveryMs || part.counts.inputs === 0) return;
      savedMs = nowMs;
      // The end is written in any case; a save in between that fails has cost nothing yet.
      store.trials.save(recordOf(part.counts, { ended: 'interrupted', reason: '', folder: '' }));
    },
    progress: (): TrialProgress => ({
      counts: latest?.counts ?? emptyCounts,
      disagreements: disagreements.map(({ outputA: _, outputB: __, ...row }) => row),
      malformed: [...malformed],
    }),
    finish(reply: Result<TrialReply, AppError>, wasStopped: boolean): Result<Trial, AppError> {
      if (reply.ok && reply.value.refused !== '') return refused(reply.value.refused);
      if (reply.ok && reply.value.failed) {
        const { model, reason } = reply.value.failed;
        return fail({ kind: 'modelFailsToRun', path: [a, b][model]?.boardSha256 ?? '', reason });
      }
      const counts = reply.ok ? reply.value.counts : (latest?.counts ?? emptyCounts);
      if (counts.inputs === 0) {
        if (!reply.ok) return reply;
        if (wasStopped) return fail({ kind: 'cancelled' });
        const [first] = malformed;
        return fail({
          kind: 'trialEmpty',
          board: board.address,
          folder: inputs,
          malformed: counts.malformed,
          example: first ? `${first.file}: ${first.reason}` : '',
        });
      }
      const record = recordOf(counts, endOf(reply));
      const saved = store.trials.save(record);
      if (!saved.ok) return saved;
      // As it is kept: somebody may have decided on it while it went on.
      const kept = store.trials.get(id);
      return kept ? ok(kept) : fail({ kind: 'trialUnknown', trial: id });
    },
  };
}

function endOf(reply: Result<TrialReply, AppError>): Pick<Trial, 'ended' | 'reason' | 'folder'> {
  if (reply.ok) {
    const { ended, folder } = reply.value;
    return { ended: ended === 'complete' ? 'complete' : 'stopped', reason: '', folder };
  }
  const { error } = reply;
  if (error.kind === 'cancelled') return { ended: 'stopped', reason: '', folder: '' };
  return { ended: 'linkLost', reason: 'reason' in error ? error.reason : error.kind, folder: '' };
}

function percentInterval(agreed: number, inputs: number): readonly [number, number] {
  const [low, high] = wilsonInterval95(agreed, inputs);
  return [100 * low, 100 * high];
}

const noCalls = { calls: 0, p50Us: 0, p90Us: 0, p99Us: 0 } as const;
const emptyCounts = {
  ...{ inputs: 0, agreed: 0, malformed: 0, failedB: 0 },
  ...{ a: noCalls, b: noCalls, smallestCosine: null, largestDifference: null, by: null },
} as const;
