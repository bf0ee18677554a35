import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SustainPart, SustainRequest } from '../../electron/runner/protocol.ts';
import { findProcesses } from '../faults/processes.ts';
import { localBoard } from './local-board.ts';
import { garbageModel, makeDenseModel } from './tiny-models.ts';

const small = makeDenseModel(64, 1);
const slow = makeDenseModel(256, 4);
const settings = { threads: 1, level: 'all' } as const;
const request = (changes: Partial<SustainRequest> = {}): SustainRequest => ({
  sha256s: [small.sha256, small.sha256, slow.sha256],
  settings,
  durationMs: 1_500,
  visitMs: 4,
  warmupMs: 5,
  seed: 3,
  ...changes,
});

describe('a sustained measurement on the board', () => {
  test('streams every block with the state of the board, and figures over all calls', async () => {
    const { board } = await localBoard([small, slow]);
    const parts: SustainPart[] = [];
    const reply = await board.sustain(request(), (part) => parts.push(part));
    expect(reply).toMatchObject({ ok: true, value: { ended: 'complete', failed: [] } });
    // One about every second, and one at the end: nothing waits for the reply.
    expect(parts.length).toBeGreaterThanOrEqual(2);
    const blocks = parts.flatMap((part) => part.blocks);
    expect(blocks.length).toBeGreaterThan(5);
    for (const [index, block] of blocks.entries()) {
      expect(block.wallUs).toHaveLength(3);
      expect(Math.min(...block.wallUs, ...block.cpuUs)).toBeGreaterThan(0);
      expect(block.rssBytes).toBeGreaterThan(20e6);
      expect(block.load1).toBeGreaterThanOrEqual(0);
      expect(block.atMs).toBeGreaterThan(blocks[index - 1]?.atMs ?? 0);
    }
    expect(blocks.at(-1)?.atMs).toBeGreaterThan(1_000);
    const figures = parts.at(-1)!.models;
    expect(figures).toHaveLength(3);
    for (const { calls, p50Us, p90Us, p99Us } of figures) {
      expect(calls).toBeGreaterThanOrEqual(2 * blocks.length);
      expect(p50Us).toBeGreaterThan(0);
      expect(p90Us).toBeGreaterThanOrEqual(p50Us);
      expect(p99Us).toBeGreaterThanOrEqual(p90Us);
    }
    // A and its control are one file, so that no visit of theirs may differ in length.
    expect(figures[1]!.calls).toBe(figures[0]!.calls);
    expect(figures[2]!.p50Us).toBeGreaterThan(figures[0]!.p50Us);
    expect(parts[0]!.models[0]!.calls).toBeLessThan(figures[0]!.calls);
  });

  test('answers with what it has when it is cancelled, and takes the next request (fault 21)', async () => {
    const { board } = await localBoard([small, slow]);
    const abort = new AbortController();
    let blocks = 0;
    const reply = await board.sustain(
      request({ durationMs: 3_600_000 }),
      (part) => {
        blocks += part.blocks.length;
        abort.abort();
      },
      abort.signal,
    );
    expect(reply).toMatchObject({ ok: true, value: { ended: 'cancelled' } });
    expect(blocks).toBeGreaterThan(0);
    expect(await board.conditions()).toMatchObject({ ok: true });
  });

  test('has told what it measured before its runner is killed (fault 15)', async () => {
    const { board, folder } = await localBoard([small, slow]);
    let blocks = 0;
    const reply = await board.sustain(request({ durationMs: 3_600_000 }), (part) => {
      blocks += part.blocks.length;
      for (const pid of findProcesses(join(folder, 'local-board'))) process.kill(pid, 'SIGKILL');
    });
    expect(reply).toMatchObject({ ok: false, error: { kind: 'boardLost' } });
    expect(blocks).toBeGreaterThan(0);
  });

  test('goes on past its time until there are a dozen blocks', async () => {
    const { board } = await localBoard([small, slow]);
    const parts: SustainPart[] = [];
    await board.sustain(request({ durationMs: 1, visitMs: 20 }), (part) => parts.push(part));
    expect(parts.flatMap((part) => part.blocks)).toHaveLength(12);
  });

  test('names the model that the runtime does not take', async () => {
    const { board } = await localBoard([small, garbageModel]);
    const sha256s = [small.sha256, small.sha256, garbageModel.sha256];
    const reply = await board.sustain(request({ sha256s }), () => undefined);
    expect(reply).toMatchObject({ ok: true, value: { failed: [{ model: 2 }] } });
  });
});
