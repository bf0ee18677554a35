import { describe, expect, test } from 'vitest';
import type { SustainedResult } from '../../../electron/contract/sustained.ts';
import { makeSustainedLog } from '../../../electron/engine/verify/sustained.ts';
import type { SustainedBlock } from '../../../electron/runner/protocol.ts';
import { autocorrelated, type Simulation, simulateBlocks } from './series.ts';

const figures = { calls: 1_000, p50Us: 100, p90Us: 110, p99Us: 130 };
const models = [figures, figures, { ...figures, p50Us: 50 }];
const complete = { ended: 'complete', reason: '' } as const;

function resultOf(blocks: readonly SustainedBlock[], minutes: number): SustainedResult {
  const log = makeSustainedLog(minutes * 60_000);
  // In parts, as a board tells them.
  for (let at = 0; at < blocks.length; at += 7) log.add({ blocks: blocks.slice(at, at + 7), models });
  const result = log.result(complete);
  if (!result) throw new Error('too little');
  return result;
}
const simulate = (simulation: Simulation): SustainedResult =>
  resultOf(simulateBlocks(simulation), simulation.minutes);

/** A board that grows hot over ten minutes, takes 40 % longer then, and is throttled in waves of a minute. */
const growingHot = (minute: number): number =>
  (1 + 0.4 * (1 - Math.exp(-minute / 4))) * (minute > 8 && minute % 1 < 0.5 ? 1.25 : 1);

describe('a comparison over minutes', () => {
  test('finds no difference between A and itself on a board that grows hot and throttles', () => {
    const verdicts = Array.from({ length: 40 }, (_, i) => {
      const { whole, first, lastThird } = simulate({
        ...{ seed: 10 * i + 1, minutes: 15, us: [100, 100, 100] },
        slowdown: growingHot,
      });
      return [whole.verdict, first?.verdict, lastThird?.verdict];
    });
    const claimed = verdicts.flat().filter((verdict) => verdict !== 'inconclusive');
    expect(claimed.length / verdicts.flat().length).toBeLessThanOrEqual(0.05);
  });

  test('claims falsely in at most one of twenty of 200 series whose neighbouring blocks are alike', () => {
    let claimed = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const ratios = autocorrelated(seed, 600, 0.9);
      const controls = autocorrelated(seed + 10_000, 600, 0.9);
      const blocks = simulateBlocks({ seed, minutes: 6, us: [100, 100, 100], noise: 0 }).map(
        (block, i): SustainedBlock => ({
          ...block,
          wallUs: [100, 100 * Math.exp(0.02 * (controls[i] ?? 0)), 100 * Math.exp(0.02 * (ratios[i] ?? 0))],
        }),
      );
      if (resultOf(blocks, 6).whole.verdict !== 'inconclusive') claimed++;
    }
    expect(claimed).toBeLessThanOrEqual(10);
  });

  test('finds a difference that is there, all the time, although both take ever longer', () => {
    const result = simulate({ seed: 2, minutes: 15, us: [100, 100, 80], slowdown: growingHot });
    expect(result.whole).toMatchObject({ verdict: 'faster', fromMinute: 0 });
    expect(result.whole.speedup).toBeCloseTo(1.25, 2);
    expect(result.whole.interval95[0]).toBeLessThan(1.25);
    expect(result.whole.interval95[1]).toBeGreaterThan(1.25);
    expect(result.ranking).toBe('kept');
    expect(result.first?.toMinute).toBe(2);
    expect(result.lastThird?.fromMinute).toBeCloseTo(10, 1);
    expect(result.blocks).toBe(1_500);
  });

  test('says that the ranking turned where B is faster at first and slower in the heat', () => {
    const result = simulate({
      ...{ seed: 3, minutes: 12, us: [100, 100, 90] },
      slowdown: (minute, place) => (place === 2 && minute > 5 ? 1.4 : 1),
    });
    expect([result.first?.verdict, result.lastThird?.verdict]).toEqual(['faster', 'slower']);
    expect(result.ranking).toBe('turned');
    expect(simulate({ seed: 4, minutes: 12, us: [100, 100, 100] }).ranking).toBe('unclear');
  });

  test('tells the drift of each model, in percent a minute, with an interval', () => {
    const result = simulate({
      ...{ seed: 5, minutes: 10, us: [100, 100, 100] },
      slowdown: (minute, place) => (place === 2 ? Math.exp(0.02 * minute) : 1),
    });
    expect(result.b.driftPercentPerMinute?.slope).toBeCloseTo(2.02, 1);
    expect(result.b.driftPercentPerMinute?.interval95[0]).toBeGreaterThan(1.8);
    const [low, high] = result.a.driftPercentPerMinute?.interval95 ?? [1, -1];
    expect(low).toBeLessThan(0.1);
    expect(high).toBeGreaterThan(-0.1);
    expect(result.a).toMatchObject(figures);
  });

  test('tells temperature, throttling and load from the first to the last of the time', () => {
    const result = simulate({
      ...{ seed: 6, minutes: 10, us: [100, 100, 100] },
      temperatureC: (minute) => 40 + 3 * minute,
      throttled: (minute) => minute > 5,
    });
    expect(result.temperatureC?.from).toBeCloseTo(40, 0);
    expect(result.temperatureC?.to).toBeCloseTo(70, 0);
    expect(result.throttledShare).toBeCloseTo(0.5, 1);
    expect(result.clockMHz).toBeNull();
    expect(simulate({ seed: 6, minutes: 1, us: [1, 1, 1] }).throttledShare).toBeNull();
  });

  test.each([
    ['flat', (minute: number) => 100e6 + (minute < 0.3 ? 0 : 3e6), 'flat'],
    ['growing', (minute: number) => 100e6 + 1e6 * minute, 'grew'],
    ['shrinking', (minute: number) => 100e6 - 1e6 * minute, 'shrank'],
  ])('names memory that is %s', (_, rssBytes, verdict) => {
    const { memory } = simulate({ seed: 7, minutes: 10, us: [1, 1, 1], rssBytes });
    expect(memory?.verdict).toBe(verdict);
  });

  test('keeps no more of thirty minutes of quick blocks than of thirty of slow ones', () => {
    const many = makeSustainedLog(30 * 60_000);
    const blocks = simulateBlocks({ seed: 8, minutes: 30, us: [100, 100, 90], blockMs: 150 });
    many.add({ blocks, models });
    expect(blocks).toHaveLength(12_000);
    expect(many.points().length).toBeLessThanOrEqual(120);
    const result = many.result(complete);
    expect(result?.blocks).toBe(12_000);
    expect(JSON.stringify(result).length).toBeLessThan(60_000);
  });

  test('gives nothing before there is enough, and what there is when it is stopped', () => {
    const log = makeSustainedLog(30 * 60_000);
    const blocks = simulateBlocks({ seed: 9, minutes: 3, us: [100, 100, 50] });
    log.add({ blocks: blocks.slice(0, 3), models });
    expect(log.result(complete)).toBeNull();
    log.add({ blocks: blocks.slice(3), models });
    const stopped = log.result({ ended: 'stopped', reason: '' });
    expect(stopped).toMatchObject({ ended: 'stopped', minutesAsked: 30, whole: { verdict: 'faster' } });
    expect(stopped?.minutes).toBeCloseTo(3, 1);
    // A third of three minutes.
    expect(stopped?.first?.toMinute).toBeCloseTo(1, 1);
  });

  test('is not led astray by blocks without a whole time', () => {
    const blocks = simulateBlocks({ seed: 11, minutes: 2, us: [100, 100, 50] });
    const holed = blocks.map((block, i) =>
      i % 5 === 0 ? { ...block, wallUs: [100, 0, Number.NaN] } : block,
    );
    expect(resultOf(holed, 2).whole.speedup).toBeCloseTo(2, 1);
  });
});
