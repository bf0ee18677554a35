import { createServer } from 'node:net';
import type { NetworkInterfaceInfo } from 'node:os';
import { expect, onTestFinished, test } from 'vitest';
import { answersSsh, likelyHosts } from '../../../electron/board/discovery/networks.ts';
import {
  parseArp,
  parseNeighbours,
  searchUsbNetworks,
  type UsbNetworkBoard,
  type UsbNetworkOptions,
} from '../../../electron/board/discovery/usb-network.ts';
import type { DiscoveryProblem } from '../../../electron/contract/found-boards.ts';
import { fakeSystem } from './fake-system.ts';

const ipv4 = (cidr: string): NetworkInterfaceInfo[] => [
  {
    address: cidr.split('/')[0] ?? '',
    cidr,
    netmask: '',
    family: 'IPv4',
    mac: '1c:ba:8c:a2:ed:68',
    internal: false,
  },
];

async function search(options: Partial<UsbNetworkOptions> & { readonly reachable?: readonly string[] }) {
  const boards: UsbNetworkBoard[] = [];
  const problems: DiscoveryProblem[] = [];
  const tried: string[] = [];
  await searchUsbNetworks({
    signal: new AbortController().signal,
    onBoard: (board) => boards.push(board),
    onProblem: (problem) => problems.push(problem),
    platform: 'linux',
    interfaces: {},
    listNeighbours: async () => [],
    resolve: async () => [],
    answers: async (host) => {
      tried.push(host);
      return options.reachable?.includes(host) ?? false;
    },
    ...options,
  });
  return { boards, problems, tried };
}

/** A gadget on `usb0`. */
function gadget(driver = 'cdc_ether', vendorId = '1d6b') {
  const system = fakeSystem();
  const device = system.usbDevice('1-1.2', { vendorId, productId: '0104', serial: '1234BBBK5678' });
  system.network('usb0', system.usbInterface(device, 0, driver));
  return { root: system.root, folder: device };
}

test('A BeagleBone is found at its usual address on the network that it makes, with its USB device.', async () => {
  const { root } = gadget();
  const { boards, tried } = await search({
    root,
    interfaces: { usb0: ipv4('192.168.7.1/30'), eth0: ipv4('10.0.0.4/24') },
    reachable: ['192.168.7.2'],
  });
  expect(boards).toMatchObject([
    { network: 'usb0', host: '192.168.7.2', device: { vendorId: '1d6b', serialNumber: '1234BBBK5678' } },
  ]);
  // Nothing of the other networks was touched.
  expect(tried).toEqual(['192.168.7.2']);
});

test.each([
  ['a neighbour of IPv4', '169.254.20.7', '169.254.20.7'],
  [
    'a link-local neighbour of IPv6, with its interface',
    'fe80::1eba:8cff:fea2:ed6a',
    'fe80::1eba:8cff:fea2:ed6a%usb0',
  ],
])('A board is found as %s.', async (_what, address, host) => {
  const { root } = gadget('cdc_ncm');
  const { boards } = await search({
    root,
    interfaces: { usb0: ipv4('169.254.3.4/16') },
    listNeighbours: async () => [{ network: 'usb0', address }],
    reachable: [host],
  });
  expect(boards).toMatchObject([{ host }]);
});

test('A Raspberry Pi is found by its name where that leads to the network over USB.', async () => {
  const { root } = gadget('rndis_host', '0525');
  const { boards } = await search({
    root,
    interfaces: { usb0: ipv4('169.254.3.4/16') },
    resolve: async (host) => (host === 'raspberrypi.local' ? ['10.0.0.9', '169.254.9.9'] : []),
    reachable: ['169.254.9.9', '10.0.0.9'],
  });
  expect(boards).toMatchObject([{ host: '169.254.9.9' }]);
});

test('What answers on no SSH port is no board, and one cable is one board.', async () => {
  const { root } = gadget();
  const interfaces = { usb0: ipv4('192.168.55.100/24') };
  expect((await search({ root, interfaces })).boards).toEqual([]);
  const several = { root, interfaces, reachable: ['192.168.55.1', '192.168.55.2'] };
  expect((await search(several)).boards).toMatchObject([{ host: '192.168.55.1' }]);
});

test.each([
  ['a network adapter of a known maker', gadget.bind(null, 'cdc_ncm', '0bda')],
  ['an interface with a driver of its own', gadget.bind(null, 'r8152', '1d6b')],
])('%s leads to the office, whose computers are left alone.', async (_what, make) => {
  const { tried } = await search({ root: make().root, interfaces: { usb0: ipv4('10.0.0.5/24') } });
  expect(tried).toEqual([]);
});

test('Many neighbours are a network of others, and are not tried.', async () => {
  const { root } = gadget();
  const address = (n: number) => ({ network: 'usb0', address: `10.0.0.${n}` });
  const listNeighbours = async () => [20, 21, 22, 23, 24].map(address);
  const { tried } = await search({ root, interfaces: { usb0: ipv4('10.0.0.5/24') }, listNeighbours });
  expect(tried).toEqual(['10.0.0.1', '10.0.0.2']);
});

test('A gadget without an address here is a problem with its fix.', async () => {
  const { root } = gadget();
  const { problems } = await search({ root, interfaces: {} });
  expect(problems).toEqual([
    {
      kind: 'usbNetworkDown',
      network: 'usb0',
      command: "nmcli device connect 'usb0' || sudo dhclient 'usb0'",
    },
  ]);
});

test.each(['darwin', 'win32'] as const)(
  'On %s, a network of a kind that only gadgets make is tried.',
  async (platform) => {
    const { boards, tried } = await search({
      platform,
      interfaces: { en7: ipv4('192.168.7.1/24'), en0: ipv4('192.168.1.4/24') },
      reachable: ['192.168.7.2'],
    });
    expect(boards).toEqual([{ network: 'en7', host: '192.168.7.2', device: null }]);
    expect(tried.every((host) => host.startsWith('192.168.7.'))).toBe(true);
  },
);

test('Neighbours are read with their interface, without those that do not answer.', () => {
  const text = [
    '192.168.7.2 dev usb0 lladdr 1c:ba:8c:a2:ed:6a REACHABLE',
    'fe80::1eba:8cff:fea2:ed6a dev usb0 lladdr 1c:ba:8c:a2:ed:6a router STALE',
    '192.168.7.9 dev usb0 FAILED',
    '192.168.7.8 dev usb0 lladdr 00:00:00:00:00:00 INCOMPLETE',
    '',
  ].join('\n');
  expect(parseNeighbours(text)).toEqual([
    { address: '192.168.7.2', network: 'usb0' },
    { address: 'fe80::1eba:8cff:fea2:ed6a', network: 'usb0' },
  ]);
  const arp = `IP address       HW type     Flags       HW address            Mask     Device
192.168.7.2      0x1         0x2         1c:ba:8c:a2:ed:6a     *        usb0
192.168.7.9      0x1         0x0         00:00:00:00:00:00     *        usb0`;
  expect(parseArp(arp)).toEqual([{ address: '192.168.7.2', network: 'usb0' }]);
});

test('The few addresses of a narrow network are all likely, of a wide one the first two.', () => {
  expect(likelyHosts({ address: '192.168.7.1', prefix: 30 })).toEqual(['192.168.7.2']);
  expect(likelyHosts({ address: '10.1.2.3', prefix: 29 })).toEqual([
    '10.1.2.1',
    '10.1.2.2',
    '10.1.2.4',
    '10.1.2.5',
    '10.1.2.6',
  ]);
  expect(likelyHosts({ address: '192.168.55.1', prefix: 24 })).toEqual(['192.168.55.2', '192.168.55.3']);
  expect(likelyHosts({ address: '10.0.0.1', prefix: 32 })).toEqual([]);
});

test('Only a greeting of SSH is one, and silence ends within its bound.', async () => {
  const serve = async (greet: (write: (text: string) => void) => void): Promise<number> => {
    const server = createServer((socket) => {
      socket.on('error', () => undefined);
      greet((text) => socket.write(text));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  };
  const { signal } = new AbortController();
  const ask = (port: number, ms = 10_000) => answersSsh('127.0.0.1', port, signal, ms);
  expect(await ask(await serve((write) => write('Welcome\r\nSSH-2.0-OpenSSH_10.0\r\n')))).toBe(true);
  expect(await ask(await serve((write) => write('HTTP/1.1 400 SSH-\r\n')), 300)).toBe(false);
  expect(await ask(await serve((write) => write('x'.repeat(5_000))), 600_000)).toBe(false);
  expect(await ask(await serve(() => undefined), 200)).toBe(false);
  expect(await ask(1, 5_000)).toBe(false);
  const stopped = new AbortController();
  const silent = answersSsh('127.0.0.1', await serve(() => undefined), stopped.signal, 60_000);
  stopped.abort();
  expect(await silent).toBe(false);
});
