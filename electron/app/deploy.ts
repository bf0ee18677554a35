import { incomingPath } from '../board/deployment/activation.ts';
import { inspectPath, type PathFacts } from '../board/deployment/inspect.ts';
import { type DeploymentPlace, spareBytes } from '../board/deployment/layout.ts';
import { type Held, isHeldByLiving, lockedBy } from '../board/deployment/lock.ts';
import { smokeOnBoard, sourceOf } from '../board/deployment/smoke.ts';
import type { Listener } from '../contract/api.ts';
import type { DeployCall, DeployPlan, DeployResult, SmokeFigures } from '../contract/deploy.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { SmokeReply, SmokeSamples } from '../runner/smoke-samples.ts';
import { type Contact, isLinkGone, readPlace, refusalOf, withContact, withLock } from './deploy-contact.ts';
import { isDeadOwner, workerName } from './deploy-owner.ts';
import { keepingRecord } from './deploy-record.ts';
import { type DeploySubject, findSubject, smokeSamplesOf } from './deploy-source.ts';
import {
  abandonChange,
  beginChange,
  type Change,
  makeChange,
  type ServiceCommands,
} from './deploy-switch.ts';
import { refusedByTrial, trialBefore } from './deploy-trial.ts';
import { type AppParts, orCancelled } from './parts.ts';

/**
 * Largest ‖output − expected‖ / ‖expected‖ of a sample that a board may differ by. Kernels of another architecture
 * round differently, those for 8 bits by a step of the quantization here and there; a wrong or damaged model is off by
 * the size of its outputs.
 */
const relativeErrorLimit = 0.05;
/** A model that takes this many times what the run measured is not what was measured. */
const slowestRatio = 10;
/** Times below this are too short to be judged by a handful of calls. */
const leastJudgedUs = 20_000;

/** Puts a model on a board; see `Api.deploy`. */
export async function deploy(
  parts: AppParts,
  call: DeployCall,
  listener: Listener,
): Promise<Result<DeployResult, AppError>> {
  const started = performance.now();
  const place = readPlace(call.path);
  if (!place.ok) return place;
  const subject = await findSubject(parts, call.source);
  if (!subject.ok) return subject;
  const deployed = await withContact(parts, call.board, listener, (contact) =>
    onBoard(parts, call, { contact, place: place.value, subject: subject.value, listener, started }),
  );
  return orCancelled(deployed, listener);
}

interface Work {
  readonly contact: Contact;
  readonly place: DeploymentPlace;
  readonly subject: DeploySubject;
  readonly listener: Listener;
  /** `performance.now()` at the beginning. */
  readonly started: number;
}

async function onBoard(
  parts: AppParts,
  call: DeployCall,
  work: Work,
): Promise<Result<DeployResult, AppError>> {
  const { contact, place, subject, listener } = work;
  const { shell, board } = contact;
  const seen = await inspectPath(shell, place, { signal: listener.signal });
  if (!seen.ok) return seen;
  const facts = seen.value;
  const refusal = refusalOf(shell.board, place, facts);
  if (refusal) return fail(refusal);
  const { path } = place;
  if (facts.kind === 'plain' && !call.manage)
    return fail({ kind: 'deployUnmanaged', board: shell.board, path });
  const { measuredOn, run } = subject;
  const isOther = measuredOn !== null && measuredOn.id !== board.id;
  if (isOther && run !== null && !call.otherBoard)
    return fail({ kind: 'deployOtherBoard', board: board.name, run, measuredOn: measuredOn.name });
  const trialNow = () => trialBefore(parts.store, subject, facts.file?.sha256 ?? null, board.id);
  const trial = trialNow();
  const rejected = refusedByTrial(shell.board, call, trial);
  if (rejected) return fail(rejected);
  if (isHeldByLiving(facts, isDeadOwner) && !call.breakLock) return fail(lockedBy(shell.board, place, facts));

  const commands: ServiceCommands = {
    restart: call.restart ?? null,
    health: call.health ?? null,
    healthTimeoutSeconds: call.healthTimeoutSeconds,
  };
  const plan: DeployPlan = {
    action: 'deploy',
    board,
    address: shell.board,
    path,
    run,
    model: { name: subject.name, sha256: subject.sha256, sizeBytes: subject.bytes.length },
    comparison: subject.comparison,
    measuredOn: isOther ? measuredOn.name : null,
    trial,
    now: facts.file,
    becomesManaged: facts.kind === 'plain',
    ...commands,
  };
  if (!(await listener.confirmDeployment?.(plan))) return fail({ kind: 'cancelled' });
  // While the person thinks, this computer finds out nothing; what the model makes of its inputs is made now.
  const samples = await smokeSamplesOf(parts, subject, listener);
  if (!samples.ok) return samples;

  const about = {
    action: 'deploy',
    boardId: board.id,
    boardName: board.name,
    address: shell.board,
    path,
    run,
    sha256: subject.sha256,
    previous: facts.file?.sha256 ?? null,
    by: workerName(),
  } as const;
  return keepingRecord(parts.store, about, (record) =>
    withLock(parts, contact, place, facts, call.breakLock, listener, async (held, now) => {
      // What the person agreed to is what has to be there still.
      if (now.kind !== facts.kind || now.file?.sha256 !== facts.file?.sha256) {
        return fail({ kind: 'deployChanged', board: shell.board, path });
      }
      // Somebody may have decided while this person thought.
      const rejectedNow = refusedByTrial(shell.board, call, trialNow());
      if (rejectedNow) return fail(rejectedNow);
      const reached = record.reach('uploading');
      if (!reached.ok) return reached;
      const there = now.releases.find(({ sha256 }) => sha256 === subject.sha256);
      const { sha256, bytes } = subject;
      const source = there ? { release: there.release } : 'incoming';
      const wanted = { sha256, sizeBytes: bytes.length, run, source } as const;
      const begun = await beginChange(held, now, 'deploy', wanted, commands, parts.now());
      if (!begun.ok) return begun;
      const prepared = await prepare(work, held, now, begun.value, samples.value, record);
      if (!prepared.ok) {
        if (!isLinkGone(prepared.error)) await abandonChange(begun.value);
        return prepared;
      }
      listener.onEvent({ kind: 'stageStarted', stage: 'switch' });
      const switching = record.reach('switching');
      if (!switching.ok) {
        await abandonChange(begun.value);
        return switching;
      }
      const startedMs = performance.now();
      const prove = async (): Promise<Result<string | null, AppError>> => {
        const smoke = await smoked(work, held, path, samples.value);
        return smoke.ok ? ok(troubleOf(smoke.value, subject)) : smoke;
      };
      const changed = await makeChange(begun.value, listener, prove);
      if (!changed.ok) return changed;
      listener.onEvent({
        kind: 'stageFinished',
        stage: 'switch',
        seconds: (performance.now() - startedMs) / 1000,
        summary: { kind: 'switched', ...changed.value },
      });
      const { smoke, sentBytes } = prepared.value;
      const seconds = (performance.now() - work.started) / 1000;
      const { action } = about;
      return ok({
        id: record.id,
        action,
        board,
        address: shell.board,
        path,
        ...changed.value,
        smoke,
        trial,
        sentBytes,
        seconds,
      });
    }),
  );
}

/** Uploads where needed, and lets the board try the model. Errors: `boardDiskFull`, `deploySmokeFailed`, those of an upload. */
async function prepare(
  work: Work,
  held: Held,
  facts: PathFacts,
  { source }: Change,
  samples: SmokeSamples & { readonly fromData: boolean },
  record: { reach(state: 'verifying'): Result<void, AppError> },
): Promise<Result<{ readonly smoke: SmokeFigures; readonly sentBytes: number }, AppError>> {
  const { subject, listener, place } = work;
  const { shell } = held;
  const { sha256, bytes } = subject;
  let model = `${place.home}/releases/${source === 'incoming' ? 0 : source.release}/${place.name}`;
  let sentBytes = 0;
  if (source === 'incoming') {
    // A plain file that may have no second name is copied.
    const neededBytes =
      bytes.length + spareBytes + (facts.kind === 'plain' ? (facts.file?.sizeBytes ?? 0) : 0);
    const full = { kind: 'boardDiskFull', board: shell.board, folder: place.folder, neededBytes } as const;
    if (facts.freeBytes !== null && facts.freeBytes < neededBytes) return fail(full);
    model = incomingPath(held, sha256);
    const startedMs = performance.now();
    listener.onEvent({ kind: 'stageStarted', stage: 'upload' });
    const sent = await shell.upload(sourceOf(bytes), model, {
      signal: listener.signal,
      onProgress: (done, total) =>
        listener.onEvent({ kind: 'progress', stage: 'upload', done, total, note: { kind: 'modelBytes' } }),
    });
    if (!sent.ok) return sent.error.kind === 'boardDiskFull' ? fail(full) : sent;
    sentBytes = sent.value.sentBytes;
    listener.onEvent({
      kind: 'stageFinished',
      stage: 'upload',
      seconds: (performance.now() - startedMs) / 1000,
      summary: { kind: 'uploaded', sentBytes },
    });
  }
  const reached = record.reach('verifying');
  if (!reached.ok) return reached;
  const startedMs = performance.now();
  listener.onEvent({ kind: 'stageStarted', stage: 'smoke' });
  const smoke = await smoked(work, held, model, samples);
  if (!smoke.ok) return smoke;
  const trouble = troubleOf(smoke.value, subject);
  if (trouble !== null || !smoke.value.ok)
    return fail({ kind: 'deploySmokeFailed', board: shell.board, path: place.path, reason: trouble ?? '' });
  const { ok: _, ...figures } = smoke.value;
  listener.onEvent({
    kind: 'stageFinished',
    stage: 'smoke',
    seconds: (performance.now() - startedMs) / 1000,
    summary: { kind: 'smoked', ...figures },
  });
  return ok({ smoke: { ...figures, fromData: samples.fromData }, sentBytes });
}

const smoked = (
  { contact, subject, listener }: Work,
  held: Held,
  model: string,
  samples: SmokeSamples,
): Promise<Result<SmokeReply, AppError>> =>
  smokeOnBoard(held, contact.runner, model, samples, subject.settings, listener.signal);

/** What is wrong with a smoke run; null: nothing. */
function troubleOf(reply: SmokeReply, { medianUs }: DeploySubject): string | null {
  if (!reply.ok) return reply.reason;
  const { relativeError } = reply;
  if (!(relativeError <= relativeErrorLimit))
    return `its outputs differ from those on this computer by ${(100 * relativeError).toFixed(1)} %, at most ${100 * relativeErrorLimit} % is rounding`;
  if (medianUs !== null && reply.medianUs > leastJudgedUs && reply.medianUs > slowestRatio * medianUs)
    return `a call takes ${Math.round(reply.medianUs)} µs, the run measured ${Math.round(medianUs)} µs`;
  return null;
}
