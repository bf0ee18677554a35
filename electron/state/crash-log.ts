import { randomBytes } from 'node:crypto';
import { join } from 'node:path';

/** Writes a bug with its cause to the log; returns the id to find it by, shown to the person. */
export async function logBug(stateFolder: string, bug: unknown): Promise<string> {
  const logId = randomBytes(4).toString('hex');
  const file = join(stateFolder, 'logs', `fieldtune-${new Date().toISOString().slice(0, 10)}.log`);
  try {
    const { pino } = await import('pino');
    // Synchronous, since the process is about to end.
    const log = pino({ base: { logId } }, pino.destination({ dest: file, mkdir: true, sync: true }));
    log.fatal({ err: bug instanceof Error ? bug : new Error(String(bug)) }, 'bug');
    return `${logId} in ${file}`;
  } catch {
    const name = bug instanceof Error ? `${bug.name}: ${bug.message}` : String(bug);
    return `${logId} (not written, since ${file} is not writable: ${name})`;
  }
}
