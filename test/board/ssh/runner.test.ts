import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import type { Board } from '../../../electron/board/board.ts';
import { type ConnectOptions, connectBoard } from '../../../electron/board/connect.ts';
import { packRunner } from '../../../electron/board/install/archive.ts';
import { openFileHashes } from '../../../electron/board/install/file-hashes.ts';
import { installRunner } from '../../../electron/board/install/install.ts';
import { probeBoard } from '../../../electron/board/install/probe.ts';
import {
  collectRunnerFiles,
  ensureBundle,
  type RunnerFiles,
} from '../../../electron/board/install/runner-files.ts';
import { makeSshShell } from '../../../electron/board/ssh/shell.ts';
import { startFaultProxy } from '../../faults/fault-proxy.ts';
import { type PrivateSshd, sshdMissing, startPrivateSshd } from '../../faults/private-sshd.ts';
import { findProcesses, until } from '../../faults/processes.ts';
import { asModelMap, makeDenseModel } from '../tiny-models.ts';
import { openConnection } from './open-connection.ts';

const settings = { threads: 1, level: 'all' } as const;
const model = makeDenseModel(64, 2);
const timing = {
  sha256s: [model.sha256],
  settings,
  blocks: 3,
  iterations: 0,
  visitMs: 2,
  warmupMs: 2,
  seed: 1,
};
// A Node new enough on the board keeps the installation small; one test goes without.
const pathWithNode = `${dirname(process.execPath)}:/usr/bin:/bin`;

describe.skipIf(sshdMissing !== '')(`a runner behind SSH ${sshdMissing}`, () => {
  let sshd: PrivateSshd;
  let folder = '';
  const root = () => join(folder, 'board root');

  const connect = (
    options: Partial<ConnectOptions> = {},
    server = sshd,
    port = server.port,
    signal?: AbortSignal,
  ) =>
    connectBoard(
      {
        address: server.address.replace(/\d+$/, String(port)),
        acceptHostKey: server.fingerprint,
        identityFile: server.identityFile,
      },
      { signal: signal ?? new AbortController().signal, confirmHostKey: async () => false },
      { stateFolder: join(folder, 'state'), remoteRoot: root(), ...options },
    );
  const connected = async (...parameters: Parameters<typeof connect>): Promise<Board> => {
    const result = await connect(...parameters);
    if (!result.ok) throw new Error(JSON.stringify(result.error));
    return result.value;
  };
  const incoming = () => readdirSync(root()).filter((name) => name.startsWith('incoming-'));

  beforeAll(async () => {
    sshd = await startPrivateSshd({ path: pathWithNode });
  });
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'fieldtune-board-'));
    mkdirSync(join(folder, 'state'));
    // Packing takes longest, so the tests share what the first of them packed.
    symlinkSync(scratch, join(folder, 'state', 'cache'));
  });
  afterEach(() => {
    expect(findProcesses(root())).toEqual([]);
    rmSync(folder, { recursive: true, force: true });
  });
  afterAll(() => sshd.stop());

  it('is installed once, then measures; a second connect copies nothing (fault 19: no SFTP needed)', async () => {
    const sent: number[] = [];
    const first = await connectBoard(
      { address: sshd.address, acceptHostKey: sshd.fingerprint, identityFile: sshd.identityFile },
      {
        signal: new AbortController().signal,
        confirmHostKey: async () => false,
        onInstall: (sentBytes, totalBytes) => sent.push(sentBytes / totalBytes),
      },
      { stateFolder: join(folder, 'state'), remoteRoot: root() },
    );
    if (!first.ok) throw new Error(JSON.stringify(first.error));
    expect(first.value.address).toBe(sshd.address);
    expect(first.value.installedBytes).toBeGreaterThan(5_000_000);
    expect(sent.at(-1)).toBe(1);
    await first.value.close();
    await until(() => findProcesses(root()).length === 0);

    const second = await connected();
    expect(second.installedBytes).toBe(0);
    expect(second.identity.nodeVersion).toBe(process.versions.node);
    expect(await second.putModels(asModelMap([model]))).toEqual({ ok: true, value: undefined });
    const timed = await second.time(timing);
    if (!timed.ok) throw new Error(JSON.stringify(timed.error));
    expect(timed.value.blocks.length + timed.value.dropped.length).toBe(3);
    expect(timed.value.blocks[0]?.wallUs[0]).toBeGreaterThan(0);
    const profiled = await second.profile({ sha256: model.sha256, settings, iterations: 5, warmupMs: 2 });
    if (!profiled.ok) throw new Error(JSON.stringify(profiled.error));
    expect(profiled.value.events.map((event) => event.type)).toContain('MatMul');
    expect(profiled.value.optimizedModel.length).toBeGreaterThan(0);
    expect(await second.peakMemory(model.sha256, settings)).toMatchObject({ ok: true });

    const abort = new AbortController();
    const cancelled = second.time({ ...timing, blocks: 1_000_000 }, abort.signal);
    setTimeout(() => abort.abort(), 100);
    expect(await cancelled).toEqual({ ok: false, error: { kind: 'cancelled' } });
    expect(await second.time(timing)).toMatchObject({ ok: true });
    await second.close();
    await until(() => findProcesses(root()).length === 0);
  });

  it.each([
    ['is shorter than it was', (file: string) => truncateSync(file, 100)],
    ['does not start', (file: string) => writeFileSync(file, ')'.padEnd(statSync(file).size))],
  ])('is installed anew when what lies on the board %s', async (_, damage) => {
    damage(join(await placeInstallation(root()), 'runner.mjs'));
    const board = await connected();
    expect(board.installedBytes).toBeGreaterThan(0);
    await board.close();
    expect(readdirSync(root()).filter((name) => !/^(models|runner-[0-9a-f]{16})$/.test(name))).toEqual([]);
    await until(() => findProcesses(root()).length === 0);
  });

  it('reports a runner killed on the board as a lost board (fault 15)', async () => {
    await placeInstallation(root());
    const board = await connected();
    await board.putModels(asModelMap([model]));
    const timed = board.time({ ...timing, blocks: 1_000_000 });
    for (const id of findProcesses(`${root()}`)) process.kill(id, 'SIGKILL');
    expect(await timed).toMatchObject({ ok: false, error: { kind: 'boardLost', board: sshd.address } });
    await board.close();
  });

  it('leaves no process on the board when the link is cut in mid-measurement, and says so (fault 18)', async () => {
    const proxy = await startFaultProxy(sshd.port);
    onTestFinished(() => proxy.stop());
    await placeInstallation(root());
    const board = await connected({}, sshd, proxy.port);
    await board.putModels(asModelMap([model]));
    const timed = board.time({ ...timing, blocks: 1_000_000 });
    await until(() => findProcesses(root()).length > 0);
    await proxy.stop();
    expect(await timed).toMatchObject({ ok: false, error: { kind: 'boardLost' } });
    await until(() => findProcesses(root()).length === 0);
    // The next connect finds the installation and goes on.
    const again = await connected();
    expect(again.installedBytes).toBe(0);
    await again.close();
    await until(() => findProcesses(root()).length === 0);
  });

  it('says within seconds that an upload was reset, and goes on from there afterwards (fault 10)', async () => {
    const proxy = await startFaultProxy(sshd.port);
    onTestFinished(() => proxy.stop());
    proxy.resetAfter(3_000_000);
    expect(await connect({}, sshd, proxy.port)).toMatchObject({ ok: false, error: { kind: 'boardLost' } });
    expect(performance.now() - proxy.faultMs()!).toBeLessThan(5_000);
    await proxy.stop();
    // The board may still be writing what came over before the reset.
    await until(() => findProcesses(root()).length === 0);
    // What came over is kept for the next try, under a name that nothing runs.
    const left = readdirSync(root());
    expect(left).toEqual([expect.stringMatching(/^runner-[0-9a-f]{16}\.tar\.gz\.part$/)]);
    const keptBytes = statSync(join(root(), left[0]!)).size;
    expect(keptBytes).toBeGreaterThan(0);
    const board = await connected();
    // All but what was there: it was taken up at that offset.
    const archiveBytes = statSync(join(scratch, left[0]!.replace(/\.part$/, ''))).size;
    expect(board.installedBytes).toBe(archiveBytes - keptBytes);
    expect(readdirSync(root()).sort()).toEqual(['models', expect.stringMatching(/^runner-[0-9a-f]{16}$/)]);
    await board.close();
    await until(() => findProcesses(root()).length === 0);
  });

  it('gives up on an upload that a black hole swallows, within its bound (fault 11)', async () => {
    const proxy = await startFaultProxy(sshd.port);
    onTestFinished(() => proxy.stop());
    proxy.blackHoleAfter(2_000_000);
    const lost = await connect({ installStallMs: 1_000 }, sshd, proxy.port);
    expect(lost).toMatchObject({ ok: false, error: { kind: 'boardLost', reason: 'nothing moved for 1 s' } });
    await proxy.stop();
    await until(() => findProcesses(root()).length === 0);
    expect(incoming()).toEqual([]);
  });

  it('removes everything when the upload is cancelled (fault 21)', async () => {
    const abort = new AbortController();
    const cancelled = connectBoard(
      { address: sshd.address, acceptHostKey: sshd.fingerprint, identityFile: sshd.identityFile },
      {
        signal: abort.signal,
        confirmHostKey: async () => false,
        onInstall: (sentBytes) => {
          if (sentBytes > 1_000_000) abort.abort();
        },
      },
      { stateFolder: join(folder, 'state'), remoteRoot: root() },
    );
    expect(await cancelled).toEqual({ ok: false, error: { kind: 'cancelled' } });
    await until(() => readdirSync(root()).length === 0);
    await until(() => findProcesses(root()).length === 0);
  });

  it('does not activate an installation of which one byte was flipped (fault 14)', async () => {
    const shell = makeSshShell(await openConnection(sshd, folder));
    const contact = { signal: new AbortController().signal, confirmHostKey: async () => true };
    const facts = await probeBoard(shell, root(), contact.signal);
    if (!facts.ok) throw new Error('no board');
    // The sums that go along with the archive are those of other bytes.
    const runner = await collect();
    const other = { ...runner.files[0]!, sha256: '0'.repeat(64) };
    const cacheFolder = join(folder, 'own cache');
    const packed = await packRunner({ ...runner, files: [other] }, cacheFolder);
    expect(packed).toMatchObject({ ok: false, error: { kind: 'sourceChanged' } });
    const archive = join(cacheFolder, `runner-${runner.hash}.tar.gz`);
    execFileSync('sh', [
      '-c',
      `cd "$1" && echo "${other.sha256} one" >sums && echo two >one && tar czf "$2" sums one`,
      'sh',
      folder,
      archive,
    ]);
    const bytes = readFileSync(archive);
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    writeFileSync(`${archive}.json`, JSON.stringify({ sizeBytes: bytes.length, sha256 }));
    const installed = await installRunner(shell, facts.value, runner, contact, { force: false, cacheFolder });
    expect(installed).toMatchObject({ ok: false, error: { kind: 'boardCorrupted' } });
    expect(readdirSync(root())).toEqual([]);
    await shell.close();
  });

  it('works through start-up files that print, under any folder name (faults 17 and 20)', async () => {
    const noisy = await startPrivateSshd({
      path: pathWithNode,
      startUp: 'echo "Welcome to BOARD"; echo system=Solaris; echo noise >&2; printf "no newline"',
    });
    onTestFinished(() => noisy.stop());
    const odd = join(folder, `-x; $(touch pwned) ' \n`);
    await placeInstallation(odd);
    const board = await connected({ remoteRoot: odd }, noisy);
    expect(board.installedBytes).toBe(0);
    await board.putModels(asModelMap([model]));
    expect(await board.time(timing)).toMatchObject({ ok: true });
    await board.close();
    expect(existsSync(join(odd, 'models', `${model.sha256}.onnx`))).toBe(true);
    expect(readdirSync(folder).sort()).toEqual([`-x; $(touch pwned) ' \n`, 'state'].sort());
    await until(() => findProcesses(odd).length === 0);
  });

  it('brings a Node along for a board that has none', async () => {
    const bare = await startPrivateSshd({ path: makeBareTools(folder, ['tar', 'gzip', 'sha256sum', 'cat']) });
    onTestFinished(() => bare.stop());
    const board = await connected({}, bare);
    expect(board.installedBytes).toBeGreaterThan(30_000_000);
    expect(board.identity.nodeVersion).toMatch(/^24\./);
    await board.close();
    await until(() => findProcesses(root()).length === 0);
  });

  it('names the missing tools before anything is sent (fault 30)', async () => {
    const bare = await startPrivateSshd({ path: makeBareTools(folder, ['tar']) });
    onTestFinished(() => bare.stop());
    const refused = await connect({}, bare);
    expect(refused).toMatchObject({
      ok: false,
      error: { kind: 'boardUnsupported', missing: 'gzip, sha256sum' },
    });
  });

  it('refuses a board whose file system is too small, by name, and leaves nothing there (fault 13)', async ({
    skip,
  }) => {
    const disk = join(folder, 'disk');
    mkdirSync(disk);
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=24m', 'tmpfs', disk], { stdio: 'ignore' });
    } catch {
      skip('skipped: a tmpfs cannot be mounted here');
    }
    try {
      expect(await connect({ remoteRoot: disk })).toMatchObject({
        ok: false,
        error: { kind: 'boardDiskFull', folder: disk },
      });
      // A df that promises too much, as with quotas: the disk fills up while unpacking.
      const tools = join(folder, 'lying');
      mkdirSync(tools);
      writeFileSync(join(tools, 'df'), '#!/bin/sh\necho "/dev/x 999999999 1 999999998 1% /"\n');
      chmodSync(join(tools, 'df'), 0o755);
      const lying = await startPrivateSshd({ path: `${tools}:${pathWithNode}` });
      onTestFinished(() => lying.stop());
      expect(await connect({ remoteRoot: disk }, lying)).toMatchObject({
        ok: false,
        error: { kind: 'boardDiskFull' },
      });
      await until(() => readdirSync(disk).length === 0);
    } finally {
      execFileSync('umount', [disk]);
    }
  });
});

const scratch = mkdtempSync(join(tmpdir(), 'fieldtune-hashes-'));
afterAll(() => rmSync(scratch, { recursive: true, force: true }));

/** The runner for a board with its own Node. */
async function collect(): Promise<RunnerFiles> {
  const arch = process.arch === 'arm64' ? 'arm64' : 'x64';
  const hashes = openFileHashes(join(scratch, 'hashes.json'));
  const runner = await collectRunnerFiles(await ensureBundle(), arch, false, hashes);
  if (!runner) throw new Error('no runner');
  return runner;
}

/** Puts a runner for a board with its own Node under a root, as an earlier connect would have; gives its folder. */
async function placeInstallation(root: string): Promise<string> {
  const runner = await collect();
  const installation = join(root, `runner-${runner.hash}`);
  for (const file of runner.files) cpSync(file.source, join(installation, file.path));
  return installation;
}

/** A folder with links to the few tools a bare board has. */
function makeBareTools(folder: string, extra: readonly string[]): string {
  const tools = join(folder, 'tools');
  mkdirSync(tools);
  const standard = [
    'sh',
    'uname',
    'getconf',
    'df',
    'tail',
    'head',
    'mkdir',
    'rm',
    'mv',
    'ls',
    'find',
    'wc',
    'ldd',
  ];
  for (const name of [...standard, ...extra]) {
    execFileSync('ln', ['-s', `/usr/bin/${name}`, join(tools, name)]);
  }
  return tools;
}
