import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { onTestFinished } from 'vitest';
import { runShell, type ShellSettings } from '../../electron/shell/shell.ts';
import { FakeElectron, type FakeWindow, untilLoaded } from './fake-electron.ts';

/** A folder that is gone after the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-shell-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The shell on a stand-in Electron and a stand-in service, with its window open. */
export async function openShell(
  change: (electron: FakeElectron) => void = () => undefined,
  settings: Partial<ShellSettings> = {},
): Promise<{ readonly electron: FakeElectron; readonly window: FakeWindow }> {
  const electron = new FakeElectron();
  change(electron);
  const { running } = startShell(electron, settings);
  await running;
  const window = await firstWindow(electron);
  await untilLoaded(window, 'app://fieldtune/');
  return { electron, window };
}

/** Starts the shell; after the test it has quit, and its service with it. */
export function startShell(
  electron: FakeElectron,
  settings: Partial<ShellSettings> = {},
): { readonly running: Promise<void> } {
  const userData = temporaryFolder();
  const running = runShell(electron.parts, {
    paths: {
      node: process.execPath,
      service: fileURLToPath(new URL('./stand-in-service.ts', import.meta.url)),
      renderer: join(userData, 'renderer'),
      preload: '/app/preload.cjs',
      icon: null,
    },
    userData,
    resultsFolder: join(userData, 'results'),
    platform: 'linux',
    env: process.env,
    devTools: false,
    ...settings,
  });
  onTestFinished(() => quit(electron));
  return { running };
}

/** Quits as a person who has decided to, and waits until the app has ended. */
export async function quit(electron: FakeElectron): Promise<void> {
  if (electron.app.ended || !electron.app.hasLock) return;
  const ended = new Promise<void>((resolve) => electron.app.once('quit', () => resolve()));
  electron.responses = [1];
  electron.app.quit();
  await ended;
}

async function firstWindow(electron: FakeElectron): Promise<FakeWindow> {
  const [open] = electron.openWindows();
  if (open) return open;
  return new Promise((resolve) => {
    electron.app.once('web-contents-created', () =>
      setImmediate(() => resolve(electron.windows[0] as FakeWindow)),
    );
  });
}
