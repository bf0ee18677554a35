import { activeManifest, inspectPath, type PathFacts } from '../board/deployment/inspect.ts';
import type { DeploymentPlace } from '../board/deployment/layout.ts';
import { isHeldByLiving, lockedBy, takeLock } from '../board/deployment/lock.ts';
import { cutOffOf, recover } from '../board/deployment/recovery.ts';
import type { Listener } from '../contract/api.ts';
import type { CheckCall, CheckResult, DeploymentRecord, PathReport } from '../contract/deploy.ts';
import type { AppError } from '../contract/errors.ts';
import { ok, type Result } from '../contract/result.ts';
import type { RunWarning } from '../contract/run-notes.ts';
import { type Contact, readPlace, tellCutOff, withContact } from './deploy-contact.ts';
import { isDeadOwner, newOwner, releaseOwner } from './deploy-owner.ts';
import { type AppParts, orCancelled } from './parts.ts';
import { addressForms } from './queries/boards.ts';

/** Deployments as the history has them, the newest first; `board`: an address, or part of a name. */
export function listDeployments(
  { store }: Pick<AppParts, 'store'>,
  { board }: { readonly board?: string },
): readonly DeploymentRecord[] {
  const all = store.deployments.list();
  if (board === undefined) return all;
  const forms = addressForms(board);
  const part = board.toLowerCase();
  return all.filter(
    ({ address, boardName }) => forms.includes(address) || boardName.toLowerCase().includes(part),
  );
}

/** What was cut off in earlier sessions of this computer, told once. */
export function warningsOfInterrupted({ store }: Pick<AppParts, 'store'>): readonly RunWarning[] {
  const untold = store.deployments.takeUntold();
  // A history that cannot be written now tells at the next start.
  if (!untold.ok) return [];
  return untold.value.map(({ boardName, address, path, action, startedAt }) => ({
    kind: 'deploymentInterrupted',
    board: boardName,
    address,
    path,
    action,
    at: startedAt,
  }));
}

/** Asks a board what is active there; see `Api.checkDeployments`. */
export async function checkDeployments(
  parts: AppParts,
  call: CheckCall,
  listener: Listener,
): Promise<Result<CheckResult, AppError>> {
  const named = call.path === undefined ? null : readPlace(call.path);
  if (named && !named.ok) return named;
  const checked = await withContact(parts, call.board, listener, async (contact) => {
    const { shell, board } = contact;
    const known = parts.store.deployments.list(board.id).map(({ path }) => path);
    const paths = named ? [named.value.path] : [...new Set(known)].sort();
    const reports: PathReport[] = [];
    for (const path of paths) {
      const place = readPlace(path);
      if (!place.ok) return place;
      const report = await checkPath(parts, contact, place.value, listener);
      if (!report.ok) return report;
      reports.push(report.value);
    }
    return ok({ board, address: shell.board, paths: reports });
  });
  return orCancelled(checked, listener);
}

async function checkPath(
  { now }: AppParts,
  { shell }: Contact,
  place: DeploymentPlace,
  listener: Listener,
): Promise<Result<PathReport, AppError>> {
  const options = { hashReleases: true, signal: listener.signal };
  const looked = await inspectPath(shell, place, options);
  if (!looked.ok) return looked;
  const facts = looked.value;
  const cutOff = cutOffOf(facts);
  const found = cutOff && facts.journal ? { what: cutOff, by: facts.journal.by, at: facts.journal.at } : null;
  const isBusy = isHeldByLiving(facts, isDeadOwner);
  const isLeftover =
    facts.lock !== null || facts.journal !== null || (facts.hasHome && facts.kind !== 'managed');
  if (isBusy || !isLeftover) {
    return ok(reportOf(shell.board, place, facts, isBusy ? found : null, isBusy));
  }
  const owner = newOwner(facts.bootId, now());
  try {
    const held = await takeLock(shell, place, owner, facts, { breakLock: false, isDead: isDeadOwner });
    if (!held.ok) return held;
    const fresh = await inspectPath(shell, place, options);
    if (!fresh.ok) return fresh;
    const recovered = await recover(held.value, fresh.value);
    if (!recovered.ok) return recovered;
    if (recovered.value) tellCutOff(listener, shell.board, place, recovered.value);
  } finally {
    releaseOwner(owner);
  }
  const after = await inspectPath(shell, place, options);
  return after.ok ? ok(reportOf(shell.board, place, after.value, found, false)) : after;
}

function reportOf(
  board: string,
  place: DeploymentPlace,
  facts: PathFacts,
  cutOff: PathReport['cutOff'],
  isBusy: boolean,
): PathReport {
  const { kind, file, releases, activeRelease } = facts;
  const standing = kind === 'managed' || kind === 'plain' || kind === 'missing' ? kind : 'foreign';
  const manifest = activeManifest(facts);
  const holder = lockedBy(board, place, facts);
  return {
    path: place.path,
    standing,
    active: file,
    matches: kind !== 'managed' ? null : manifest !== null && file?.sha256 === manifest.active.sha256,
    versions: releases
      .toSorted((a, b) => b.release - a.release)
      .map((stored) => ({
        sha256: stored.manifest?.active.sha256 ?? stored.sha256 ?? '',
        isActive: stored.release === activeRelease,
        isPrevious: stored.release === manifest?.previous?.release,
        sound: stored.sha256 !== null && stored.sha256 === stored.manifest?.active.sha256,
      })),
    lockedBy: isBusy && holder.kind === 'deployLocked' ? holder.holder : null,
    cutOff,
  };
}
