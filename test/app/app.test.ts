import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { createApp } from '../../electron/app/app.ts';
import { findProcesses } from '../faults/processes.ts';
import { errorOf, listening, openApp, openBeside, runOf, stateOf, unwrap, workFolder } from './app-setup.ts';
import { behaviours } from './fake-jobs.ts';
import { callOf } from './tiny-call.ts';

test('closing the app stops what is at work and leaves its run to be resumed', async () => {
  const folder = workFolder();
  const app = await openApp(folder);
  const begun = Promise.withResolvers<void>();
  const listener = listening((event) => {
    if (event.kind === 'stageStarted' && event.stage === 'profile') begun.resolve();
  });
  const outcome = app.optimize(callOf({ seed: behaviours.goesOnForever }), listener);
  await begun.promise;
  await app.close();
  expect(errorOf(await outcome)).toEqual({ kind: 'cancelled' });
  expect(findProcesses(stateOf(folder))).toEqual([]);
  expect(openBeside(folder).runs.get(runOf(listener.events))?.state).toBe('cancelled');
});

test('fault 38: a damaged history is set aside, a new one begun, and the person told once', async () => {
  const folder = workFolder();
  await (await openApp(folder)).close();
  writeFileSync(join(stateOf(folder), 'fieldtune.sqlite'), 'this is no database '.repeat(500));
  const app = await openApp(folder);
  const listener = listening();
  const call = { modelPath: 'no.onnx', board: { address: 'local' }, threads: 1 };
  await app.profile(call, listener);
  await app.profile(call, listener);
  const warnings = listener.events.flatMap((event) => (event.kind === 'warning' ? [event.warning] : []));
  expect(warnings).toEqual([
    {
      kind: 'storeDamaged',
      path: join(stateOf(folder), 'fieldtune.sqlite'),
      setAside: expect.stringMatching(/damaged-1$/),
      reason: expect.any(String),
    },
  ]);
  expect(unwrap(await app.history({}))).toEqual([]);
});

test('a state folder that is a file is said to be no place for the history', async () => {
  const folder = workFolder();
  writeFileSync(join(folder, 'file'), '');
  expect(errorOf(await createApp({ stateFolder: join(folder, 'file') })).kind).toBe('notWritable');
});
