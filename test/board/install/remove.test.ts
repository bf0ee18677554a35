import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, onTestFinished } from 'vitest';
import { findRemains, removeRunner } from '../../../electron/board/install/remove.ts';
import { makeLocalShell } from '../../../electron/board/local-shell.ts';
import { findProcesses, until } from '../../faults/processes.ts';

const signal = new AbortController().signal;
const shell = makeLocalShell();
const models = ['a', 'b'].map((letter) => `models/${letter.repeat(64)}.onnx`);
let root = '';
beforeEach(() => {
  root = join(mkdtempSync(join(tmpdir(), 'fieldtune-remove-')), `-x; $(touch p) '`);
  for (const folder of ['runner-1/node_modules', 'runner-2', 'incoming-3', 'models', 'deployments/a'])
    mkdirSync(join(root, folder), { recursive: true });
  for (const file of ['runner-1/runner.mjs', ...models, 'deployments/a/model.onnx'])
    writeFileSync(join(root, file), 'x'.repeat(5000));
  writeFileSync(join(root, 'runner-4.tar.gz.part'), '');
});
afterEach(() => rmSync(join(root, '..'), { recursive: true, force: true }));

it('tells what there is to delete, and deletes nothing by looking', async () => {
  const before = readdirSync(root);
  expect(await findRemains(shell, root, signal)).toEqual({
    ok: true,
    value: {
      folders: [root],
      runners: 2,
      models: 2,
      temporary: 2,
      running: 0,
      sizeBytes: expect.any(Number),
    },
  });
  expect(readdirSync(root)).toEqual(before);
});

it('deletes runners, models for measurements and temporary files, and no deployment', async () => {
  expect(await removeRunner(shell, root, signal)).toMatchObject({ ok: true, value: { runners: 2 } });
  expect(readdirSync(root)).toEqual(['deployments']);
  expect(existsSync(join(root, 'deployments/a/model.onnx'))).toBe(true);
  expect(existsSync('p')).toBe(false);
  const again = await removeRunner(shell, root, signal);
  expect(again).toMatchObject({ ok: true, value: { folders: [], runners: 0, sizeBytes: null } });
});

it('keeps a model that somebody deployed beside those for measurements', async () => {
  writeFileSync(join(root, 'models', 'camera.onnx'), 'deployed');
  expect(await removeRunner(shell, root, signal)).toMatchObject({ ok: true, value: { models: 2 } });
  expect(readdirSync(join(root, 'models'))).toEqual(['camera.onnx']);
});

it('leaves nothing at all where nothing was deployed', async () => {
  rmSync(join(root, 'deployments'), { recursive: true });
  expect(await removeRunner(shell, root, signal)).toMatchObject({ ok: true });
  expect(existsSync(root)).toBe(false);
});

it.skipIf(process.platform !== 'linux')('ends its own runners first, and no other process', async () => {
  const marker = 'fieldtune-runner-0b7f';
  const program = ['-e', 'setInterval(() => {}, 1000)', '--'];
  const start = (...words: string[]) => {
    const child = spawn(process.execPath, [...program, ...words], { stdio: 'ignore' });
    onTestFinished(() => void child.kill('SIGKILL'));
    return child;
  };
  const own = start('--root', root, '--marker', marker);
  const elsewhere = start('--root', '/elsewhere', '--marker', marker);
  const other = start('--root', root, '--marker', 'something else');
  await until(() => findProcesses('setInterval(() => {}, 1000)').length >= 3);
  expect(await findRemains(shell, root, signal)).toMatchObject({ value: { running: 1 } });
  expect(await removeRunner(shell, root, signal)).toMatchObject({ ok: true, value: { running: 1 } });
  await until(() => own.signalCode !== null);
  expect([elsewhere.exitCode, elsewhere.signalCode, other.exitCode, other.signalCode]).toEqual([
    null,
    null,
    null,
    null,
  ]);
});

it('says why something could not be deleted', async () => {
  const failing = {
    ...shell,
    run: (script: string) => shell.run(`rm() { echo 'rm: Read-only file system' >&2; return 1; }\n${script}`),
  };
  expect(await removeRunner(failing, root, signal)).toMatchObject({
    ok: false,
    error: { kind: 'boardCommandFailed', reason: 'rm: Read-only file system' },
  });
});
