import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { AppOptions } from '../../electron/app/app.ts';
import type { Board } from '../../electron/board/board.ts';
import { fail, ok } from '../../electron/contract/result.ts';
import type { SustainedBlock, SustainPart, SustainReply } from '../../electron/runner/protocol.ts';
import { calmReading, piInventory } from '../board/readings.ts';
import { makeDenseModel } from '../board/tiny-models.ts';
import { simulateBlocks } from '../engine/verify/series.ts';
import { identity } from '../store/store-setup.ts';
import { errorOf, listening, openApp, unwrap, workFolder } from './app-setup.ts';

const figures = { calls: 900, p50Us: 100, p90Us: 120, p99Us: 150 };
const models = [figures, figures, { ...figures, p50Us: 80 }];
const conditions = { governor: null, clockMHz: null, temperatureC: null, throttled: null, load1: 0 };
const call = { modelPathA: 'tiny.onnx', modelPathB: 'b.onnx', board: { address: 'local' }, threads: 1 };

/** An app whose board tells these blocks in parts and then ends as `end` says. */
async function appOn(
  blocks: readonly SustainedBlock[],
  end: (signal: AbortSignal | undefined) => ReturnType<Board['sustain']>,
) {
  const folder = workFolder();
  writeFileSync(join(folder, 'b.onnx'), makeDenseModel(16, 1).bytes);
  const asked: string[][] = [];
  const board = {
    identity,
    address: 'local',
    installedBytes: 0,
    inventory: async () => ok(piInventory),
    reading: async () => ok(calmReading),
    putModels: async () => ok(undefined),
    sustain: async (request, onPart, signal) => {
      asked.push([...request.sha256s]);
      for (let at = 0; at < blocks.length; at += 10) {
        const part: SustainPart = { blocks: blocks.slice(at, at + 10), models };
        onPart(part);
      }
      return end(signal);
    },
    close: async () => undefined,
  } satisfies Partial<Board>;
  // The rest of a board is not asked for.
  const connectBoard = (async () => ok(board)) as unknown as NonNullable<AppOptions['connectBoard']>;
  return { app: await openApp(folder, { connectBoard }), asked };
}

const replied = async (ended: SustainReply['ended']): ReturnType<Board['sustain']> =>
  ok({ ended, failed: [], conditions });
const faster = (minutes: number) => simulateBlocks({ seed: 4, minutes, us: [100, 100, 80] });

describe('a comparison over minutes', () => {
  test('measures on this computer, with A, A again and B resident', async () => {
    const folder = workFolder();
    writeFileSync(join(folder, 'a.onnx'), makeDenseModel(128, 2).bytes);
    writeFileSync(join(folder, 'b.onnx'), makeDenseModel(128, 8).bytes);
    const app = await openApp(folder);
    const listener = listening();
    const local = { ...call, modelPathA: 'a.onnx', modelPathB: 'b.onnx', minutes: 0.05 };
    const result = unwrap(await app.compare(local, listener));
    // Three seconds on a computer that is busy may not be enough for a verdict, but never for the wrong one.
    expect(result.verdict).not.toBe('faster');
    expect(result.speedup).toBeLessThan(0.7);
    expect(result.sustained).toMatchObject({ ended: 'complete', whole: { verdict: result.verdict } });
    expect(result.sustained?.minutes).toBeGreaterThan(0.03);
    expect(result.sustained?.a.calls).toBeGreaterThan(result.sustained?.b.calls ?? 0);
    expect(result.sustained?.memory?.fromBytes).toBeGreaterThan(20e6);
    expect(result.a).toMatchObject({ path: 'a.onnx', parameters: 2 * 128 * 128 });
    const points = listener.events.filter((event) => event.kind === 'sustained');
    expect(points.length).toBeGreaterThan(1);
    const told = listener.events.filter((event) => event.kind === 'progress' && event.stage === 'compare');
    expect(told.length).toBeGreaterThan(2);
  });

  test('gives one verdict, of the whole time', async () => {
    const { app, asked } = await appOn(faster(4), () => replied('complete'));
    const result = unwrap(await app.compare({ ...call, minutes: 4 }, listening()));
    expect(result).toMatchObject({ verdict: 'faster', pairs: 400, droppedBlocks: 0 });
    expect(result.speedup).toBe(result.sustained?.whole.speedup);
    expect(result.a.latencyUs).toEqual({ p50: 100, p90: 120, p99: 150 });
    const [[a, control, b] = []] = asked;
    expect(control).toBe(a);
    expect(b).not.toBe(a);
  });

  test('keeps what was measured when the link goes in mid-run (fault 18)', async () => {
    const lost = { kind: 'boardLost', board: 'local', reason: 'unplugged' } as const;
    const { app } = await appOn(faster(3), async () => fail(lost));
    const result = unwrap(await app.compare({ ...call, minutes: 30 }, listening()));
    expect(result).toMatchObject({
      verdict: 'faster',
      sustained: { ended: 'linkLost', reason: 'unplugged', minutesAsked: 30 },
    });
    expect(result.sustained?.minutes).toBeCloseTo(3, 1);
  });

  test('says that the link went when nothing can be said of what came before', async () => {
    const lost = { kind: 'boardLost', board: 'local', reason: 'unplugged' } as const;
    const { app } = await appOn(faster(3).slice(0, 2), async () => fail(lost));
    expect(errorOf(await app.compare({ ...call, minutes: 30 }, listening()))).toEqual(lost);
  });

  test('stopped, gives the verdict for the time until then', async () => {
    const listener = listening();
    const { app } = await appOn(faster(3), async () => {
      listener.controller.abort();
      return replied('cancelled');
    });
    const result = unwrap(await app.compare({ ...call, minutes: 30 }, listener));
    expect(result.sustained?.ended).toBe('stopped');
    expect(result.verdict).toBe('faster');
  });

  test('stopped before there is anything, is cancelled', async () => {
    const listener = listening();
    const { app } = await appOn([], async () => {
      listener.controller.abort();
      return replied('cancelled');
    });
    expect(errorOf(await app.compare({ ...call, minutes: 30 }, listener))).toEqual({ kind: 'cancelled' });
  });

  test('names the model that the runtime refuses by its path', async () => {
    const { app } = await appOn([], async () =>
      ok({ ended: 'complete', failed: [{ model: 2, reason: 'no kernel' }], conditions }),
    );
    expect(errorOf(await app.compare({ ...call, minutes: 30 }, listening()))).toEqual({
      kind: 'modelFailsToRun',
      path: 'b.onnx',
      reason: 'no kernel',
    });
  });
});
