import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { closeSync, constants, existsSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { until } from './processes.ts';
import { type LineHarm, startFilter } from './pty-filter.ts';

/** Why tests against a pseudo-terminal with a real shell cannot run here; empty when they can. */
export const socatMissing = ((): string => {
  if (process.platform !== 'linux') return 'skipped: needs Linux';
  return spawnSync('socat', ['-V'], { stdio: 'ignore' }).status === 0 ? '' : 'skipped: socat is missing';
})();

/** Why tests with the system's own login cannot run here; empty when they can. */
export const loginMissing = ((): string => {
  if (socatMissing) return socatMissing;
  if (userInfo().uid !== 0) return 'skipped: only root can start login';
  return existsSync('/usr/sbin/useradd') && spawnSync('which', ['login']).status === 0
    ? ''
    : 'skipped: login or useradd is missing';
})();

/** What stands behind a console. */
export interface ConsoleTraits {
  /** Command of the board's side, one word without quotes; an interactive shell without it. */
  readonly command?: string;
  readonly env?: Readonly<Record<string, string>>;
  /** What the line between does to the bytes, and its rate. */
  readonly harm?: LineHarm;
}

/** A serial console of the test's own. */
export interface StandInConsole {
  readonly folder: string;
  /** Path of the port. */
  readonly port: string;
  readonly address: string;
  /** Bytes that came from the app so far. */
  typed(): Buffer;
  /** Changes what the line does. */
  setHarm(harm: LineHarm): void;
  /** Neither reads from the app any more nor writes to it. */
  freeze(): void;
  /** The port goes, as when its plug is pulled; what runs on the board gets a hangup. */
  unplug(): Promise<void>;
  /** The port is there again, under another name. */
  plugInAs(name: string): Promise<string>;
  stop(): Promise<void>;
}

/** Starts a board's side and a pseudo-terminal for the app, with a filter between them. */
export async function startConsole(traits: ConsoleTraits = {}): Promise<StandInConsole> {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-console-'));
  const command = traits.command ?? '/bin/sh -i';
  const socketFile = join(folder, 'line');
  const filter = startFilter(traits.harm ?? {});
  let board: ChildProcess | null = null;
  let appSide: ChildProcess | null = null;
  let server: Server | null = null;
  let holder: number | null = null;
  const typed: Buffer[] = [];
  let frozen = false;

  const startBoard = (): void => {
    board = spawn('socat', ['-b', '512', '-', `EXEC:${command},pty,setsid,ctty,sane,stderr`], {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', HOME: folder, TERM: 'vt100', ...traits.env },
      cwd: folder,
    });
    board.stdin!.on('error', () => {});
  };
  const plugIn = async (port: string): Promise<void> => {
    startBoard();
    server = createServer((socket: Socket) => {
      socket.on('error', () => {});
      filter.join(socket, board!.stdin!, board!.stdout!, {
        onTyped: (bytes) => typed.push(bytes),
        isFrozen: () => frozen,
      });
    });
    rmSync(socketFile, { force: true });
    await new Promise<void>((resolve) => server!.listen(socketFile, resolve));
    appSide = spawn(
      'socat',
      [
        '-b',
        '512',
        `PTY,link=${port},raw,echo=0,wait-slave`,
        `UNIX-CONNECT:${socketFile},sndbuf=4096,rcvbuf=4096`,
      ],
      { stdio: 'ignore' },
    );
    await until(() => existsSync(port));
    // A pseudo-terminal ends with its last user; a serial port stays.
    holder = openSync(port, constants.O_RDWR | constants.O_NOCTTY | constants.O_NONBLOCK);
  };
  const unplug = async (): Promise<void> => {
    const children = [appSide, board].filter((child) => child !== null);
    await Promise.all(children.map(end));
    server?.close();
    if (holder !== null) closeSync(holder);
    holder = null;
    appSide = null;
    board = null;
  };
  const port = join(folder, 'ttyA');
  await plugIn(port);
  return {
    folder,
    port,
    address: `serial:${port}`,
    typed: () => Buffer.concat(typed),
    setHarm: filter.setHarm,
    freeze() {
      frozen = true;
      filter.freeze();
    },
    unplug,
    async plugInAs(name) {
      const again = join(folder, name);
      await plugIn(again);
      return again;
    },
    async stop() {
      filter.stop();
      await unplug();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), 2_000);
  await gone;
  clearTimeout(timer);
}

/** How a played login differs from the usual. */
export interface PlayedLogin {
  readonly shell?: string;
  /** How long it takes to ask for the password. */
  readonly askingAfterSeconds?: number;
}

/** A program that plays a console's login for one user and then becomes a real shell. */
export function playedLogin(
  folder: string,
  user: string,
  password: string,
  { shell = '/bin/sh -i', askingAfterSeconds = 0 }: PlayedLogin = {},
): string {
  const file = join(folder, 'login.sh');
  writeFileSync(
    file,
    `#!/bin/sh
stty sane
while :; do
  printf '\\nBoard GNU/Linux 12 ttyS0\\n\\nboard login: '
  IFS= read -r name || exit
  [ "$name" ] || continue
  sleep ${askingAfterSeconds}
  printf 'Password: '
  stty -echo; IFS= read -r word; stty echo; echo
  if [ "$name" = '${user}' ] && [ "$word" = '${password}' ]; then
    printf 'Last login: Fri Nov 27 10:00:00 UTC 2026 on ttyS0\\nWelcome to the board!\\n'
    ${shell}
    continue
  fi
  sleep 0.3
  printf '\\nLogin incorrect\\n'
done
`,
    { mode: 0o755 },
  );
  return file;
}

/** A user of this system with a password, for the system's own login; `remove` takes it away again. */
export function makeUser(): { readonly user: string; readonly password: string; remove(): void } {
  const user = `ft${process.pid % 100_000}`;
  const password = 'p4ss w0rd!';
  execFileSync('useradd', ['-m', '-s', '/bin/bash', user]);
  execFileSync('chpasswd', { input: `${user}:${password}\n` });
  return { user, password, remove: () => void spawnSync('userdel', ['-r', user], { stdio: 'ignore' }) };
}
