/**
 * Installs the packages of package-lock.json when they are not there yet, and with `--system` what the tests
 * need from the system. Runs before anything is installed, so: plain JavaScript, Node 20, no package.
 */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, sep } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const oldestNodeForSetup = 20;
const oldestNodeForSources = [22, 18];
const markerName = '.fieldtune-setup';

/** What some tests need from the system: where it is found, what Debian calls it, which tests go without it. */
const systemNeeds = [
  { name: 'openssh-server', packages: ['openssh-server'], places: ['sshd'], tests: 'tests over SSH' },
  {
    name: 'qemu-user',
    packages: ['qemu-user'],
    places: ['qemu-aarch64'],
    tests: 'the test of an arm64 board',
  },
  { name: 'socat', packages: ['socat'], places: ['socat'], tests: 'tests over a serial line' },
  {
    name: 'chromium',
    packages: ['chromium', 'fonts-noto-cjk'],
    places: ['chromium', 'chromium-browser', 'google-chrome'],
    tests: 'tests of the window',
  },
];

/** Says in one sentence why this Node cannot do, or returns null. */
function nodeProblem() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  if (major < oldestNodeForSetup) {
    return `Node ${process.versions.node} is too old: install Node ${oldestNodeForSetup} or newer from https://nodejs.org and run the same command again.`;
  }
  const bringsItsOwnNode = process.platform === 'linux' && process.arch === 'x64';
  const [neededMajor, neededMinor] = oldestNodeForSources;
  if (!bringsItsOwnNode && (major < neededMajor || (major === neededMajor && minor < neededMinor))) {
    return `Node ${process.versions.node} is too old on ${process.platform} ${process.arch}: install Node ${oldestNodeForSources.join('.')} or newer from https://nodejs.org and run the same command again.`;
  }
  return null;
}

/** Whether npm's own record of what it installed agrees with the lock file, entry by entry. */
function installedAgrees(root) {
  try {
    const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    const installed = JSON.parse(
      readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8'),
    ).packages;
    return Object.entries(wanted).every(([path, entry]) => {
      if (path === '') return true;
      const found = installed[path];
      // npm leaves out the optional packages of other platforms.
      if (found === undefined) return entry.optional === true || entry.devOptional === true;
      return found.version === entry.version && found.integrity === entry.integrity;
    });
  } catch {
    return false;
  }
}

/** Turns npm's complaint into a sentence: what happened, and what to do now. */
function npmProblem(output) {
  const code = /npm (?:error|ERR!) code (\S+)/.exec(output)?.[1] ?? '';
  if (
    /^(ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ERR_SOCKET_TIMEOUT)$/.test(
      code,
    )
  ) {
    return `The packages could not be fetched because npm cannot reach its registry (${code}): connect this computer to the network, or set npm's registry or proxy, and run the same command again.`;
  }
  if (code === 'ENOSPC') {
    return 'The packages could not be installed because the disk is full: free about 1.5 GB and run the same command again.';
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return `The packages could not be installed because this folder is not writable (${code}): make it yours and run the same command again.`;
  }
  if (code === 'EUSAGE') {
    return 'The packages could not be installed because package.json and package-lock.json disagree: restore both from git (or run npm install if you changed package.json) and run the same command again.';
  }
  if (code === 'EINTEGRITY') {
    return 'The packages could not be installed because a downloaded file differs from what package-lock.json expects: run npm cache verify, then the same command again.';
  }
  const lines = output
    .split('\n')
    .map((line) => line.replace(/^npm (?:error|ERR!)\s*/, '').trim())
    .filter((line) => line !== '' && !line.startsWith('code ') && !line.startsWith('A complete log'));
  const reason = (lines[0] ?? 'npm gave no reason').replace(/[.\s]+$/, '').slice(0, 200);
  return `The packages could not be installed because npm ci failed (${code === '' ? reason : `${code}: ${reason}`}): run npm ci by hand to see the whole of it.`;
}

/** Runs a command, keeping its output; `status` is null when it could not be started. */
function run(command, args, options) {
  return new Promise((resolve) => {
    let output = '';
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    const keep = (chunk) => {
      output = (output + chunk).slice(-20_000);
    };
    child.stdout.on('data', keep);
    child.stderr.on('data', keep);
    child.on('error', (error) => resolve({ status: null, output: error.message }));
    child.on('close', (status) => resolve({ status, output }));
  });
}

/** Shows one line with the seconds gone by while `work` goes on; on a plain stream just its start and end. */
async function withLine(text, work) {
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 1000);
  const out = process.stderr;
  if (!out.isTTY) {
    out.write(`${text} …\n`);
    return work();
  }
  const draw = (end) => out.write(`\r\u001b[2K${text} … ${seconds()} s${end}`);
  draw('');
  const timer = setInterval(draw, 1000, '');
  try {
    return await work();
  } finally {
    clearInterval(timer);
    draw('\n');
  }
}

/** Whether the process that a lock names still runs. */
function isHeld(lock) {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return true;
  } catch (error) {
    // Without the permission to signal it, it is there, and somebody else's.
    return error.code === 'EPERM';
  }
}

/** Does `work` when no other command is at it in this folder: two at once would delete what the other installs. */
async function alone(root, work) {
  const lock = join(tmpdir(), `fieldtune-setup-${sha256(root).slice(0, 16)}`);
  const own = `${lock}-${process.pid}`;
  const isTaken = () => {
    try {
      writeFileSync(own, String(process.pid));
      linkSync(own, lock);
      return false;
    } catch (error) {
      // Where neither can be written there is no lock either.
      return error.code === 'EEXIST';
    }
  };
  try {
    if (isTaken())
      await withLine('Waiting for another command that installs the packages', async () => {
        while (isTaken()) {
          if (isHeld(lock)) await pause(200);
          else rmSync(lock, { force: true });
        }
      });
    rmSync(own, { force: true });
    return await work();
  } finally {
    if (existsSync(lock) && readFileSync(lock, 'utf8') === String(process.pid)) rmSync(lock);
  }
}

/** Whether what this very lock file asks for has been installed. */
function isSetUp(root) {
  try {
    return readFileSync(markerOf(root), 'utf8') === hashOf(root);
  } catch {
    return false;
  }
}

const markerOf = (root) => join(root, 'node_modules', markerName);

const hashOf = (root) => sha256(readFileSync(join(root, 'package-lock.json')));

const sha256 = (data) => createHash('sha256').update(data).digest('hex');

/** Installs the packages unless they are there; returns a sentence on failure, else null. */
async function installPackages(root) {
  const lockFile = join(root, 'package-lock.json');
  if (!existsSync(lockFile))
    return `The packages cannot be installed because ${lockFile} is missing: restore it from git and run the same command again.`;
  if (isSetUp(root)) return null;
  if (!installedAgrees(root)) {
    // The project's own Node stands first on PATH under `npm run`, and npm ci is about to delete it.
    const ownBin = join(root, 'node_modules') + sep;
    const path = (process.env.PATH ?? '')
      .split(delimiter)
      .filter((folder) => !`${folder}${sep}`.startsWith(ownBin))
      .join(delimiter);
    const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error', '--fetch-retry-maxtimeout=20000'];
    const { status, output } = await withLine('Installing packages (first time only)', () =>
      run('npm', args, {
        cwd: root,
        env: { ...process.env, PATH: path },
        shell: process.platform === 'win32',
      }),
    );
    if (status === null) {
      return 'The packages could not be installed because npm was not found: install it together with Node from https://nodejs.org and run the same command again.';
    }
    if (status !== 0) return npmProblem(output);
  }
  try {
    writeFileSync(markerOf(root), hashOf(root));
  } catch (error) {
    return `The set-up could not be recorded in ${markerOf(root)} (${error.code}): make the folder yours and run the same command again.`;
  }
  return null;
}

function isOnPath(program) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin'];
  return folders.some((folder) => folder !== '' && existsSync(join(folder, program)));
}

/** Installs what the tests need from the system where that is possible, and names what is left out. */
async function installSystemPackages() {
  const missing = () => systemNeeds.filter((need) => !need.places.some(isOnPath));
  const before = missing();
  if (before.length === 0) return;
  const allowed = process.env.FIELDTUNE_NO_SYSTEM_PACKAGES === undefined;
  const isRoot = process.getuid?.() === 0;
  if (allowed && isRoot && existsSync('/etc/debian_version') && isOnPath('apt-get')) {
    const packages = before.flatMap((need) => need.packages);
    const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
    const limits = [
      '-o',
      'Acquire::Retries=1',
      '-o',
      'Acquire::http::Timeout=20',
      '-o',
      'DPkg::Lock::Timeout=60',
    ];
    await withLine(`Installing ${packages.join(', ')} for the tests (first time only)`, async () => {
      await run('apt-get', [...limits, 'update', '-qq'], { env });
      await run('apt-get', [...limits, 'install', '-y', '-qq', '--no-install-recommends', ...packages], {
        env,
      });
    });
  }
  for (const need of missing()) {
    process.stderr.write(
      `${need.name} is missing, so the ${need.tests} will be skipped; install it with: apt-get install ${need.packages.join(' ')}\n`,
    );
  }
}

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const problem = nodeProblem() ?? (isSetUp(root) ? null : await alone(root, () => installPackages(root)));
if (problem !== null) {
  process.stderr.write(`${problem}\n`);
  process.exitCode = 1;
} else if (process.argv.includes('--system')) {
  await installSystemPackages();
}
