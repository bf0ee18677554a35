import { createHash, randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname, networkInterfaces, userInfo } from 'node:os';
import type { LockOwner } from '../board/deployment/lock.ts';
import { isAlive, thisProcess } from '../store/process-identity.ts';

/** Pieces of work of this very process; a token of ours that is not among them belongs to one that is over. */
const atWork = new Set<string>();

/** Who this process is where it works on a board, for a lock that others can judge. */
export function newOwner(bootId: string, now: Date): LockOwner {
  const token = randomUUID();
  atWork.add(token);
  return {
    token,
    computer: computerId(),
    host: hostname(),
    ...thisProcess(),
    user: userName(),
    bootId,
    at: now.toISOString(),
  };
}

/** Ends a piece of work. */
export const releaseOwner = ({ token }: LockOwner): void => void atWork.delete(token);

/** Whether an owner is known to be gone: a process of this computer that has ended. Of others nothing is known. */
export function isDeadOwner({ computer, pid, started, token }: LockOwner): boolean {
  if (computer !== computerId()) return false;
  const self = thisProcess();
  if (pid === self.pid && started === self.started) return !atWork.has(token);
  return !isAlive({ pid, started });
}

/** Who works, for people: `user@computer`. */
export const workerName = (): string => `${userName()}@${hostname()}`;

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    // A user id without a name, as in some containers.
    return 'unknown';
  }
}

/** Tells computers apart that are named alike, or were copied from one image. */
function computerId(): string {
  let machineId = '';
  try {
    machineId = readFileSync('/etc/machine-id', 'utf8').trim();
  } catch {
    // Other systems have none.
  }
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter(({ internal }) => !internal)
    .map(({ mac }) => mac)
    .sort();
  const parts = [hostname(), machineId, addresses[0] ?? ''];
  return createHash('sha256').update(parts.join('\0')).digest('hex').slice(0, 32);
}
