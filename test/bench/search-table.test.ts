import { describe, expect, test } from 'vitest';
import type { FrontPoint } from '../../electron/contract/search-progress.ts';
import { sampleResult } from '../report/sample-result.ts';
import { ablationTable } from './ablation.ts';
import type { SubjectFigures } from './search.ts';
import { type SearchRun, worstOf } from './search-run.ts';
import { tableOf } from './search-table.ts';

const points: readonly FrontPoint[] = [];

const runAt = (seed: number, speedup: number, strategy: SearchRun['strategy'] = 'evolution'): SearchRun => ({
  strategy,
  seed,
  exitCode: 0,
  seconds: 61.2,
  failure: null,
  explanation: '',
  result: { ...sampleResult, comparison: { ...sampleResult.comparison, speedup } },
  points,
  modelPath: 'b.onnx',
});
const failedAt = (seed: number): SearchRun => ({
  ...runAt(seed, 1),
  exitCode: 1,
  failure: 'The board | is gone',
  result: null,
  modelPath: null,
});

const accuracy = {
  metric: 'top-1',
  samples: 100,
  a: 90,
  b: 90,
  change: 0,
  changeInterval95: [0, 0],
  p: 1,
  cosine: 1,
  largestDifference: 0,
} as const;

const figures: SubjectFigures = {
  name: 'net',
  modelPath: 'a.onnx',
  dataPath: 'd',
  runs: [runAt(1, 2.5), runAt(2, 1.75), runAt(1, 1.25, 'random')],
  fidelities: [
    {
      samples: 20,
      outputs: [{ name: 'scores', meanCosine: 0.9954, lowestCosine: 0.9813 }],
      boxes: { ofA: 40, ofB: 41, matched: 39, percent: 97.5 },
    },
    null,
    null,
  ],
  made: [
    { name: 'exact rewrites only', path: 'r.onnx', sizeBytes: 12_345, accuracy, fidelity: null },
    { name: 'too new', path: 'n.onnx', sizeBytes: 1, accuracy, fidelity: null },
  ],
  timed: {
    latencyUs: 11_000,
    peakMemoryBytes: 60_000_000,
    noiseFloor: 0.012,
    rivals: [
      {
        name: 'exact rewrites only',
        latencyUs: 10_000,
        ratio: 1.1,
        interval95: [1.08, 1.12],
        verdict: 'faster',
        peakMemoryBytes: 59_000_000,
      },
    ],
    failed: [{ name: 'too new', reason: 'no kernel' }],
  },
  settings: [
    { settings: { threads: 2, level: 'all' }, latencyUs: 6000, ratio: 1.83, interval95: [1.8, 1.86] },
    { settings: { threads: 1, level: 'all' }, latencyUs: 11_000, ratio: 1, interval95: [1, 1] },
  ],
};

describe('tableOf', () => {
  const table = tableOf([
    { kind: 'measured', figures },
    { kind: 'failed', name: 'other', reason: 'no such\nfile' },
  ]);
  const lines = table.split('\n');
  const rowOf = (what: string) => lines.find((line) => line.includes(what)) ?? '';

  test('gives the worst seed as the figure and lists all', () => {
    expect(rowOf('worst of 2 seeds** (2)')).toContain('1.75');
    expect(rowOf('| B, seed 1 |')).toContain('2.50');
    expect(rowOf('| B, seed 2 |')).toContain('1.75');
    expect(rowOf('B by random search**, seed 1')).toContain('1.25');
  });

  test('shows what the rivals reach, and which the runtime refused', () => {
    expect(rowOf('exact rewrites only')).toContain('1.10 [1.08, 1.12] faster');
    expect(rowOf('too new')).toContain('failed: no kernel');
    expect(rowOf('best settings')).toMatch(/2 threads, level all .*1\.83/);
    expect(rowOf('tuned the same way')).toContain('91.47 (seed 1), 91.47 (seed 2)');
    expect(table).not.toContain('INT8');
  });

  test('shows cosines and matched boxes where there are no labels', () => {
    expect(rowOf('| B, seed 1 |')).toContain(
      'scores: cosine 0.9954, lowest 0.9813; boxes matched 97.5 % (39 of 40; B has 41)',
    );
  });

  test('a model that failed is a row too, and every row has every column', () => {
    expect(rowOf('| other |')).toContain('failed: no such file');
    const widths = new Set(lines.map((line) => line.replaceAll('\\|', '').split('|').length));
    expect(widths.size).toBe(1);
  });
});

describe('worstOf', () => {
  test('a run that failed counts as the worst', () => {
    expect(worstOf([runAt(1, 2), failedAt(2), runAt(3, 1)]).seed).toBe(2);
    expect(worstOf([runAt(1, 2), runAt(3, 1.5)]).seed).toBe(3);
  });
});

test('an ablation counts the seeds of which evolution did better, and leaves failed pairs out', () => {
  const row = (seed: number, strategy: SearchRun['strategy'], speedup: number, volume: number) => ({
    ...{ model: 'net', seed, strategy, speedup, hypervolume: volume, failure: null },
    ...{ change: 0, measuredPoints: 3, timed: 9, seconds: 60 },
  });
  const table = ablationTable([
    row(1, 'evolution', 2, 20),
    row(1, 'random', 1.5, 21),
    row(2, 'evolution', 2, 20),
    row(2, 'random', 1.5, 10),
    row(3, 'evolution', 2, 20),
    { ...row(3, 'random', 1, 0), failure: 'gone' },
  ]);
  expect(table).toContain('ahead in the speed-up at 2 and in the hypervolume at 1 of 2 seeds');
});
