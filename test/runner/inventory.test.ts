import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { findBusiest } from '../../electron/runner/busiest.ts';
import { parseCoreList, readClusters, readCpuFeatures, readOfflineCores } from '../../electron/runner/cpu.ts';
import { readInventory } from '../../electron/runner/inventory.ts';
import { readBoard } from '../../electron/runner/reading.ts';
import { readStorage } from '../../electron/runner/storage.ts';
import { fakeSystem } from './fake-system.ts';

const cpu = '/sys/devices/system/cpu';
const at1s = async () => 1_000;

/** /proc/cpuinfo of an Arm board with cores of these parts. */
const armCpuinfo = (parts: readonly string[], features = 'fp asimd aes crc32 asimdhp asimddp i8mm') =>
  parts
    .map(
      (part, core) =>
        `processor\t: ${core}\nBogoMIPS\t: 48.00\nFeatures\t: ${features}\nCPU implementer\t: 0x41\nCPU architecture: 8\nCPU part\t: ${part}\n`,
    )
    .join('\n');

/** An RK3588: four small cores and four large ones. */
const bigLittle = () => {
  const contents: Record<string, string | number> = {
    '/proc/cpuinfo': armCpuinfo([...Array(4).fill('0xd05'), ...Array(4).fill('0xd0b')]),
    [`${cpu}/present`]: '0-7',
    [`${cpu}/online`]: '0-5,7',
    '/proc/device-tree/model': 'Radxa ROCK 5B\0',
    '/etc/os-release': 'PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"',
  };
  for (let core = 0; core < 8; core++) {
    const folder = `${cpu}/cpu${core}/cpufreq`;
    contents[`${folder}/cpuinfo_max_freq`] = core < 4 ? 1_800_000 : 2_400_000;
    contents[`${folder}/scaling_cur_freq`] = core < 4 ? 600_000 : 2_208_000;
    contents[`${folder}/scaling_governor`] = core < 4 ? 'ondemand' : 'performance';
    contents[`${folder}/related_cpus`] = core < 4 ? '0 1 2 3' : '4 5 6 7';
  }
  return fakeSystem(contents);
};

describe('the processor', () => {
  it('is told by its kinds of cores, the slowest first', () => {
    expect(readClusters(bigLittle().files, 'arm64')).toEqual([
      { cores: [0, 1, 2, 3], name: 'Cortex-A55', maxClockMHz: 1800 },
      { cores: [4, 5, 6, 7], name: 'Cortex-A76', maxClockMHz: 2400 },
    ]);
  });

  it('does not give a part number of another maker the name of an Arm core', () => {
    const board = fakeSystem({
      '/proc/cpuinfo': armCpuinfo(['0xd05']).replace('0x41', '0x48'),
    });
    expect(readClusters(board.files, 'some core')).toEqual([]);
    board.write({ [`${cpu}/cpu0/online`]: 1 });
    expect(readClusters(board.files, 'some core')).toMatchObject([{ name: 'some core' }]);
  });

  it('has the features that all its cores have, by the names that people use', () => {
    expect(readCpuFeatures(bigLittle().files)).toEqual(['neon', 'dotprod', 'fp16', 'i8mm']);
    const mixed = `${armCpuinfo(['0xd0b'])}\n${armCpuinfo(['0xd03'], 'fp asimd')}`;
    expect(readCpuFeatures(fakeSystem({ '/proc/cpuinfo': mixed }).files)).toEqual(['neon']);
    const x86 = 'flags\t\t: fpu avx f16c fma avx2 avx512f avx512_vnni amx_tile amx_int8 avx_vnni';
    expect(readCpuFeatures(fakeSystem({ '/proc/cpuinfo': x86 }).files)).toEqual([
      'avx',
      'f16c',
      'fma',
      'avx2',
      'avx-vnni',
      'avx512f',
      'avx512-vnni',
      'amx',
      'amx-int8',
    ]);
    expect(readCpuFeatures(fakeSystem().files)).toEqual([]);
  });

  it('has cores that are switched off', () => {
    expect(readOfflineCores(bigLittle().files)).toEqual([6]);
    expect(readOfflineCores(fakeSystem({ [`${cpu}/present`]: '0-3' }).files)).toEqual([]);
    expect(parseCoreList('0-2,5, 7-7')).toEqual([0, 1, 2, 5, 7]);
    expect(parseCoreList('0-99999999,x,3-1')).toEqual([]);
  });
});

describe('the storage of a folder', () => {
  const mounts = (...lines: string[]) => lines.join('\n');
  const root = '1 0 179:2 / / rw,noatime - ext4 /dev/root rw';

  it('is that of the deepest mount above it', () => {
    const board = fakeSystem({
      '/proc/self/mountinfo': mounts(
        root,
        '3 1 0:30 / /home/us\\040b rw - tmpfs tmpfs rw',
        '2 1 259:1 / /home rw - ext4 /dev/nvme0n1p1 rw',
      ),
      '/sys/dev/block/179:2/uevent': 'MAJOR=179\nMINOR=2\nDEVNAME=mmcblk0p2',
      '/sys/block/mmcblk0/device/type': 'SD',
    });
    expect(readStorage(board.files, '/opt/x')).toEqual({ kind: 'sdCard', fileSystem: 'ext4' });
    expect(readStorage(board.files, '/home/pi/.fieldtune')).toEqual({ kind: 'nvme', fileSystem: 'ext4' });
    expect(readStorage(board.files, '/home/us b/x')).toEqual({ kind: 'memory', fileSystem: 'tmpfs' });
    expect(readStorage(board.files, '/homework')).toMatchObject({ kind: 'sdCard' });
  });

  it.each([
    [{ '/sys/block/mmcblk0/device/type': 'MMC' }, '/dev/mmcblk0p1', 'emmc'],
    [{ '/sys/block/sda/removable': 1 }, '/dev/sda1', 'usb'],
    [{ '/sys/block/sda/removable': 0, '/sys/block/sda/queue/rotational': 0 }, '/dev/sda1', 'ssd'],
    [{ '/sys/block/sda/removable': 0, '/sys/block/sda/queue/rotational': 1 }, '/dev/sda1', 'hdd'],
    [{}, '/dev/vda', 'virtual'],
    [{}, 'overlay', 'unknown'],
  ] as const)('%# is told by its disk: %s, %s', (contents, source, kind) => {
    const board = fakeSystem({
      ...contents,
      '/proc/self/mountinfo': `1 0 8:1 / / rw - ext4 ${source} rw`,
    });
    expect(readStorage(board.files, '/x')).toMatchObject({ kind });
  });

  it('is the network where it lies there, and not told where the kernel does not', () => {
    const remote = fakeSystem({ '/proc/self/mountinfo': '1 0 0:9 / / rw - nfs4 host:/x rw' });
    expect(readStorage(remote.files, '/x')).toMatchObject({ kind: 'network' });
    expect(readStorage(fakeSystem().files, '/x')).toBeNull();
  });
});

describe('the inventory', () => {
  it('names the board, its cores and its sensors, and what the runtime has and uses', () => {
    const board = bigLittle();
    board.write({
      '/proc/meminfo': 'MemTotal:        8000000 kB\nMemAvailable:    6000000 kB',
      '/sys/fs/cgroup/cpu.max': '150000 100000',
      '/sys/fs/cgroup/memory.max': 'max',
      '/sys/class/hwmon/hwmon0/name': 'ina226',
      '/sys/class/hwmon/hwmon0/power1_input': 3_000_000,
    });
    expect(readInventory(board.files, '/x', ['cpu', 'xnnpack'])).toMatchObject({
      model: 'Radxa ROCK 5B',
      os: 'Debian GNU/Linux 12 (bookworm)',
      userlandArch: process.arch,
      coresOnline: 7,
      coresTotal: 8,
      coreLimit: 1.5,
      memoryBytes: 8_000_000 * 1024,
      memoryLimitBytes: null,
      storage: null,
      providers: ['cpu', 'xnnpack'],
      providerUsed: 'cpu',
      powerSensors: [{ name: 'ina226', covers: 'board' }],
    });
  });

  it('tells the C library that this very program runs with', () => {
    const { libc } = readInventory(fakeSystem().files, '/x', []);
    expect(libc.name).toBe('glibc');
    expect(libc.version).toMatch(/^2\.\d+$/);
  });

  it('knows no limit where none is set, and no model where its maker left the field empty', () => {
    const board = fakeSystem({
      '/sys/fs/cgroup/cpu.max': 'max 100000',
      '/sys/fs/cgroup/memory/memory.limit_in_bytes': '9223372036854771712',
      '/sys/class/dmi/id/product_name': 'To Be Filled By O.E.M.',
    });
    expect(readInventory(board.files, '/x', [])).toMatchObject({
      model: null,
      coreLimit: null,
      memoryLimitBytes: null,
    });
    board.write({
      '/sys/fs/cgroup/cpu.max': 'nonsense',
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': 50_000,
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': 100_000,
      '/sys/fs/cgroup/memory.max': 536_870_912,
    });
    expect(readInventory(board.files, '/x', [])).toMatchObject({
      coreLimit: 0.5,
      memoryLimitBytes: 536_870_912,
    });
  });
});

describe('the program that takes the most time', () => {
  const stat = (pid: number, name: string, ticks: number) =>
    `${pid} (${name}) S 1 1 1 0 -1 4194304 0 0 0 0 ${ticks} 0 0 0 20 0 1 0 5 0 0`;

  it('is named with its share of a core, whatever its name holds, and is never the runner itself', async () => {
    const board = fakeSystem({
      '/proc/7/stat': stat(7, 'idle thing', 500),
      '/proc/8/stat': stat(8, 'a) R (b', 100),
      '/proc/9/stat': stat(9, 'runner', 0),
    });
    const busiest = await findBusiest(
      board.files,
      async () => {
        board.write({
          '/proc/8/stat': stat(8, 'a) R (b', 145),
          '/proc/9/stat': stat(9, 'runner', 99),
          '/proc/12/stat': stat(12, 'newcomer', 20),
        });
        return 500;
      },
      9,
    );
    expect(busiest).toEqual({ name: 'a) R (b', cores: 0.9 });
  });

  it('is none where nothing moved', async () => {
    const board = fakeSystem({ '/proc/7/stat': stat(7, 'x', 500), '/proc/8/stat': 'garbage' });
    expect(await findBusiest(board.files, at1s)).toBeNull();
  });
});

describe('the state of a board', () => {
  it('has governors and clocks by policy, temperatures with the hottest first, memory and power source', async () => {
    const board = bigLittle();
    const zone = '/sys/class/thermal/thermal_zone';
    board.write({
      [`${zone}0/type`]: 'soc-thermal',
      [`${zone}0/temp`]: 51_000,
      [`${zone}1/type`]: 'bigcore-thermal',
      [`${zone}1/temp`]: 64_000,
      '/proc/meminfo':
        'MemTotal: 8000000 kB\nMemAvailable: 600000 kB\nSwapTotal: 2000000 kB\nSwapFree: 1500000 kB',
      '/proc/pressure/memory': 'some avg10=7.25 avg60=1.00 avg300=0.10 total=9\nfull avg10=0.00',
      '/proc/loadavg': '3.14 1.00 0.50 2/300 999',
      [`${cpu}/cpufreq/boost`]: 1,
      '/sys/class/power_supply/BAT0/type': 'Battery',
      '/sys/class/power_supply/BAT0/status': 'Discharging',
      '/sys/class/power_supply/hid-mouse/type': 'Battery',
      '/sys/class/power_supply/hid-mouse/scope': 'Device',
      '/sys/class/power_supply/hid-mouse/status': 'Discharging',
    });
    mkdirSync(join(board.root, 'data'));
    const reading = await readBoard(board.files, join(board.root, 'data'), at1s);
    expect(reading).toMatchObject({
      governors: [
        { cores: [0, 1, 2, 3], governor: 'ondemand' },
        { cores: [4, 5, 6, 7], governor: 'performance' },
      ],
      clocks: [
        { cores: [0, 1, 2, 3], nowMHz: 600, maxMHz: 1800 },
        { cores: [4, 5, 6, 7], nowMHz: 2208, maxMHz: 2400 },
      ],
      turbo: { on: true, switchFile: `${cpu}/cpufreq/boost`, offValue: '0' },
      offlineCores: [6],
      temperatures: [
        { name: 'bigcore-thermal', temperatureC: 64 },
        { name: 'soc-thermal', temperatureC: 51 },
      ],
      throttledNow: null,
      undervoltage: null,
      load1: 3.14,
      memoryAvailableBytes: 600_000 * 1024,
      swapUsedBytes: 500_000 * 1024,
      memoryPressure: 7.25,
      onBattery: true,
    });
    expect(reading.disk?.freeBytes).toBeGreaterThan(0);
    board.write({ '/sys/class/power_supply/BAT0/status': 'Full', [`${cpu}/intel_pstate/no_turbo`]: 1 });
    expect(await readBoard(board.files, '/nowhere', at1s)).toMatchObject({
      turbo: { on: false, switchFile: `${cpu}/intel_pstate/no_turbo` },
      onBattery: false,
      disk: null,
    });
  });

  it('is null where nothing can be read', async () => {
    const reading = await readBoard(fakeSystem().files, '/nowhere', at1s);
    expect(reading).toMatchObject({
      governors: [],
      clocks: [],
      turbo: null,
      offlineCores: [],
      temperatures: [],
      throttledNow: null,
      throttledSinceBoot: null,
      busiest: null,
      memoryAvailableBytes: null,
      swapUsedBytes: null,
      memoryPressure: null,
      disk: null,
      onBattery: null,
    });
  });
});
