import { expect, test } from 'vitest';
import {
  type DiscoverOptions,
  discover,
  type KnownBoard,
  type Sources,
} from '../../../electron/board/discovery/discover.ts';
import type { SerialPortFound } from '../../../electron/board/discovery/serial-ports.ts';
import type { UsbDevice } from '../../../electron/board/discovery/usb-device.ts';
import type { BoardSearch } from '../../../electron/contract/found-boards.ts';

const beagle: UsbDevice = {
  folder: '/sys/devices/usb1/1-1.2',
  vendorId: '1d6b',
  productId: '0104',
  manufacturer: 'BeagleBoard.org',
  product: 'BeagleBone',
  serialNumber: '1234BBBK5678',
};
const console: SerialPortFound = {
  path: '/dev/serial/by-id/usb-BeagleBoard-if02',
  device: '/dev/ttyACM0',
  name: 'Linux USB gadget',
  likely: true,
  usb: beagle,
  problem: null,
};
const usbBoard = { network: 'usb0', host: '192.168.7.2', device: beagle };
const announced = { name: 'beaglebone', host: 'beaglebone.local', addresses: ['192.168.7.2'], port: 22 };
const line3 = { name: 'line-3', host: 'line-3.local', addresses: ['10.0.0.7', '2001:db8::7'], port: 22 };

const nothing: Sources = {
  mdns: async () => undefined,
  usbNetworks: async () => undefined,
  serialPorts: async () => ({ ports: [], problems: [] }),
  resolves: async () => false,
};

async function look(sources: Partial<Sources>, options: Partial<DiscoverOptions> = {}) {
  const told: BoardSearch[] = [];
  const search = await discover({
    signal: new AbortController().signal,
    timeoutMs: 60_000,
    known: [],
    now: () => new Date(0),
    userFor: () => null,
    onChange: (each) => told.push(each),
    sources: { ...nothing, ...sources },
    ...options,
  });
  return { ...search, told };
}

const all: Partial<Sources> = {
  mdns: async ({ onBoard }) => onBoard(announced),
  usbNetworks: async ({ onBoard }) => onBoard(usbBoard),
  serialPorts: async () => ({ ports: [console], problems: [] }),
};

test('A board on one cable is one entry: the network over USB before its console, and by its own name.', async () => {
  const { found, state, finishedAt } = await look(all);
  expect({ state, finishedAt }).toEqual({ state: 'done', finishedAt: '1970-01-01T00:00:00.000Z' });
  expect(found).toMatchObject([
    {
      name: 'beaglebone',
      board: null,
      ways: [
        { source: 'usbNetwork', link: 'ssh', host: '192.168.7.2', address: null },
        { source: 'serial', link: 'serial', address: `serial:${console.path}` },
      ],
    },
  ]);
});

test('Boards that share nothing stay apart, those that speak SSH first.', async () => {
  const port = { ...console, usb: { ...beagle, folder: '/sys/devices/usb1/1-4' } };
  const { found } = await look({
    serialPorts: async () => ({ ports: [port], problems: [] }),
    mdns: async ({ onBoard }) => onBoard(line3),
  });
  expect(found.map(({ ways }) => ways.map(({ source }) => source))).toEqual([['mdns'], ['serial']]);
});

test.each([
  ['', false, '10.0.0.7'],
  [' where this computer cannot resolve names of mDNS, else its name', true, 'line-3.local'],
])('A board on the network is reached at its address%s.', async (_when, resolves, host) => {
  const { found } = await look(
    {
      mdns: async ({ onBoard, signal }) => {
        onBoard(line3);
        await new Promise((resolve) => setImmediate(resolve));
        expect(signal.aborted).toBe(false);
      },
      resolves: async () => resolves,
    },
    { userFor: () => 'pi' },
  );
  expect(found[0]?.ways[0]).toMatchObject({ host, address: `ssh://pi@${host}:22`, user: 'pi' });
});

const known: KnownBoard = {
  id: 'b'.repeat(32),
  name: 'Press 4',
  serialNumber: '1234BBBK5678',
  addresses: ['ssh://debian@10.0.0.7:22'],
};

test('A known board is found under its name with the address that led to it, and all its ways are one entry.', async () => {
  const sources = { ...all, mdns: async ({ onBoard }: Parameters<Sources['mdns']>[0]) => onBoard(line3) };
  const { found } = await look(sources, { known: [known], userFor: () => 'someone' });
  expect(found).toMatchObject([
    {
      key: `board:${known.id}`,
      name: 'Press 4',
      board: known.id,
      ways: [
        { source: 'usbNetwork', host: '192.168.7.2' },
        { source: 'mdns', address: 'ssh://debian@10.0.0.7:22' },
        { source: 'serial' },
      ],
    },
  ]);
});

test('A serial number that many devices share makes no two of them one.', async () => {
  const shared = { ...known, serialNumber: '0123456789ABCDEF', addresses: [] };
  const usb = { ...beagle, serialNumber: '0123456789ABCDEF' };
  const { found } = await look(
    { serialPorts: async () => ({ ports: [{ ...console, usb }], problems: [] }) },
    { known: [shared] },
  );
  expect(found[0]?.board).toBeNull();
});

test('A port and the address of a known board are matched as they are kept.', async () => {
  const addresses = [`serial://root@${console.path}?baud=9600`];
  const { found } = await look(
    { serialPorts: async () => ({ ports: [{ ...console, usb: null }], problems: [] }) },
    { known: [{ ...known, serialNumber: null, addresses }] },
  );
  expect(found[0]?.board).toBe(known.id);
  // With the user and the speed that led to it.
  expect(found[0]?.ways[0]?.address).toBe(addresses[0]);
});

test('A board that has a link-local address alone is reached on its interface.', async () => {
  const host = 'fe80::1eba:8cff:fea2:ed6a%usb0';
  const usbNetworks: Sources['usbNetworks'] = async ({ onBoard }) => onBoard({ ...usbBoard, host });
  const { found } = await look({ usbNetworks }, { userFor: () => 'debian' });
  expect(found[0]?.ways[0]?.address).toBe(`ssh://debian@[${host}]:22`);
});

test('What is found is told as it comes, and what does not answer in time is left behind.', async () => {
  const hangs = () => new Promise<never>(() => undefined);
  const { found, told, state } = await look({ ...all, mdns: hangs, usbNetworks: hangs }, { timeoutMs: 50 });
  expect(state).toBe('done');
  expect(told[0]).toMatchObject({ state: 'looking', found: [{ ways: [{ source: 'serial' }] }] });
  expect(found).toHaveLength(1);
});

test('Stopping ends the search at once, and its sources with it.', async () => {
  const controller = new AbortController();
  let stopped = false;
  const search = look(
    {
      mdns: ({ signal }) =>
        new Promise((resolve) =>
          signal.addEventListener('abort', () => {
            stopped = true;
            resolve();
          }),
        ),
    },
    { signal: controller.signal },
  );
  controller.abort();
  expect((await search).state).toBe('done');
  expect(stopped).toBe(true);
});

test('Problems are told once, and that one interface leads nowhere only where nothing came in.', async () => {
  const failed = (reason: string) => ({ kind: 'multicastFailed', reason }) as const;
  const noisy: Sources['mdns'] = async ({ onProblem }) => {
    onProblem(failed('addMembership ENODEV'));
    onProblem(failed('send ENETUNREACH'));
    onProblem({ kind: 'localNetworkDenied' });
    onProblem({ kind: 'localNetworkDenied' });
  };
  expect((await look({ mdns: noisy })).problems).toEqual([
    failed('addMembership ENODEV'),
    { kind: 'localNetworkDenied' },
  ]);
  const both: Sources['mdns'] = async (options) => {
    await noisy(options);
    options.onBoard(line3);
  };
  expect((await look({ mdns: both })).problems).toEqual([{ kind: 'localNetworkDenied' }]);
});
