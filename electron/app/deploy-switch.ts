import {
  abandonSteps,
  activationSteps,
  type Before,
  dropReleases,
  freeReserveSteps,
  journalSteps,
  nextRelease,
  reserveSteps,
  runSteps,
  settleSteps,
  withdrawSteps,
} from '../board/deployment/activation.ts';
import { activeManifest, inspectPath, type PathFacts } from '../board/deployment/inspect.ts';
import { keptReleases } from '../board/deployment/layout.ts';
import type { Held } from '../board/deployment/lock.ts';
import {
  type Journal,
  type Manifest,
  type ManifestEvent,
  nextManifest,
  type Version,
} from '../board/deployment/manifest.ts';
import { runHealth, runRestart } from '../board/deployment/service-commands.ts';
import type { Listener } from '../contract/api.ts';
import type { AppError, DeployError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { isLinkGone } from './deploy-contact.ts';
import { workerName } from './deploy-owner.ts';

/** The customer's commands as a person agreed to them. */
export interface ServiceCommands {
  readonly restart: string | null;
  readonly health: string | null;
  readonly healthTimeoutSeconds: number;
}

/** A change of the active model that has been noted on the board and not yet made. */
export interface Change {
  readonly held: Held;
  readonly action: 'deploy' | 'rollback';
  readonly before: Before;
  /** What is active until the switch, as a version to come back to; null where there is nothing. */
  readonly from: Version | null;
  /** The way home and the history of what is active until the switch. */
  readonly past: Pick<Manifest, 'previous' | 'history'>;
  readonly manifest: Manifest;
  readonly source: 'incoming' | { readonly release: number };
  readonly as: PathFacts['file'];
  readonly commands: ServiceCommands;
}

/** What is to become active. */
export interface Wanted {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly run: string | null;
  readonly source: Change['source'];
}

/** What a change came to. */
export interface Changed {
  readonly active: string;
  readonly previous: string | null;
  readonly restarted: boolean;
  readonly healthChecked: boolean;
}

/** Notes on the board what is about to change. Errors: those of `runSteps`. */
export async function beginChange(
  held: Held,
  ...about: Parameters<typeof planChange> extends [Held, ...infer Rest] ? Rest : never
): Promise<Result<Change, AppError>> {
  const { change, journal } = planChange(held, ...about);
  const noted = await runSteps(held, `write into ${held.place.home}`, journalSteps(journal));
  return noted.ok ? ok(change) : noted;
}

/** What a change takes, and what is noted of it first; nothing is done yet. */
export function planChange(
  held: Held,
  facts: PathFacts,
  action: Change['action'],
  wanted: Wanted,
  commands: ServiceCommands,
  at: Date,
): { readonly change: Change; readonly journal: Journal } {
  const { place } = held;
  const by = workerName();
  const next = nextRelease(facts);
  const known = activeManifest(facts);
  const stamp = at.toISOString();
  const { file } = facts;
  let past: Change['past'] = { previous: known?.previous ?? null, history: known?.history ?? [] };
  let before: Before = { kind: 'missing' };
  let from: Version | null = null;
  let target = next;
  if (facts.kind === 'managed' && facts.activeRelease !== null) {
    before = { kind: 'managed', release: facts.activeRelease };
    if (file) from = { sha256: file.sha256, sizeBytes: file.sizeBytes, release: facts.activeRelease };
  } else if (facts.kind === 'plain' && file) {
    from = { sha256: file.sha256, sizeBytes: file.sizeBytes, release: next };
    const found = eventOf(stamp, 'found', file.sha256, null, by);
    past = { previous: null, history: [found] };
    const kept = { path: place.path, active: from, ...commands };
    const manifest = nextManifest({ active: null, previous: null, history: [] }, kept, found);
    before = { kind: 'plain', sha256: file.sha256, keepAs: next, manifest };
    target = next + 1;
  }
  const manifest = nextManifest(
    { active: from, ...past },
    {
      path: place.path,
      active: { sha256: wanted.sha256, sizeBytes: wanted.sizeBytes, release: target },
      ...commands,
    },
    eventOf(stamp, action, wanted.sha256, wanted.run, by),
  );
  const journal: Journal = {
    action,
    at: stamp,
    by,
    run: wanted.run,
    from: from?.sha256 ?? null,
    to: wanted.sha256,
    releases: before.kind === 'plain' ? [next, target] : [target],
    target,
    hasCommands: commands.restart !== null || commands.health !== null,
  };
  const change = { held, action, before, from, past, manifest, source: wanted.source, as: file, commands };
  return { change, journal };
}

/** Undoes what was noted and prepared; a board that cannot be reached is left to the next contact. */
export async function abandonChange({ held, before, manifest }: Change): Promise<void> {
  const kept = before.kind === 'plain' ? [before.keepAs] : [];
  await runSteps(held, 'tidy up', abandonSteps(held, [...kept, manifest.active.release]));
}

/**
 * Switches, restarts and checks; where the service is not well afterwards, what was active before comes back and the
 * service is restarted once more. `prove` looks at the switched path where no health command does.
 * Errors: `deployRolledBack`, `deployChanged`, `boardCorrupted`, `boardDiskFull`, `cancelled`, those of the link.
 */
export async function makeChange(
  change: Change,
  listener: Listener,
  prove: () => Promise<Result<string | null, AppError>>,
): Promise<Result<Changed, AppError>> {
  const { held, manifest, commands } = change;
  const switched = await switchTo(change);
  if (!switched.ok) {
    if (!isLinkGone(switched.error)) await abandonChange(change);
    return switched;
  }
  const trouble = await serve(held, commands, listener, prove);
  if (!trouble.ok) {
    if (isLinkGone(trouble.error)) return trouble;
    // Whoever stops here has not seen the service well: what was before is safe.
    const back = await rollBack(change, { step: 'health', reason: trouble.error.kind }, listener);
    return !back.ok && back.error.kind === 'deployRolledBack' ? trouble : back;
  }
  if (trouble.value !== null) return rollBack(change, trouble.value, listener);
  const settled = await settle(held, manifest);
  if (!settled.ok) return settled;
  return ok({
    active: manifest.active.sha256,
    previous: manifest.previous?.sha256 ?? null,
    restarted: commands.restart !== null,
    healthChecked: commands.health !== null,
  });
}

/** Makes the switch. A script that was ended half way may have made it all the same, so the board is asked. */
async function switchTo({ held, before, manifest, source, as }: Change): Promise<Result<void, AppError>> {
  const target = manifest.active.release;
  const ran = await runSteps(held, `switch ${held.place.path}`, [
    ...reserveSteps(),
    ...activationSteps(held, { before, target, manifest, source, as }),
  ]);
  if (ran.ok || isLinkGone(ran.error)) return ran.ok ? ok(undefined) : ran;
  const facts = await inspectPath(held.shell, held.place);
  if (!facts.ok) return facts;
  return facts.value.activeRelease === target ? ok(undefined) : ran;
}

interface Trouble {
  readonly step: Extract<DeployError, { kind: 'deployRolledBack' }>['step'];
  readonly reason: string;
}

/** Restarts the service and sees whether it is well; null when it is. */
async function serve(
  held: Held,
  { restart, health, healthTimeoutSeconds }: ServiceCommands,
  listener: Listener,
  prove: () => Promise<Result<string | null, AppError>>,
): Promise<Result<Trouble | null, AppError>> {
  if (restart !== null) {
    const restarted = await runRestart(held, restart, listener.signal);
    if (!restarted.ok) return restarted;
    if (!restarted.value.ok) return ok({ step: 'restart', reason: restarted.value.reason });
  }
  if (health !== null) {
    const checked = await runHealth(held, health, healthTimeoutSeconds, listener.signal);
    if (!checked.ok) return checked;
    return ok(checked.value.ok ? null : { step: 'health', reason: checked.value.reason });
  }
  const proved = await prove();
  if (!proved.ok) return proved;
  return ok(proved.value === null ? null : { step: 'load', reason: proved.value });
}

async function rollBack(
  change: Change,
  { step, reason }: Trouble,
  listener: Listener,
): Promise<Result<never, AppError>> {
  const { held, from, commands } = change;
  const { shell, place } = held;
  const back = await takeBack(change);
  if (!back.ok) return back;
  let healthy = true;
  if (back.value !== null) {
    // The person may have gone; the service must be brought back all the same.
    const patient = { ...listener, signal: new AbortController().signal };
    const again = await serve(held, commands, patient, async () => ok(null));
    if (!again.ok) return again;
    healthy = again.value === null;
    const settled = await settle(held, back.value, [change.manifest.active.release]);
    if (!settled.ok) return settled;
  }
  return fail({
    kind: 'deployRolledBack',
    board: shell.board,
    path: place.path,
    step,
    reason,
    active: from?.sha256 ?? null,
    healthy,
  });
}

/** What was active before comes back, verified by its hash; null where there was nothing, and nothing of ours stays. */
async function takeBack(change: Change): Promise<Result<Manifest | null, AppError>> {
  const { held, before, from, past, manifest, as, commands } = change;
  const failed = manifest.active.release;
  if (from === null || before.kind === 'missing') {
    const withdrawn = await runSteps(held, 'take the model back', withdrawSteps(held, failed));
    return withdrawn.ok ? ok(null) : withdrawn;
  }
  const target = failed + 1;
  const at = new Date().toISOString();
  const back: Manifest = {
    schema: 1,
    path: manifest.path,
    active: { ...from, release: target },
    previous: past.previous,
    ...commands,
    history: [...manifest.history, eventOf(at, 'automatic rollback', from.sha256, null, workerName())],
  };
  const steps = [
    ...freeReserveSteps(),
    ...journalSteps({
      action: 'rollback',
      at,
      by: workerName(),
      run: null,
      from: manifest.active.sha256,
      to: from.sha256,
      releases: [target],
      target,
      hasCommands: commands.restart !== null || commands.health !== null,
    }),
    ...activationSteps(held, {
      before: { kind: 'managed', release: failed },
      target,
      manifest: back,
      source: { release: from.release },
      as,
    }),
  ];
  const switched = await runSteps(held, 'take the model back', steps);
  return switched.ok ? ok(back) : switched;
}

/** Ends the work on a path: the versions too many, the journal and the lock go. */
async function settle(
  held: Held,
  active: Manifest,
  failed: readonly number[] = [],
): Promise<Result<void, AppError>> {
  const facts = await inspectPath(held.shell, held.place);
  if (!facts.ok) return facts;
  const releases = facts.value.releases.filter(({ release }) => !failed.includes(release));
  const drop = dropReleases(releases, active, keptReleases);
  const settled = await runSteps(held, 'tidy up', settleSteps([...failed, ...drop]));
  return settled.ok ? ok(undefined) : settled;
}

const eventOf = (
  at: string,
  action: ManifestEvent['action'],
  sha256: string,
  run: string | null,
  by: string,
): ManifestEvent => ({ at, action, sha256, run, by });
