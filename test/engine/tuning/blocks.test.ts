import { expect, test } from 'vitest';
import { blockHere, hasBlocksOf } from '../../../electron/engine/tuning/blocks.ts';

test('a block is one that the runtime has, or none', async () => {
  const block = await blockHere();
  expect([16, 8, null]).toContain(block);
  if (block !== null) expect(await hasBlocksOf(block)).toBe(true);
  // Told of the wrong size, the runtime refuses or mixes up the channels; neither passes.
  for (const other of [4, 8, 16, 24]) if (other !== block) expect(await hasBlocksOf(other)).toBe(false);
});
