import { describe, expect, test } from 'vitest';
import { boardState, concernsOf } from '../../electron/app/board-concerns.ts';
import type { BoardReading } from '../../electron/runner/board-reading.ts';
import { calmReading } from '../board/readings.ts';

const setGovernor = 'echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor';
const cpu = '/sys/devices/system/cpu';

/** What is a concern on a board that is calm but for this. */
const concerns = (change: Partial<BoardReading>) => concernsOf({ ...calmReading, ...change }, 4);
const kinds = (change: Partial<BoardReading>) => concerns(change).map(({ kind }) => kind);
const hot = (temperatureC: number, trips: readonly (readonly [string, number])[] = []) => ({
  temperatures: [
    {
      name: 'cpu-thermal',
      temperatureC,
      tripPoints: trips.map(([type, tripC]) => ({ type, temperatureC: tripC })),
    },
  ],
});

/** A board of which nothing can be read. */
const unread: BoardReading = {
  governors: [],
  clocks: [],
  turbo: null,
  offlineCores: [],
  temperatures: [],
  throttledNow: null,
  throttledSinceBoot: null,
  undervoltage: null,
  load1: 0,
  busiest: null,
  memoryAvailableBytes: null,
  swapTotalBytes: null,
  swapUsedBytes: null,
  memoryPressure: null,
  disk: null,
  onBattery: null,
};

describe('the concerns about a board', () => {
  test('are none when nothing spoils a measurement or nothing can be read', () => {
    expect(concerns({})).toEqual([]);
    expect(concernsOf(unread, 4)).toEqual([]);
  });

  test('are in order of severity, each with its figure and what mends it', () => {
    const spoilt = concerns({
      undervoltage: { now: true, sinceBoot: true },
      throttledNow: true,
      ...hot(81.6),
      memoryPressure: 12.4,
      load1: 2.1,
      busiest: { name: 'stress-ng', cores: 1.98 },
      swapUsedBytes: 412e6,
      onBattery: true,
      governors: [
        { cores: [0, 1], governor: 'performance' },
        { cores: [2], governor: 'ondemand' },
        { cores: [3], governor: 'schedutil' },
      ],
      offlineCores: [2, 3],
      turbo: { on: true, switchFile: `${cpu}/intel_pstate/no_turbo`, offValue: '1' },
      disk: { folder: '/x', freeBytes: 120e6, totalBytes: 16e9 },
    });
    expect(spoilt).toEqual([
      { kind: 'undervoltage', value: '', command: null },
      { kind: 'throttled', value: '', command: null },
      { kind: 'temperature', value: '82 °C (cpu-thermal)', command: null },
      { kind: 'memoryPressure', value: '12 %', command: 'top -b -n 1 | head -n 15' },
      {
        kind: 'load',
        value: '2.10 / 4',
        process: 'stress-ng (1.98)',
        command: 'top -b -n 1 | head -n 15',
      },
      { kind: 'swap', value: '412 MB', command: 'sudo swapoff -a && sudo swapon -a' },
      { kind: 'battery', value: '', command: null },
      { kind: 'governor', value: 'ondemand, schedutil', command: setGovernor },
      {
        kind: 'coresOffline',
        value: '2, 3',
        command: `for c in 2 3; do echo 1 | sudo tee ${cpu}/cpu$c/online; done`,
      },
      { kind: 'turbo', value: '', command: `echo 1 | sudo tee ${cpu}/intel_pstate/no_turbo` },
      { kind: 'disk', value: '120 MB', command: 'sudo du -xhd 2 / | sort -h | tail -n 20' },
    ]);
  });

  test.each<readonly [what: string, change: Partial<BoardReading>, kinds: readonly string[]]>([
    ['a low voltage since boot', { undervoltage: { now: false, sinceBoot: true } }, ['undervoltageEarlier']],
    ['79 °C', hot(79), []],
    ['80 °C', hot(80), ['temperature']],
    ['a heat at which the kernel acts', hot(71, [['passive', 70]]), ['temperature']],
    ['a heat at which a fan starts', hot(71, [['active', 70]]), []],
    ['half the cores loaded', { load1: 2 }, []],
    ['more than half', { load1: 2.01 }, ['load']],
    ['one busy program, new', { busiest: { name: 'x', cores: 0.9 } }, ['load']],
    ['a program that does little', { busiest: { name: 'x', cores: 0.4 } }, []],
    ['a little in the swap', { swapUsedBytes: 50e6 }, []],
    ['throttled some time ago', { throttledSinceBoot: true }, []],
    ['turbo that is off', { turbo: { on: false, switchFile: '/sys/x', offValue: '0' } }, []],
    ['a charging battery', { onBattery: false }, []],
  ])('%s: %j gives %j', (_what, change, expected) => {
    expect(kinds(change)).toEqual(expected);
  });

  test('do not propose to empty a swap that does not fit into memory', () => {
    expect(concerns({ swapUsedBytes: 412e6, memoryAvailableBytes: 400e6 })).toEqual([
      { kind: 'swap', value: '412 MB', command: null },
    ]);
  });
});

describe('the state of a board', () => {
  test('sums up what was read, core by core', () => {
    const reading: BoardReading = {
      ...calmReading,
      clocks: [
        { cores: [0, 1], nowMHz: 600, maxMHz: 1800 },
        { cores: [2], nowMHz: null, maxMHz: null },
        { cores: [3], nowMHz: 2400, maxMHz: 2400 },
      ],
    };
    expect(boardState(reading, 4)).toEqual({
      governor: 'performance',
      clockMHz: [600, 600, 2400],
      temperatureC: 50,
      throttled: false,
      load1: 0.2,
      concerns: [],
      reading,
    });
    expect(boardState(unread, 4)).toMatchObject({ governor: null, clockMHz: null, temperatureC: null });
  });
});
