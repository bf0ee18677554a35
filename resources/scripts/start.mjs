/**
 * Opens the window: builds it where that is needed, then starts Electron where its binary is there, and the
 * service with the system's browser where it is not.
 */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { become } from './become.mjs';
import { needsBuild } from './window-build.ts';

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const args = process.argv.slice(2);

/** Builds the window's pages; returns a sentence on failure, else null. */
function buildPages() {
  process.stderr.write('Building the window (after a change only) …\n');
  return build(
    [join(root, 'node_modules', 'vite', 'bin', 'vite.js'), 'build', '--logLevel', 'warn'],
    'build',
  );
}

/** Bundles what Electron runs, which takes less time than finding out whether it must; returns as above. */
const buildShell = () => build([join(root, 'resources', 'scripts', 'build-shell.ts')], 'build:shell');

/** Runs a build quietly; `script` is its name in package.json. */
function build(command, script) {
  return new Promise((resolve) => {
    let output = '';
    const keep = (chunk) => {
      output = (output + chunk).slice(-20_000);
    };
    const child = spawn(process.execPath, command, { cwd: root });
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve(`The window could not be built because ${error.message}.`));
    child.on('close', (code) =>
      resolve(
        code === 0
          ? null
          : `${output.trim()}\nThe window could not be built: run npm run ${script} by hand to see the whole of it.`,
      ),
    );
  });
}

/** Electron's program for this system, or null when its binary is not there. */
function findElectron() {
  const folder = join(root, 'node_modules', 'electron');
  const dist = process.env.ELECTRON_OVERRIDE_DIST_PATH || join(folder, 'dist');
  const usual = {
    darwin: 'Electron.app/Contents/MacOS/Electron',
    win32: 'electron.exe',
  };
  const record = join(folder, 'path.txt');
  const name = existsSync(record)
    ? readFileSync(record, 'utf8').trim()
    : (usual[process.platform] ?? 'electron');
  const program = join(dist, name);
  return existsSync(program) && statSync(program).isFile() ? program : null;
}

const electron = findElectron();
const problem =
  ((await needsBuild(root)) ? await buildPages() : null) ?? (electron === null ? null : await buildShell());
if (problem !== null) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
} else if (electron !== null) {
  become(electron, [root, ...args], root);
} else {
  process.stderr.write(
    'Electron’s binary is not there (npx install-electron fetches it), so the window opens in the browser instead.\n',
  );
  become(process.execPath, [join(root, 'electron', 'browser.ts'), ...args], root);
}
