import { describe, expect, test } from 'vitest';
import { detailsOf, disagreementsOf } from '../../../../electron/engine/stages/judging/details.ts';

const said = (...predictions: number[]) => ({
  predictions: Int32Array.from(predictions),
  samples: predictions.length,
});
const live = {
  trying: () => undefined,
  stopTrying: () => undefined,
  funnel: () => undefined,
  point: () => undefined,
  points: [],
};
const profiled = { profilingOverhead: 1.2, unexplainedUs: 3 };

describe('disagreements', () => {
  test('are the samples of which A and B say different classes', () => {
    const labels = Int32Array.of(0, 1, 2, 3);
    expect(disagreementsOf(said(0, 1, 2, 0), said(0, 2, 2, 3), labels)).toEqual({
      disagreements: [
        { sample: 1, label: 1, a: 1, b: 2 },
        { sample: 3, label: 3, a: 0, b: 3 },
      ],
      disagreementCount: 2,
    });
  });

  test('have no label where the data have none', () => {
    expect(disagreementsOf(said(0), said(1), null).disagreements).toEqual([
      { sample: 0, label: null, a: 0, b: 1 },
    ]);
  });

  test('are counted all and listed up to 200', () => {
    const a = said(...new Array<number>(500).fill(0));
    const b = said(...new Array<number>(500).fill(1));
    const { disagreements, disagreementCount } = disagreementsOf(a, b, null);
    expect(disagreements).toHaveLength(200);
    expect(disagreementCount).toBe(500);
  });

  test('are none where a model says no classes, or several a sample', () => {
    const none = { disagreements: [], disagreementCount: 0 };
    expect(disagreementsOf({ ...said(), samples: 5 }, said(), null)).toEqual(none);
    expect(disagreementsOf({ ...said(0, 1), samples: 1 }, said(1, 0), null)).toEqual(none);
  });
});

describe('the details of a run', () => {
  test('hold what the comparison measured, at most 2,000 calls of each model', () => {
    const calls = Array.from({ length: 2500 }, (_, i) => i);
    const conditions = {
      governor: 'performance',
      clockMHz: [1500],
      temperatureC: 40,
      throttled: false,
      load1: 0.1,
    };
    const details = detailsOf({ live }, profiled, {
      speed: {
        speedup: 2,
        interval95: [1.9, 2.1],
        verdict: 'faster',
        a: { p50: 10, p90: 11, p99: 12 },
        b: { p50: 5, p90: 6, p99: 7 },
        calls: 2500,
        callsUs: { a: calls, b: calls.slice(0, 3) },
        evidence: {
          blocks: [
            { wallUs: [10, 5], cpuUs: [0, 0] },
            { wallUs: [9, 3], cpuUs: [0, 0] },
          ],
          pairs: 2,
          droppedBlocks: 3,
          noiseFloor: 0.02,
          clock: 'wall',
          conditions,
        },
      },
      optimizedOperators: [],
      disagreements: null,
      reason: null,
    });
    expect(details).not.toHaveProperty('reason');
    expect(details.callsUs.a).toHaveLength(2000);
    expect(details).toMatchObject({
      callsUs: { b: [0, 1, 2] },
      blockRatios: [2, 3],
      noiseFloor: 0.02,
      pairs: 2,
      droppedBlocks: 3,
      conditions,
      profilingOverhead: 1.2,
      unexplainedUs: 3,
      disagreementCount: 0,
    });
  });

  test('say that nothing was compared where nothing was', () => {
    const reason = { kind: 'noneFaster' } as const;
    const found = { speed: null, optimizedOperators: [], disagreements: null, reason };
    expect(detailsOf({ live }, profiled, found)).toMatchObject({
      callsUs: { a: [], b: [] },
      blockRatios: [],
      noiseFloor: null,
      pairs: 0,
      reason,
      conditions: null,
    });
  });
});
