import { expect, test } from 'vitest';
import { quantiles } from '../../electron/engine/verify/ratio.ts';
import { makeCallHistogram } from '../../electron/runner/call-histogram.ts';
import { gaussian } from '../engine/verify/series.ts';

test('gives quantiles within half a percent of those of the calls themselves', () => {
  const draw = gaussian(1);
  const calls = Array.from({ length: 50_000 }, () => 100 * Math.exp(0.5 * draw()));
  const histogram = makeCallHistogram();
  for (const call of calls) histogram.add(call);
  const { calls: counted, p50Us, p90Us, p99Us } = histogram.figures();
  const exact = quantiles(calls, [0.5, 0.9, 0.99]);
  expect(counted).toBe(50_000);
  for (const [index, value] of [p50Us, p90Us, p99Us].entries())
    expect(Math.abs(value / exact[index]! - 1)).toBeLessThan(0.005);
});

test('takes any time that a clock can give', () => {
  const histogram = makeCallHistogram();
  for (const call of [0, -1, Number.NaN, 1e-9, 1e30, Number.POSITIVE_INFINITY]) histogram.add(call);
  expect(histogram.figures().calls).toBe(6);
  expect(histogram.figures().p50Us).toBeGreaterThan(0);
  expect(makeCallHistogram().figures()).toEqual({ calls: 0, p50Us: 0, p90Us: 0, p99Us: 0 });
});
