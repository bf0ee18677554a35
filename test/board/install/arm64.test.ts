import { execFileSync, spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { openFileHashes } from '../../../electron/board/install/file-hashes.ts';
import {
  bundlePath,
  collectRunnerFiles,
  ensureBundle,
  nodePath,
} from '../../../electron/board/install/runner-files.ts';
import { linkTo } from '../../../electron/board/local-shell.ts';
import { openRunnerBoard } from '../../../electron/board/runner-board.ts';
import { asModelMap, makeDenseModel } from '../tiny-models.ts';

/** Debian's libraries for arm64, unpacked once. */
const root = join(import.meta.dirname, '../../../node_modules/.cache/fieldtune/arm64-root');
const packages = ['libc6', 'libstdc++6', 'libgcc-s1'];
/** As a Cortex-A72 tells it; the runtime takes its number of cores and its instructions from there. */
const cpuinfo = `processor	: 0
BogoMIPS	: 108.00
Features	: fp asimd evtstrm crc32 cpuid
CPU implementer	: 0x41
CPU architecture: 8
CPU variant	: 0x0
CPU part	: 0xd08
CPU revision	: 3
`;

/** Fetches the packages with apt, in folders of its own, so that the computer's packages stay as they are. */
function makeRoot(): void {
  if (existsSync(root)) return;
  const work = mkdtempSync(join(tmpdir(), 'fieldtune-arm64-'));
  try {
    for (const folder of ['state/lists/partial', 'cache/archives/partial', 'debs', 'root/proc'])
      mkdirSync(join(work, folder), { recursive: true });
    writeFileSync(join(work, 'state/status'), '');
    const options = [
      `Dir::State=${work}/state`,
      `Dir::State::status=${work}/state/status`,
      `Dir::Cache=${work}/cache`,
      'Dir::Etc::sourceparts=-',
      'Dir::Etc::sourcelist=/etc/apt/sources.list.d/debian.sources',
      'APT::Architecture=arm64',
      'APT::Architectures=arm64',
    ].flatMap((option) => ['-o', option]);
    const debs = join(work, 'debs');
    execFileSync('apt-get', [...options, 'update'], { stdio: 'ignore' });
    execFileSync('apt-get', [...options, 'download', ...packages], { cwd: debs, stdio: 'ignore' });
    for (const deb of readdirSync(debs))
      execFileSync('dpkg-deb', ['-x', join(debs, deb), join(work, 'root')], { stdio: 'ignore' });
    writeFileSync(join(work, 'root/proc/cpuinfo'), cpuinfo);
    mkdirSync(dirname(root), { recursive: true });
    cpSync(join(work, 'root'), `${root}.new`, { recursive: true, verbatimSymlinks: true });
    renameSync(`${root}.new`, root);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

const missing = ((): string => {
  if (process.env.FIELDTUNE_ARM64 !== '1') return 'skipped: set FIELDTUNE_ARM64=1, it takes about a minute';
  if (process.platform !== 'linux') return 'skipped: needs Linux';
  try {
    execFileSync('qemu-aarch64', ['--version'], { stdio: 'ignore' });
  } catch {
    return 'skipped: qemu-user is missing';
  }
  try {
    makeRoot();
  } catch {
    return 'skipped: the arm64 packages of Debian cannot be had here';
  }
  return '';
})();

it.skipIf(missing !== '')(
  `the runner for arm64 measures under qemu ${missing}`,
  async ({ skip }) => {
    const folder = mkdtempSync(join(tmpdir(), 'fieldtune-arm64-board-'));
    onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
    const hashes = openFileHashes(join(folder, 'hashes.json'));
    const runner = await collectRunnerFiles(await ensureBundle(), 'arm64', true, hashes);
    if (!runner) return skip('skipped: npm run board-nodes has not fetched a Node for arm64');
    for (const file of runner.files) cpSync(file.source, join(folder, file.path));
    const marker = 'fieldtune-runner-arm64-test';
    const words = [join(folder, nodePath), join(folder, bundlePath), '--root', folder, '--marker', marker];
    const child = spawn('qemu-aarch64', ['-L', root, ...words], { stdio: ['pipe', 'pipe', 'pipe'] });
    onTestFinished(() => void child.kill('SIGKILL'));
    const opened = await openRunnerBoard(linkTo(child), {
      board: 'arm64 under qemu',
      marker,
      modelFolder: join(folder, 'models'),
      installedBytes: 0,
      release: () => {},
      startTimeoutMs: 120_000,
      answerStallMs: 120_000,
    });
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    const board = opened.value;
    expect(board.identity.arch).toBe('arm64');
    const model = makeDenseModel(8, 1);
    expect(await board.putModels(asModelMap([model]))).toEqual({ ok: true, value: undefined });
    const settings = { threads: 1, level: 'all' } as const;
    const timed = await board.time({
      sha256s: [model.sha256],
      settings,
      blocks: 1,
      iterations: 3,
      visitMs: 1,
      warmupMs: 1,
      seed: 1,
    });
    if (!timed.ok) throw new Error(JSON.stringify(timed.error));
    expect(timed.value.blocks.length + timed.value.dropped.length).toBe(1);
    await board.close();
  },
  240_000,
);
