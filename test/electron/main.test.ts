import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test, vi } from 'vitest';
import type { FakeElectron, FakeWindow } from './fake-electron.ts';
import { quit, temporaryFolder } from './shell-setup.ts';

vi.mock('electron', async () => {
  const { FakeElectron } = await import('./fake-electron.ts');
  const fake = new FakeElectron();
  return { ...fake, fake };
});

const root = fileURLToPath(new URL('../../', import.meta.url));

test('fault 48: the entry opens one window with every guard of Electron on, over the real service', async () => {
  const { fake: electron } = (await import('electron')) as unknown as { fake: FakeElectron };
  const home = temporaryFolder();
  vi.stubEnv('FIELDTUNE_HOME', home);
  electron.app.appPath = root;
  const created = new Promise<void>((resolve) => electron.app.once('web-contents-created', () => resolve()));
  await import('../../electron/main.ts');
  await created;
  const window = electron.windows[0] as FakeWindow;

  expect(electron.app.log.slice(0, 3)).toEqual(['sandbox', 'lock', 'ready']);
  expect(electron.app.paths).toEqual({ userData: join(home, 'window') });
  expect(electron.privileged).toEqual([
    { scheme: 'app', privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
  expect(window.options.webPreferences).toEqual({
    preload: join(root, 'dist', 'electron', 'preload.cjs'),
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    nodeIntegrationInWorker: false,
    nodeIntegrationInSubFrames: false,
    webSecurity: true,
    allowRunningInsecureContent: false,
    experimentalFeatures: false,
    webviewTag: false,
    navigateOnDragDrop: false,
    safeDialogs: true,
    spellcheck: false,
    devTools: true,
  });
  expect(Object.keys(electron.guards).sort()).toEqual(['check', 'device', 'request']);
  expect([...electron.handlers.keys()]).toEqual(['fieldtune:call']);

  await expect.poll(() => window.loaded).toEqual(['app://fieldtune/']);
  expect(await electron.call(window, 'app.info', {})).toMatchObject({
    ok: true,
    value: {
      version: createRequire(import.meta.url)('../../package.json').version,
      face: 'electron',
      stateFolder: home,
      canChooseFiles: true,
      secrets: { kept: true },
    },
  });
  await quit(electron);
});
