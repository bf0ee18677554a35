import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { FakeElectron, type FakeWindow, untilLoaded } from './fake-electron.ts';
import { openShell, quit, startShell, temporaryFolder } from './shell-setup.ts';

const startAgain = 'app://fieldtune/-/start-again';
const serviceEnded = 'app://fieldtune/-/service-ended';

/** Starts a run and waits until the window has heard of it. */
async function startRun(electron: FakeElectron, window: FakeWindow): Promise<void> {
  const heard = new Promise((resolve) => window.webContents.once('test:sent', resolve));
  await electron.call(window, 'runs.resume', { run: 'r1' });
  await heard;
}

/** Lets the service die and waits for the page that says so. */
async function killService(electron: FakeElectron, window: FakeWindow): Promise<void> {
  const shown = untilLoaded(window, serviceEnded);
  const answer = await electron.call(window, 'jobs.cancel', { job: 'die' });
  expect(answer).toEqual({ ok: false, error: { kind: 'engineDied', reason: 'the service ended' } });
  await shown;
}

const pageOf = async (electron: FakeElectron, url: string): Promise<string> =>
  (await electron.answer?.(new Request(url)))?.text() ?? '';

test('events of the service reach the window', async () => {
  const { electron, window } = await openShell();
  await startRun(electron, window);
  expect(window.webContents.sent).toEqual([
    ['fieldtune:event', { kind: 'job', job: { id: 'j1', state: 'running' } }],
  ]);
});

test('a service that dies leaves a page that says so, with its last words, and starts again on a click', async () => {
  const { electron, window } = await openShell();
  await killService(electron, window);
  const page = await pageOf(electron, serviceEnded);
  expect(page).toContain('Fieldtune’s service has ended');
  expect(page).toContain('the &lt;b&gt;stand-in&lt;/b&gt; died');
  expect(page).toContain(`href="${startAgain}"`);
  expect(page).not.toMatch(/<script|\son\w+=/);

  expect(await electron.call(window, 'jobs.list', {})).toMatchObject({ ok: false });
  const started = untilLoaded(window, 'app://fieldtune/');
  expect(window.webContents.navigate('will-navigate', startAgain)).toBe(true);
  await started;
  expect(await electron.call(window, 'jobs.list', {})).toMatchObject({ ok: true });
});

test('a page cannot start the service again while it runs', async () => {
  const { electron, window } = await openShell();
  await electron.call(window, 'jobs.list', {});
  const before = window.loaded.length;
  expect(window.webContents.navigate('will-navigate', startAgain)).toBe(true);
  expect(await electron.call(window, 'jobs.list', {})).toMatchObject({ ok: true });
  expect(window.loaded).toHaveLength(before);
});

test.each([
  ['cannot be started', { node: '/nowhere/node' }, {}, /ENOENT/],
  ['ends at once', { service: '/nowhere/browser.ts' }, {}, /MODULE_NOT_FOUND|Cannot find module/],
  ['says no address', { node: '/bin/echo' }, {}, /not an address/],
  ['has no folder for results', {}, { resultsFolder: '/dev/null/results' }, /folder for results/],
])('a service that %s leaves the same page', async (_case, broken, settings, reason) => {
  const electron = new FakeElectron();
  const paths = { node: process.execPath, service: '', renderer: '', preload: '', icon: null, ...broken };
  const opened = new Promise<FakeWindow>((resolve) =>
    electron.app.once('web-contents-created', () =>
      setImmediate(() => resolve(electron.windows[0] as FakeWindow)),
    ),
  );
  await startShell(electron, { paths, ...settings }).running;
  await untilLoaded(await opened, serviceEnded);
  expect(await pageOf(electron, serviceEnded)).toMatch(reason);
});

test('speaks the language that was chosen in the settings, else the one of the system', async () => {
  const { electron, window } = await openShell();
  await electron.call(window, 'settings.get', {});
  await killService(electron, window);
  const page = await pageOf(electron, serviceEnded);
  expect(page).toContain('<html lang="ja">');
  expect(page).toContain('サービスが終了しました');
});

test('a window that crashes is loaded again once with a message; soon after, a person is asked', async () => {
  const { electron, window } = await openShell();
  electron.responses = [0, 0];
  window.webContents.emit('render-process-gone', {}, { reason: 'clean-exit' });
  expect(window.webContents.reloads).toBe(0);
  window.webContents.emit('render-process-gone', {}, { reason: 'crashed' });
  await expect.poll(() => window.webContents.reloads).toBe(1);
  expect(electron.messages).toMatchObject([{ message: 'The window crashed and was loaded again.' }]);
  electron.responses = [0];
  window.webContents.emit('render-process-gone', {}, { reason: 'oom' });
  await expect.poll(() => window.webContents.reloads).toBe(2);
  expect(electron.messages[1]).toMatchObject({
    message: 'The window crashed again.',
    buttons: ['Load again', 'Quit'],
  });
});

test('closing the window ends the app and its service when nothing runs', async () => {
  const { electron, window } = await openShell();
  const ended = new Promise((resolve) => electron.app.once('quit', resolve));
  window.close();
  await ended;
  expect(electron.messages).toEqual([]);
});

test('a run goes on without a window, is there when it opens again, and its end ends the app', async () => {
  const { electron, window } = await openShell();
  await startRun(electron, window);
  electron.responses = [0];
  const closed = new Promise((resolve) => window.once('closed', resolve));
  window.close();
  expect(window.destroyed).toBe(false);
  await closed;
  expect(electron.messages).toMatchObject([{ message: 'A run is going on.' }]);
  expect(electron.app.ended).toBe(false);

  electron.app.emit('second-instance');
  await expect.poll(() => electron.windows.length).toBe(2);
  const again = electron.windows[1] as FakeWindow;
  await untilLoaded(again, 'app://fieldtune/');
  expect(await electron.call(again, 'jobs.list', {})).toMatchObject({ ok: true });

  electron.responses = [0];
  const gone = new Promise((resolve) => again.once('closed', resolve));
  const cancel = electron.call(again, 'jobs.cancel', { job: 'j1' });
  const ended = new Promise((resolve) => electron.app.once('quit', resolve));
  again.close();
  await Promise.all([gone, cancel, ended]);
});

test('a person may stay, or stop the run and quit', async () => {
  const { electron, window } = await openShell();
  await startRun(electron, window);
  electron.responses = [2];
  window.close();
  await expect.poll(() => electron.messages.length).toBe(1);
  expect(window.destroyed).toBe(false);
  electron.responses = [1];
  const ended = new Promise((resolve) => electron.app.once('quit', resolve));
  electron.app.quit();
  await ended;
  expect(window.destroyed).toBe(true);
});

test('a second start shows the window of the first and opens none', async () => {
  const { electron, window } = await openShell();
  window.minimized = true;
  electron.app.emit('second-instance');
  expect(window.minimized).toBe(false);
  expect(window.focused).toBe(true);
  expect(electron.windows).toHaveLength(1);

  const second = new FakeElectron();
  second.app.hasLock = false;
  await startShell(second).running;
  expect(second.windows).toEqual([]);
  expect(second.app.ended).toBe(true);
});

test('the window comes back where it was, and within reach of the displays there are', async () => {
  const userData = temporaryFolder();
  const { electron, window } = await openShell(undefined, { userData });
  expect(window.options).toMatchObject({ width: 1280, height: 800, minWidth: 960, minHeight: 640 });
  expect(window.options).not.toHaveProperty('x');
  window.maximized = true;
  await quit(electron);
  const stateFile = join(userData, 'window.json');
  expect(JSON.parse(readFileSync(stateFile, 'utf8'))).toEqual({
    x: 10,
    y: 20,
    width: 1300,
    height: 900,
    maximized: true,
  });

  const second = await openShell(undefined, { userData });
  expect(second.window.options).toMatchObject({ x: 10, y: 20, width: 1300, height: 900 });
  expect(second.window.maximized).toBe(true);
  await quit(second.electron);

  for (const state of [
    '{"x":5000,"y":20,"width":1300,"height":900,"maximized":false}',
    '{"x":"1"}',
    'junk',
  ]) {
    mkdirSync(userData, { recursive: true });
    writeFileSync(stateFile, state);
    const next = await openShell(undefined, { userData });
    expect(next.window.options).not.toHaveProperty('x');
    await quit(next.electron);
  }
});
