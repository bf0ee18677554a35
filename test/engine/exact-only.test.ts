import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import type { OnnxNode } from '../../electron/engine/onnx/model.ts';
import { readModel } from '../../electron/engine/onnx/read.ts';
import { writeModel } from '../../electron/engine/onnx/write.ts';
import { optimize } from '../../electron/engine/optimize.ts';
import { unwrap } from './inspect/listening-host.ts';
import { operator } from './onnx/small-models.ts';
import { makeOptimizable, pretendingHost, shortJob } from './optimizing.ts';

const folder = mkdtempSync(join(tmpdir(), 'fieldtune-exact-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** The small model with an operator that has no definition before its first ReLU, behind so many copies. */
async function withUnknown(copies: number) {
  const files = await makeOptimizable(folder);
  const model = unwrap(readModel(new Uint8Array(readFileSync(files.modelPath)), 'net.onnx'));
  const nodes = model.nodes.flatMap((node): OnnxNode[] => {
    if (node.name !== 'relu1') return [node];
    const copied = Array.from({ length: copies }, (_, i) =>
      operator('Identity', `copy${i}`, [i === 0 ? 'c1' : `k${i - 1}`], [`k${i}`]),
    );
    const last = copies === 0 ? 'c1' : `k${copies - 1}`;
    const unknown = operator('LRN', 'unknown', [last], ['u'], { size: { kind: 'int', value: 3 } });
    return [...copied, unknown, { ...node, inputs: ['u'] }];
  });
  writeFileSync(files.modelPath, writeModel({ ...model, nodes }));
  return files;
}

describe('A model with an operator that nothing is known of', () => {
  test('is delivered after the exact rewrites where that alone is faster, which is said', async () => {
    const host = pretendingHost();
    const { result, optimizedModel } = unwrap(await optimize(shortJob(await withUnknown(80)), host));
    expect(result.comparison).toMatchObject({ verdict: 'faster', accuracyChange: 0 });
    expect(result.comparison.speedup).toBeGreaterThan(1.05);
    expect(result.notes.join(' ')).toContain('No search was made');
    expect(result.replacements).toEqual([]);
    const kept = unwrap(readModel(optimizedModel, 'optimized.onnx')).nodes.map((n) => n.type);
    expect(kept).toContain('LRN');
    expect(kept).not.toContain('Identity');
  });

  test('stays as it is where they gain nothing', async () => {
    const { result } = unwrap(await optimize(shortJob(await withUnknown(0)), pretendingHost()));
    expect(result.comparison.verdict).toBe('inconclusive');
    expect(result.explanation).toContain('No search was made');
  });

  test('that is in 8 bits already is told from others, and what to give instead is said', async () => {
    const files = await makeOptimizable(folder);
    const model = unwrap(readModel(new Uint8Array(readFileSync(files.modelPath)), 'net.onnx'));
    const initializers = new Map(model.initializers)
      .set('step', { type: 'float32', shape: [], data: new Float32Array([0.05]) })
      .set('zero', { type: 'uint8', shape: [], data: new Uint8Array([128]) });
    const nodes = model.nodes.flatMap((node) =>
      node.name === 'relu1'
        ? [
            operator('QuantizeLinear', 'into', ['c1', 'step', 'zero'], ['q1']),
            operator('DequantizeLinear', 'out', ['q1', 'step', 'zero'], ['d1']),
            { ...node, inputs: ['d1'] },
          ]
        : [node],
    );
    writeFileSync(files.modelPath, writeModel({ ...model, initializers, nodes }));
    const { result } = unwrap(await optimize(shortJob(files), pretendingHost()));
    expect(result.explanation).toContain('in 8 bits already (into); give the float model');
  });
});
