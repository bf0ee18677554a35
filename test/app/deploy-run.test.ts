import { chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { createApp } from '../../electron/app/app.ts';
import { runCli } from '../../electron/cli/commands.ts';
import { makeEngineRunner } from '../../electron/engine/client.ts';
import { makeDenseModel } from '../board/tiny-models.ts';
import { type FakeContext, fakeApi, fakeContext } from '../cli/fake-context.ts';
import { sampleTrial } from '../cli/sample-results.ts';
import { listening, openApp, openBeside, stateOf, unwrap, workFolder } from './app-setup.ts';
import { callOf } from './tiny-call.ts';

const fakeEngine = new URL('./fake-engine.ts', import.meta.url);

/** A terminal whose every command opens the app anew on the state of a folder, as the real one does. */
function terminalIn(folder: string): FakeContext {
  return fakeContext(fakeApi(), {
    folder,
    openApi: () =>
      createApp({
        stateFolder: stateOf(folder),
        cwd: folder,
        runInEngine: makeEngineRunner({ entry: fakeEngine, graceMs: 300 }),
      }),
  });
}

test('the model of a finished run goes to the board, back, and leaves the plain file byte for byte as it was', async () => {
  const folder = workFolder();
  const { run, files, result } = unwrap(
    await (await openApp(folder)).optimize(callOf({ out: 'results' }), listening()),
  );
  const optimized = readFileSync(files.find((file) => file.endsWith('.onnx')) ?? '');
  const path = join(folder, 'service', 'model.onnx');
  mkdirSync(dirname(path));
  const before = makeDenseModel(16, 3).bytes;
  writeFileSync(path, before);
  chmodSync(path, 0o640);
  expect(Buffer.compare(optimized, before)).not.toBe(0);
  const typed = async (...words: string[]) => {
    const context = terminalIn(folder);
    const code = await runCli([...words, '--board', 'local'], context);
    return { code, out: context.out(), err: context.err() };
  };

  // A script that has not agreed changes nothing.
  const refused = await typed('deploy', run, '--to', path, '--manage');
  expect(refused).toMatchObject({ code: 2, err: expect.stringContaining('--yes') });
  expect(readdirSync(dirname(path))).toEqual(['model.onnx']);

  // Nor does one that agrees to all, when a person rejected the run's model on this board.
  const { trials } = openBeside(folder);
  const { state: _, decision: __, ...held } = sampleTrial;
  unwrap(trials.save({ ...held, trial: 't-1', run, boardId: result.board.id }));
  unwrap(trials.decide({ trial: 't-1', decision: 'rejected', by: 'Sato', note: '' }));
  const rejected = await typed('deploy', run, '--to', path, '--manage', '--yes');
  expect(rejected).toMatchObject({ code: 2, err: expect.stringContaining('--despite-trial') });
  expect(readdirSync(dirname(path))).toEqual(['model.onnx']);

  const deployed = await typed('deploy', run, '--to', path, '--manage', '--yes', '--despite-trial');
  expect(deployed).toMatchObject({ code: 0, err: '' });
  expect(deployed.out).toContain(`of run ${run}`);
  expect(deployed.out).toContain('8 inputs kept aside from the search');
  expect(deployed.out).toContain('Trial: rejected by Sato on ');
  expect(lstatSync(path).isSymbolicLink()).toBe(true);
  expect(readFileSync(path).equals(optimized)).toBe(true);

  expect(await typed('rollback', '--path', path, '--yes')).toMatchObject({ code: 0, err: '' });
  expect(readFileSync(path).equals(before)).toBe(true);

  expect(await typed('unmanage', '--path', path, '--yes')).toMatchObject({ code: 0, err: '' });
  const after = lstatSync(path);
  expect({ isFile: after.isFile(), mode: after.mode & 0o777 }).toEqual({ isFile: true, mode: 0o640 });
  expect(readFileSync(path).equals(before)).toBe(true);
  expect(readdirSync(dirname(path))).toEqual(['model.onnx']);
  expect(openBeside(folder).deployments.list()).toMatchObject([
    { action: 'unmanage', state: 'active' },
    { action: 'rollback', state: 'rolled back' },
    { action: 'deploy', state: 'active', run },
  ]);
});
