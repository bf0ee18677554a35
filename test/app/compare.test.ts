import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { makeDenseModel } from '../board/tiny-models.ts';
import { errorOf, listening, openApp, unwrap, workFolder } from './app-setup.ts';

const board = { address: 'local' };

describe('compare', () => {
  test('says that a model of four times the layers is slower, with both models’ figures', async () => {
    const folder = workFolder();
    writeFileSync(join(folder, 'a.onnx'), makeDenseModel(128, 2).bytes);
    writeFileSync(join(folder, 'b.onnx'), makeDenseModel(128, 8).bytes);
    const app = await openApp(folder);
    const call = { modelPathA: 'a.onnx', modelPathB: 'b.onnx', board, threads: 1 };
    const compared = unwrap(await app.compare(call, listening()));
    expect(compared.verdict).toBe('slower');
    expect(compared.speedup).toBeLessThan(0.7);
    expect(compared.speedupInterval95[0]).toBeLessThanOrEqual(compared.speedup);
    expect(compared.pairs + compared.droppedBlocks).toBe(40);
    expect(compared.a).toMatchObject({ path: 'a.onnx', parameters: 2 * 128 * 128 });
    expect(compared.b.latencyUs.p50).toBeGreaterThan(compared.a.latencyUs.p50);
    expect(compared.accuracy).toBeNull();
  });

  test('does not say that a model is faster or slower than itself', async () => {
    const folder = workFolder();
    writeFileSync(join(folder, 'a.onnx'), makeDenseModel(128, 4).bytes);
    const app = await openApp(folder);
    const call = { modelPathA: 'a.onnx', modelPathB: 'a.onnx', board, threads: 1 };
    const verdicts: string[] = [];
    for (let n = 0; n < 2; n++) verdicts.push(unwrap(await app.compare(call, listening())).verdict);
    // One in twenty is what a 95 % interval allows, so one of these two is not yet a fault.
    expect(verdicts).toContain('inconclusive');
  });

  test('refuses models that take or give different things, before it connects', async () => {
    const folder = workFolder();
    writeFileSync(join(folder, 'wide.onnx'), makeDenseModel(32, 1).bytes);
    const app = await openApp(folder);
    const listener = listening();
    const call = { modelPathA: 'tiny.onnx', modelPathB: 'wide.onnx', board, threads: 1 };
    expect(errorOf(await app.compare(call, listener))).toEqual({
      kind: 'modelsDiffer',
      pathA: 'tiny.onnx',
      pathB: 'wide.onnx',
      reason: 'input 1 is [any, 16] in A and [any, 32] in B',
    });
    expect(listener.events).toEqual([]);
  });
});
