import { execFile, spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openShell } from '../../electron/board/connect.ts';
import type { BoardShell } from '../../electron/board/shell.ts';
import { fileSource } from '../../electron/board/upload.ts';
import { type PrivateSshd, sshdMissing, startPrivateSshd } from '../faults/private-sshd.ts';
import { until } from '../faults/processes.ts';
import { scratchFolder } from './fieldtune.ts';

const run = promisify(execFile);
const sizeBytes = 60_000_000;
const defaultPairs = 7;
const cipher = 'aes128-gcm@openssh.com';

/**
 * Prints how fast 60 MB of random bytes reach a board over loopback SSH: our upload, with its comparison by a sha256
 * made on the board and its sync, in turns with `scp`; both over a connection that is open already, and both from
 * nothing to the end, as a person waits for them.
 */
export async function upload([pairsText]: readonly string[]): Promise<void> {
  if (sshdMissing) return console.log(sshdMissing);
  const pairs = Number(pairsText) || defaultPairs;
  const folder = scratchFolder();
  const file = join(folder, 'bytes');
  const bytes = randomBytes(sizeBytes);
  writeFileSync(file, bytes);
  const source = fileSource(file, sizeBytes, createHash('sha256').update(bytes).digest('hex'));
  const sshd = await startPrivateSshd({ sftp: true });
  const scp = await openScp(sshd, folder);
  const shell = await openOurs(sshd, folder);
  try {
    const boardFolder = join(folder, 'board');
    mkdirSync(boardFolder);
    const target = join(boardFolder, 'bytes');
    const seconds = { ours: [], plain: [], scp: [], oursWhole: [], scpWhole: [] } as Record<Way, number[]>;
    const timed = async (name: keyof typeof seconds, send: () => Promise<unknown>): Promise<void> => {
      rmSync(target, { force: true });
      const started = performance.now();
      await send();
      seconds[name].push((performance.now() - started) / 1000);
      if (!readFileSync(target).equals(bytes)) throw new Error(`${name}: other bytes arrived`);
    };
    for (let i = 0; i <= pairs; i++) {
      await timed('ours', async () => {
        const started = performance.now();
        let movedSeconds = 0;
        const sent = await shell.upload(source, target, {
          onProgress: (sentBytes) => {
            if (sentBytes === sizeBytes) movedSeconds = (performance.now() - started) / 1000;
          },
        });
        if (!sent.ok) throw new Error(JSON.stringify(sent.error));
        seconds.plain.push(movedSeconds);
      });
      await timed('scp', () => scp.copy(file, target));
      await timed('oursWhole', async () => {
        const own = await openOurs(sshd, folder);
        const sent = await own.upload(source, target);
        await own.close();
        if (!sent.ok) throw new Error(JSON.stringify(sent.error));
      });
      await timed('scpWhole', () => scp.copyAlone(file, target));
      // The first pair warms up.
      if (i === 0) for (const list of Object.values(seconds)) list.length = 0;
    }
    const rate = (list: readonly number[]): string => `${(sizeBytes / 1e6 / median(list)).toFixed(0)} MB/s`;
    console.log(`60 MB over loopback SSH (${cipher}), median of ${pairs} interleaved pairs:`);
    console.log(`ours, verified by a sha256 on the board and synced: ${rate(seconds.ours)}`);
    console.log(`ours, bytes handed over alone: ${rate(seconds.plain)}`);
    console.log(`scp: ${rate(seconds.scp)}`);
    console.log(`ours over scp: ${ratioText(seconds.ours, seconds.scp)}`);
    console.log(`bytes alone over scp: ${ratioText(seconds.plain, seconds.scp)}`);
    console.log(
      `with the sign-in, from nothing to the end: ours ${median(seconds.oursWhole).toFixed(2)} s, scp ${median(seconds.scpWhole).toFixed(2)} s`,
    );
    console.log(`ours over scp: ${ratioText(seconds.oursWhole, seconds.scpWhole)}`);
  } finally {
    await shell.close();
    await scp.close();
    await sshd.stop();
  }
}

type Way = 'ours' | 'plain' | 'scp' | 'oursWhole' | 'scpWhole';

/** Median and all values of their time over ours, pair by pair. */
function ratioText(ours: readonly number[], theirs: readonly number[]): string {
  const ratios = ours.map((seconds, i) => theirs[i]! / seconds);
  return `${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})`;
}

const median = (values: readonly number[]): number =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN;

async function openOurs(sshd: PrivateSshd, folder: string): Promise<BoardShell> {
  const opened = await openShell(
    { address: sshd.address, acceptHostKey: sshd.fingerprint, identityFile: sshd.identityFile },
    { signal: new AbortController().signal, confirmHostKey: async () => false },
    { stateFolder: folder },
  );
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  return opened.value;
}

/** A master connection of OpenSSH, over which every copy goes, so that no sign-in is timed. */
async function openScp(sshd: PrivateSshd, folder: string) {
  const control = join(folder, 'control');
  const knownHosts = join(folder, 'known_hosts_of_scp');
  const common = [
    ...['-o', `UserKnownHostsFile=${knownHosts}`],
    ...['-o', 'StrictHostKeyChecking=no', '-o', 'Compression=no', '-o', 'BatchMode=yes'],
    ...['-c', cipher, '-i', sshd.identityFile, '-F', 'none'],
  ];
  const host = `${userInfo().username}@127.0.0.1`;
  const shared = ['-o', `ControlPath=${control}`];
  const ssh = ['-p', String(sshd.port), ...shared, ...common];
  const copyOver = (more: readonly string[], from: string, to: string) =>
    run('scp', ['-q', '-P', String(sshd.port), ...more, ...common, from, `${host}:${to}`]);
  const master = spawn('ssh', ['-M', '-N', ...ssh, host], { stdio: 'ignore' });
  await until(() => master.exitCode !== null || existsSync(control), 20_000);
  return {
    copy: (from: string, to: string) => copyOver(shared, from, to),
    /** With a connection and a sign-in of its own. */
    copyAlone: (from: string, to: string) => copyOver(['-o', 'ControlPath=none'], from, to),
    close: async () => void (await run('ssh', [...ssh, '-O', 'exit', host])),
  };
}
