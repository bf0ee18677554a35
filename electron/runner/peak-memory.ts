import { spawn } from 'node:child_process';
import type { SessionSettings } from './protocol.ts';
import { loadModel, randomFeeds } from './runtime.ts';
import { readSystemFile } from './system-files.ts';

const calls = 5;

/** First argument that makes the runner's program measure itself instead of serving. */
export const peakMemoryFlag = '--peak-memory';

/**
 * Measures in a fresh process of this same program; gives bytes, or the reason why it could not.
 * Another process, because a resident set once grown never tells what the next model needs.
 */
export async function measurePeakMemory(
  path: string,
  settings: SessionSettings,
): Promise<{ readonly bytes: number } | { readonly reason: string }> {
  const program = process.argv[1];
  if (program === undefined) throw new Error('The runner does not know its own program');
  const child = spawn(
    process.execPath,
    [...process.execArgv, program, peakMemoryFlag, path, JSON.stringify(settings)],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let answer = '';
  let complaint = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    answer += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    complaint = (complaint + text).slice(-4_000);
  });
  const onExit = (): boolean => child.kill('SIGKILL');
  process.once('exit', onExit);
  const end = await new Promise<{ code: number | null; signal: string | null }>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  process.off('exit', onExit);
  const bytes = Number(answer.trim());
  if (end.code === 0 && bytes > 0) return { bytes };
  const lastLine = complaint.trim().split('\n').at(-1);
  return { reason: end.signal ? `ended by ${end.signal}` : lastLine || `exit code ${end.code}` };
}

/** The child's part: loads the model, runs it, and prints the highest resident set in bytes. */
export function printPeakMemory(path: string, settings: SessionSettings): void {
  const model = loadModel(path, settings);
  const feeds = randomFeeds(model, 1);
  for (let call = 0; call < calls; call++) model.call(feeds);
  process.stdout.write(`${readPeakBytes()}\n`);
}

/** `getrusage` carries the parent's peak over into a child that was forked from it; `VmHWM` starts anew. */
function readPeakBytes(): number {
  const status = readSystemFile('/proc/self/status') ?? '';
  const kibibytes = /^VmHWM:\s*(\d+) kB/m.exec(status)?.[1];
  return (kibibytes ? Number(kibibytes) : process.resourceUsage().maxRSS) * 1024;
}
