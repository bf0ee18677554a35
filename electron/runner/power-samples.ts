import { spawn } from 'node:child_process';
import { findPowerSensors } from './power.ts';
import { openSystemFiles } from './system-files.ts';

/** Power at a moment of the monotonic clock, which all processes of a board share. */
export interface PowerSample {
  readonly atMs: number;
  readonly watts: number;
}

/** First argument that makes the runner's program read a sensor instead of serving. */
export const samplePowerFlag = '--sample-power';

const everyMs = 10;
/** Failed readings in a row after which a sensor counts as gone. */
const mostFailures = 20;

/** Milliseconds of the monotonic clock. */
export const monotonicMs = (): number => Number(process.hrtime.bigint()) / 1e6;

/** Reads a sensor in a process of its own, as a call of a model blocks the runner's only thread. */
export interface PowerSampler {
  /** All samples so far, in order of time. */
  samples(): readonly PowerSample[];
  /** Whether it has ended by itself: the sensor cannot be read any more. */
  failed(): boolean;
  stop(): void;
}

/**
 * Starts sampling the sensor of this name. `systemRoot` is empty but in tests; `program` is the runner's.
 * Resolves after the first sample, or when there will be none.
 */
export async function startPowerSampler(
  sensorName: string,
  systemRoot: string,
  program: string,
): Promise<PowerSampler> {
  const child = spawn(
    process.execPath,
    [...process.execArgv, program, samplePowerFlag, sensorName, systemRoot],
    { stdio: ['pipe', 'pipe', 'ignore'] },
  );
  const samples: PowerSample[] = [];
  let rest = '';
  let ended = false;
  const onExit = (): boolean => child.kill('SIGKILL');
  process.once('exit', onExit);
  child.stdin.on('error', () => {});
  await new Promise<void>((resolve) => {
    const end = (): void => {
      ended = true;
      process.off('exit', onExit);
      resolve();
    };
    child.once('error', end);
    child.once('close', end);
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) {
        const [atMs, watts] = line.split(' ').map(Number);
        if (atMs !== undefined && watts !== undefined) samples.push({ atMs, watts });
      }
      if (samples.length > 0) resolve();
    });
  });
  return { samples: () => samples, failed: () => ended, stop: onExit };
}

/** The child's part: prints samples until its stdin ends, which it does with the runner. */
export function samplePower(sensorName: string, systemRoot: string): void {
  const sensor = findPowerSensors(openSystemFiles(systemRoot)).find(({ name }) => name === sensorName);
  if (!sensor) process.exit(1);
  process.stdin.resume();
  for (const event of ['end', 'error', 'close'] as const) process.stdin.on(event, () => process.exit(0));
  process.stdout.on('error', () => process.exit(0));
  let failures = 0;
  setInterval(() => {
    const beforeMs = monotonicMs();
    const watts = sensor.read();
    // Reading over a slow bus takes a while; the value is of its middle.
    const atMs = (beforeMs + monotonicMs()) / 2;
    // A bus may be busy for a moment.
    failures = watts === null ? failures + 1 : 0;
    if (failures >= mostFailures) process.exit(1);
    if (watts === null) return;
    process.stdout.write(`${atMs.toFixed(3)} ${watts}\n`);
  }, everyMs);
}

/**
 * Energy between two moments, joules: the power is taken to run straight from sample to sample.
 * Null where samples do not reach both ends.
 */
export function integrate(samples: readonly PowerSample[], fromMs: number, toMs: number): number | null {
  const first = samples[0];
  const last = samples.at(-1);
  if (!first || !last || first.atMs > fromMs || last.atMs < toMs || toMs <= fromMs) return null;
  let joules = 0;
  for (let index = 1; index < samples.length; index++) {
    const a = samples[index - 1]!;
    const b = samples[index]!;
    const lowMs = Math.max(a.atMs, fromMs);
    const highMs = Math.min(b.atMs, toMs);
    if (highMs <= lowMs || b.atMs <= a.atMs) continue;
    const wattsAt = (ms: number): number =>
      a.watts + ((b.watts - a.watts) * (ms - a.atMs)) / (b.atMs - a.atMs);
    joules += (((wattsAt(lowMs) + wattsAt(highMs)) / 2) * (highMs - lowMs)) / 1000;
  }
  return joules;
}

/** Mean time, in milliseconds, from one change of the sensor's value to the next; infinite without any. */
export function meanStandstillMs(samples: readonly PowerSample[]): number {
  let changes = 0;
  for (let index = 1; index < samples.length; index++)
    if (samples[index]!.watts !== samples[index - 1]!.watts) changes++;
  const spanMs = (samples.at(-1)?.atMs ?? 0) - (samples[0]?.atMs ?? 0);
  return changes === 0 ? Number.POSITIVE_INFINITY : spanMs / changes;
}
