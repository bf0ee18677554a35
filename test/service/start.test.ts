import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from './running-service.ts';

const script = 'resources/scripts/start.mjs';
const scripts = [script, 'resources/scripts/become.mjs', 'resources/scripts/window-build.ts'];

/** A project in which the build, the browser's face and Electron are stand-ins that say what they were asked. */
function project() {
  const root = temporaryFolder();
  const put = (path: string, text: string): void => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  for (const path of scripts)
    cpSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), join(root, path));
  put('renderer/main.tsx', '');
  put('renderer/parts/Button.tsx', '');
  put(
    'node_modules/vite/bin/vite.js',
    `const { mkdirSync, writeFileSync, appendFileSync, existsSync } = require('node:fs');
     if (existsSync('broken')) { console.error('a type of error'); process.exit(1); }
     mkdirSync('dist/renderer', { recursive: true });
     writeFileSync('dist/renderer/index.html', '');
     appendFileSync('builds', process.argv[2] + '\\n');`,
  );
  put('resources/scripts/build-shell.ts', `require('node:fs').appendFileSync('shells', 'built\\n');`);
  put('electron/browser.ts', `console.log('browser', ...process.argv.slice(2)); process.exit(7);`);
  /** Makes a file older (less than 0) or newer than now. */
  const age = (path: string, seconds: number): void => {
    const at = Date.now() / 1000 + seconds;
    utimesSync(join(root, path), at, at);
  };
  const start = (args: readonly string[] = [], env: NodeJS.ProcessEnv = {}) =>
    spawnSync(process.execPath, [join(root, script), ...args], {
      encoding: 'utf8',
      env: { ...process.env, ELECTRON_OVERRIDE_DIST_PATH: '', ...env },
    });
  return { root, put, age, start };
}

const building = 'Building the window (after a change only) …\n';
const instead =
  'Electron’s binary is not there (npx install-electron fetches it), so the window opens in the browser instead.\n';

test('builds the window, says that Electron is not there, and opens the browser’s face with its options', () => {
  const { start } = project();
  expect(start(['--no-open'])).toMatchObject({
    status: 7,
    stdout: 'browser --no-open\n',
    stderr: `${building}${instead}`,
  });
});

test('builds again only when something that the window is made of has changed', () => {
  const { start, age } = project();
  for (const path of ['renderer/main.tsx', 'renderer/parts/Button.tsx', 'renderer/parts', 'renderer'])
    age(path, -100);
  expect(start().stderr).toContain(building);
  expect(start().stderr).toBe(instead);
  age('renderer/parts/Button.tsx', 100);
  expect(start().stderr).toContain(building);
});

test('a window that cannot be built is not opened, and the build’s words are shown', () => {
  const { start, put, root } = project();
  put('broken', '');
  const failed = start();
  expect(failed).toMatchObject({ status: 1, stdout: '' });
  expect(failed.stderr).toMatch(/a type of error\nThe window could not be built: run npm run build/);
  rmSync(join(root, 'broken'));
  expect(start().status).toBe(7);
});

test.skipIf(process.platform === 'win32')('starts Electron on the project where its binary is there', () => {
  const { start, put, root } = project();
  const binary = process.platform === 'darwin' ? 'Electron.app/Contents/MacOS/Electron' : 'electron';
  const at = `node_modules/electron/dist/${binary}`;
  put(at, '#!/bin/sh\necho electron "$@"\nexit 5\n');
  chmodSync(join(root, at), 0o755);
  expect(start(['--one'])).toMatchObject({ status: 5, stdout: `electron ${root} --one\n`, stderr: building });
  expect(readFileSync(join(root, 'shells'), 'utf8')).toBe('built\n');
  put('elsewhere/e', '#!/bin/sh\necho other\n');
  chmodSync(join(root, 'elsewhere/e'), 0o755);
  put('node_modules/electron/path.txt', 'e');
  const env = { ELECTRON_OVERRIDE_DIST_PATH: join(root, 'elsewhere') };
  expect(start([], env)).toMatchObject({ status: 0, stdout: 'other\n' });
});
