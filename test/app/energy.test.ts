import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { measureEnergy } from '../../electron/app/energy.ts';
import type { Board } from '../../electron/board/board.ts';
import { connectBoard } from '../../electron/board/connect.ts';
import { ok } from '../../electron/contract/result.ts';
import { runResultSchema } from '../../electron/contract/run-result.ts';
import type { BoardReading, EnergyReply, MeasuredEnergy } from '../../electron/runner/board-reading.ts';
import { calmReading, piInventory } from '../board/readings.ts';
import { makeDenseModel } from '../board/tiny-models.ts';
import { hasty, listening, openApp, unwrap, workFolder } from './app-setup.ts';
import { callOf } from './tiny-call.ts';

const sensor = { name: 'ina226', covers: 'board' } as const;
const inventory = { ...piInventory, powerSensors: [sensor] };

/** A takes 5 mJ, B takes 2.5 mJ a call, of which 1 mJ and 0.5 mJ are the idle board's. */
const energy: MeasuredEnergy = {
  sensor,
  idleWatts: 2,
  rounds: [0.99, 1, 1.01].map((drift) => [
    { calls: 1_000, seconds: 0.5, joules: 5 * drift },
    { calls: 2_000, seconds: 0.5, joules: 5 * drift },
  ]),
};

const restless: BoardReading = {
  ...calmReading,
  governors: [{ cores: [0, 1, 2, 3], governor: 'ondemand' }],
  undervoltage: { now: true, sinceBoot: true },
};

/** This computer, but with a sensor and in a state of our choice. */
const connecting =
  (changes: Partial<Board>): typeof connectBoard =>
  async (...args) => {
    const connected = await connectBoard(...args);
    if (!connected.ok) return connected;
    const board = connected.value;
    const time: Board['time'] = (request, signal) => board.time(hasty(request), signal);
    return ok({ ...board, time, ...changes });
  };

const sensing = (reply: EnergyReply, asked: unknown[] = []): Partial<Board> => ({
  inventory: async () => ok(inventory),
  reading: async () => ok(restless),
  energy: async (request) => {
    asked.push(request);
    return ok(reply);
  },
});

async function compared(changes: Partial<Board>) {
  const folder = workFolder();
  writeFileSync(join(folder, 'b.onnx'), makeDenseModel(16, 1).bytes);
  const app = await openApp(folder, { connectBoard: connecting(changes) });
  const listener = listening();
  const call = { modelPathA: 'tiny.onnx', modelPathB: 'b.onnx', board: { address: 'local' }, threads: 1 };
  return { result: unwrap(await app.compare(call, listener)), events: listener.events };
}

describe('a comparison', () => {
  test('has the energy of both models where a sensor tells, and warns before it measures', async () => {
    const asked: unknown[] = [];
    const { result, events } = await compared(sensing({ kind: 'measured', energy }, asked));
    expect(result.energy).toMatchObject({
      kind: 'measured',
      energy: { sensor: 'ina226', covers: 'board', idleWatts: 2, rounds: 3 },
    });
    if (result.energy?.kind !== 'measured') throw new Error('not measured');
    const { a, b, ratio } = result.energy.energy;
    expect(a.total.millijoules).toBeCloseTo(5, 9);
    expect(b.total.millijoules).toBeCloseTo(2.5, 9);
    expect(ratio).toBeCloseTo(2, 9);
    expect(asked).toEqual([
      {
        sha256s: [result.a.sha256, result.b.sha256],
        settings: { threads: 1, level: 'all' },
        seconds: 12,
        seed: 1,
      },
    ]);
    expect(result.provider).toBe('cpu');
    expect(result.state?.concerns.map(({ kind }) => kind)).toEqual(['undervoltage', 'governor']);
    const order = events.flatMap((event) =>
      event.kind === 'warning' && event.warning.kind === 'boardConcern'
        ? [event.warning.concern.kind]
        : event.kind === 'stageStarted'
          ? [event.stage]
          : [],
    );
    expect(order).toEqual(['connect', 'undervoltage', 'governor', 'compare']);
    expect(events).toContainEqual(
      expect.objectContaining({ kind: 'progress', stage: 'compare', note: { kind: 'energy' } }),
    );
  });

  test('says that it was not measured without a sensor, and asks for nothing', async () => {
    const refuse = async (): Promise<never> => {
      throw new Error('there is no sensor');
    };
    const { result, events } = await compared({
      inventory: async () => ok(piInventory),
      reading: async () => ok(calmReading),
      energy: refuse,
    });
    expect(result.energy).toEqual({ kind: 'notMeasured', reason: 'noSensor', sensor: null });
    expect(JSON.stringify(events)).not.toMatch(/"energy"|boardConcern/);
  });
});

describe('a run', () => {
  test('keeps energy, provider and the state of the board in result.json and the report', async () => {
    const folder = workFolder();
    const app = await openApp(folder, { connectBoard: connecting(sensing({ kind: 'measured', energy })) });
    unwrap(await app.optimize(callOf({ out: 'results' }), listening()));
    const written = readFileSync(join(folder, 'results', 'result.json'), 'utf8');
    const result = runResultSchema.parse(JSON.parse(written));
    expect(result.board.provider).toBe('cpu');
    expect(result.comparison.energy?.ratio).toBeCloseTo(2, 9);
    expect(result.conditions).toEqual({
      governor: 'ondemand',
      clockMHz: [1500, 1500, 1500, 1500],
      temperatureC: 50,
      throttled: false,
      load1: 0.2,
      concerns: [
        { kind: 'undervoltage', value: '' },
        { kind: 'governor', value: 'ondemand' },
      ],
    });
    const report = readFileSync(join(folder, 'results', 'report.html'), 'utf8');
    expect(report).toContain('the clock governor of the board is ondemand');
    expect(report).toContain('ina226 (the whole board)');
  });

  test('has null where nothing was measured', async () => {
    const folder = workFolder();
    const app = await openApp(folder, {
      connectBoard: connecting(sensing({ kind: 'sensorTooSlow', sensor })),
    });
    const outcome = unwrap(await app.optimize(callOf({ out: 'results' }), listening()));
    expect(outcome.result.comparison.energy).toBeNull();
    const report = readFileSync(join(folder, 'results', 'report.html'), 'utf8');
    expect(report).toContain('<dt>Energy</dt><dd>not measured</dd>');
  });
});

describe('what the board replies', () => {
  const found = async (reply: EnergyReply) => {
    const board = { energy: async () => ok(reply) } as unknown as Board;
    const hashes = ['a', 'b'] as const;
    const settings = { threads: 1, level: 'all' } as const;
    return unwrap(await measureEnergy({ board, inventory }, hashes, settings, listening(), 'compare'));
  };

  test.each<readonly [EnergyReply, string, string | null]>([
    [{ kind: 'noSensor' }, 'noSensor', null],
    [{ kind: 'sensorTooSlow', sensor }, 'sensorTooSlow', 'ina226'],
    [{ kind: 'sensorFailed', sensor }, 'sensorFailed', 'ina226'],
    [{ kind: 'modelFailed', model: 1, reason: 'x' }, 'modelFailed', null],
    // A sensor that is not connected tells 0, and no ratio comes of that.
    [
      {
        kind: 'measured',
        energy: { ...energy, rounds: energy.rounds.map(([a, b]) => [a!, { ...b!, joules: 0 }]) },
      },
      'sensorFailed',
      'ina226',
    ],
    [
      { kind: 'measured', energy: { ...energy, rounds: energy.rounds.slice(1, 2) } },
      'sensorFailed',
      'ina226',
    ],
  ])('%# that is no measurement is told as such: %j', async (reply, reason, name) => {
    expect(await found(reply)).toEqual({ kind: 'notMeasured', reason, sensor: name });
  });
});
