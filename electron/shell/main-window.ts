import type { BrowserWindow, BrowserWindowConstructorOptions, Rectangle, WebPreferences } from 'electron';
import { startPage } from './addresses.ts';
import { loadWindowState, saveWindowState, smallest } from './window-state.ts';

/** What the window's pages may use; everything that Electron could give them beyond a browser is off. */
export function webPreferences(preload: string, devTools: boolean): WebPreferences {
  return {
    preload,
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
    devTools,
  };
}

/** What a window needs from the rest. */
export interface MainWindowParts {
  open(options: BrowserWindowConstructorOptions): BrowserWindow;
  readonly preload: string;
  readonly icon: string | null;
  readonly stateFile: string;
  readonly devTools: boolean;
  displays(): readonly Rectangle[];
  /** Asked before it closes; false keeps it. */
  mayClose(): boolean;
  /** Its pages' process is gone without having been told to. */
  onCrash(window: BrowserWindow): void;
  onClosed(): void;
  /** Work that must be done before the app ends. */
  beforeEnd(work: Promise<void>): void;
}

/** Opens the window where it was the last time, and shows it once there is something to see. */
export async function openMainWindow(parts: MainWindowParts): Promise<BrowserWindow> {
  const { maximized, ...bounds } = await loadWindowState(parts.stateFile, parts.displays());
  const window = parts.open({
    ...bounds,
    minWidth: smallest.width,
    minHeight: smallest.height,
    show: false,
    title: 'Fieldtune',
    autoHideMenuBar: true,
    ...(parts.icon === null ? {} : { icon: parts.icon }),
    webPreferences: webPreferences(parts.preload, parts.devTools),
  });
  window.once('ready-to-show', () => {
    if (maximized) window.maximize();
    window.show();
  });
  window.on('close', (event) => {
    if (!parts.mayClose()) {
      event.preventDefault();
      return;
    }
    const state = { ...window.getNormalBounds(), maximized: window.isMaximized() };
    parts.beforeEnd(saveWindowState(parts.stateFile, state));
  });
  window.once('closed', parts.onClosed);
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason !== 'clean-exit') parts.onCrash(window);
  });
  await loadPage(window, startPage);
  return window;
}

/** Shows a page of ours; one that another load overtook, or a window that is gone, is no error. */
export async function loadPage(window: BrowserWindow, page: string): Promise<void> {
  if (window.isDestroyed()) return;
  await window.loadURL(page).catch(() => undefined);
}
