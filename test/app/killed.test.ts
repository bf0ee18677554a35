import { spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import type { RunEvent } from '../../electron/contract/api.ts';
import { findProcesses, until } from '../faults/processes.ts';
import {
  enginePid,
  listening,
  openApp,
  openBeside,
  runOf,
  stateOf,
  unwrap,
  workFolder,
} from './app-setup.ts';
import { timings } from './fake-jobs.ts';

const program = fileURLToPath(new URL('./optimizing-program.ts', import.meta.url));

/** Starts the app in a process of its own and kills it with -9 at the n-th timing; gives what it had told. */
async function killAt(folder: string, timing: number): Promise<RunEvent[]> {
  const child = spawn(process.execPath, [program, folder], { stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const events: RunEvent[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    const event = JSON.parse(line) as RunEvent; // printed by our own program
    events.push(event);
    if (event.kind === 'progress' && event.stage === 'search' && event.done === timing) child.kill('SIGKILL');
  }
  return events;
}

test.each([1, 6, timings])(
  'an app killed with -9 at timing %i leaves no process and no output, and its run goes on without repeating one',
  async (timing) => {
    const folder = workFolder();
    const events = await killAt(folder, timing);
    const run = runOf(events);
    const engine = enginePid(events);
    await until(() => !existsSync(`/proc/${engine}`) && findProcesses(stateOf(folder)).length === 0);
    expect(existsSync(join(folder, 'out'))).toBe(false);

    const store = openBeside(folder);
    expect(store.runs.get(run)?.state).toBe('interrupted');
    const before = store.measurements.list(run);
    expect(before.filter(({ kind }) => kind === 'time').length).toBeGreaterThanOrEqual(timing);

    const app = await openApp(folder);
    const outcome = unwrap(await app.resume(run, listening()));
    const after = store.measurements.list(run);
    expect(after.slice(0, before.length)).toEqual(before);
    expect(new Set(after.map(({ key }) => key)).size).toBe(after.length);
    expect(after.filter(({ kind }) => kind === 'time')).toHaveLength(timings);
    expect(after.filter(({ kind }) => kind === 'fit')).toHaveLength(timings);
    expect(readdirSync(join(folder, 'out', `tiny-${run}`)).sort()).toEqual([
      'measurements.csv',
      'optimized.onnx',
      'report.html',
      'result.json',
    ]);
    expect(outcome.improved).toBe(true);
    expect(store.stages.list(run).find(({ name }) => name === 'search')?.starts).toBe(2);
  },
);
