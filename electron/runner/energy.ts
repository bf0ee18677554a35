import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { EnergyReply, EnergyRequest, EnergyStretch, PowerSensorInfo } from './board-reading.ts';
import { findPowerSensors, type PowerSensor } from './power.ts';
import { integrate, meanStandstillMs, monotonicMs, startPowerSampler } from './power-samples.ts';
import type { SystemFiles } from './system-files.ts';
import { type Contestant, loadContestant, messageOf, pause, shuffle, type WorkContext } from './timing.ts';

/** Rounds of A B B A; each is one observation behind the interval. */
const rounds = 6;
const warmupMs = 200;
/** After the change from one model to the next the sensor still tells of the one before: this part is left out. */
const settlingShare = 0.2;
const longestSettlingMs = 200;
const idleSeconds = 1;
/** How often a sensor must tell a new value in a stretch, on average. */
const changesNeeded = 4;
/** Longest wait for a sample that is due. */
const longestWaitMs = 3_000;

/** What measuring energy needs of its surroundings. */
export interface EnergySurroundings {
  readonly files: SystemFiles;
  /** The runner's own program, which reads the sensor in a process of its own. */
  readonly program: string;
  pathOf(sha256: string): string | null;
}

/** A moment, and what a counter told at it; null for a sensor of power, whose samples are looked up later. */
interface Mark {
  readonly atMs: number;
  readonly joules: number | null;
}

/** Tells the energy between two moments. */
interface Meter {
  mark(): Mark;
  /** Joules; null when the sensor could not be read. */
  between(from: Mark, to: Mark): Promise<number | null>;
  /** Mean time without news from the sensor, milliseconds. */
  standstillMs(): number;
  stop(): void;
}

/** Measures what models take, see `EnergyRequest`. Throws `CancelledError`. */
export async function measureEnergy(
  request: EnergyRequest,
  surroundings: EnergySurroundings,
  context: WorkContext,
): Promise<EnergyReply> {
  const found = findPowerSensors(surroundings.files)[0];
  if (!found) return { kind: 'noSensor' };
  const sensor = { name: found.name, covers: found.covers };
  // A stretch ends by the clock, so that the calls of a visit are not counted out.
  const visits = {
    ...{ settings: request.settings, seed: request.seed, iterations: 1, visitMs: 0 },
    warmupMs: Math.min(warmupMs, request.seconds * 100),
  };
  const contestants: Contestant[] = [];
  let meter: Meter | null = null;
  try {
    for (const [index, sha256] of request.sha256s.entries()) {
      const loaded = loadContestant(visits, index, sha256, surroundings.pathOf);
      if ('reason' in loaded) return { kind: 'modelFailed', model: index, reason: loaded.reason };
      contestants.push(loaded);
      await pause(context);
    }
    meter = found.unit === 'joules' ? counterMeter(found) : await sampledMeter(found, surroundings);
    return await measure(request, contestants, sensor, meter, context);
  } finally {
    meter?.stop();
    for (const { model } of contestants) model.dispose();
  }
}

async function measure(
  request: EnergyRequest,
  contestants: readonly Contestant[],
  sensor: PowerSensorInfo,
  meter: Meter,
  context: WorkContext,
): Promise<EnergyReply> {
  const random = xoroshiro128plus(request.seed);
  const stretchMs = (request.seconds * 1000) / (2 * rounds);
  // A short measurement, as of a test, needs no long look at an idle board.
  const idleMs = Math.min(idleSeconds * 1000, 2 * stretchMs);
  const steps = rounds * contestants.length * 2;
  const watts: number[] = [];
  const idle = async (): Promise<boolean> => {
    await sleep(settlingOf(idleMs));
    const from = meter.mark();
    while (monotonicMs() - from.atMs < idleMs) {
      await sleep(Math.min(50, idleMs));
      await pause(context);
    }
    const to = meter.mark();
    const joules = await meter.between(from, to);
    if (joules !== null) watts.push(joules / ((to.atMs - from.atMs) / 1000));
    return joules !== null;
  };

  if (!(await idle())) return { kind: 'sensorFailed', sensor };
  const measured: EnergyStretch[][] = [];
  for (let round = 0; round < rounds; round++) {
    const order = shuffle(contestants, random);
    const stretches = contestants.map((): EnergyStretch => ({ calls: 0, seconds: 0, joules: 0 }));
    for (const [place, contestant] of [...order, ...order.toReversed()].entries()) {
      let stretch: EnergyStretch | null;
      try {
        stretch = await spend(contestant, stretchMs, meter);
      } catch (error) {
        return { kind: 'modelFailed', model: contestant.index, reason: messageOf(error) };
      }
      if (!stretch) return { kind: 'sensorFailed', sensor };
      stretches[contestant.index] = sum(stretches[contestant.index]!, stretch);
      context.progress(round * contestants.length * 2 + place + 1, steps);
      await pause(context);
    }
    measured.push(stretches);
  }
  if (!(await idle())) return { kind: 'sensorFailed', sensor };
  if (meter.standstillMs() > stretchMs / changesNeeded) return { kind: 'sensorTooSlow', sensor };
  const idleWatts = watts.reduce((all, one) => all + one, 0) / watts.length;
  return { kind: 'measured', energy: { sensor, idleWatts, rounds: measured } };
}

/** Calls a model for a stretch; what it spends counts from when the sensor has settled, to the end. */
async function spend(
  { model, feeds }: Contestant,
  stretchMs: number,
  meter: Meter,
): Promise<EnergyStretch | null> {
  const settledMs = monotonicMs() + settlingOf(stretchMs);
  do model.call(feeds);
  while (monotonicMs() < settledMs);
  const from = meter.mark();
  let calls = 0;
  do {
    model.call(feeds);
    calls++;
  } while (monotonicMs() < from.atMs + stretchMs);
  const to = meter.mark();
  const joules = await meter.between(from, to);
  return joules === null ? null : { calls, seconds: (to.atMs - from.atMs) / 1000, joules };
}

/** A counter is read at both ends of what is counted. */
function counterMeter(sensor: PowerSensor): Meter {
  return {
    mark: () => ({ atMs: monotonicMs(), joules: sensor.read() }),
    between: async (from, to) =>
      from.joules === null || to.joules === null ? null : to.joules - from.joules,
    standstillMs: () => 0,
    stop: () => {},
  };
}

/** A sensor of power is read all the time, and integrated over what is asked for. */
async function sampledMeter(sensor: PowerSensor, { files, program }: EnergySurroundings): Promise<Meter> {
  const sampler = await startPowerSampler(sensor.name, files.root, program);
  const reaches = (atMs: number): boolean => (sampler.samples().at(-1)?.atMs ?? 0) >= atMs;
  return {
    mark: () => ({ atMs: monotonicMs(), joules: null }),
    async between(from, to) {
      const givenUpMs = monotonicMs() + longestWaitMs;
      while (!reaches(to.atMs) && !sampler.failed() && monotonicMs() < givenUpMs) await sleep(5);
      return integrate(sampler.samples(), from.atMs, to.atMs);
    },
    standstillMs: () => meanStandstillMs(sampler.samples()),
    stop: () => sampler.stop(),
  };
}

const settlingOf = (stretchMs: number): number => Math.min(settlingShare * stretchMs, longestSettlingMs);

const sum = (a: EnergyStretch, b: EnergyStretch): EnergyStretch => ({
  calls: a.calls + b.calls,
  seconds: a.seconds + b.seconds,
  joules: a.joules + b.joules,
});

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
