import { createSocket } from 'node:dgram';
import { Bonjour } from 'bonjour-service';
import { describe, expect, onTestFinished, test } from 'vitest';
import { type MdnsBoard, problemOf, searchMdns } from '../../../electron/board/discovery/mdns.ts';
import type { DiscoveryProblem } from '../../../electron/contract/found-boards.ts';
import { until } from '../../faults/processes.ts';

const loopback = '127.0.0.1';
const group = '224.0.0.251';

/** Why multicast cannot be tried here; null where it can. */
async function multicastMissing(): Promise<string | null> {
  const socket = createSocket({ type: 'udp4', reuseAddr: true });
  try {
    return await new Promise((resolve) => {
      const timer = setTimeout(() => resolve('multicast does not come back on loopback here'), 2_000);
      socket.on('error', (error) => resolve(`no multicast on loopback here: ${error.message}`));
      socket.on('message', () => {
        clearTimeout(timer);
        resolve(null);
      });
      socket.bind(0, () => {
        try {
          socket.addMembership(group, loopback);
          socket.setMulticastInterface(loopback);
          socket.send('?', socket.address().port, group, (error) => error && resolve(error.message));
        } catch (error) {
          resolve(`no multicast on loopback here: ${String(error)}`);
        }
      });
    });
  } finally {
    socket.close();
  }
}

const missing = await multicastMissing();

/** A free port, so that no responder of this computer joins in. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => socket.bind(0, loopback, resolve));
  const { port } = socket.address();
  await new Promise<void>((resolve) => socket.close(() => resolve()));
  return port;
}

interface Search {
  readonly boards: MdnsBoard[];
  readonly problems: DiscoveryProblem[];
  stop(): Promise<void>;
}

function search(options: Partial<Parameters<typeof searchMdns>[0]>): Search {
  const controller = new AbortController();
  const boards: MdnsBoard[] = [];
  const problems: DiscoveryProblem[] = [];
  const ended = searchMdns({
    signal: controller.signal,
    onBoard: (board) => boards.push(board),
    onProblem: (problem) => problems.push(problem),
    interfaces: [loopback],
    ...options,
  });
  const stop = (): Promise<void> => {
    controller.abort();
    return ended;
  };
  onTestFinished(stop);
  return { boards, problems, stop };
}

describe.skipIf(missing !== null)(
  missing ? `A search by mDNS (skipped: ${missing})` : 'A search by mDNS',
  () => {
    /** A board that announces services of its own. */
    function announce(
      port: number,
      services: readonly { readonly name: string; readonly type: string; readonly port: number }[],
    ): void {
      const responder = new Bonjour({ interface: loopback, bind: '0.0.0.0', port } as object);
      onTestFinished(() => new Promise<void>((resolve) => responder.destroy(() => resolve())));
      for (const service of services) responder.publish({ ...service, host: 'Bench.local', probe: false });
    }

    test('finds a board that offers SSH, with its name, its host, its addresses and its port', async () => {
      const port = await freePort();
      announce(port, [{ name: 'line-3', type: 'ssh', port: 2222 }]);
      const { boards } = search({ port });
      await until(() => boards.length > 0, 20_000);
      expect(boards[0]).toMatchObject({ name: 'line-3', host: 'bench.local', port: 2222 });
      expect(boards[0]?.addresses.length).toBeGreaterThan(0);
      expect(boards[0]?.addresses.every((address) => !address.startsWith('fe80'))).toBe(true);
    });

    test('takes several services of one host for one board, and SSH for its port and name', async () => {
      const port = await freePort();
      announce(port, [
        { name: 'bench [b8:27:eb:00:00:01]', type: 'workstation', port: 9 },
        { name: 'line-3', type: 'ssh', port: 22 },
      ]);
      const { boards } = search({ port });
      await until(() => boards.at(-1)?.name === 'line-3', 20_000);
      expect(new Set(boards.map(({ host }) => host))).toEqual(new Set(['bench.local']));
      expect(boards.at(-1)?.port).toBe(22);
    });

    test('ends at once when it is stopped, and tells nothing after that', async () => {
      const port = await freePort();
      const { boards, stop } = search({ port });
      const started = performance.now();
      await stop();
      expect(performance.now() - started).toBeLessThan(2_000);
      announce(port, [{ name: 'late', type: 'ssh', port: 22 }]);
      expect(boards).toEqual([]);
    });
  },
);

describe('Where multicast cannot go out', () => {
  // No interface has this address (RFC 5737), so joining the group fails as it does without a network.
  const interfaces = ['203.0.113.77'];

  test('a search says so with the reason, and goes on', async () => {
    const { problems } = search({ interfaces, platform: 'linux' });
    await until(() => problems.length > 0, 20_000);
    expect(problems[0]).toMatchObject({ kind: 'multicastFailed', reason: expect.stringMatching(/E[A-Z]+/) });
  });

  test('a port that another program shares with nobody is said, and ends nothing', async () => {
    const own = createSocket({ type: 'udp4', reuseAddr: false });
    await new Promise<void>((resolve) => own.bind(0, '0.0.0.0', resolve));
    onTestFinished(() => new Promise<void>((resolve) => own.close(() => resolve())));
    const { problems } = search({ port: own.address().port, platform: 'linux' });
    await until(() => problems.length > 0, 20_000);
    expect(JSON.stringify(problems)).toMatch(/EADDRINUSE/);
  });

  test.each(['EHOSTUNREACH', 'EPERM'])('on macOS, %s is the permission for the local network', (code) => {
    const error = Object.assign(new Error(`send ${code} 224.0.0.251:5353`), { code });
    expect(problemOf(error, 'darwin')).toEqual({ kind: 'localNetworkDenied' });
    expect(problemOf(error, 'linux').kind).toBe('multicastFailed');
  });
});
