import { describe, expect, test } from 'vitest';
import { makeLedger } from '../../../../electron/engine/stages/candidates/ledger.ts';
import { openMemory, rememberTrials } from '../../../../electron/engine/stages/candidates/memory.ts';
import type { Candidate } from '../../../../electron/engine/stages/candidates/search.ts';
import type { Study } from '../../../../electron/engine/stages/study.ts';
import type { Experience, Trial } from '../../../../electron/store/experiences.ts';
import { trial } from '../../../store/store-setup.ts';

/** What memory needs of a study. */
function studyWith(past: readonly Experience[], told: Trial[] = []): Study {
  const host = {
    experience: async () => past,
    remember: async (trials: readonly Trial[]) => void told.push(...trials),
  };
  const job = { threads: 1, level: 'all' };
  return { host, job, ledger: makeLedger() } as unknown as Study;
}
const seen = (changes: Partial<Experience>): Experience => ({
  ...trial,
  where: 'here',
  ageDays: 2,
  ...changes,
});

describe('a pair that was measured before', () => {
  test.each<[string, Partial<Experience>, boolean]>([
    ['was no gain', { ratio: 0.9 }, true],
    ['was a gain', { ratio: 1.5 }, false],
    ['was nearly a gain', { ratio: 1.08 }, false],
    ['was measured long ago', { ratio: 0.9, ageDays: 31 }, false],
    ['was measured on another board', { ratio: 0.9, where: 'elsewhere' }, false],
    ['was measured with another runtime', { ratio: 0.9, where: 'otherRuntime' }, false],
    ['was measured with other threads', { ratio: 0.9, threads: 2 }, false],
    ['was measured at another level', { ratio: 0.9, level: 'extended' }, false],
    ['is another pair', { ratio: 0.9, structure: trial.baseline }, false],
  ])('and %s: spared %o %s', async (_, changes, isSpared) => {
    const memory = await openMemory(studyWith([seen(changes)]));
    const spared = memory.spares(trial);
    expect(spared?.by).toBe(isSpared ? 'memory' : undefined);
    if (isSpared) expect(spared?.reason).toBe('measured 0.90 times as fast on this board 2 days ago');
  });

  test('and measured again since is judged by the newest', async () => {
    const memory = await openMemory(studyWith([seen({ ratio: 2, ageDays: 1 }), seen({ ratio: 0.5 })]));
    expect(memory.spares(trial)).toBeNull();
  });
});

/** A board on which twice the arithmetic takes twice as long. */
const linear = (n: number): Experience[] =>
  Array.from({ length: n }, (_, i) => {
    const [group, share] = [i % 10, 1 + ((i * 7) % 13)];
    const [baseline, own] = [1e6 * (1 + group), (1e6 * (1 + group) * 4) / share];
    return seen({
      baseline: `b${group}`,
      structure: `s${i}`,
      baselineFeatures: { 'spatial multiply-adds': baseline },
      features: { 'spatial multiply-adds': own },
      ratio: baseline / own,
    });
  });
const pairOf = (multiplyAdds: number) => ({
  baseline: 'new',
  structure: `new ${multiplyAdds}`,
  baselineFeatures: { 'spatial multiply-adds': 3e6 },
  features: { 'spatial multiply-adds': multiplyAdds },
});

describe('a prediction', () => {
  test('spares what is clearly no gain, and nothing else', async () => {
    const study = studyWith(linear(100));
    const memory = await openMemory(study);
    expect(memory.spares(pairOf(9e6))).toMatchObject({
      by: 'prediction',
      reason: expect.stringMatching(/^predicted 0\.\d+ times as fast by what was measured before$/),
    });
    expect(memory.spares(pairOf(1e6))).toBeNull();
    expect(memory.spares(pairOf(2.4e6))).toBeNull();
    expect(study.ledger.predictor).toMatchObject({ structures: 100 });
  });

  test('needs history, which may be of this run', async () => {
    const study = studyWith(linear(59));
    const memory = await openMemory(study);
    expect(memory.spares(pairOf(9e6))).toBeNull();
    expect(study.ledger.predictor).toBeNull();
    for (const { where: _, ageDays: __, ...own } of linear(100).slice(59)) memory.learn(own);
    memory.refresh();
    expect(memory.spares(pairOf(9e6))?.by).toBe('prediction');
  });

  test('is heeded no more once the checks show that it is often wrong', async () => {
    const study = studyWith(linear(100));
    const memory = await openMemory(study);
    Object.assign(study.ledger, { checksOfSpared: 10, wronglySpared: 2 });
    expect(memory.spares(pairOf(9e6))).not.toBeNull();
    Object.assign(study.ledger, { checksOfSpared: 10, wronglySpared: 3 });
    expect(memory.spares(pairOf(9e6))).toBeNull();
  });
});

test('A run tells each pair that it timed once, with its damage where one of its candidates was fitted.', async () => {
  const told: Trial[] = [];
  const candidate = (changes: Partial<Candidate>): Candidate => ({ klNats: null, ...changes }) as Candidate;
  const other = { ...trial, structure: trial.baseline };
  await rememberTrials(studyWith([], told), [
    candidate({ trial }),
    candidate({ trial, klNats: 0.3 }),
    candidate({ trial, klNats: 0.5 }),
    candidate({}),
    candidate({ trial: other }),
  ]);
  expect(told).toEqual([{ ...trial, damage: 0.3 }, other]);
});
