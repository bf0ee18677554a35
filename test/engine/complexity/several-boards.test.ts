import { describe, expect, test } from 'vitest';
import type { OperatorRow } from '../../../electron/contract/api.ts';
import { type AnalysisOnBoard, combineAnalyses } from '../../../electron/engine/complexity/several-boards.ts';

const row = (
  name: string,
  latencyUs: number,
  ofUs: number,
  absorbed: readonly string[] = [],
): OperatorRow => ({
  name,
  type: 'Conv',
  share: latencyUs / ofUs,
  latencyUs,
  latencyInterval95Us: [latencyUs * 0.9, latencyUs * 1.1],
  parameters: 1,
  multiplyAdds: 1,
  outputBytes: 4,
  absorbed,
  users: true,
});
const on = (cleanUs: number, operators: readonly OperatorRow[], rankingCertain = true): AnalysisOnBoard => ({
  cleanUs,
  analysis: {
    operators,
    unmapped: [],
    unexplainedUs: cleanUs - operators.reduce((sum, { latencyUs }) => sum + latencyUs, 0),
    profilingOverhead: 1.1,
    rankingCertain,
  },
});

describe('analyses of several boards', () => {
  const first = on(100, [row('conv1', 60, 100, ['relu1']), row('conv2', 30, 100, ['relu2'])]);
  const second = on(2000, [
    row('conv2', 1200, 2000, ['relu2']),
    row('conv1', 400, 2000),
    row('relu1', 200, 2000),
  ]);

  test('give the mean of the shares, on the latency of the first board', () => {
    const { operators, unexplainedUs } = combineAnalyses([first, second]);
    expect(operators.map(({ name, share, latencyUs }) => [name, share, latencyUs])).toEqual([
      ['conv2', expect.closeTo(0.45), expect.closeTo(45)],
      ['conv1', expect.closeTo(0.4), expect.closeTo(40)],
      ['relu1', expect.closeTo(0.05), expect.closeTo(5)],
    ]);
    expect(operators[0]?.latencyInterval95Us).toEqual([expect.closeTo(40.5), expect.closeTo(49.5)]);
    expect(unexplainedUs).toBeCloseTo(10);
    expect(operators.reduce((sum, { latencyUs }) => sum + latencyUs, unexplainedUs)).toBeCloseTo(100);
  });

  test('count as absorbed only what ran together on every board', () => {
    const { operators } = combineAnalyses([first, second]);
    expect(operators.map(({ absorbed }) => absorbed)).toEqual([['relu2'], [], []]);
  });

  test('are certain of the order only where every board is', () => {
    expect(combineAnalyses([first, second]).rankingCertain).toBe(true);
    expect(combineAnalyses([first, on(100, [], false)]).rankingCertain).toBe(false);
    expect(combineAnalyses([on(100, [], false), first]).rankingCertain).toBe(false);
  });

  test('are that of the board itself where there is but one', () => {
    expect(combineAnalyses([first])).toBe(first.analysis);
  });
});
