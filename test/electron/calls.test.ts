import { expect, test } from 'vitest';
import { openShell } from './shell-setup.ts';

test('fault 45: a call from a foreign frame, a foreign window or no frame is thrown back', async () => {
  const { electron, window } = await openShell();
  const handle = electron.handlers.get('fieldtune:call');
  const { webContents } = window;
  const inner = { origin: 'app://fieldtune', url: 'app://fieldtune/runs/r1/report.html' };
  const other = new electron.BrowserWindow({}).webContents;
  other.mainFrame.origin = 'app://fieldtune';
  for (const event of [
    { sender: webContents, senderFrame: inner },
    { sender: webContents, senderFrame: null },
    { sender: other, senderFrame: other.mainFrame },
    { sender: other, senderFrame: webContents.mainFrame },
  ]) {
    await expect(handle?.(event, 'jobs.list', {})).rejects.toThrow('Refused');
  }
  expect(await electron.call(window, 'jobs.list', {})).toMatchObject({ ok: true });
});

test('fault 45: a call is thrown back while the window shows a page that is not ours', async () => {
  const { electron, window } = await openShell();
  for (const origin of ['https://example.com', 'file://', 'app://other', 'null', 'app://fieldtune.evil']) {
    window.webContents.mainFrame.origin = origin;
    await expect(electron.call(window, 'jobs.list', {})).rejects.toThrow('Refused');
  }
});

test('fault 45: unknown calls and bad arguments are refused before the service hears of them', async () => {
  const { electron, window } = await openShell();
  for (const [name, args, option] of [
    ['runs.destroy', {}, 'call'],
    ['__proto__', {}, 'call'],
    ['toString', {}, 'call'],
    [{ toString: () => 'jobs.list' }, {}, 'call'],
    [null, {}, 'call'],
    ['jobs.list', { extra: 1 }, 'jobs.list'],
    ['jobs.cancel', { job: '../../etc' }, 'jobs.cancel.job'],
    ['runs.get', { run: 7 }, 'runs.get.run'],
    ['runs.get', undefined, 'runs.get'],
    ['files.choose', { what: 'password' }, 'files.choose.what'],
    ['settings.save', { language: 'en' }, 'settings.save.theme'],
  ] as const) {
    const answer = await electron.call(window, name, args);
    expect(answer).toMatchObject({ ok: false, error: { kind: 'usage', option } });
  }
});

test('passes a call on to the service and its answer back', async () => {
  const { electron, window } = await openShell();
  const args = { run: 'r-1' };
  expect(await electron.call(window, 'runs.get', args)).toEqual({
    ok: true,
    value: { call: 'runs.get', args },
  });
});

test('says what this face can do that the service cannot know', async () => {
  const { electron, window } = await openShell();
  expect(await electron.call(window, 'app.info', {})).toEqual({
    ok: true,
    value: {
      version: '1',
      stateFolder: '/s',
      face: 'electron',
      canChooseFiles: true,
      canPrintPdf: true,
      secrets: { kept: true, backend: 'gnome_libsecret' },
    },
  });
});

test('asks for files with the dialog of the system', async () => {
  const { electron, window } = await openShell((fake) => {
    fake.app.locale = 'ja';
  });
  expect(await electron.call(window, 'files.choose', { what: 'model' })).toEqual({ ok: true, value: null });
  electron.chosen = ['/data/set'];
  expect(await electron.call(window, 'files.choose', { what: 'data' })).toEqual({
    ok: true,
    value: '/data/set',
  });
  expect(electron.fileDialogs).toMatchObject([
    {
      title: 'モデルを選択',
      properties: ['openFile'],
      filters: [{ extensions: ['onnx'] }, { extensions: ['*'] }],
    },
    { title: 'データフォルダーを選択', properties: ['openDirectory'] },
  ]);
});
