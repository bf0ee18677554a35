import type { BoardConcern } from '../contract/concerns.ts';
import type { BoardState } from '../contract/views.ts';
import type { BoardReading } from '../runner/board-reading.ts';

/** From here on a board is hot enough to throttle soon. */
const hotC = 80;
/** From here on what else runs on the board disturbs a measurement. */
const busyLoadPerCore = 0.5;
const busyProcessCores = 0.5;
/** Memory that lies in the swap beyond this was needed, not just forgotten. */
const usedSwapBytes = 100 * 1024 ** 2;
/** Percent of ten seconds in which something waited for memory. */
const waitedForMemory = 5;
/** Room that models and profiles need. */
const neededDiskBytes = 500e6;
/** Points of the kernel at which it holds the clock down; others start a fan or tell a program. */
const actingTrips = /^(passive|hot|critical)$/;

const steadyClock = 'echo performance | sudo tee /sys/devices/system/cpu/cpu*/cpufreq/scaling_governor';
const whatRuns = 'top -b -n 1 | head -n 15';
const whatFillsTheDisk = 'sudo du -xhd 2 / | sort -h | tail -n 20';
const swapBack = 'sudo swapoff -a && sudo swapon -a';

/** The state of a board of so many cores, with what of it would spoil a measurement. */
export function boardState(reading: BoardReading, cores: number): BoardState {
  const hottest = reading.temperatures[0];
  return {
    governor: reading.governors.length > 0 ? governorsOf(reading.governors) : null,
    clockMHz: clocksOf(reading),
    temperatureC: hottest?.temperatureC ?? null,
    throttled: reading.throttledNow,
    load1: reading.load1,
    concerns: concernsOf(reading, cores),
    reading,
  };
}

/** What of a board's state would spoil a measurement, the worst first. What cannot be read is no concern. */
export function concernsOf(reading: BoardReading, cores: number): readonly BoardConcern[] {
  const { undervoltage, busiest, turbo, offlineCores, disk, swapUsedBytes } = reading;
  const restless = reading.governors.filter(({ governor }) => governor !== 'performance');
  const concerns: (BoardConcern | false | undefined)[] = [
    undervoltage?.now && { kind: 'undervoltage', value: '', command: null },
    reading.throttledNow === true && { kind: 'throttled', value: '', command: null },
    hotConcern(reading),
    reading.memoryPressure !== null &&
      reading.memoryPressure > waitedForMemory && {
        kind: 'memoryPressure',
        value: `${reading.memoryPressure.toFixed(0)} %`,
        command: whatRuns,
      },
    (reading.load1 / cores > busyLoadPerCore || (busiest?.cores ?? 0) > busyProcessCores) && {
      kind: 'load',
      value: `${reading.load1.toFixed(2)} / ${cores}`,
      command: whatRuns,
      ...(busiest && { process: `${busiest.name} (${busiest.cores.toFixed(2)})` }),
    },
    swapUsedBytes !== null &&
      swapUsedBytes > usedSwapBytes && {
        kind: 'swap',
        value: `${Math.round(swapUsedBytes / 1e6)} MB`,
        // Bringing back what does not fit would have programs killed.
        command: (reading.memoryAvailableBytes ?? 0) > 1.5 * swapUsedBytes ? swapBack : null,
      },
    reading.onBattery === true && { kind: 'battery', value: '', command: null },
    restless.length > 0 && { kind: 'governor', value: governorsOf(restless), command: steadyClock },
    offlineCores.length > 0 && {
      kind: 'coresOffline',
      value: offlineCores.join(', '),
      command: `for c in ${offlineCores.join(' ')}; do echo 1 | sudo tee /sys/devices/system/cpu/cpu$c/online; done`,
    },
    turbo?.on && {
      kind: 'turbo',
      value: '',
      command: `echo ${turbo.offValue} | sudo tee ${turbo.switchFile}`,
    },
    disk !== null &&
      disk.freeBytes < neededDiskBytes && {
        kind: 'disk',
        value: `${Math.round(disk.freeBytes / 1e6)} MB`,
        command: whatFillsTheDisk,
      },
    undervoltage?.sinceBoot && !undervoltage.now && { kind: 'undervoltageEarlier', value: '', command: null },
  ];
  return concerns.filter((concern) => concern !== false && concern !== undefined);
}

function hotConcern({ temperatures }: BoardReading): BoardConcern | undefined {
  const hot = temperatures.find(({ temperatureC, tripPoints }) => {
    const acting = tripPoints.filter(({ type }) => actingTrips.test(type));
    return temperatureC >= Math.min(hotC, ...acting.map((trip) => trip.temperatureC));
  });
  return (
    hot && { kind: 'temperature', value: `${hot.temperatureC.toFixed(0)} °C (${hot.name})`, command: null }
  );
}

const governorsOf = (governors: BoardReading['governors']): string =>
  governors.map(({ governor }) => governor).join(', ');

/** The clock of every core; null where none can be read. */
function clocksOf({ clocks }: BoardReading): readonly number[] | null {
  const known = clocks.flatMap(({ cores, nowMHz }) => (nowMHz === null ? [] : cores.map(() => nowMHz)));
  return known.length > 0 ? known : null;
}
