import { journalSteps, runSteps, unmanageSteps } from '../board/deployment/activation.ts';
import { activeManifest, inspectPath, type PathFacts } from '../board/deployment/inspect.ts';
import type { DeploymentPlace } from '../board/deployment/layout.ts';
import { isHeldByLiving, lockedBy } from '../board/deployment/lock.ts';
import type { Listener } from '../contract/api.ts';
import type {
  DeployAction,
  DeployPlan,
  DeployResult,
  RollbackCall,
  UnmanageCall,
} from '../contract/deploy.ts';
import type { AppError, DeployError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { type Contact, isLinkGone, readPlace, refusalOf, withContact, withLock } from './deploy-contact.ts';
import { isDeadOwner, workerName } from './deploy-owner.ts';
import { type DeploymentNote, keepingRecord } from './deploy-record.ts';
import { beginChange, makeChange, type ServiceCommands } from './deploy-switch.ts';
import { type AppParts, orCancelled } from './parts.ts';

/** A version of the board that may become active again; its bytes are what its hash says. */
interface WayBack {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly release: number;
  readonly run: string | null;
}

/** Makes an earlier version active again; see `Api.rollback`. */
export async function rollback(
  parts: AppParts,
  call: RollbackCall,
  listener: Listener,
): Promise<Result<DeployResult, AppError>> {
  const started = performance.now();
  return onManaged(parts, call, listener, async ({ contact, place, facts, commands }) => {
    const { shell } = contact;
    const way = wayBack(shell.board, place, facts, call.to);
    if (!way.ok) return way;
    const { sha256, sizeBytes } = way.value;
    const plan = planOf('rollback', contact, place, facts, commands);
    const agreed = await listener.confirmDeployment?.({ ...plan, model: { name: '', sha256, sizeBytes } });
    if (!agreed) return fail({ kind: 'cancelled' });
    return recorded(parts, contact, place, facts, { action: 'rollback', sha256 }, (record) =>
      withLock(parts, contact, place, facts, call.breakLock, listener, async (held, now) => {
        if (now.file?.sha256 !== facts.file?.sha256)
          return fail({ kind: 'deployChanged', board: shell.board, path: call.path });
        // The look is fresh and every version was hashed anew.
        const still = wayBack(shell.board, place, now, sha256);
        if (!still.ok) return still;
        const wanted = { ...still.value, source: { release: still.value.release } };
        const begun = await beginChange(held, now, 'rollback', wanted, commands, parts.now());
        if (!begun.ok) return begun;
        listener.onEvent({ kind: 'stageStarted', stage: 'switch' });
        const reached = record.reach('switching');
        if (!reached.ok) return reached;
        const startedMs = performance.now();
        const changed = await makeChange(begun.value, listener, async () => {
          const after = await inspectPath(shell, place);
          if (!after.ok) return after;
          return ok(after.value.file?.sha256 === sha256 ? null : 'the path leads to other bytes');
        });
        if (!changed.ok) return changed;
        tellSwitched(listener, startedMs, changed.value);
        return ok({
          ...resultOf(record, 'rollback', contact, place, started),
          ...changed.value,
        });
      }),
    );
  });
}

/** Gives the plain file back and takes our folder away; see `Api.unmanage`. */
export async function unmanage(
  parts: AppParts,
  call: UnmanageCall,
  listener: Listener,
): Promise<Result<DeployResult, AppError>> {
  const started = performance.now();
  return onManaged(parts, call, listener, async ({ contact, place, facts, commands }) => {
    const { shell } = contact;
    const { file } = facts;
    if (!file)
      return fail({
        kind: 'deployNoWayBack',
        board: shell.board,
        path: call.path,
        problem: 'missing',
        sha256: '',
      });
    const none = { ...commands, restart: null, health: null };
    const plan = planOf('unmanage', contact, place, facts, none);
    if (!(await listener.confirmDeployment?.(plan))) return fail({ kind: 'cancelled' });
    return recorded(parts, contact, place, facts, { action: 'unmanage', sha256: file.sha256 }, (record) =>
      withLock(parts, contact, place, facts, call.breakLock, listener, async (held, now) => {
        if (now.activeRelease === null || now.file?.sha256 !== file.sha256)
          return fail({ kind: 'deployChanged', board: shell.board, path: call.path });
        listener.onEvent({ kind: 'stageStarted', stage: 'switch' });
        const reached = record.reach('switching');
        if (!reached.ok) return reached;
        const startedMs = performance.now();
        const steps = [
          ...journalSteps({
            action: 'unmanage',
            at: parts.now().toISOString(),
            by: workerName(),
            run: null,
            from: file.sha256,
            to: file.sha256,
            releases: [],
            target: null,
            hasCommands: false,
          }),
          ...unmanageSteps(held, now.activeRelease, file.sha256),
        ];
        const ran = await runSteps(held, `give ${call.path} back`, steps);
        if (!ran.ok && isLinkGone(ran.error)) return ran;
        const after = await inspectPath(shell, place);
        if (!after.ok) return after;
        if (after.value.kind !== 'plain' || after.value.file?.sha256 !== file.sha256)
          return ran.ok ? fail({ kind: 'deployChanged', board: shell.board, path: call.path }) : ran;
        const changed = { active: file.sha256, previous: null, restarted: false, healthChecked: false };
        tellSwitched(listener, startedMs, changed);
        return ok({ ...resultOf(record, 'unmanage', contact, place, started), ...changed });
      }),
    );
  });
}

/** A path that is managed, as it was found, and the commands that belong to it. */
interface Managed {
  readonly facts: PathFacts;
  readonly commands: ServiceCommands;
}

/** Connects and looks at the path of a call, which has to be managed; what `work` gives is the outcome. */
async function onManaged(
  parts: AppParts,
  call: Pick<RollbackCall, 'board' | 'path' | 'breakLock'>,
  listener: Listener,
  work: (
    found: Managed & { readonly contact: Contact; readonly place: DeploymentPlace },
  ) => Promise<Result<DeployResult, AppError>>,
): Promise<Result<DeployResult, AppError>> {
  const place = readPlace(call.path);
  if (!place.ok) return place;
  const done = await withContact(parts, call.board, listener, async (contact) => {
    const looked = await lookAtManaged(contact, place.value, call.breakLock, listener);
    return looked.ok ? work({ ...looked.value, contact, place: place.value }) : looked;
  });
  return orCancelled(done, listener);
}

/** Looks at a path that has to be managed, and reads which commands belong to it. */
async function lookAtManaged(
  { shell }: Contact,
  place: DeploymentPlace,
  breakLock: boolean,
  listener: Listener,
): Promise<Result<Managed, AppError>> {
  const looked = await inspectPath(shell, place, { hashReleases: true, signal: listener.signal });
  if (!looked.ok) return looked;
  const facts = looked.value;
  const { path } = place;
  const refusal = refusalOf(shell.board, place, facts);
  if (refusal) return fail(refusal);
  if (facts.kind !== 'managed')
    return fail({ kind: 'deployPath', board: shell.board, path, problem: 'notManaged' });
  if (isHeldByLiving(facts, isDeadOwner) && !breakLock) return fail(lockedBy(shell.board, place, facts));
  const manifest = activeManifest(facts);
  return ok({
    facts,
    commands: {
      restart: manifest?.restart ?? null,
      health: manifest?.health ?? null,
      healthTimeoutSeconds: manifest?.healthTimeoutSeconds ?? 30,
    },
  });
}

/** The version to go back to, when its bytes are sound. Errors: deployNoWayBack. */
function wayBack(
  board: string,
  { path }: DeploymentPlace,
  facts: PathFacts,
  to: string | undefined,
): Result<WayBack, DeployError> {
  const refuse = (problem: 'none' | 'missing' | 'damaged', sha256 = ''): Result<never, DeployError> =>
    fail({ kind: 'deployNoWayBack', board, path, problem, sha256 });
  const previous = activeManifest(facts)?.previous ?? null;
  const wanted = to ?? previous?.sha256;
  if (wanted === undefined) return refuse('none');
  const named = facts.releases.filter(({ manifest, release, sha256 }) =>
    release === previous?.release && previous.sha256.startsWith(wanted)
      ? true
      : (manifest?.active.sha256 ?? sha256 ?? '').startsWith(wanted),
  );
  if (named.length === 0) return refuse('missing', wanted);
  const sound = named.find(({ manifest, release, sha256 }) => {
    const expected = release === previous?.release ? previous.sha256 : manifest?.active.sha256;
    return sha256 !== null && sha256 === expected && sha256.startsWith(wanted);
  });
  if (!sound || sound.sha256 === null)
    return refuse(named.some(({ sha256 }) => sha256 !== null) ? 'damaged' : 'missing', wanted);
  const { manifest, release, sha256 } = sound;
  const sizeBytes = manifest?.active.sizeBytes ?? 0;
  return ok({ sha256, sizeBytes, release, run: manifest?.history.at(-1)?.run ?? null });
}

const planOf = (
  action: DeployAction,
  { shell, board }: Contact,
  { path }: DeploymentPlace,
  { file }: PathFacts,
  commands: ServiceCommands,
): DeployPlan => ({
  action,
  board,
  address: shell.board,
  path,
  run: null,
  model: null,
  comparison: null,
  measuredOn: null,
  trial: null,
  now: file,
  becomesManaged: false,
  ...commands,
});

function recorded(
  { store }: AppParts,
  { shell, board }: Contact,
  { path }: DeploymentPlace,
  { file }: PathFacts,
  about: { readonly action: DeployAction; readonly sha256: string },
  work: (record: DeploymentNote) => Promise<Result<DeployResult, AppError>>,
): Promise<Result<DeployResult, AppError>> {
  return keepingRecord(
    store,
    {
      ...about,
      boardId: board.id,
      boardName: board.name,
      address: shell.board,
      path,
      run: null,
      previous: file?.sha256 ?? null,
      by: workerName(),
    },
    work,
  );
}

const resultOf = (
  { id }: DeploymentNote,
  action: DeployAction,
  { shell, board }: Contact,
  { path }: DeploymentPlace,
  startedMs: number,
) => ({
  id,
  action,
  board,
  address: shell.board,
  path,
  smoke: null,
  trial: null,
  sentBytes: 0,
  seconds: (performance.now() - startedMs) / 1000,
});

function tellSwitched(
  listener: Listener,
  startedMs: number,
  {
    active,
    previous,
    restarted,
    healthChecked,
  }: Pick<DeployResult, 'active' | 'previous' | 'restarted' | 'healthChecked'>,
): void {
  listener.onEvent({
    kind: 'stageFinished',
    stage: 'switch',
    seconds: (performance.now() - startedMs) / 1000,
    summary: { kind: 'switched', active, previous, restarted, healthChecked },
  });
}
