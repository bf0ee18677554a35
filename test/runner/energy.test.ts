import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { localRunnerProgram } from '../../electron/board/install/runner-files.ts';
import type { EnergyReply, MeasuredEnergy } from '../../electron/runner/board-reading.ts';
import { measureEnergy } from '../../electron/runner/energy.ts';
import { CancelledError } from '../../electron/runner/timing.ts';
import { garbageModel, makeDenseModel } from '../board/tiny-models.ts';
import { findProcesses, until } from '../faults/processes.ts';
import { type FakeSystem, fakeSystem } from './fake-system.ts';
import { playSensor } from './power-writer.ts';

const small = makeDenseModel(64, 1);
const large = makeDenseModel(512, 4);
const power = '/sys/class/hwmon/hwmon0/power1_input';

let folder = '';
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldtune-energy-'));
  for (const { sha256, bytes } of [small, large, garbageModel]) writeFileSync(join(folder, sha256), bytes);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const context = () => ({
  cancelled: () => false,
  progress: () => {},
  tell: () => {},
  breathe: () => new Promise<void>((resolve) => setImmediate(resolve)),
});
const measure = (
  board: FakeSystem,
  models: readonly { readonly sha256: string }[],
  seconds = 1.2,
  work = context(),
): Promise<EnergyReply> =>
  measureEnergy(
    {
      sha256s: models.map(({ sha256 }) => sha256),
      settings: { threads: 1, level: 'all' },
      seconds,
      seed: 3,
    },
    { files: board.files, program: localRunnerProgram(), pathOf: (sha256) => join(folder, sha256) },
    work,
  );
const sensorBoard = () => fakeSystem({ '/sys/class/hwmon/hwmon0/name': 'ina226', [power]: 3_000_000 });

function measured(reply: EnergyReply): MeasuredEnergy {
  if (reply.kind !== 'measured') throw new Error(JSON.stringify(reply));
  return reply.energy;
}

/** Joules a call of a model, over all rounds. */
const perCall = (energy: MeasuredEnergy, model: number): number => {
  const stretches = energy.rounds.map((round) => round[model]!);
  const total = (of: 'joules' | 'calls') => stretches.reduce((sum, stretch) => sum + stretch[of], 0);
  return total('joules') / total('calls');
};

// A sensor is played by a process that a busy computer may hold up, as it may hold up the one that reads it.
describe('energy', { retry: 2 }, () => {
  it('is not measured where the board has no sensor', async () => {
    expect(await measure(fakeSystem(), [small])).toEqual({ kind: 'noSensor' });
  });

  it('is the power of the sensor over the time of the calls, more for a larger model', async () => {
    const board = sensorBoard();
    playSensor(join(board.root, power), '3000000 + (n % 7) * 1000');
    const energy = measured(await measure(board, [small, large]));
    expect(energy.sensor).toEqual({ name: 'ina226', covers: 'board' });
    expect(energy.idleWatts).toBeCloseTo(3, 2);
    expect(energy.rounds).toHaveLength(6);
    for (const stretch of energy.rounds.flat()) {
      expect(stretch.joules / stretch.seconds).toBeCloseTo(3, 2);
      expect(stretch.calls).toBeGreaterThan(0);
    }
    expect(perCall(energy, 1)).toBeGreaterThan(2 * perCall(energy, 0));
    await until(() => findProcesses(`--sample-power ina226 ${board.root}`).length === 0);
  });

  it('is what a counter went up by between both ends of a stretch', async () => {
    const zone = '/sys/class/powercap/intel-rapl:0';
    const board = fakeSystem({
      [`${zone}/name`]: 'package-0',
      [`${zone}/energy_uj`]: 0,
      [`${zone}/max_energy_range_uj`]: 1_000_000,
    });
    // 5 W, starting again every 0.2 s.
    playSensor(join(board.root, `${zone}/energy_uj`), 'Math.round(t * 5000) % 1000000');
    const energy = measured(await measure(board, [large]));
    expect(energy.sensor).toEqual({ name: 'RAPL package-0', covers: 'cpu' });
    const stretches = energy.rounds.flat();
    const joules = stretches.reduce((sum, stretch) => sum + stretch.joules, 0);
    const seconds = stretches.reduce((sum, stretch) => sum + stretch.seconds, 0);
    expect(joules / seconds).toBeGreaterThan(3);
    expect(joules / seconds).toBeLessThan(7);
  });

  it('is not told from a sensor that stands still or changes too seldom', async () => {
    const sensor = { name: 'ina226', covers: 'board' };
    expect(await measure(sensorBoard(), [small], 0.24)).toEqual({ kind: 'sensorTooSlow', sensor });
    const slow = sensorBoard();
    playSensor(join(slow.root, power), '3000000 + Math.floor(t / 200) * 1000');
    expect(await measure(slow, [small])).toEqual({ kind: 'sensorTooSlow', sensor });
  });

  it('is not told when the sensor is gone in between', async () => {
    const board = sensorBoard();
    playSensor(join(board.root, power), '3000000 + (n % 7) * 1000');
    let steps = 0;
    const work = {
      ...context(),
      progress: () => {
        // The folder, so that the writer cannot bring the file back.
        if (++steps === 2) board.remove('/sys/class/hwmon/hwmon0');
      },
    };
    expect(await measure(board, [small], 1.2, work)).toMatchObject({ kind: 'sensorFailed' });
  });

  it('names the model that the runtime refuses', async () => {
    const reply = await measure(sensorBoard(), [small, garbageModel]);
    expect(reply).toMatchObject({ kind: 'modelFailed', model: 1, reason: expect.any(String) });
  });

  it('stops when it is cancelled', async () => {
    const board = sensorBoard();
    playSensor(join(board.root, power), '3000000 + (n % 7) * 1000');
    let steps = 0;
    const work = { ...context(), progress: () => void steps++, cancelled: () => steps >= 2 };
    await expect(measure(board, [small], 6, work)).rejects.toBeInstanceOf(CancelledError);
  });
});
