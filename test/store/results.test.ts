import { expect, test } from 'vitest';
import type { OperatorRow } from '../../electron/contract/api.ts';
import type { CandidateFate, StoredCandidate } from '../../electron/store/candidates.ts';
import { newRun, openedStore, shaA, shaB, unwrap } from './store-setup.ts';

const operator: OperatorRow = {
  name: 'Conv_0',
  type: 'Conv',
  share: 0.57,
  latencyUs: 210.5,
  latencyInterval95Us: [208, 214],
  parameters: 1234,
  multiplyAdds: null,
  outputBytes: 4096,
  absorbed: ['Relu_1', '"quoted"'],
  users: true,
};

const candidate = (ordinal: number, fate: CandidateFate): StoredCandidate => ({
  ordinal,
  group: 'Conv 3×3',
  operators: ['Conv_0', 'Conv_4'],
  program: 'x → conv → y',
  origin: 'seed: depthwise',
  parents: ordinal > 1 ? [0, 1] : [],
  fate,
  reason: fate === 'duplicate' ? 'equal to 3' : null,
  latencyUs: 12.5,
  ratio: 4.1,
  error: null,
  klNats: 0.02,
  parametersSha256: null,
});

test('A profile comes back row by row, and a second one takes its place.', () => {
  const { operators, ...store } = openedStore();
  const run = newRun(store as Parameters<typeof newRun>[0]);
  const rows = [
    operator,
    { ...operator, name: 'ReorderOutput', users: false, multiplyAdds: 7, absorbed: [] },
  ];
  unwrap(operators.save(run, shaA, [operator, operator, operator]));
  unwrap(operators.save(run, shaA, rows));
  unwrap(operators.save(run, shaB, [operator]));
  expect(operators.list(run, shaA)).toEqual(rows);
  expect(operators.list(run, shaB)).toEqual([operator]);
});

test('Candidates come back in the order of proposal, and one proposed again overwrites itself.', () => {
  const store = openedStore();
  const run = newRun(store);
  unwrap(store.candidates.save(run, [candidate(2, 'timed'), candidate(0, 'chosen')]));
  unwrap(store.candidates.save(run, [candidate(2, 'tuned'), candidate(1, 'duplicate')]));
  expect(store.candidates.list(run)).toEqual([
    candidate(0, 'chosen'),
    candidate(1, 'duplicate'),
    candidate(2, 'tuned'),
  ]);
});

test('The funnel counts at every step who came to it or further.', () => {
  const store = openedStore();
  const run = newRun(store);
  const fates: CandidateFate[] = [
    'proposed',
    'proposed',
    'checked',
    'duplicate',
    'duplicate',
    'timed',
    'fitted',
    'spliced',
    'tuned',
    'chosen',
  ];
  unwrap(
    store.candidates.save(
      run,
      fates.map((fate, i) => candidate(i, fate)),
    ),
  );
  expect(store.candidates.funnel(run)).toEqual({
    proposed: 10,
    checked: 8,
    duplicates: 2,
    timed: 5,
    fitted: 4,
    spliced: 3,
    tuned: 2,
  });
  expect(store.candidates.funnel(newRun(store)).proposed).toBe(0);
});

test('A batch of candidates is kept whole or not at all.', () => {
  const store = openedStore();
  const run = newRun(store);
  const wrong = { ...candidate(1, 'timed'), fate: 'eaten' as CandidateFate };
  expect(() => store.candidates.save(run, [candidate(0, 'timed'), wrong])).toThrow(/CHECK/);
  expect(store.candidates.list(run)).toEqual([]);
});

test('Accuracies come back, the newest of a model, part and metric in place of an earlier one.', () => {
  const store = openedStore();
  const run = newRun(store);
  const accuracy = {
    modelSha256: shaA,
    split: 'verify',
    metric: 'top-1',
    value: 91.8,
    samples: 600,
    interval95: [89.4, 93.8],
  } as const;
  unwrap(store.accuracies.save(run, accuracy));
  unwrap(store.accuracies.save(run, { ...accuracy, split: 'select', value: 92 }));
  unwrap(store.accuracies.save(run, { ...accuracy, split: 'select', value: 93 }));
  expect(store.accuracies.list(run)).toEqual([accuracy, { ...accuracy, split: 'select', value: 93 }]);
});

test('A comparison comes back with all its blocks and the conditions of the board.', () => {
  const store = openedStore();
  const run = newRun(store);
  const comparison = {
    purpose: 'final',
    sha256A: shaA,
    sha256B: shaB,
    speedup: 2.3,
    interval95: [2.2, 2.4],
    verdict: 'faster',
    pairs: 20,
    droppedBlocks: 1,
    noiseFloor: 0.013,
    blocks: [{ wallUs: [230, 100], cpuUs: [229, 99] }],
    conditions: { governor: null, clockMHz: [1800], temperatureC: 51.5, throttled: false, load1: 0.1 },
  } as const;
  unwrap(store.comparisons.add(run, comparison));
  const control = { ...comparison, purpose: 'control', noiseFloor: null, conditions: null };
  unwrap(store.comparisons.add(run, control));
  expect(store.comparisons.list(run)).toEqual([comparison, control]);
});
