import type { BoardInventory, BoardReading } from '../../electron/runner/board-reading.ts';

/** A board on which nothing would spoil a measurement. */
export const calmReading: BoardReading = {
  governors: [{ cores: [0, 1, 2, 3], governor: 'performance' }],
  clocks: [{ cores: [0, 1, 2, 3], nowMHz: 1500, maxMHz: 1500 }],
  turbo: null,
  offlineCores: [],
  temperatures: [
    { name: 'cpu-thermal', temperatureC: 50, tripPoints: [{ type: 'critical', temperatureC: 110 }] },
  ],
  throttledNow: false,
  throttledSinceBoot: false,
  undervoltage: { now: false, sinceBoot: false },
  load1: 0.2,
  busiest: null,
  memoryAvailableBytes: 3e9,
  swapTotalBytes: 0,
  swapUsedBytes: 0,
  memoryPressure: 0,
  disk: { folder: '/home/pi/.fieldtune', freeBytes: 20e9, totalBytes: 30e9 },
  onBattery: null,
};

/** What such a board is made of. */
export const piInventory: BoardInventory = {
  model: 'Raspberry Pi 4 Model B Rev 1.4',
  os: 'Debian GNU/Linux 12 (bookworm)',
  kernel: '6.6.31+rpt-rpi-v8',
  kernelArch: 'aarch64',
  userlandArch: 'arm64',
  libc: { name: 'glibc', version: '2.36' },
  clusters: [{ cores: [0, 1, 2, 3], name: 'Cortex-A72', maxClockMHz: 1500 }],
  cpuFeatures: ['neon'],
  coresOnline: 4,
  coresTotal: 4,
  coreLimit: null,
  memoryBytes: 4e9,
  memoryLimitBytes: null,
  storage: { kind: 'sdCard', fileSystem: 'ext4' },
  providers: ['cpu'],
  providerUsed: 'cpu',
  powerSensors: [],
};
