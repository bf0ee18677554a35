import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { connectBoard } from '../../electron/board/connect.ts';
import type { SessionSettings } from '../../electron/runner/protocol.ts';
import { makeDenseModel } from '../board/tiny-models.ts';
import { errorOf, hasty, listening, openApp, runOf, unwrap, workFolder } from './app-setup.ts';
import { callOf } from './tiny-call.ts';

const board = { address: 'local' };
const extended = { threads: 1, level: 'extended' } as const;

/** An app whose boards note the settings of every session that is asked for. */
async function openNoting(folder: string) {
  const asked: SessionSettings[] = [];
  const app = await openApp(folder, {
    connectBoard: async (...args) => {
      const connected = await connectBoard(...args);
      if (!connected.ok) return connected;
      const { time, profile, peakMemory } = connected.value;
      return {
        ok: true,
        value: {
          ...connected.value,
          time: (request, signal) => {
            asked.push(request.settings);
            return time(hasty(request), signal);
          },
          profile: (request, signal) => {
            asked.push(request.settings);
            return profile(request, signal);
          },
          peakMemory: (sha256, settings) => {
            asked.push(settings);
            return peakMemory(sha256, settings);
          },
        },
      };
    },
  });
  return { app, asked };
}

test('a run keeps its level and its strategy over a resume, and its result tells both', async () => {
  const folder = workFolder();
  const first = await openNoting(folder);
  const listener = listening((event) => {
    if (event.kind === 'progress' && event.stage === 'search' && event.done === 3)
      listener.controller.abort();
  });
  const call = callOf({ level: 'extended', strategy: 'random' });
  expect(errorOf(await first.app.optimize(call, listener))).toEqual({ kind: 'cancelled' });
  expect(first.asked.length).toBeGreaterThan(3);
  const second = await openNoting(folder);
  const { run, result } = unwrap(await second.app.resume(runOf(listener.events), listening()));
  expect(second.asked.length).toBeGreaterThan(3);
  expect(new Set([...first.asked, ...second.asked].map(({ level }) => level))).toEqual(new Set(['extended']));
  expect(result.board).toMatchObject(extended);
  expect(result.search.strategy).toBe('random');
  const detail = unwrap(await second.app.query('runs.get', { run }));
  expect(detail.request).toMatchObject({ level: 'extended', strategy: 'random' });
});

test('without a word a run measures at the level all and searches by evolution', async () => {
  const { app, asked } = await openNoting(workFolder());
  const { result } = unwrap(await app.optimize(callOf(), listening()));
  expect(new Set(asked.map(({ level }) => level))).toEqual(new Set(['all']));
  expect(result.board.level).toBe('all');
  expect(result.search.strategy).toBe('evolution');
});

test('runs of two levels stand in the trend under conditions that cannot be joined', async () => {
  const { app } = await openNoting(workFolder());
  for (const level of ['all', 'extended'] as const)
    unwrap(await app.optimize(callOf({ level }), listening()));
  const trend = unwrap(await app.query('runs.trend', { model: 'tiny' }));
  expect(new Set(trend.map(({ conditions }) => conditions)).size).toBe(2);
  expect(trend.filter(({ conditions }) => conditions.includes('level extended'))).toHaveLength(1);
});

test('a profile and a comparison are taken at the level asked for, and say so', async () => {
  const folder = workFolder();
  writeFileSync(join(folder, 'small.onnx'), makeDenseModel(16, 2).bytes);
  const { app, asked } = await openNoting(folder);
  const profile = unwrap(
    await app.profile({ modelPath: 'small.onnx', board, threads: 1, level: 'extended' }, listening()),
  );
  expect(profile).toMatchObject(extended);
  const models = { modelPathA: 'tiny.onnx', modelPathB: 'small.onnx' };
  const compared = unwrap(await app.compare({ ...models, board, ...extended }, listening()));
  expect(compared).toMatchObject(extended);
  expect(new Set(asked.map(({ level }) => level))).toEqual(new Set(['extended']));
});
