import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { connectWindow, send, temporaryFolder } from './running-service.ts';

const entry = fileURLToPath(new URL('../../electron/browser.ts', import.meta.url));

/** The service as a process on a state folder of its own. */
function launch(args: readonly string[]) {
  const state = join(temporaryFolder(), 'state');
  const child: ChildProcess = spawn(process.execPath, [entry, ...args], {
    env: { ...process.env, FIELDTUNE_HOME: state, DISPLAY: '', WAYLAND_DISPLAY: '' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  const firstLine = new Promise<string>((resolve) => {
    child.stdout?.on('data', (chunk) => {
      stdout += chunk;
      if (stdout.includes('\n')) resolve(stdout.split('\n')[0] ?? '');
    });
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  const ended = new Promise<number | string | null>((resolve) =>
    child.once('close', (code, signal) => resolve(code ?? signal)),
  );
  return { child, state, firstLine, ended, stdout: () => stdout, stderr: () => stderr };
}

test('for Electron it prints where it is as one line of JSON, and ends when stdin does', async () => {
  const { child, firstLine, ended, stdout, stderr } = launch(['--for-electron']);
  const address = JSON.parse(await firstLine);
  expect(address).toEqual({
    url: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/\?token=[\w-]{43}$/),
    token: expect.stringMatching(/^[\w-]{43}$/),
    port: expect.any(Number),
  });
  const window = await connectWindow(address, { authorization: `Bearer ${address.token}` });
  expect(await window.call('runs.list', { offset: 0, limit: 10 })).toEqual({
    ok: true,
    value: { total: 0, rows: [] },
  });
  child.stdin?.end();
  expect(await ended).toBe(0);
  expect([stdout().trim().split('\n').length, stderr()]).toEqual([1, '']);
});

test('for a person it prints a sentence with the link, and ends cleanly at Ctrl+C', async () => {
  const { child, firstLine, ended, stderr } = launch(['--no-open']);
  const line = await firstLine;
  expect(line).toMatch(/^Fieldtune is at http:\/\/127\.0\.0\.1:\d+\/\?token=\S+ \(this link works once/);
  const url = /http:\S+/.exec(line)?.[0] ?? '';
  const service = { port: Number(new URL(url).port), url };
  const { search } = new URL(url);
  expect((await send(service, `/${search}`)).status).toBe(303);
  child.kill('SIGINT');
  expect(await ended).toBe(0);
  expect(stderr()).toMatch(/^Stopping after the step at hand; Ctrl\+C again ends at once …\n$/);
});

test('a wrong command line is refused in one sentence before anything is opened', async () => {
  const { ended, state, stdout, stderr } = launch(['--no-such-option']);
  expect(await ended).toBe(2);
  expect(stdout()).toBe('');
  expect(stderr()).toBe(
    'The command line cannot be --no-such-option: give nothing, --no-open or --for-electron.\n',
  );
  expect(existsSync(state)).toBe(false);
});
