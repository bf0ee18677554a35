import { describe, expect, test } from 'vitest';
import { runCli } from '../../electron/cli/commands.ts';
import { ok } from '../../electron/contract/result.ts';
import type { ConnectedBoard } from '../../electron/contract/views.ts';
import { identity } from '../store/store-setup.ts';
import { fakeApi, fakeContext } from './fake-context.ts';

describe('boards inspect', () => {
  const words = ['boards', 'inspect', '--board', 'ssh://pi@bench:22'];
  const connected: ConnectedBoard = {
    address: 'ssh://pi@bench:22',
    identity: { ...identity, name: 'line\n3', serialNumber: 'S7' },
    installedBytes: 0,
    seconds: 1,
    inventory: {
      model: 'Raspberry Pi 5',
      os: 'Debian',
      kernel: '6.6',
      kernelArch: 'aarch64',
      userlandArch: 'arm64',
      libc: { name: 'glibc', version: '2.36' },
      clusters: [
        { cores: [0, 1], name: 'Cortex-A55', maxClockMHz: 1800 },
        { cores: [2, 3], name: 'Cortex-A76', maxClockMHz: null },
      ],
      cpuFeatures: ['dotprod', 'fp16'],
      coresOnline: 3,
      coresTotal: 4,
      coreLimit: 2,
      memoryBytes: 8e9,
      memoryLimitBytes: 2e9,
      storage: { kind: 'sdCard', fileSystem: 'ext4' },
      providers: ['cpu', 'xnnpack'],
      providerUsed: 'cpu',
      powerSensors: [{ name: 'ina3221 VDD_IN', covers: 'board' }],
    },
    state: {
      governor: 'ondemand',
      clockMHz: [1800, 600, 1800],
      temperatureC: 61.25,
      throttled: false,
      load1: 0.125,
      concerns: [
        { kind: 'governor', value: 'ondemand', command: 'sudo cpupower frequency-set -g performance' },
        { kind: 'turbo', value: '', command: null },
      ],
      reading: {
        governors: [{ cores: [0, 1, 2, 3], governor: 'ondemand' }],
        clocks: [],
        turbo: { on: true, switchFile: '/f', offValue: '0' },
        offlineCores: [3],
        temperatures: [
          { name: 'cpu', temperatureC: 61.25, tripPoints: [{ type: 'passive', temperatureC: 80 }] },
        ],
        throttledNow: false,
        throttledSinceBoot: true,
        undervoltage: { now: false, sinceBoot: true },
        load1: 0.125,
        busiest: { name: 'ffmpeg', cores: 0.4 },
        memoryAvailableBytes: 5e9,
        swapTotalBytes: 1e9,
        swapUsedBytes: 1e8,
        memoryPressure: 0,
        disk: { folder: '/home/pi/.fieldtune', freeBytes: 12e9, totalBytes: 30e9 },
        onBattery: false,
      },
    },
  };
  const told = async (board: ConnectedBoard): Promise<string> => {
    const context = fakeContext(fakeApi({ connect: async () => ok(board) }));
    expect(await runCli(words, context)).toBe(0);
    return context.out();
  };
  /** What stands behind a label. */
  const fieldOf = (text: string, label: string): string | undefined =>
    new RegExp(`^  ${label} {2,}(.*)$`, 'm').exec(text)?.[1];

  const expectFields = (text: string, fields: Readonly<Record<string, string | undefined>>): void => {
    for (const [label, value] of Object.entries(fields)) expect(fieldOf(text, label)).toBe(value);
  };

  test('says what the board is made of', async () => {
    const text = await told(connected);
    expect(text).toContain('line 3 at ssh://pi@bench:22');
    expectFields(text, {
      'Serial number': 'S7',
      Machine: 'Raspberry Pi 5',
      Cores: '2 × Cortex-A55, 1,800 MHz + 2 × Cortex-A76',
      'Cores online': '3 of 4',
      'Limited to': "2.00 cores' worth of time",
      'C library': 'glibc 2.36',
      Storage: 'SD card (ext4)',
      'Power sensors': 'ina3221 VDD_IN (the whole board)',
    });
  });

  test('says how it is now, and what of that would spoil a measurement, with what mends it', async () => {
    const text = await told(connected);
    expectFields(text, {
      Clock: '600 / 1,800 MHz',
      Temperature: '61.3 °C',
      'Throttles at': '80 °C (passive)',
      'Throttled since it started': 'yes',
      'Supply too low': 'earlier',
      'Swap used': '100 MB of 1.00 GB',
      'Free disk': '12.0 GB of 30.0 GB at /home/pi/.fieldtune',
    });
    expect(text).toMatch(/- the clock governor of the board is ondemand.*\n( {4}.*\n)? {6}sudo cpupower/);
    expect(text).not.toMatch(/null|undefined/);
  });

  test('names what cannot be read, and leaves out what the board has not', async () => {
    const { inventory, state } = connected;
    const bare = {
      ...connected,
      installedBytes: 17e6,
      inventory: {
        ...inventory!,
        model: null,
        libc: { name: 'unknown', version: null },
        storage: null,
        powerSensors: [],
        coresOnline: 4,
        coreLimit: null,
        memoryLimitBytes: null,
      },
      state: { ...state, governor: null, clockMHz: null, temperatureC: null, throttled: null, concerns: [] },
    } as const;
    const text = await told(bare);
    for (const label of ['C library', 'Storage', 'Governor', 'Clock', 'Temperature', 'Throttled'])
      expect(fieldOf(text, label)).toBe('not readable');
    for (const label of ['Machine', 'Cores online', 'Limited to', 'Memory limit'])
      expect(fieldOf(text, label)).toBeUndefined();
    expect(fieldOf(text, 'Power sensors')).toBe('none, so energy is not measured');
    expect(text).toContain('Nothing that could be read.');
    expect(text).toContain('The runner was copied there: 17.0 MB.');
  });

  test('gives all of it as JSON', async () => {
    const context = fakeContext(fakeApi({ connect: async () => ok(connected) }));
    expect(await runCli([...words, '--json'], context)).toBe(0);
    expect(JSON.parse(context.out())).toMatchObject({
      command: 'boards inspect',
      result: { inventory: { model: 'Raspberry Pi 5' }, state: { concerns: [{ kind: 'governor' }, {}] } },
    });
  });
});
