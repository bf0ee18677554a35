import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Board } from '../../electron/board/board.ts';
import { connectBoard } from '../../electron/board/connect.ts';
import type { TimeRequest } from '../../electron/runner/protocol.ts';
import { findProcesses, until } from '../faults/processes.ts';
import { asModelMap, garbageModel, makeDenseModel } from './tiny-models.ts';

const settings = { threads: 1, level: 'all' } as const;
const small = makeDenseModel(16, 1);
const large = makeDenseModel(256, 4);
/** So much slower than the small one that other work on the machine, in whatever block, does not turn them round. */
const slow = makeDenseModel(512, 4);
const integer = makeDenseModel(8, 1, 'int64');

const contact = () => ({ signal: new AbortController().signal, confirmHostKey: async () => false });
const timing = (sha256s: readonly string[], changes: Partial<TimeRequest> = {}): TimeRequest => ({
  ...{ sha256s, settings, blocks: 4, iterations: 0, visitMs: 2, warmupMs: 5, seed: 7 },
  ...changes,
});

let stateFolder = '';
let board: Board;

async function connect(): Promise<Board> {
  const connected = await connectBoard({ address: 'local' }, contact(), { stateFolder });
  if (!connected.ok) throw new Error(JSON.stringify(connected.error));
  return connected.value;
}

beforeAll(async () => {
  stateFolder = mkdtempSync(join(tmpdir(), 'fieldtune-local-'));
  board = await connect();
  const put = await board.putModels(asModelMap([small, large, slow, integer, garbageModel]));
  if (!put.ok) throw new Error(JSON.stringify(put.error));
});
afterAll(async () => {
  await board.close();
  rmSync(stateFolder, { recursive: true, force: true });
});

describe('the runner on this computer', () => {
  it('says who it is, and that nothing was copied', () => {
    expect(board.address).toBe('local');
    expect(board.installedBytes).toBe(0);
    expect(board.identity).toMatchObject({
      arch: process.arch,
      runtimeVersion: expect.stringMatching(/^\d+\.\d+/),
    });
    expect(board.identity.cores).toBeGreaterThan(0);
    expect(board.identity.id).toMatch(/^[0-9a-f]{32}$/);
  });

  it('tells its conditions without measuring anything', async () => {
    const conditions = await board.conditions();
    if (!conditions.ok) throw new Error(JSON.stringify(conditions.error));
    const { governor, clockMHz, temperatureC, throttled, load1 } = conditions.value;
    expect(load1).toBeGreaterThanOrEqual(0);
    expect(governor === null || governor.length > 0).toBe(true);
    expect(clockMHz === null || clockMHz.every((clock) => clock > 100)).toBe(true);
    expect(temperatureC === null || (temperatureC > 0 && temperatureC < 150)).toBe(true);
    expect([true, false, null]).toContain(throttled);
  });

  it('times models against each other, a larger one as slower, and lists those that fail', async () => {
    const order = [garbageModel, small, slow, integer];
    const timed = await board.time(timing([...order.map((model) => model.sha256), 'f'.repeat(64)]));
    if (!timed.ok) throw new Error(JSON.stringify(timed.error));
    const { blocks, failed, iterations, callsUs, dropped, conditions, conditionsLog } = timed.value;
    expect(blocks.length + dropped.length).toBe(4);
    for (const block of blocks) {
      expect(block.wallUs[2]).toBeGreaterThan(block.wallUs[1]!);
      expect(block.cpuUs[2]).toBeGreaterThan(0);
      expect([block.wallUs[0], block.cpuUs[0], block.wallUs[3], block.wallUs[4]]).toEqual(
        Array(4).fill(Number.NaN),
      );
    }
    expect(failed.map((entry) => entry.model)).toEqual([0, 3, 4]);
    expect(failed[1]!.reason).toContain('int64');
    // A visit of a fast model is many calls, and the kept calls are those of two visits a block.
    expect(iterations[1]).toBeGreaterThan(iterations[2]!);
    // The quickest call of many is what other work on the machine disturbs least.
    expect(Math.min(...callsUs[2]!)).toBeGreaterThan(Math.min(...callsUs[1]!));
    expect(callsUs[1]).toHaveLength(Math.min(2_000, 8 * iterations[1]!));
    expect(callsUs[0]).toEqual([]);
    expect(conditions.load1).toBeGreaterThanOrEqual(0);
    expect(conditionsLog?.[0]?.seconds).toBeLessThan(1);
  });

  it('makes as many calls a visit as it is told', async () => {
    const timed = await board.time(timing([small.sha256], { iterations: 3, blocks: 2 }));
    if (!timed.ok) throw new Error(JSON.stringify(timed.error));
    expect(timed.value.iterations).toEqual([3]);
    expect(timed.value.callsUs[0]).toHaveLength(12);
  });

  it('runs with several threads', async () => {
    const timed = await board.time(timing([large.sha256], { settings: { threads: 2, level: 'all' } }));
    expect(timed).toMatchObject({ ok: true, value: { failed: [] } });
  });

  it('times twenty models in little more than their visits take', async () => {
    const startMs = performance.now();
    const timed = await board.time(timing(Array(20).fill(small.sha256), { blocks: 8 }));
    expect(timed).toMatchObject({ ok: true, value: { failed: [] } });
    // 20 models × 8 blocks × 2 visits × 2 ms are 0.64 s; the rest is loading, warming up and a loaded machine.
    expect(performance.now() - startMs).toBeLessThan(6_000);
  });

  it('profiles: a clean pass, an instrumented one, each operator with a time a call, and the optimized model', async () => {
    const request = {
      sha256: large.sha256,
      settings: { threads: 1, level: 'disabled' },
      iterations: 9,
    } as const;
    const profiled = await board.profile({ ...request, warmupMs: 5 });
    if (!profiled.ok) throw new Error(JSON.stringify(profiled.error));
    expect(profiled.value.cleanUs).toHaveLength(9);
    expect(profiled.value.instrumentedUs).toHaveLength(9);
    const matMuls = profiled.value.events.filter((event) => event.type === 'MatMul');
    expect(matMuls.map((event) => event.name)).toEqual(['dense0', 'dense1', 'dense2', 'dense3']);
    for (const event of matMuls) expect(event.callsUs).toHaveLength(9);
    expect(matMuls[0]).toMatchObject({ outputBytes: 1024 });
    expect(profiled.value.optimizedModel.length).toBeGreaterThan(4 * 256 * 256 * 4);
    expect(readdirSync(join(stateFolder, 'local-board', 'tmp'))).toEqual([]);
  });

  it('refuses to profile what the runtime does not take, and goes on', async () => {
    const profiled = await board.profile({
      sha256: garbageModel.sha256,
      settings,
      iterations: 2,
      warmupMs: 1,
    });
    expect(profiled).toMatchObject({
      ok: false,
      error: { kind: 'modelFailsToRun', path: garbageModel.sha256 },
    });
    expect(await board.time(timing([small.sha256]))).toMatchObject({ ok: true });
  });

  it('measures the peak memory of a fresh process, more for a larger model', async () => {
    const wide = makeDenseModel(2048, 2);
    await board.putModels(asModelMap([wide]));
    const [little, much] = [
      await board.peakMemory(small.sha256, settings),
      await board.peakMemory(wide.sha256, settings),
    ];
    if (!little.ok || !much.ok) throw new Error('no memory figure');
    // Two matrices of 16 MiB each.
    expect(much.value - little.value).toBeGreaterThan(24 * 1024 ** 2);
    expect(await board.peakMemory(garbageModel.sha256, settings)).toMatchObject({
      ok: false,
      error: { kind: 'modelFailsToRun' },
    });
  });

  it('runs a model on given inputs', async () => {
    const inputs = new Float32Array(16).fill(3);
    const output = await board.run(small.sha256, settings, new Uint8Array(inputs.buffer));
    if (!output.ok) throw new Error(JSON.stringify(output.error));
    // Every weight is 1/16, so each output is the mean of the inputs.
    for (const value of new Float32Array(output.value.slice().buffer)) expect(value).toBeCloseTo(3, 5);
    const short = await board.run(small.sha256, settings, new Uint8Array(8));
    expect(short).toMatchObject({ ok: false, error: { kind: 'modelFailsToRun' } });
  });

  it('stops a long measurement when it is cancelled, and takes the next request (fault 21)', async () => {
    const abort = new AbortController();
    const timed = board.time(timing([small.sha256, large.sha256], { blocks: 1_000_000 }), abort.signal);
    setTimeout(() => abort.abort(), 100);
    expect(await timed).toEqual({ ok: false, error: { kind: 'cancelled' } });
    expect(await board.time(timing([small.sha256]))).toMatchObject({ ok: true });
  });

  it('sends nothing twice', async () => {
    const folder = join(stateFolder, 'local-board', 'models');
    const file = join(folder, `${small.sha256}.onnx`);
    writeFileSync(file, 'not touched again');
    await board.putModels(asModelMap([small]));
    expect(readdirSync(folder)).toContain(`${small.sha256}.onnx`);
    const other = await board.time(timing([small.sha256]));
    expect(other).toMatchObject({ ok: true, value: { failed: [{ model: 0 }] } });
    writeFileSync(file, small.bytes);
  });

  it('reports a killed runner as a lost board, to what is under way and to what comes after', async () => {
    const other = await connect();
    const mine = findProcesses(join(stateFolder, 'local-board'));
    const timed = other.time(timing([small.sha256], { blocks: 1_000_000 }));
    const newest = Math.max(...mine);
    process.kill(newest, 'SIGKILL');
    expect(await timed).toMatchObject({ ok: false, error: { kind: 'boardLost', board: 'local' } });
    expect(await other.peakMemory(small.sha256, settings)).toMatchObject({
      ok: false,
      error: { kind: 'boardLost' },
    });
    await other.close();
  });

  it('leaves no process behind when it is closed', async () => {
    const other = await connect();
    const newest = Math.max(...findProcesses(join(stateFolder, 'local-board')));
    await other.close();
    await until(() => !existsSync(`/proc/${newest}`));
  });
});
