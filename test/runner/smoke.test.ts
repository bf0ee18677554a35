import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { smokeRun } from '../../electron/runner/smoke.ts';
import {
  packSmokeSamples,
  type SmokeReply,
  unpackSmokeSamples,
} from '../../electron/runner/smoke-samples.ts';
import { makeDenseModel } from '../board/tiny-models.ts';

const settings = { threads: 1, level: 'all' } as const;
const bytesOf = (...values: number[]): Uint8Array => new Uint8Array(new Float32Array(values).buffer);

/** Tries a model whose outputs are the mean of its four inputs, on one sample. */
function trial(
  input: readonly number[],
  output: readonly number[],
  model = makeDenseModel(4, 1).bytes,
): SmokeReply {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-smoke-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const [modelPath, samplesPath] = [join(folder, 'm.onnx'), join(folder, 'm.smoke')];
  writeFileSync(modelPath, model);
  writeFileSync(
    samplesPath,
    packSmokeSamples({ inputs: [bytesOf(...input)], outputs: [bytesOf(...output)] }),
  );
  return smokeRun(modelPath, samplesPath, settings);
}

test('a model that does as expected differs by nothing, and one that does not by how much', () => {
  expect(trial([1, 2, 3, 6], [3, 3, 3, 3])).toMatchObject({ ok: true, samples: 1, relativeError: 0 });
  const off = trial([1, 2, 3, 6], [3, 3, 3, 4]);
  expect(off).toMatchObject({ ok: true, largestDifference: 1 });
  expect(off.ok && off.relativeError).toBeCloseTo(1 / Math.sqrt(43), 6);
  // Nothing is expected: a rounding is no difference without end.
  const small = trial([1e-6, 0, 0, 0], [0, 0, 0, 0]);
  expect(small.ok && small.relativeError).toBeLessThan(0.05);
});

test('outputs that are no numbers, of another size, and models that do not load are refused', () => {
  expect(trial([Number.POSITIVE_INFINITY, 0, 0, 0], [0, 0, 0, 0])).toMatchObject({ ok: false });
  expect(trial([1, 2, 3, 6], [3])).toMatchObject({
    ok: false,
    reason: expect.stringContaining('expected 4'),
  });
  expect(trial([1], [3])).toMatchObject({ ok: false, reason: expect.stringContaining('16 bytes') });
  expect(trial([1, 2, 3, 6], [3, 3, 3, 3], Buffer.from('junk'))).toMatchObject({ ok: false });
});

test('samples that are cut are refused', () => {
  const packed = packSmokeSamples({ inputs: [bytesOf(1, 2)], outputs: [bytesOf(3)] });
  expect(unpackSmokeSamples(packed)).toEqual({ inputs: [bytesOf(1, 2)], outputs: [bytesOf(3)] });
  expect(() => unpackSmokeSamples(packed.subarray(0, -1))).toThrow('cut');
});
