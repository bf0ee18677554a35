import type { BoardReading } from './board-reading.ts';
import type { SystemFiles } from './system-files.ts';

/** Ticks in which /proc counts time; the kernel fixes them at 100 a second for user space (USER_HZ). */
const ticksPerSecond = 100;

/**
 * Finds the program that takes the most time over one wait, other than this one. `wait` resolves with the
 * milliseconds that went by. Null when none took any.
 */
export async function findBusiest(
  files: SystemFiles,
  wait: () => Promise<number>,
  ownPid: number = process.pid,
): Promise<BoardReading['busiest']> {
  const before = readTicks(files);
  const waitedMs = await wait();
  let busiest: BoardReading['busiest'] = null;
  for (const [pid, { ticks, name }] of readTicks(files)) {
    const start = before.get(pid);
    // A process that came meanwhile has spent all its time since.
    const spent = ticks - (start !== undefined && start.ticks <= ticks ? start.ticks : 0);
    const cores = spent / ticksPerSecond / (waitedMs / 1000);
    if (pid !== ownPid && spent > 0 && cores > (busiest?.cores ?? 0)) busiest = { name, cores };
  }
  return busiest;
}

function readTicks(
  files: SystemFiles,
): ReadonlyMap<number, { readonly ticks: number; readonly name: string }> {
  const times = new Map<number, { readonly ticks: number; readonly name: string }>();
  for (const folder of files.list('/proc', /^\d+$/)) {
    // The name stands in brackets and may hold blanks and brackets itself.
    const [, pid, name, rest] = /^(\d+) \((.*)\) (.*)$/s.exec(files.read(`${folder}/stat`) ?? '') ?? [];
    const fields = rest?.split(' ') ?? [];
    const ticks = Number(fields[11]) + Number(fields[12]);
    if (pid !== undefined && name !== undefined && Number.isFinite(ticks))
      times.set(Number(pid), { ticks, name });
  }
  return times;
}
