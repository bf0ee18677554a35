import { loadavg } from 'node:os';
import type { BoardConditions } from './protocol.ts';
import { listSystemFolder, readSystemFile, readSystemNumber } from './system-files.ts';

/** What can be sampled around every block without disturbing it. */
export interface BlockConditions {
  /** Highest current clock of all cores, MHz; null when unknown. */
  readonly clockMHz: number | null;
  /** The firmware says it is holding the clock down right now. */
  readonly throttledNow: boolean | null;
  /** Throttling events since boot, over all cores; null when not counted. */
  readonly throttleCount: number | null;
}

const cpuFolder = '/sys/devices/system/cpu';
const cpuFolders = listSystemFolder(cpuFolder, /^cpu\d+$/);
// Which files exist does not change while the runner lives, so they are looked for once.
const clockFiles = existing(cpuFolders.map((folder) => `${folder}/cpufreq/scaling_cur_freq`));
const throttleCountFiles = existing(
  cpuFolders.map((folder) => `${folder}/thermal_throttle/core_throttle_count`),
);
/** Raspberry Pi: bit 1 frequency capped, bit 2 throttled, bit 3 soft temperature limit, each meaning now. */
const firmwareThrottleFiles = existing([
  '/sys/devices/platform/soc/soc:firmware/get_throttled',
  '/sys/devices/platform/soc@0/soc@0:firmware/get_throttled',
]);
const throttledNowBits = 0b1110;

/** State of the board as the app shows it. */
export function readConditions(): BoardConditions {
  const block = readBlockConditions();
  return {
    governor: readSystemFile(`${cpuFolder}/cpu0/cpufreq/scaling_governor`),
    clockMHz: readClocksMHz(),
    temperatureC: readTemperatureC(),
    throttled: block.throttledNow,
    load1: loadavg()[0] ?? 0,
  };
}

/** State of the board before or after a block. */
export function readBlockConditions(): BlockConditions {
  const clocks = clockFiles.map(readSystemNumber).filter((value) => value !== null);
  const counts = throttleCountFiles.map(readSystemNumber).filter((value) => value !== null);
  const flags = firmwareThrottleFiles.map(readFirmwareFlags).filter((value) => value !== null);
  return {
    clockMHz: clocks.length > 0 ? Math.max(...clocks) / 1000 : null,
    throttledNow: flags.length > 0 ? flags.some((flag) => (flag & throttledNowBits) !== 0) : null,
    throttleCount: counts.length > 0 ? counts.reduce((sum, count) => sum + count, 0) : null,
  };
}

function readClocksMHz(): readonly number[] | null {
  const clocks = clockFiles.map(readSystemNumber).filter((value) => value !== null);
  if (clocks.length > 0) return clocks.map((kHz) => Math.round(kHz / 1000));
  const listed = [...(readSystemFile('/proc/cpuinfo') ?? '').matchAll(/^cpu MHz\s*:\s*([\d.]+)/gm)];
  return listed.length > 0 ? listed.map((match) => Math.round(Number(match[1]))) : null;
}

function readTemperatureC(): number | null {
  const values = listSystemFolder('/sys/class/thermal', /^thermal_zone\d+$/)
    .map((folder) => readSystemNumber(`${folder}/temp`))
    .filter((value) => value !== null)
    .map((milliC) => milliC / 1000)
    // Unconnected sensors report 0 or absurd values.
    .filter((value) => value > 0 && value < 150);
  return values.length > 0 ? Math.max(...values) : null;
}

function readFirmwareFlags(path: string): number | null {
  const text = readSystemFile(path);
  if (text === null) return null;
  const value = Number.parseInt(text, 16);
  return Number.isNaN(value) ? null : value;
}

function existing(paths: readonly string[]): readonly string[] {
  return paths.filter((path) => readSystemFile(path) !== null);
}
