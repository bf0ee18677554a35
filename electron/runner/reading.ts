import { loadavg } from 'node:os';
import type { BoardReading } from './board-reading.ts';
import { findBusiest } from './busiest.ts';
import { coreNumbers, cpuFolder, readOfflineCores } from './cpu.ts';
import { readDisk } from './storage.ts';
import type { SystemFiles } from './system-files.ts';
import { findThermalSensors } from './thermal.ts';
import { findThrottling } from './throttling.ts';

/** How long the board is watched for what else runs there; a tick of /proc is 10 ms. */
const watchMs = 400;

/** Waits for a while and resolves with the milliseconds that it took. */
const watch = async (): Promise<number> => {
  const startMs = performance.now();
  await new Promise((resolve) => setTimeout(resolve, watchMs));
  return performance.now() - startMs;
};

/** Reads the state of the board; takes less than half a second. `root` is the runner's folder. */
export async function readBoard(
  files: SystemFiles,
  root: string,
  wait: () => Promise<number> = watch,
): Promise<BoardReading> {
  const busiest = await findBusiest(files, wait);
  const throttling = findThrottling(files);
  const meminfo = files.read('/proc/meminfo') ?? '';
  const swapTotal = memoryLine(meminfo, 'SwapTotal');
  const swapFree = memoryLine(meminfo, 'SwapFree');
  return {
    ...readClocks(files),
    turbo: readTurbo(files),
    offlineCores: readOfflineCores(files),
    temperatures: findThermalSensors(files)
      .flatMap(({ name, tripPoints, read }) => {
        const temperatureC = read();
        return temperatureC === null ? [] : [{ name, temperatureC, tripPoints }];
      })
      .sort((a, b) => b.temperatureC - a.temperatureC),
    throttledNow: throttling.readNow(),
    throttledSinceBoot: throttling.readSinceBoot(),
    undervoltage: throttling.readUndervoltage(),
    load1: readLoad(files),
    busiest,
    memoryAvailableBytes: memoryLine(meminfo, 'MemAvailable'),
    swapTotalBytes: swapTotal,
    swapUsedBytes: swapTotal === null || swapFree === null ? null : swapTotal - swapFree,
    memoryPressure: readPressure(files),
    disk: readDisk(root),
    onBattery: readOnBattery(files),
  };
}

/** Cores that share a clock share its governor: one entry for each policy of the kernel. */
function readClocks(files: SystemFiles): Pick<BoardReading, 'governors' | 'clocks'> {
  const policies = new Map<string, number[]>();
  for (const core of coreNumbers(files)) {
    const folder = `${cpuFolder}/cpu${core}/cpufreq`;
    const related = files.read(`${folder}/related_cpus`) ?? String(core);
    if (
      files.read(`${folder}/scaling_governor`) === null &&
      files.read(`${folder}/scaling_cur_freq`) === null
    )
      continue;
    policies.set(related, [...(policies.get(related) ?? []), core]);
  }
  const megahertz = (kHz: number | null): number | null => (kHz === null ? null : Math.round(kHz / 1000));
  const clocks = [...policies.values()].map((cores) => {
    const folder = `${cpuFolder}/cpu${cores[0]}/cpufreq`;
    const now = files.readNumber(`${folder}/scaling_cur_freq`);
    const max = files.readNumber(`${folder}/cpuinfo_max_freq`);
    return { cores, nowMHz: megahertz(now), maxMHz: megahertz(max) };
  });
  const governors = [...policies.values()].flatMap((cores) => {
    const governor = files.read(`${cpuFolder}/cpu${cores[0]}/cpufreq/scaling_governor`);
    return governor === null ? [] : [{ cores, governor }];
  });
  return { governors: merged(governors), clocks: clocks.length > 0 ? clocks : listedClocks(files) };
}

/** Where the kernel does not govern the clocks, as in a virtual machine, /proc/cpuinfo may still tell them. */
function listedClocks(files: SystemFiles): BoardReading['clocks'] {
  const listed = [...(files.read('/proc/cpuinfo') ?? '').matchAll(/^cpu MHz\s*:\s*([\d.]+)/gm)];
  return listed.map((match, core) => ({ cores: [core], nowMHz: Math.round(Number(match[1])), maxMHz: null }));
}

/** Policies with one governor are one entry. */
function merged(governors: BoardReading['governors']): BoardReading['governors'] {
  const byName = new Map<string, number[]>();
  for (const { governor, cores } of governors)
    byName.set(governor, [...(byName.get(governor) ?? []), ...cores]);
  return [...byName].map(([governor, cores]) => ({ governor, cores }));
}

function readTurbo(files: SystemFiles): BoardReading['turbo'] {
  const switches = [
    { switchFile: `${cpuFolder}/intel_pstate/no_turbo`, offValue: '1' },
    { switchFile: `${cpuFolder}/cpufreq/boost`, offValue: '0' },
  ] as const;
  for (const { switchFile, offValue } of switches) {
    const value = files.read(switchFile);
    if (value !== null) return { on: value !== offValue, switchFile, offValue };
  }
  return null;
}

function readLoad(files: SystemFiles): number {
  const listed = Number.parseFloat(files.read('/proc/loadavg') ?? '');
  return Number.isFinite(listed) ? listed : (loadavg()[0] ?? 0);
}

function readPressure(files: SystemFiles): number | null {
  const share = /^some avg10=([\d.]+)/m.exec(files.read('/proc/pressure/memory') ?? '')?.[1];
  return share === undefined ? null : Number(share);
}

/** Batteries of keyboards and mice are none of the board's. */
function readOnBattery(files: SystemFiles): boolean | null {
  const batteries = files
    .list('/sys/class/power_supply', /./)
    .filter((supply) => files.read(`${supply}/type`) === 'Battery')
    .filter((supply) => files.read(`${supply}/scope`) !== 'Device');
  if (batteries.length === 0) return null;
  return batteries.some((supply) => files.read(`${supply}/status`) === 'Discharging');
}

function memoryLine(meminfo: string, name: string): number | null {
  const kibibytes = new RegExp(`^${name}:\\s*(\\d+) kB`, 'm').exec(meminfo)?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}
