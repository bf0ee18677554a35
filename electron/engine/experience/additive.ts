import type { Features } from '../../store/experiences.ts';
import type { LogRatio, Sample } from './sample.ts';

/** What a unit of each amount costs before anything was measured, in units of a call of a cheap instruction. */
function firstPrice(name: string): number {
  if (name.endsWith(' count')) return 1;
  if (name.endsWith(' bytes')) return 1 / 20_000;
  return name.includes('beside') ? 1 / 100_000 : 1 / 30_000;
}

/** Amounts that cost nothing by themselves. */
const isPriced = (name: string): boolean => / (count|bytes|multiply-adds)$|beside/.test(name);

const steps = 250;
const rate = 0.05;
/** How strongly prices are held to the first ones, against the mean loss. */
const hold = 0.02;
/** Past this error a sample pulls no harder: on a busy board some are far off (Huber, 1964). */
const mostPull = 0.5;
const lossScale = 10;

/**
 * Prices of the amounts of a program, all positive, so that the sums of two programs have the measured ratio: a
 * latency is a sum over instructions, which no function of its logarithm's features says as well. Fitted by Adam on
 * the logarithms of the prices.
 */
export function fitPrices(samples: readonly Sample[]): LogRatio {
  const names = [
    ...new Set(samples.flatMap((s) => [...Object.keys(s.baselineFeatures), ...Object.keys(s.features)])),
  ]
    .filter(isPriced)
    .sort();
  const first = Float64Array.from(names, (name) => Math.log(firstPrice(name)));
  const logs = Float64Array.from(first);
  const amounts = (f: Features): Float64Array => Float64Array.from(names, (name) => f[name] ?? 0);
  const rows = samples.map((s) => ({
    from: amounts(s.baselineFeatures),
    to: amounts(s.features),
    wanted: Math.log(s.ratio),
  }));
  const mean = new Float64Array(names.length);
  const square = new Float64Array(names.length);
  for (let step = 1; step <= steps; step++) {
    const prices = logs.map(Math.exp);
    const gradient = logs.map((log, i) => hold * (log - first[i]!));
    for (const { from, to, wanted } of rows) {
      const [a, b] = [sum(prices, from), sum(prices, to)];
      const error = Math.log(a / b) - wanted;
      const pull = (lossScale * Math.max(-mostPull, Math.min(mostPull, error))) / rows.length;
      for (let i = 0; i < prices.length; i++) gradient[i]! += pull * prices[i]! * (from[i]! / a - to[i]! / b);
    }
    for (let i = 0; i < logs.length; i++) {
      mean[i] = 0.9 * mean[i]! + 0.1 * gradient[i]!;
      square[i] = 0.99 * square[i]! + 0.01 * gradient[i]! ** 2;
      const [m, v] = [mean[i]! / (1 - 0.9 ** step), square[i]! / (1 - 0.99 ** step)];
      logs[i]! -= (rate * m) / (Math.sqrt(v) + 1e-8);
    }
  }
  const prices = logs.map(Math.exp);
  return (baseline, candidate) => Math.log(sum(prices, amounts(baseline)) / sum(prices, amounts(candidate)));
}

/** Never 0, so that a program of nothing has a logarithm too. */
function sum(prices: Float64Array, amounts: Float64Array): number {
  let total = 0.5;
  for (let i = 0; i < prices.length; i++) total += prices[i]! * amounts[i]!;
  return total;
}
