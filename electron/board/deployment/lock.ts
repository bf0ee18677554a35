import { z } from 'zod';
import type { DeployError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { type BoardShell, commandFailed, quoteForShell } from '../shell.ts';
import type { PathFacts } from './inspect.ts';
import { type DeployFailure, type DeploymentPlace, preludeOf, spareBytes } from './layout.ts';
import { readJson } from './manifest.ts';

/** Who works at a path; written into the lock itself, so that there is never a lock without an owner. */
export interface LockOwner {
  /** Tells this piece of work apart from every other; letters, digits and hyphens. */
  readonly token: string;
  /** Computer that works, for machines and for people. */
  readonly computer: string;
  readonly host: string;
  readonly pid: number;
  /** When the process started, in the system's own terms. */
  readonly started: string | null;
  readonly user: string;
  /** Boot of the board: after another one, no link of that time is left. */
  readonly bootId: string;
  /** ISO 8601, by the clock of the computer. */
  readonly at: string;
}

const ownerSchema = z.object({
  token: z.string().regex(/^[0-9a-zA-Z-]{8,64}$/),
  computer: z.string(),
  host: z.string(),
  pid: z.number().int(),
  started: z.string().nullable(),
  user: z.string(),
  bootId: z.string(),
  at: z.string(),
});

/** A path of a board that this process alone works at. */
export interface Held {
  readonly shell: BoardShell;
  readonly place: DeploymentPlace;
  readonly owner: LockOwner;
}

/** From here on a lock may be broken by a person who asks for it; every step and every byte sent is a sign of life. */
export const breakableAfterSeconds = 300;

/** Exit codes of the scripts, beside 0. */
export const scriptExits = {
  /** The lock is not ours (any more). */
  lockLost: 61,
  /** The path is not what it was when it was looked at. */
  changed: 62,
  /** Bytes are not what their hash says. */
  corrupted: 63,
} as const;

const lockText = (owner: LockOwner): string => JSON.stringify(owner);

/**
 * Lines that every script which changes something begins with: it says which process it is, so that who takes over a
 * lock can end it, and goes on only while the lock is ours: `own` checks that, here and before the switch.
 */
export function heldPrelude({ place, owner }: Pick<Held, 'place' | 'owner'>): string {
  return `${preludeOf(place)}
O=${quoteForShell(lockText(owner))}
own() { [ "$(readlink "$S/lock")" = "$O" ] || exit ${scriptExits.lockLost}; }
own
echo $$ >"$S/pid"; : >"$S/beat"
own`;
}

/**
 * Takes the lock of a path, from a dead owner too: one whose process is gone on this computer, one from before the
 * board's last boot, or with `breakLock` one that was quiet for `breakableAfterSeconds`. What a dead owner's script
 * still does on the board is ended first. Errors: `deployLocked`, `boardCommandFailed`, `boardDiskFull`, those of the link.
 */
export async function takeLock(
  shell: BoardShell,
  place: DeploymentPlace,
  owner: LockOwner,
  facts: PathFacts,
  { breakLock, isDead }: { readonly breakLock: boolean; isDead(owner: LockOwner): boolean },
): Promise<Result<Held, DeployFailure>> {
  const old = facts.lock;
  if (old !== null && !mayTake(old, facts, breakLock, isDead))
    return fail(lockedBy(shell.board, place, facts));
  const script = `${preludeOf(place)}
O=${quoteForShell(lockText(owner))}
T=${quoteForShell(owner.token)}
give_up() { rmdir "$S/releases" "$S/incoming" "$S" 2>/dev/null; exit 1; }
mkdir -p "$S/releases" "$S/incoming" || give_up
${old === null ? '' : stealing(old)}
ln -s "$O" "$S/lock" 2>/dev/null || { [ -L "$S/lock" ] && exit ${scriptExits.lockLost}; ln -s "$O" "$S/lock" || give_up; }
: >"$S/beat"
rm -rf "$S".gone-* "$S"/lock-*`;
  const taken = await shell.run(script, {});
  if (!taken.ok) return taken;
  if (taken.value.code === 0) return ok({ shell, place, owner });
  if (taken.value.code === scriptExits.lockLost) return fail(lockedBy(shell.board, place, facts));
  if (/no space left|disk quota/i.test(taken.value.complaints))
    return fail({ kind: 'boardDiskFull', board: shell.board, folder: place.folder, neededBytes: spareBytes });
  return commandFailed(shell.board, `make ${place.home}`, taken.value);
}

/** Moves a dead owner's lock away and ends what its scripts still do. Of two that try, one gets it. */
function stealing(old: string): string {
  const token = readJson(ownerSchema, old)?.token ?? '';
  const end = `p=$(cat "$S/pid" 2>/dev/null); case $p in ''|*[!0-9]*) p=0;; esac
if grep -q -- ${quoteForShell(token)} "/proc/$p/cmdline" 2>/dev/null; then
  kill -9 "-$p" 2>/dev/null; kill -9 "$p" 2>/dev/null
  i=0; while [ $i -lt 50 ] && grep -q -- ${quoteForShell(token)} "/proc/$p/cmdline" 2>/dev/null; do
    sleep 0.1 2>/dev/null || sleep 1; i=$((i + 1)); done
fi`;
  return `B=${quoteForShell(old)}
if [ -L "$S/lock" ]; then
  mv "$S/lock" "$S/lock-$T" || exit ${scriptExits.lockLost}
  l=$(readlink "$S/lock-$T")
  if [ "$l" != "$B" ]; then ln -s "$l" "$S/lock"; rm -f "$S/lock-$T"; exit ${scriptExits.lockLost}; fi
fi
${token === '' ? '' : end}`;
}

function mayTake(
  lock: string,
  facts: PathFacts,
  breakLock: boolean,
  isDead: (owner: LockOwner) => boolean,
): boolean {
  const owner = readJson(ownerSchema, lock);
  if (owner && facts.bootId !== '' && owner.bootId !== '' && owner.bootId !== facts.bootId) return true;
  if (owner && isDead(owner)) return true;
  return breakLock && (facts.quietSeconds ?? breakableAfterSeconds) >= breakableAfterSeconds;
}

/** The lock as a failure that names its holder. */
export function lockedBy(board: string, { path }: DeploymentPlace, facts: PathFacts): DeployError {
  const owner = facts.lock === null ? null : readJson(ownerSchema, facts.lock);
  const quietSeconds = facts.quietSeconds ?? 0;
  return {
    kind: 'deployLocked',
    board,
    path,
    holder: owner ? `${owner.user}@${owner.host}` : '',
    since: owner?.at ?? '',
    quietSeconds,
    breakable: quietSeconds >= breakableAfterSeconds,
  };
}

/** Whether somebody holds the lock who may be alive. */
export function isHeldByLiving(facts: PathFacts, isDead: (owner: LockOwner) => boolean): boolean {
  return facts.lock !== null && !mayTake(facts.lock, facts, false, isDead);
}
