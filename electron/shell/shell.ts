import { join } from 'node:path';
import type * as Electron from 'electron';
import type { CallName } from '../contract/calls.ts';
import type { Settings } from '../contract/views.ts';
import { scheme, servicePage, startPage } from './addresses.ts';
import { answerAppRequest } from './app-protocol.ts';
import { handleCalls } from './calls.ts';
import { eventChannel } from './channels.ts';
import { chooseFile } from './choose-file.ts';
import { makeCrashRecovery } from './crash-recovery.ts';
import { loadPage, openMainWindow } from './main-window.ts';
import { menuTemplate } from './menu.ts';
import type { ShellPaths } from './paths.ts';
import { printPdf } from './print-pdf.ts';
import { makeRememberedAnswers } from './remembered-answers.ts';
import { makeRunningJobs } from './running-jobs.ts';
import { makeSecrets } from './secrets.ts';
import { makeService } from './service.ts';
import { renderServicePage } from './service-page.ts';
import { startServiceProcess } from './service-process.ts';
import { guardContents, guardSession } from './window-guards.ts';
import { languageOf, words } from './words.ts';

/** The parts of Electron that the window is made of. */
export type ElectronParts = Pick<
  typeof Electron,
  | 'app'
  | 'BrowserWindow'
  | 'Menu'
  | 'dialog'
  | 'ipcMain'
  | 'protocol'
  | 'safeStorage'
  | 'screen'
  | 'session'
  | 'shell'
>;

/** Where things are, and what this computer is. */
export interface ShellSettings {
  readonly paths: ShellPaths;
  /** Folder of what only the window keeps. */
  readonly userData: string;
  /** Folder that the results of runs are put under. */
  readonly resultsFolder: string;
  readonly platform: NodeJS.Platform;
  readonly env: NodeJS.ProcessEnv;
  readonly devTools: boolean;
}

/** Runs the window and the service behind it until the app ends. */
export async function runShell(electron: ElectronParts, settings: ShellSettings): Promise<void> {
  const { app, BrowserWindow, dialog } = electron;
  const { paths, userData, platform } = settings;
  // All before the app is ready: later is too late for a scheme, a sandbox and a folder.
  electron.protocol.registerSchemesAsPrivileged([
    { scheme, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);
  app.enableSandbox();
  app.setPath('userData', userData);
  if (!app.requestSingleInstanceLock()) {
    app.quit();
    return;
  }

  let window: Electron.BrowserWindow | null = null;
  let opening: Promise<void> | null = null;
  let endedBecause: string | null = null;
  let setting: Settings['language'] = 'system';
  /** What a person decided about the runs that go on. */
  let decided: 'keep' | 'stop' | null = null;
  let asking = false;
  const lastWork: Promise<void>[] = [];
  const language = () => languageOf(setting, app.getLocale());
  const say = () => words[language()];
  const isCrashRepeated = makeCrashRecovery(() => performance.now());
  const secrets = makeSecrets(electron.safeStorage, platform, join(userData, 'secrets.json'));

  const jobs = makeRunningJobs(() => {
    if (window === null && platform !== 'darwin') app.quit();
  });
  const service = makeService(
    () =>
      startServiceProcess({
        node: paths.node,
        service: paths.service,
        env: settings.env,
        folder: settings.resultsFolder,
      }),
    {
      onEvent(event) {
        jobs.hear(event);
        remembered.hear(event);
      },
      onEnded(reason) {
        jobs.clear();
        endedBecause = reason;
        if (window !== null) void loadPage(window, servicePage);
        else if (opening === null && platform !== 'darwin') app.quit();
      },
    },
  );
  const remembered = makeRememberedAnswers(
    secrets,
    (answer) => service.call('jobs.answer', answer),
    (event) => window?.webContents.send(eventChannel, event),
  );
  const startAgain = (): void => {
    if (endedBecause === null) return;
    endedBecause = null;
    service.start();
    if (window !== null) void loadPage(window, startPage);
  };

  const askAboutRuns = async (): Promise<void> => {
    if (asking) return;
    asking = true;
    const { goesOn, goesOnDetail, keepGoing, stopAndQuit, stay } = say();
    const options: Electron.MessageBoxOptions = {
      type: 'question',
      message: goesOn,
      detail: goesOnDetail,
      buttons: [keepGoing, stopAndQuit, stay],
      defaultId: 0,
      cancelId: 2,
      noLink: true,
    };
    const { response } = window
      ? await dialog.showMessageBox(window, options)
      : await dialog.showMessageBox(options);
    asking = false;
    if (response === 0) {
      decided = 'keep';
      window?.close();
    } else if (response === 1) {
      decided = 'stop';
      app.quit();
    }
  };
  const tellOfCrash = async (crashed: Electron.BrowserWindow): Promise<void> => {
    const text = say();
    const repeated = isCrashRepeated() === 'ask';
    if (!repeated) crashed.webContents.reload();
    const { response } = await dialog.showMessageBox(crashed, {
      type: 'warning',
      message: repeated ? text.crashedAgain : text.crashed,
      detail: repeated ? text.crashedAgainDetail : text.crashedDetail,
      ...(repeated ? { buttons: [text.loadAgain, text.quit], defaultId: 0, cancelId: 0 } : {}),
      noLink: true,
    });
    if (!repeated) return;
    if (response === 0) crashed.webContents.reload();
    else app.quit();
  };

  const openWindow = async (): Promise<void> => {
    decided = null;
    endedBecause = null;
    service.start();
    await openMainWindow({
      open: (options) => {
        window = new BrowserWindow(options);
        return window;
      },
      preload: paths.preload,
      icon: paths.icon,
      stateFile: join(userData, 'window.json'),
      devTools: settings.devTools,
      displays: () => electron.screen.getAllDisplays().map((display) => display.workArea),
      mayClose() {
        if (jobs.count === 0 || decided !== null) return true;
        void askAboutRuns();
        return false;
      },
      onCrash: (crashed) => void tellOfCrash(crashed),
      onClosed() {
        window = null;
      },
      beforeEnd: (work) => lastWork.push(work),
    });
    // It may have ended before there was a window to say so.
    if (window !== null && endedBecause !== null) await loadPage(window, servicePage);
  };
  const showWindow = (): void => {
    if (window === null) {
      opening ??= openWindow().finally(() => {
        opening = null;
      });
      return;
    }
    if (window.isMinimized()) window.restore();
    window.show();
    window.focus();
  };

  guardContents(app, electron.shell, { onStartAgain: startAgain });
  handleCalls(electron.ipcMain, {
    ownContents: () => window?.webContents ?? null,
    passOn: service.call,
    answer: remembered.answer,
    chooseFile: async (what) => (window === null ? null : chooseFile(dialog, window, what, say())),
    secrets: secrets.status,
    onAnswer(name: CallName, value) {
      if (name === 'settings.get' || name === 'settings.save') setting = (value as Settings).language;
    },
  });
  app.on('second-instance', showWindow);
  app.on('activate', showWindow);
  app.on('window-all-closed', () => {
    if (platform !== 'darwin' && jobs.count === 0) app.quit();
    // Kept for nobody to see: a stop that was decided needs no window either.
    else if (decided === 'stop') app.quit();
  });
  app.on('before-quit', (event) => {
    if (jobs.count === 0 || decided === 'stop') return;
    event.preventDefault();
    void askAboutRuns();
  });
  let over = false;
  app.on('will-quit', (event) => {
    if (over) return;
    event.preventDefault();
    void Promise.allSettled([service.stop(), ...lastWork]).then(() => {
      over = true;
      app.quit();
    });
  });

  await app.whenReady();
  guardSession(electron.session.defaultSession);
  electron.protocol.handle(scheme, (request) =>
    answerAppRequest(request, {
      renderer: paths.renderer,
      askService: service.ask,
      servicePage: () => renderServicePage(language(), say(), endedBecause ?? ''),
      printPdf: (address) => printPdf((options) => new BrowserWindow(options), address),
    }),
  );
  electron.Menu.setApplicationMenu(
    electron.Menu.buildFromTemplate(menuTemplate(say(), platform, settings.devTools)),
  );
  showWindow();
}
