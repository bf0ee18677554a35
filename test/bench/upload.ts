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
 * made on the board and its sync, in turns with `scp`; both over a connection that is open already.
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
    const seconds: Record<'ours' | 'plain' | 'scp', number[]> = { ours: [], plain: [], scp: [] };
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
      // The first pair warms up.
      if (i === 0) for (const list of Object.values(seconds)) list.length = 0;
    }
    const ratios = seconds.ours.map((ours, i) => seconds.scp[i]! / ours);
    const rate = (list: readonly number[]): string => `${(sizeBytes / 1e6 / median(list)).toFixed(0)} MB/s`;
    console.log(`60 MB over loopback SSH (${cipher}), median of ${pairs} interleaved pairs:`);
    console.log(`ours, verified by a sha256 on the board and synced: ${rate(seconds.ours)}`);
    console.log(`ours, bytes handed over alone: ${rate(seconds.plain)}`);
    console.log(`scp: ${rate(seconds.scp)}`);
    console.log(
      `ours over scp: ${median(ratios).toFixed(2)} (${ratios.map((ratio) => ratio.toFixed(2)).join(', ')})`,
    );
  } finally {
    await shell.close();
    await scp.close();
    await sshd.stop();
  }
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
    ...['-o', `ControlPath=${control}`, '-o', `UserKnownHostsFile=${knownHosts}`],
    ...['-o', 'StrictHostKeyChecking=no', '-o', 'Compression=no', '-o', 'BatchMode=yes'],
    ...['-c', cipher, '-i', sshd.identityFile, '-F', 'none'],
  ];
  const host = `${userInfo().username}@127.0.0.1`;
  const ssh = ['-p', String(sshd.port), ...common];
  const master = spawn('ssh', ['-M', '-N', ...ssh, host], { stdio: 'ignore' });
  await until(() => master.exitCode !== null || existsSync(control), 20_000);
  return {
    copy: (from: string, to: string) =>
      run('scp', ['-q', '-P', String(sshd.port), ...common, from, `${host}:${to}`]),
    close: async () => void (await run('ssh', [...ssh, '-O', 'exit', host])),
  };
}
