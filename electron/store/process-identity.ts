import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** A process, such that a later one with the same number is told apart from it. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When the process started, in the system's own terms; null where the system does not tell. */
  readonly started: string | null;
}

/** This process. */
export function thisProcess(): ProcessIdentity {
  return { pid: process.pid, started: startOf(process.pid) };
}

/** Whether the process still runs: its number is taken, and by the process that started then. */
export function isAlive(identity: ProcessIdentity): boolean {
  if (!isTaken(identity.pid)) return false;
  return identity.started === null || identity.started === startOf(identity.pid);
}

function isTaken(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process may not be signalled, but it lives.
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function startOf(pid: number): string | null {
  if (process.platform === 'linux') return startOnLinux(pid);
  if (process.platform === 'win32') return null;
  const listed = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' });
  return listed.status === 0 ? listed.stdout.trim() : null;
}

function startOnLinux(pid: number): string | null {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses and may hold blanks; the start time is field 22.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie still has its number and its start, but will never write again.
    return fields[0] === 'Z' ? null : `${boot}:${fields[19] ?? ''}`;
  } catch {
    return null;
  }
}
