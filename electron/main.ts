import { homedir } from 'node:os';
import { join } from 'node:path';
import {
  app,
  BrowserWindow,
  dialog,
  ipcMain,
  Menu,
  protocol,
  safeStorage,
  screen,
  session,
  shell,
} from 'electron';
import { findShellPaths } from './shell/paths.ts';
import { runShell } from './shell/shell.ts';
import { stateFolderOf } from './state/state-folder.ts';

const { platform, arch, env } = process;

void runShell(
  { app, BrowserWindow, Menu, dialog, ipcMain, protocol, safeStorage, screen, session, shell },
  {
    paths: findShellPaths({ appPath: app.getAppPath(), packaged: app.isPackaged, platform, arch }),
    userData: join(stateFolderOf({ platform, home: homedir(), env }), 'window'),
    // The service has no terminal whose folder would say where a person wants the results.
    resultsFolder: env.FIELDTUNE_HOME
      ? join(env.FIELDTUNE_HOME, 'results')
      : join(app.getPath('documents'), 'Fieldtune'),
    platform,
    env,
    devTools: !app.isPackaged,
  },
);
