import type { Parameters, Program } from '../instructions/program.ts';
import type { Range } from '../search/quantize.ts';
import { makePredictor } from './predict.ts';
import type { Dense } from './runtime.ts';

/** Share of the samples whose extremes a range must hold: a few outliers would cost all others their precision. */
const heldShare = 0.98;

/** The ranges of some values of a program over samples [samples, …]. */
export async function measureRanges(
  program: Program,
  parameters: Parameters,
  ids: readonly number[],
  samples: Dense,
  threads: number,
): Promise<ReadonlyMap<number, Range>> {
  const [count, ...sampleShape] = samples.shape as [number, ...number[]];
  const size = sampleShape.reduce((a, d) => a * d, 1);
  const batch = Math.min(32, count);
  const predictor = await makePredictor({ ...program, outputs: ids }, parameters, sampleShape, {
    batch,
    threads,
  });
  const lows: number[][] = ids.map(() => []);
  const highs: number[][] = ids.map(() => []);
  try {
    for (let first = 0; first + batch <= count; first += batch) {
      const outputs = await predictor.run(samples.data.subarray(first * size, (first + batch) * size), batch);
      outputs.forEach(({ data }, n) => {
        const width = data.length / batch;
        for (let s = 0; s < batch; s++) {
          let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
          for (let i = s * width; i < (s + 1) * width; i++) {
            low = Math.min(low, data[i]!);
            high = Math.max(high, data[i]!);
          }
          lows[n]!.push(low);
          highs[n]!.push(high);
        }
      });
    }
  } finally {
    await predictor.release();
  }
  const held = (values: number[]): number =>
    values.sort((a, b) => a - b)[Math.min(values.length - 1, Math.floor(heldShare * values.length))]!;
  return new Map(ids.map((id, n) => [id, [-held(lows[n]!.map((v) => -v)), held(highs[n]!)] satisfies Range]));
}
