import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type ListedPort,
  listSerialPorts,
  type SerialOptions,
} from '../../../electron/board/discovery/serial-ports.ts';
import { udevRuleFile } from '../../../electron/board/discovery/serial-problems.ts';
import { findAdapter } from '../../../electron/board/discovery/usb-adapters.ts';
import { fakeSystem, type UsbFacts } from './fake-system.ts';

const ftdi: UsbFacts = {
  vendorId: '0403',
  productId: '6001',
  manufacturer: 'FTDI',
  product: 'USB-Serial Console',
  serial: 'A10KZX',
};
const byId = 'usb-FTDI_USB-Serial_Console_A10KZX-if00-port0';

const withoutUdev = async (): Promise<never> => {
  throw Object.assign(new Error('spawn udevadm ENOENT'), { code: 'ENOENT' });
};
const user = (mayOpen = true) => ({ name: 'mika', mayOpen: () => mayOpen });

/** A computer with one FTDI adapter. */
function withAdapter(facts: UsbFacts = ftdi, name = 'ttyUSB0', driver = 'ftdi_sio') {
  const system = fakeSystem();
  const device = system.usbDevice('1-1', facts);
  system.serialPort(name, system.usbInterface(device, 0, driver), byId);
  return system;
}

const list = (root: string, options: Partial<SerialOptions> = {}) =>
  listSerialPorts({ platform: 'linux', root, list: async () => [], user: user(), ...options });

describe('On Linux', () => {
  test('a port is named by what it is, and opened by its id and not by its number', async () => {
    const { root } = withAdapter();
    const { ports, problems } = await list(root);
    expect(problems).toEqual([]);
    expect(ports).toMatchObject([
      {
        path: `/dev/serial/by-id/${byId}`,
        device: '/dev/ttyUSB0',
        name: 'FTDI FT232R (FTDI USB-Serial Console)',
        likely: true,
        usb: { serialNumber: 'A10KZX' },
        problem: null,
      },
    ]);
  });

  test('fault 31: without udevadm the ports are found by their files, and it is said (no udevadm)', async () => {
    const { root } = withAdapter();
    const { ports, problems } = await list(root, { list: withoutUdev });
    expect(ports).toMatchObject([
      { path: `/dev/serial/by-id/${byId}`, name: expect.stringMatching(/^FTDI/) },
    ]);
    expect(problems).toEqual([{ kind: 'udevMissing', command: 'sudo apt install udev' }]);
  });

  test('fault 31: a port that this person may not open has both fixes (permission denied)', async () => {
    const { root, file } = withAdapter();
    file('etc/group', 'root:x:0:\ndialout:x:20:\n');
    const { ports } = await list(root, { user: user(false) });
    expect(ports[0]?.problem).toEqual({
      kind: 'serialDenied',
      path: '/dev/ttyUSB0',
      group: 'dialout',
      relogin: false,
      command: 'sudo usermod -aG dialout mika',
      ruleCommand: expect.stringContaining(`cat '${udevRuleFile}' | sudo tee /etc/udev/rules.d/`),
    });
  });

  test('a person who was added to the group since the session began is told to sign in anew', async () => {
    const { root, file } = withAdapter();
    file('etc/group', 'dialout:x:20:other,mika\n');
    const { ports } = await list(root, { user: user(false) });
    expect(ports[0]?.problem).toMatchObject({ kind: 'serialDenied', relogin: true });
  });

  test.each([
    [
      'a process of this person has it open',
      (s: ReturnType<typeof withAdapter>) => s.process(812, 'picocom', ['dev/null', 'dev/ttyUSB0']),
    ],
    [
      'its lock is that of a living process',
      (s: ReturnType<typeof withAdapter>) => {
        s.process(812, 'picocom');
        s.file('run/lock/LCK..ttyUSB0', '       812\n');
      },
    ],
  ])('fault 31: a port is busy when %s, and the program is named (busy)', async (_what, occupy) => {
    const system = withAdapter();
    occupy(system);
    const { ports } = await list(system.root);
    expect(ports[0]?.problem).toEqual({
      kind: 'serialBusy',
      path: '/dev/ttyUSB0',
      program: 'picocom',
      pid: 812,
    });
  });

  test('a lock whose process is gone is none', async () => {
    const { root, file } = withAdapter();
    file('run/lock/LCK..ttyUSB0', '812\n');
    expect((await list(root)).ports[0]?.problem).toBeNull();
  });

  test('ModemManager is named where it would talk to a new port, until the rule is installed', async () => {
    const system = withAdapter({ vendorId: '1d6b', productId: '0104' }, 'ttyACM0', 'cdc_acm');
    system.process(400, 'ModemManager');
    expect((await list(system.root)).ports[0]?.problem).toMatchObject({
      kind: 'modemManager',
      path: '/dev/ttyACM0',
    });
    system.file('etc/udev/rules.d/60-fieldtune.rules');
    expect((await list(system.root)).ports[0]?.problem).toBeNull();
  });

  test('an adapter without a port is a missing driver, and what took it is named', async () => {
    const system = fakeSystem();
    const ch340 = system.usbDevice('1-2', { vendorId: '1a86', productId: '7523' });
    system.usbInterface(ch340, 0, null);
    const missing = { kind: 'serialDriverMissing', adapter: 'WCH CH340' };
    expect((await list(system.root)).problems).toEqual([
      { ...missing, culprit: null, command: 'sudo modprobe ch341' },
    ]);
    const taken = fakeSystem();
    taken.usbInterface(taken.usbDevice('1-2', { vendorId: '1a86', productId: '7523' }), 0, 'usbfs');
    taken.process(77, 'brltty');
    expect((await list(taken.root)).problems).toEqual([
      { ...missing, culprit: 'brltty', command: 'sudo apt remove brltty' },
    ]);
    expect((await list(withAdapter().root)).problems).toEqual([]);
  });

  test('ports that a PC has files for and not the parts are left out', async () => {
    const system = fakeSystem();
    for (const [name, type] of [
      ['ttyS0', '4'],
      ['ttyS1', '0'],
    ] as const) {
      system.file(`dev/${name}`);
      system.file(`sys/class/tty/${name}/type`, `${type}\n`);
    }
    const listed: ListedPort[] = [{ path: '/dev/ttyS0' }, { path: '/dev/ttyS1' }];
    const { ports } = await list(system.root, { list: async () => listed });
    expect(ports).toMatchObject([{ path: '/dev/ttyS0', name: 'ttyS0', likely: false }]);
  });

  test('the likely ports are first, and a modem is not one', async () => {
    const system = withAdapter({ vendorId: '2c7c', productId: '0125' }, 'ttyUSB0', 'option');
    const second = system.usbDevice('1-3', ftdi);
    system.serialPort('ttyUSB1', system.usbInterface(second, 0, 'ftdi_sio'));
    const { ports } = await list(system.root);
    expect(ports.map(({ device, likely }) => [device, likely])).toEqual([
      ['/dev/ttyUSB1', true],
      ['/dev/ttyUSB0', false],
    ]);
  });

  test('the ports of one device are known to be of one', async () => {
    const system = fakeSystem();
    const device = system.usbDevice('1-1', ftdi);
    system.serialPort('ttyUSB0', system.usbInterface(device, 0, 'ftdi_sio'));
    system.serialPort('ttyUSB1', system.usbInterface(device, 1, 'ftdi_sio'));
    const { ports } = await list(system.root);
    expect(new Set(ports.map(({ usb }) => usb?.folder)).size).toBe(1);
  });
});

test('On macOS the port that waits for no carrier is the one to open, and Bluetooth is none.', async () => {
  const ports: ListedPort[] = [
    { path: '/dev/tty.Bluetooth-Incoming-Port' },
    { path: '/dev/tty.usbserial-A10KZX', vendorId: '0403', productId: '6001', serialNumber: 'A10KZX' },
  ];
  expect((await listSerialPorts({ platform: 'darwin', list: async () => ports })).ports).toMatchObject([
    { path: '/dev/cu.usbserial-A10KZX', name: 'FTDI FT232R', likely: true },
  ]);
});

test('On Windows a port is its COM number, under the name that the device manager shows.', async () => {
  const ports: ListedPort[] = [
    { path: 'COM1', friendlyName: 'Communications Port (COM1)' },
    {
      path: 'COM7',
      friendlyName: 'Silicon Labs CP210x USB to UART Bridge (COM7)',
      vendorId: '10C4',
      productId: 'EA60',
    },
  ];
  const listed = await listSerialPorts({ platform: 'win32', list: async () => ports });
  expect(listed.ports.map(({ path, name }) => [path, name])).toEqual([
    ['COM7', 'Silicon Labs CP2102 (Silicon Labs CP210x USB to UART Bridge)'],
    ['COM1', 'Communications Port'],
  ]);
});

test('The real listing of this computer answers, whatever there is.', async () => {
  const { ports } = await listSerialPorts();
  expect(ports.every(({ path }) => path.length > 0)).toBe(true);
});

test('The rule lets the person at the screen use the adapters that are known as consoles, and nothing else.', () => {
  const rule = readFileSync(udevRuleFile, 'utf8');
  // The tag comes too late in a file that is read after those of the seats.
  expect(basename(udevRuleFile) < '73-seat-late.rules').toBe(true);
  // Looked for on the port itself, which is never of USB, it would leave everything out.
  expect(rule).not.toContain('SUBSYSTEMS!=');
  const lines = rule.split('\n').filter((line) => line.includes('uaccess'));
  expect(lines.length).toBeGreaterThan(10);
  for (const line of lines) {
    const vendor = /idVendor\}=="([0-9a-f]{4})"/.exec(line)?.[1];
    const products = /idProduct\}=="([^"]+)"/.exec(line)?.[1]?.split('|') ?? ['ffff'];
    expect(line).toContain('ENV{ID_MM_DEVICE_IGNORE}="1"');
    for (const product of products) expect(findAdapter(vendor, product)?.console, line).toBe(true);
  }
  const ruled = (vendorId: string) => lines.some((line) => line.includes(`"${vendorId}"`));
  for (const vendorId of [
    '0403',
    '10c4',
    '1a86',
    '067b',
    '1d6b',
    '0525',
    '0955',
    '2e8a',
    '1fc9',
    '0451',
    '1366',
    '0483',
    '0d28',
    '04d8',
  ])
    expect(ruled(vendorId), vendorId).toBe(true);
});
