import { abandonSteps, runSteps } from '../board/deployment/activation.ts';
import { inspectPath, type PathFacts } from '../board/deployment/inspect.ts';
import { type DeploymentPlace, placeOf } from '../board/deployment/layout.ts';
import { type Held, takeLock } from '../board/deployment/lock.ts';
import { type Recovered, recover } from '../board/deployment/recovery.ts';
import { type RunnerCommand, readBoardIdentity } from '../board/deployment/smoke.ts';
import type { BoardShell } from '../board/shell.ts';
import type { BoardChoice, Listener } from '../contract/api.ts';
import type { AppError, DeployError } from '../contract/errors.ts';
import { fail, type Result } from '../contract/result.ts';
import type { BoardIdentity } from '../runner/protocol.ts';
import { contactOf } from './board-contact.ts';
import { isDeadOwner, newOwner, releaseOwner } from './deploy-owner.ts';
import { checkBoardAt } from './known-board.ts';
import type { AppParts } from './parts.ts';

/** A board that a deployment speaks to: a shell, the runner as a program, and who it is. */
export interface Contact {
  readonly shell: BoardShell;
  readonly runner: RunnerCommand;
  readonly board: BoardIdentity;
}

/**
 * Opens a shell, finds or installs the runner, asks who the board is, and gives all that to `work`; the link is closed
 * after it. Errors: those of `openShell`, `findRunner`, `readBoardIdentity` and of `work`.
 */
export async function withContact<T>(
  parts: AppParts,
  choice: BoardChoice,
  listener: Listener,
  work: (contact: Contact) => Promise<Result<T, AppError>>,
): Promise<Result<T, AppError>> {
  const { store, stateFolder, tellChange } = parts;
  const started = performance.now();
  listener.onEvent({ kind: 'stageStarted', stage: 'connect' });
  const contact = contactOf(listener, () => {
    for (const list of ['hostKeys', 'boards'] as const) tellChange(list);
  });
  const opened = await parts.openShell(choice, contact, { stateFolder });
  if (!opened.ok) return opened;
  const shell = opened.value;
  try {
    const runner = await parts.findRunner(shell, contact, { stateFolder });
    if (!runner.ok) return runner;
    const identity = await readBoardIdentity(shell, runner.value, listener.signal);
    if (!identity.ok) return identity;
    const board = store.boards.recognise(identity.value);
    const checked = checkBoardAt(store, choice, shell.board, board);
    if (!checked.ok) return checked;
    const saved = store.boards.save(board, shell.board);
    if (!saved.ok) return saved;
    listener.onEvent({ kind: 'boardConnected', identity: board, installedBytes: 0 });
    const summary = { kind: 'connected', runtimeVersion: board.runtimeVersion, board: board.name } as const;
    const seconds = (performance.now() - started) / 1000;
    listener.onEvent({ kind: 'stageFinished', stage: 'connect', seconds, summary });
    return await work({ shell, runner: runner.value, board });
  } finally {
    await shell.close();
  }
}

/** The place of a path as the person gave it. Errors: `usage`. */
export function readPlace(path: string): Result<DeploymentPlace, AppError> {
  const place = placeOf(path);
  return place.ok ? place : fail({ kind: 'usage', option: '--to', value: path, expected: place.error });
}

/** Why a path is not taken, whatever is to be done there; null when it is. */
export function refusalOf(board: string, { path }: DeploymentPlace, facts: PathFacts): DeployError | null {
  const refuse = (problem: Extract<DeployError, { kind: 'deployPath' }>['problem']): DeployError => ({
    kind: 'deployPath',
    board,
    path,
    problem,
  });
  if (!facts.folderExists) return refuse('folderMissing');
  switch (facts.kind) {
    case 'directory':
    case 'foreignLink':
    case 'special':
      return refuse(facts.kind);
  }
  if (facts.folderReadOnly) return refuse('readOnly');
  if (!facts.folderWritable) return refuse('notWritable');
  return null;
}

/**
 * Takes the lock of a path, brings to an end what was cut off there and tells of it, then gives `work` a fresh look.
 * `work` gives the lock back itself as its last step. Errors: those of `takeLock`, `inspectPath`, `recover` and `work`.
 */
export async function withLock<T>(
  { now }: AppParts,
  { shell }: Contact,
  place: DeploymentPlace,
  seen: PathFacts,
  breakLock: boolean,
  listener: Listener,
  work: (held: Held, facts: PathFacts) => Promise<Result<T, AppError>>,
): Promise<Result<T, AppError>> {
  const owner = newOwner(seen.bootId, now());
  try {
    const held = await takeLock(shell, place, owner, seen, { breakLock, isDead: isDeadOwner });
    if (!held.ok) return held;
    const done = await withHeld(held.value, listener, work);
    // Free whatever did not come to its own end; a lock that was given back is not ours any more.
    if (!done.ok && !isLinkGone(done.error))
      await runSteps(held.value, 'tidy up', abandonSteps(held.value, []));
    return done;
  } finally {
    releaseOwner(owner);
  }
}

async function withHeld<T>(
  held: Held,
  listener: Listener,
  work: (held: Held, facts: PathFacts) => Promise<Result<T, AppError>>,
): Promise<Result<T, AppError>> {
  const { shell, place } = held;
  const locked = await inspectPath(shell, place);
  if (!locked.ok) return locked;
  const recovered = await recover(held, locked.value, { keepLock: true });
  if (!recovered.ok) return recovered;
  if (recovered.value) tellCutOff(listener, shell.board, place, recovered.value);
  const facts = await inspectPath(shell, place, { hashReleases: true });
  return facts.ok ? work(held, facts.value) : facts;
}

/** Tells what had been cut off at a path. */
export function tellCutOff(
  listener: Listener,
  board: string,
  { path }: DeploymentPlace,
  { cutOff, journal }: Recovered,
): void {
  const { action, by, at } = journal;
  listener.onEvent({
    kind: 'warning',
    warning: { kind: 'deploymentCutOff', board, path, cutOff, action, by, at },
  });
}

/** Whether nothing more can be said to the board: what it is left in is found out at the next contact. */
export const isLinkGone = (error: AppError): boolean =>
  error.kind === 'boardLost' || error.kind === 'boardUnreachable';
