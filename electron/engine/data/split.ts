import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

/**
 * A seeded order of the samples in which every stretch holds each class in about its share of the whole;
 * without labels a plain shuffle.
 */
export function stratifiedOrder(count: number, labels: Int32Array | null, seed: number): Int32Array {
  const random = xoroshiro128plus(seed);
  const byClass = new Map<number, number[]>();
  for (let index = 0; index < count; index++) {
    const label = labels?.[index] ?? 0;
    const members = byClass.get(label);
    if (members) members.push(index);
    else byClass.set(label, [index]);
  }
  const places = new Float64Array(count);
  const ofAscendingLabel = [...byClass].sort(([a], [b]) => a - b);
  for (const [, members] of ofAscendingLabel) {
    for (let last = members.length - 1; last > 0; last--) {
      const other = uniformInt(random, 0, last);
      [members[last], members[other]] = [members[other] ?? 0, members[last] ?? 0];
    }
    // Members stand at even distances; the offset keeps classes of equal size from marching in step.
    const offset = uniformFloat64(random);
    members.forEach((index, rank) => {
      places[index] = (rank + offset) / members.length;
    });
  }
  return Int32Array.from({ length: count }, (_, index) => index).sort(
    (a, b) => (places[a] ?? 0) - (places[b] ?? 0) || a - b,
  );
}

/** Samples that `select` takes from a fit part of this size: a tenth, but a fifth up to 200; 2,000 at most. */
export function selectSize(fitCount: number): number {
  const fifth = Math.min(200, Math.ceil(fitCount / 5));
  return Math.min(2000, Math.max(fifth, Math.ceil(fitCount / 10)));
}
