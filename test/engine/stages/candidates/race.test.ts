import { expect, test } from 'vitest';
import { ok } from '../../../../electron/contract/result.ts';
import { makeLedger } from '../../../../electron/engine/stages/candidates/ledger.ts';
import { type Raced, race } from '../../../../electron/engine/stages/candidates/race.ts';
import type { Study } from '../../../../electron/engine/stages/study.ts';

/** Times of the models by their first byte, microseconds; 0: the runtime refuses it. */
function racing(noise: (block: number, model: number) => number = () => 1) {
  const asked: { readonly models: readonly number[]; readonly blocks: number; readonly seed: number }[] = [];
  const host = {
    time: async (models: readonly Uint8Array[], { blocks, seed }: { blocks: number; seed: number }) => {
      const us = models.map((bytes) => bytes[0]!);
      asked.push({ models: us, blocks, seed });
      const at = (block: number): number[] =>
        us.map((time, i) => (time === 0 ? Number.NaN : time * noise(block, i)));
      return ok({
        blocks: Array.from({ length: blocks }, (_, b) => ({ wallUs: at(b), cpuUs: at(b) })),
        iterations: us.map(() => 10),
        callsUs: us.map((time) => [time]),
        dropped: [],
        failed: us.flatMap((time, model) => (time === 0 ? [{ model, reason: 'no' }] : [])),
      });
    },
  };
  const ledger = makeLedger();
  // What a race needs of a study.
  const study = { host, ledger, job: { threads: 1, level: 'all', seed: 5 } } as unknown as Study;
  const run = async (...us: number[]): Promise<Map<number, Raced | null>> => {
    const decided = new Map<number, Raced | null>();
    await race(
      study,
      Uint8Array.of(100),
      us.map((time) => Uint8Array.of(time)),
      {
        onStart: () => undefined,
        onDecided: (place, raced) => {
          expect(decided.has(place)).toBe(false);
          decided.set(place, raced);
        },
      },
    );
    return decided;
  };
  return { asked, ledger, run };
}

test('What is clearly faster or clearly no gain is looked at once, the doubtful again, with a seed of its own.', async () => {
  const { asked, run } = racing((block, model) => 1 + (((block + model) % 3) - 1) * 0.01);
  const decided = await run(50, 90, 100);
  expect(asked.map(({ models, blocks }) => [models, blocks])).toEqual([
    [[100, 50, 90, 100], 3],
    [[100, 90], 3],
  ]);
  expect(asked[0]!.seed).not.toBe(asked[1]!.seed);
  expect(decided.get(0)?.ratio).toBeCloseTo(2, 1);
  expect(decided.get(1)?.ratio).toBeCloseTo(1.11, 1);
  expect(decided.get(2)?.ratio).toBeCloseTo(1, 1);
  expect(decided.get(0)).toMatchObject({ latencyUs: expect.any(Number), baselineUs: expect.any(Number) });
});

test('On a board whose times vary much all get as many blocks as ever.', async () => {
  const { asked, ledger, run } = racing((block, model) => [1, 1.6, 0.6, 1.3][(block * 3 + model) % 4]!);
  await run(80, 120);
  expect(asked.reduce((sum, { blocks }) => sum + blocks, 0)).toBe(6);
  // The second look warms up once more.
  expect(ledger.timingInferences).toBeGreaterThanOrEqual(ledger.timingInferencesFixed);
});

test('The inferences of a race are counted beside those of a fixed number of blocks.', async () => {
  const { ledger, run } = racing();
  await run(50);
  // 8 ms of warming up: 80 calls at 100 µs, 160 at 50 µs; a visit is 10 calls and one before them.
  expect(ledger.timingInferences).toBe(240 + 3 * 2 * 11 * 2);
  expect(ledger.timingInferencesFixed).toBe(240 + 6 * 2 * 11 * 2);
});

test('Each of many is decided once, and what the runtime refuses is told as such.', async () => {
  const { run } = racing();
  const decided = await run(...Array.from({ length: 20 }, (_, i) => (i % 7 === 3 ? 0 : 40 + 4 * i)));
  expect([...decided.keys()].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i));
  expect([...decided].filter(([, raced]) => raced === null).map(([place]) => place)).toEqual([3, 10, 17]);
});
