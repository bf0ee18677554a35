import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { descendantsOf } from './processes.ts';

const sshdFile = '/usr/sbin/sshd';

/** Why tests against an own SSH server cannot run here; empty when they can. */
export const sshdMissing = ((): string => {
  if (process.platform !== 'linux') return 'skipped: needs Linux';
  if (!existsSync(sshdFile)) return 'skipped: openssh-server is missing';
  // An sshd of an ordinary user works too, but its privilege separation folder has to be there.
  try {
    mkdirSync('/run/sshd', { recursive: true });
  } catch {
    return 'skipped: /run/sshd cannot be made';
  }
  return '';
})();

/** An SSH server of the test's own on a loopback port, with its own keys and files. */
export interface PrivateSshd {
  readonly folder: string;
  readonly port: number;
  readonly address: string;
  /** Private key that may log in. */
  readonly identityFile: string;
  readonly fingerprint: string;
  /** Its public host key, `ssh-ed25519 AAAA…`. */
  readonly hostKey: string;
  log(): string;
  /** Gives the server another host key, as a reinstalled board has one. */
  replaceHostKey(): Promise<void>;
  /** Kills the server with all its sessions at once, as a board that loses its power does. */
  kill(): void;
  /** Starts it again after `kill`, with the same key. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

/** What the board behind the server is like. */
export interface BoardTraits {
  /** Shell lines run before every command, e.g. noise of start-up files. */
  readonly startUp?: string;
  /** PATH of every command. */
  readonly path?: string;
  /** Whether it takes files over SFTP, or the options of its SFTP server; default false, as on many small boards. */
  readonly sftp?: boolean | string;
}

/** Starts a server. */
export async function startPrivateSshd(traits: BoardTraits = {}): Promise<PrivateSshd> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-sshd-'));
  const file = (name: string): string => join(folder, name);
  makeKey(file('host'));
  makeKey(file('user'));
  writeFileSync(file('authorized_keys'), readFileSync(file('user.pub')));
  const path = traits.path ?? '/usr/local/bin:/usr/bin:/bin';
  writeFileSync(
    file('command.sh'),
    `PATH=${path}\nexport PATH\n${traits.startUp ?? ''}\nexec /bin/sh -c "$SSH_ORIGINAL_COMMAND"\n`,
  );
  const port = await freePort();
  writeFileSync(
    file('sshd_config'),
    [
      `Port ${port}`,
      'ListenAddress 127.0.0.1',
      `HostKey ${file('host')}`,
      `PidFile ${file('pid')}`,
      `AuthorizedKeysFile ${file('authorized_keys')}`,
      // The forced command runs it as it runs every other one.
      ...(traits.sftp
        ? [`Subsystem sftp /usr/lib/openssh/sftp-server ${traits.sftp === true ? '' : traits.sftp}`]
        : []),
      `ForceCommand exec /bin/sh ${file('command.sh')}`,
      // Keeps bash from the start-up files of whoever runs the tests; a board's own are made by `startUp`.
      'SetEnv SHLVL=2',
      'StrictModes no',
      'UsePAM no',
      'PasswordAuthentication no',
      'KbdInteractiveAuthentication no',
      'MaxStartups 100',
      'LogLevel DEBUG1',
    ].join('\n'),
  );
  let server = await launch(file, port);
  return {
    folder,
    port,
    address: `ssh://${userInfo().username}@127.0.0.1:${port}`,
    identityFile: file('user'),
    get fingerprint() {
      const line = execFileSync('ssh-keygen', ['-lf', file('host.pub')], { encoding: 'utf8' });
      return line.split(' ')[1]!;
    },
    get hostKey() {
      return readFileSync(file('host.pub'), 'utf8').split(' ').slice(0, 2).join(' ');
    },
    log: () => readFileSync(file('log'), 'utf8'),
    async replaceHostKey() {
      await end(server);
      for (const name of ['host', 'host.pub']) rmSync(file(name));
      makeKey(file('host'));
      server = await launch(file, port);
    },
    kill() {
      const { pid } = server;
      if (pid === undefined) return;
      for (const id of [...descendantsOf(pid), pid]) killNow(id);
    },
    async restart() {
      await end(server);
      server = await launch(file, port);
    },
    async stop() {
      await end(server);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Makes an unencrypted ed25519 key pair, or one with a passphrase. */
export function makeKey(path: string, passphrase = ''): void {
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', passphrase, '-f', path]);
}

/** A port that was free a moment ago. */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  return address.port;
}

async function launch(file: (name: string) => string, port: number): Promise<ChildProcess> {
  const server = spawn(sshdFile, ['-D', '-f', file('sshd_config'), '-E', file('log')], { stdio: 'ignore' });
  const startMs = performance.now();
  while (!(await answers(port))) {
    if (server.exitCode !== null) throw new Error(`sshd ended: ${readFileSync(file('log'), 'utf8')}`);
    if (performance.now() - startMs > 10_000) throw new Error('sshd does not answer');
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return server;
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}

function killNow(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It has ended by itself.
  }
}

async function end(server: ChildProcess): Promise<void> {
  if (server.exitCode !== null || server.signalCode !== null) return;
  await new Promise((resolve) => {
    server.once('exit', resolve);
    server.kill('SIGTERM');
  });
}
