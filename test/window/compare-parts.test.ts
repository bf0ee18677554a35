import { describe, expect, test } from 'vitest';
import type { CompareResult } from '../../electron/contract/api.ts';
import type { Say } from '../../renderer/language/language.ts';
import { quantitiesOf } from '../../renderer/language/quantities.ts';
import {
  digitsFor,
  guardrailOf,
  judge,
  neededPairs,
  timeChangeInterval,
  timeChangeOf,
  verdictOf,
} from '../../renderer/parts/judge.ts';
import { alignDiff, shownRows } from '../../renderer/places/compare/align-diff.ts';
import { roundOf } from '../../renderer/places/compare/CompareJob.tsx';
import { comparisonOfJob, comparisonOfRun } from '../../renderer/places/compare/comparison.ts';
import {
  clockText,
  conditionsOfJob,
  conditionsOfRun,
  decisiveDifferences,
} from '../../renderer/places/compare/conditions.ts';
import { limitToConfirm, placePoints, standingOf } from '../../renderer/places/compare/front.ts';
import {
  axisEndMs,
  distributionOf,
  distributionOption,
  quantileOf,
} from '../../renderer/places/compare/latencies.ts';
import { twoRunsOf } from '../../renderer/places/compare/links.ts';
import { energyRows } from '../../renderer/places/compare/MetricsTable.tsx';
import { operatorChanges } from '../../renderer/places/compare/operators.ts';
import { stripScale } from '../../renderer/places/compare/Strip.tsx';
import { countSamples } from '../../renderer/places/compare/samples.ts';
import { compareTexts } from '../../renderer/places/compare/words.ts';
import type { ConditionKey } from '../../renderer/places/compare/words-runs.ts';
import { compareResult } from '../cli/sample-results.ts';
import { sampleResult } from '../report/sample-result.ts';
import { seriesOf, tokensOf } from './chart-series.ts';
import { callsAround, disagreements, frontPoint, graphDiff } from './fixtures/finished-run.ts';

describe('The verdict', () => {
  test.each([
    ['faster', [1.6, 1.7]],
    ['slower', [0.8, 0.9]],
    ['same', [0.99, 1.01]],
    ['inconclusive', [0.99, 1.05]],
    ['inconclusive', [1.01, 1.05]],
    ['inconclusive', [0.9, 1.2]],
  ] as const)('is %s for a speedup between %j', (kind, interval) => {
    expect(verdictOf(interval, 0.02, false)).toBe(kind);
  });

  test('measures the margin in time, not in speedup', () => {
    // 1/0.98 = 1.0204…: a speedup of 1.0203 saves less than 2 % of the time.
    expect(verdictOf([1.0203, 1.5], 0.02, false)).toBe('inconclusive');
    expect(verdictOf([1.0205, 1.5], 0.02, false)).toBe('faster');
    expect(timeChangeOf(2)).toBe(-0.5);
    expect(timeChangeInterval([1, 2])).toEqual([-0.5, 0]);
  });

  test('is not given under throttling, nor on too few pairs', () => {
    const evidence = {
      speedup: 2,
      speedupInterval95: [1.9, 2.1],
      noiseFloor: 0.01,
      throttled: false,
    } as const;
    expect(judge({ ...evidence, pairs: neededPairs }).kind).toBe('faster');
    expect(judge({ ...evidence, pairs: neededPairs - 1 }).kind).toBe('inconclusive');
    expect(judge({ ...evidence, pairs: 40, throttled: true }).kind).toBe('notComparable');
  });

  test('widens its margin to the noise of A against itself', () => {
    const evidence = { speedup: 1.05, speedupInterval95: [1.04, 1.06], pairs: 40, throttled: null } as const;
    expect(judge({ ...evidence, noiseFloor: 0.01 })).toEqual({ kind: 'faster', margin: 0.02 });
    expect(judge({ ...evidence, noiseFloor: 0.05 })).toEqual({ kind: 'inconclusive', margin: 0.05 });
  });
});

describe('The guardrail of accuracy', () => {
  test.each([
    ['excluded', [-1, 0.2]],
    ['notExcluded', [-1.7, 0.2]],
    ['exceeded', [-3, -1.2]],
  ] as const)('is %s for a change between %j with a limit of one point', (kind, interval) => {
    expect(guardrailOf(interval, 1)).toEqual({ kind, largest: -interval[0], smallest: -interval[1] });
  });

  test('shows as many digits as tell the ends of an interval apart', () => {
    expect([digitsFor([39, 43]), digitsFor([62.7, 63.1]), digitsFor([4.01, 4.04])]).toEqual([0, 1, 2]);
  });
});

describe('Latencies', () => {
  test('stand in the distribution with the share of calls that took no longer', () => {
    expect(distributionOf([3000, 1000, 2000, 4000])).toEqual([
      [1, 25],
      [2, 50],
      [3, 75],
      [4, 100],
    ]);
    const many = distributionOf(callsAround(1000, 2000));
    expect(many.length).toBeLessThanOrEqual(300);
    expect(many.at(-1)?.[1]).toBe(100);
  });

  test('mark the median and the 90th percentile, A solid and B dashed', () => {
    const callsUs = Array.from({ length: 11 }, (_, i) => 1000 * (i + 1));
    const lines = [
      { name: 'A', callsUs },
      { name: 'B', callsUs },
    ];
    const option = distributionOption(lines, { latency: 'ms', share: '%' }, tokensOf('#000'));
    expect(seriesOf(option, 'B p50, p90')).toEqual([
      [6, 50],
      [10, 90],
    ]);
    expect(option.series).toMatchObject([
      { lineStyle: { type: 'solid' } },
      { lineStyle: { type: 'dashed' } },
      {},
      {},
    ]);
    expect(quantileOf([1, 2], 0.5)).toBe(1.5);
  });

  test('leave a few very slow calls beyond the edge of the axis', () => {
    const callsUs = [...Array.from({ length: 999 }, () => 1000), 90_000];
    expect(axisEndMs([{ name: 'A', callsUs }])).toBeLessThan(2);
  });
});

describe('The strip of an interval', () => {
  test('always holds zero, the margin and the whole interval', () => {
    const { x } = stripScale([-57, -55], [-2, 2]);
    const places = [-58, -57, -55, -2, 0, 2].map(x);
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(Math.min(...places)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...places)).toBeLessThanOrEqual(168);
  });
});

describe('Operators of A and B', () => {
  const operator = (name: string, latencyUs: number) => ({
    name,
    type: 'Conv',
    share: 0,
    latencyUs,
    parameters: 0,
  });
  test('are set against each other by name and type, the largest change first', () => {
    const changes = operatorChanges(
      [operator('x', 100), operator('y', 500)],
      [operator('x', 90), operator('z', 50)],
    );
    expect(changes.map(({ name, state, changeUs }) => [name, state, changeUs])).toEqual([
      ['y', 'gone', -500],
      ['z', 'new', 50],
      ['x', 'both', -10],
    ]);
  });
});

describe('Samples that differ', () => {
  test('are counted by who says the label', () => {
    expect(countSamples(disagreements)).toEqual({ onlyB: 22, onlyA: 22, neither: 11, unlabelled: 0 });
    expect(countSamples([{ sample: 1, label: null, a: 0, b: 1 }]).unlabelled).toBe(1);
  });
});

describe('The difference of two graphs', () => {
  test('sets a new operator beside the one in whose place it stands', () => {
    const names = alignDiff(graphDiff).map(({ a, b }) => [a?.name ?? null, b?.name ?? null]);
    expect(names).toEqual([
      ['Conv_1', 'Conv_1'],
      ['Relu_2', 'Relu_2'],
      ['Conv_12', 'Conv_12/depthwise'],
      [null, 'Conv_12/pointwise'],
      ['Relu_13', 'Relu_13'],
      ['Gemm_41', 'Gemm_41'],
    ]);
  });

  test('gathers what is the same where only changes are wanted', () => {
    expect(
      shownRows(alignDiff(graphDiff), true).map((row) => (row.kind === 'row' ? 'row' : row.count)),
    ).toEqual([2, 'row', 'row', 2]);
  });
});

describe('The points of a run', () => {
  const points = [
    frontPoint('slow', { speedup: 1.2, accuracy: 91 }),
    frontPoint('dominated', { speedup: 1.1, accuracy: 90 }),
    frontPoint('fast', { speedup: 3, accuracy: 88, state: 'tuned' }),
    frontPoint('unmeasured', { speedup: 4 }),
    frontPoint('refused', { speedup: 3.5, accuracy: 95, state: 'refused' }),
  ];
  test('are on the front when nothing measured is both faster and as accurate', () => {
    const placed = placePoints(points, 1200);
    expect(placed.filter(({ onFront }) => onFront).map(({ point }) => point.id)).toEqual(['fast', 'slow']);
    expect(placed.find(({ point }) => point.id === 'slow')?.latencyUs).toBe(1000);
  });

  test('say what stands between them and being confirmed', () => {
    expect(points.map(standingOf)).toEqual([
      'unconfirmed',
      'unconfirmed',
      'unconfirmed',
      'unmeasured',
      'lostTooMuch',
    ]);
    const slow = frontPoint('x', { state: 'refused', accuracy: 91, speedupInterval95: [0.9, 1.1] });
    expect(standingOf(slow)).toBe('notFaster');
  });

  test('have no change of accuracy where A’s was not kept with them', () => {
    const { originalAccuracy: _, ...kept } = frontPoint('old', { accuracy: 91 });
    const [placed] = placePoints([kept as ReturnType<typeof frontPoint>], 1200);
    expect(placed).toMatchObject({ change: null, onFront: false });
  });

  test('need a limit of twice the loss on the samples for choosing, of the loss itself once verified', () => {
    expect(limitToConfirm(1.3, false)).toBe(3);
    expect(limitToConfirm(1.3, true)).toBe(1.5);
    expect(limitToConfirm(-0.4, false)).toBe(0.5);
  });
});

describe('Conditions', () => {
  test('that decide are told when they differ, unknown ones are not', () => {
    const a = [
      { key: 'runtime', value: '1.30' },
      { key: 'governor', value: null },
      { key: 'temperature', value: '50 °C' },
    ] as const;
    const b = [
      { key: 'runtime', value: '1.29' },
      { key: 'governor', value: 'performance' },
      { key: 'temperature', value: '60 °C' },
    ] as const;
    expect(decisiveDifferences(a, b)).toEqual(['runtime']);
  });

  test('an older run without a level was measured at the level all', () => {
    const say: Say<ConditionKey> = (key) => key;
    const conditionsAt = (level: 'all' | 'extended' | null) => {
      const { level: _, ...board } = sampleResult.board;
      const result = { ...sampleResult, board: level === null ? board : { ...board, level } };
      return conditionsOfRun({ result, details: null }, say, quantitiesOf('en'));
    };
    expect(decisiveDifferences(conditionsAt(null), conditionsAt('all'))).toEqual([]);
    expect(decisiveDifferences(conditionsAt(null), conditionsAt('extended'))).toEqual(['level']);
  });

  test('a comparison tells provider, state and sensor, or why energy was not measured', () => {
    const say: Say<ConditionKey> = (key, values) =>
      `${key}${values ? ` ${values.sensor} ${values.idle}` : ''}`;
    const { energy } = sampleResult.comparison;
    const shown = (part: Partial<CompareResult>, key: string) =>
      conditionsOfJob({ ...compareResult, ...part }, say, quantitiesOf('en')).find(
        (condition) => condition.key === key,
      )?.value;
    const state = { governor: 'onde\u202emand', clockMHz: [1500, 1500], temperatureC: 51, throttled: true };
    const part = {
      provider: 'cpu',
      state: { ...state, load1: 0.5, concerns: [] },
      energy: { kind: 'measured', energy: energy! },
    } as const;
    expect(shown(part, 'provider')).toBe('cpu');
    expect(shown(part, 'governor')).toBe('ondemand');
    expect(shown(part, 'clocks')).toBe('1,500 MHz × 2');
    expect(shown(part, 'throttled')).toBe('yes');
    expect(shown(part, 'energySensor')).toBe('covers.board ina226 VDD_IN 2.32');
    const none = { kind: 'notMeasured', reason: 'noSensor', sensor: null } as const;
    expect(shown({ energy: none }, 'energySensor')).toBe('noSensor');
    expect(shown({}, 'energySensor')).toBeNull();
    const ofRun = (comparison: typeof sampleResult.comparison) =>
      conditionsOfRun(
        { result: { ...sampleResult, comparison }, details: null },
        say,
        quantitiesOf('en'),
      ).find(({ key }) => key === 'energySensor')?.value;
    expect(ofRun({ ...sampleResult.comparison, energy: null })).toBe('notMeasured');
    expect(ofRun(sampleResult.comparison)).toBe('covers.board ina226 VDD_IN 2.32');
  });

  test('energy has a row in total and one above idle, or says that it was not measured', () => {
    const signed = (share: number): string => `${(100 * share).toFixed(1)} %`;
    const rows = (energy: Parameters<typeof energyRows>[0]) =>
      energyRows(energy, (key) => compareTexts.en[key], quantitiesOf('en'), signed).map(
        ({ label, a, b, difference, interval }) => [label, a, b, difference, interval],
      );
    expect(rows(sampleResult.comparison.energy!)).toEqual([
      ['Energy per inference', '61.4 mJ', '27.1 mJ', '-55.8 %', '[−56.4, −55.2] %'],
      ['Energy above idle', '35.8 mJ', '16.0 mJ', '-55.2 %', '—'],
    ]);
    expect(rows(null)).toEqual([['Energy per inference', 'not measured', 'not measured', '—', '—']]);
    expect(comparisonOfRun(sampleResult, null, 1).energy).toBe(sampleResult.comparison.energy);
    const failed = { kind: 'notMeasured', reason: 'sensorFailed', sensor: 'x' } as const;
    expect(comparisonOfJob({ ...compareResult, energy: failed }, 1).energy).toBeNull();
    expect('energy' in comparisonOfJob(compareResult, 1)).toBe(false);
    expect([0.0123, 12.34, 1250].map(quantitiesOf('ja').energy)).toEqual(['12.3 µJ', '12.3 mJ', '1.25 J']);
  });

  test('count equal clocks', () => {
    expect(clockText([1800, 2400, 2400], quantitiesOf('en'))).toBe('2,400 MHz × 2, 1,800 MHz');
  });

  test('rounds are counted from one', () => {
    const stage = { name: 'compare', state: 'running', seconds: 0, note: null, summary: null } as const;
    expect(roundOf({ ...stage, done: 0, total: 20 })).toEqual({ round: 1, total: 20 });
    expect(roundOf({ ...stage, done: 0.3, total: 20 })).toEqual({ round: 7, total: 20 });
    expect(roundOf({ ...stage, done: 1, total: 20 })).toEqual({ round: 20, total: 20 });
    expect(roundOf({ ...stage, done: null })).toBeNull();
  });

  test('two runs are read from an id with two dots', () => {
    expect(twoRunsOf('a-1..b-2')).toEqual(['a-1', 'b-2']);
    expect([twoRunsOf('a-1'), twoRunsOf('a..'), twoRunsOf('a..b..c')]).toEqual([null, null, null]);
  });
});
