import { loadavg } from 'node:os';
import type { BoardConditions } from './protocol.ts';
import { ownSystemFiles, type SystemFiles } from './system-files.ts';
import { findThermalSensors } from './thermal.ts';
import { findThrottling } from './throttling.ts';

/** What can be sampled around every block without disturbing it. */
export interface BlockConditions {
  /** Highest current clock of all cores, MHz; null when unknown. */
  readonly clockMHz: number | null;
  /** Highest temperature of all sensors, °C; null when unknown. */
  readonly temperatureC: number | null;
  /** The firmware says it is holding the clock down right now. */
  readonly throttledNow: boolean | null;
  /** Throttling events since boot, over all cores; null when not counted. */
  readonly throttleCount: number | null;
}

/** Reads the conditions of one board; which files exist is found out once, as it does not change. */
export interface ConditionsReader {
  /** State of the board as the app shows it. */
  readAll(): BoardConditions;
  /** State of the board before or after a block. */
  readBlock(): BlockConditions;
}

const cpuFolder = '/sys/devices/system/cpu';

/** Looks for what tells of the conditions of a board. */
export function openConditions(files: SystemFiles): ConditionsReader {
  const clockFiles = files
    .list(cpuFolder, /^cpu\d+$/)
    .map((folder) => `${folder}/cpufreq/scaling_cur_freq`)
    .filter((path) => files.read(path) !== null);
  const thermal = findThermalSensors(files);
  const throttling = findThrottling(files);
  const readClocks = (): readonly number[] =>
    clockFiles.map(files.readNumber).filter((value) => value !== null);
  const readTemperatureC = (): number | null => highest(thermal.map((sensor) => sensor.read()));

  return {
    readAll: () => ({
      governor: files.read(`${cpuFolder}/cpu0/cpufreq/scaling_governor`),
      clockMHz: readClocksMHz(readClocks(), files),
      temperatureC: readTemperatureC(),
      throttled: throttling.readNow(),
      load1: loadavg()[0] ?? 0,
    }),
    readBlock: () => {
      const clockKHz = highest(readClocks());
      return {
        clockMHz: clockKHz === null ? null : clockKHz / 1000,
        temperatureC: readTemperatureC(),
        throttledNow: throttling.readNow(),
        throttleCount: throttling.readCount(),
      };
    },
  };
}

let own: ConditionsReader | null = null;
const ownReader = (): ConditionsReader => {
  own ??= openConditions(ownSystemFiles);
  return own;
};

/** See `ConditionsReader.readAll`, of this system. */
export const readConditions = (): BoardConditions => ownReader().readAll();

/** See `ConditionsReader.readBlock`, of this system. */
export const readBlockConditions = (): BlockConditions => ownReader().readBlock();

function readClocksMHz(clocksKHz: readonly number[], files: SystemFiles): readonly number[] | null {
  if (clocksKHz.length > 0) return clocksKHz.map((kHz) => Math.round(kHz / 1000));
  const listed = [...(files.read('/proc/cpuinfo') ?? '').matchAll(/^cpu MHz\s*:\s*([\d.]+)/gm)];
  return listed.length > 0 ? listed.map((match) => Math.round(Number(match[1]))) : null;
}

function highest(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length > 0 ? Math.max(...known) : null;
}
