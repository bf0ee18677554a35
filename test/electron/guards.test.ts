import { expect, test } from 'vitest';
import { openShell } from './shell-setup.ts';

const foreign = [
  'https://example.com/',
  'http://example.com/',
  'file:///etc/passwd',
  'data:text/html,<script>1</script>',
  'javascript:alert(1)',
  'app://other/',
  'app://fieldtune@evil/',
  'app://user@fieldtune/',
  'smb://host/share',
  'ms-settings:',
  'blob:app://fieldtune/1',
];

test('fault 46: the window does not navigate to any page that is not ours', async () => {
  const { window } = await openShell();
  for (const url of foreign)
    expect([url, window.webContents.navigate('will-navigate', url)]).toEqual([url, true]);
  expect(window.webContents.navigate('will-navigate', 'app://fieldtune/history')).toBe(false);
});

test('fault 46: the window does not navigate to a file of a run, which would run as our page', async () => {
  const { window } = await openShell();
  const url = 'app://fieldtune/runs/r1/report.html';
  expect(window.webContents.navigate('will-navigate', url)).toBe(true);
  expect(window.webContents.navigate('will-frame-navigate', url)).toBe(true);
});

test('fault 46: a frame inside the window shows reports and nothing else', async () => {
  const { window } = await openShell();
  for (const url of [...foreign, 'app://fieldtune/', 'app://fieldtune/runs/r1/optimized.onnx']) {
    expect([url, window.webContents.navigate('will-frame-navigate', url, false)]).toEqual([url, true]);
  }
  for (const url of ['app://fieldtune/runs/r1/report.html', 'about:blank', 'about:srcdoc']) {
    expect(window.webContents.navigate('will-frame-navigate', url, false)).toBe(false);
  }
});

test('fault 46: redirects and webviews are stopped', async () => {
  const { window } = await openShell();
  expect(window.webContents.navigate('will-redirect', 'app://fieldtune/')).toBe(true);
  expect(window.webContents.navigate('will-attach-webview', 'app://fieldtune/')).toBe(true);
});

test('fault 46: window.open never opens a window, and only https reaches the person’s browser', async () => {
  const { electron, window } = await openShell();
  for (const url of foreign) {
    expect(window.webContents.openHandler?.({ url })).toEqual({ action: 'deny' });
    window.webContents.navigate('will-navigate', url);
  }
  expect(electron.opened).toEqual(['https://example.com/', 'https://example.com/']);
  expect(electron.windows).toHaveLength(1);
});

test('fault 46: the system is never asked to open what only looks like a page of the web', async () => {
  const { electron, window } = await openShell();
  for (const url of [
    'https://user:password@example.com/',
    'https:',
    ' file:///etc/passwd',
    'FILE:///etc/passwd',
    'view-source:https://example.com',
    'vscode://open?file=x',
    '\\\\host\\share',
    'not a url',
  ]) {
    window.webContents.openHandler?.({ url });
  }
  expect(electron.opened).toEqual([]);
});

test('every other web contents of the app has the same guards', async () => {
  const { electron } = await openShell();
  const other = new electron.BrowserWindow({}).webContents;
  expect(other.navigate('will-navigate', 'file:///etc/passwd')).toBe(true);
  expect(other.openHandler?.({ url: 'file:///etc/passwd' })).toEqual({ action: 'deny' });
});

test('pages get no permission but to write to the clipboard, and that only on our own page', async () => {
  const { electron } = await openShell();
  const check = electron.guards.check as (...args: unknown[]) => boolean;
  const request = (permission: string, requestingUrl: string, isMainFrame: boolean): boolean => {
    let granted: boolean | null = null;
    const guard = electron.guards.request as (...args: unknown[]) => void;
    guard(null, permission, (answer: boolean) => (granted = answer), { requestingUrl, isMainFrame });
    if (granted === null) throw new Error('not answered');
    return granted;
  };
  for (const permission of [
    'media',
    'geolocation',
    'notifications',
    'clipboard-read',
    'serial',
    'usb',
    'openExternal',
  ]) {
    expect(check(null, permission, 'app://fieldtune', { isMainFrame: true })).toBe(false);
    expect(request(permission, 'app://fieldtune/', true)).toBe(false);
  }
  const write = 'clipboard-sanitized-write';
  expect(check(null, write, 'app://fieldtune/', { isMainFrame: true })).toBe(true);
  expect(request(write, 'app://fieldtune/run', true)).toBe(true);
  expect(check(null, write, 'https://example.com', { isMainFrame: true })).toBe(false);
  expect(check(null, write, 'app://fieldtune', { isMainFrame: false })).toBe(false);
  expect(request(write, 'app://evil/fieldtune', true)).toBe(false);
  expect(request(write, 'app://fieldtune/runs/r1/report.html', false)).toBe(false);
  expect((electron.guards.device as () => boolean)()).toBe(false);
});

test('only files of runs and files that the page made can be saved', async () => {
  const { electron } = await openShell();
  const isStopped = (url: string): boolean => {
    let stopped = false;
    const event = { preventDefault: () => (stopped = true) };
    electron.session.defaultSession.emit('will-download', event, { getURL: () => url });
    return stopped;
  };
  expect(isStopped('app://fieldtune/runs/r1/optimized.onnx')).toBe(false);
  expect(isStopped('blob:app://fieldtune/7b0f')).toBe(false);
  expect(isStopped('https://example.com/setup.exe')).toBe(true);
  expect(isStopped('data:application/x-sh,rm')).toBe(true);
  expect(isStopped('app://fieldtune/index.html')).toBe(true);
});
