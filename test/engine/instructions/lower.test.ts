import { expect, test } from 'vitest';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { lowerToModel } from '../../../electron/engine/instructions/lower.ts';
import { openSession } from '../../../electron/engine/tuning/runtime.ts';

test('A program whose input is named as lowering names tensors is lowered all the same.', async () => {
  const b = new ProgramBuilder();
  const x = b.add('input', [], { name: 'p/neg_0', shape: [1, 3] });
  const y = b.add('exp', [b.add('neg', [x], {})], {});
  const model = lowerToModel(b.build([y]), new Map(), { opset: 17, batch: 1 });
  const session = await openSession(model, 1);
  const { output_0 } = await session.run({ 'p/neg_0': { shape: [1, 3], data: Float32Array.of(0, 1, 2) } });
  await session.release();
  expect([...(output_0?.data ?? [])]).toEqual([1, Math.fround(Math.exp(-1)), Math.fround(Math.exp(-2))]);
});
