import type { Features } from '../../store/experiences.ts';
import { kernelOf } from '../search/kernel.ts';
import { solvePositive } from '../tuning/cholesky.ts';
import type { LogRatio, Sample } from './sample.ts';

/** Prior variances of a plane and of what bends it, and the square of how far that reaches, per feature. */
const plane = 0.05;
const bend = 0.2;
const reach = 0.5;
/** Variance of a measured log ratio that no feature explains. */
const noise = 0.04;

/**
 * What is left of measured log ratios after a first prediction, as a Gaussian process over the features' logarithms
 * (Rasmussen and Williams, 2006, ch. 2). The function is a log latency; each observation is a difference of two of
 * its values, so how busy the board was cancels out. Null where the kernel's matrix cannot be solved.
 */
export function fitProcess(samples: readonly Sample[], first: LogRatio): LogRatio | null {
  const n = samples.length;
  const known = new Map<string, Features>();
  for (const s of samples) known.set(s.baseline, s.baselineFeatures).set(s.structure, s.features);
  const space = makeSpace([...known.values()]);
  const places = new Map([...known.keys()].map((key, i) => [key, i]));
  const points = [...known.values()].map(space);
  const size = Math.max(1, points[0]?.length ?? 0);
  const kernel = kernelOf(plane / size, bend, reach * size);
  const kernels = points.map((a, i) => Float64Array.from(points.slice(0, i + 1), (b) => kernel(a, b)));
  const at = (i: number, j: number): number => (i >= j ? kernels[i]![j]! : kernels[j]![i]!);
  const pairs = samples.map((s) => [places.get(s.baseline)!, places.get(s.structure)!] as const);
  const matrix = new Float64Array(n * n);
  pairs.forEach(([a, b], i) => {
    for (let j = 0; j <= i; j++) {
      const [c, d] = pairs[j]!;
      const value = at(a, c) - at(a, d) - at(b, c) + at(b, d) + (i === j ? noise : 0);
      matrix[i * n + j] = value;
      matrix[j * n + i] = value;
    }
  });
  const weights = Float64Array.from(
    samples,
    (s) => Math.log(s.ratio) - first(s.baselineFeatures, s.features),
  );
  if (!solvePositive(matrix, weights, n, 1, 0)) return null;
  // A pair's weight counts at its one end and against it at the other.
  const pulls = new Float64Array(points.length);
  pairs.forEach(([a, b], i) => {
    pulls[a]! += weights[i]!;
    pulls[b]! -= weights[i]!;
  });
  const value = (features: Features): number => {
    const point = space(features);
    return points.reduce((sum, other, i) => sum + pulls[i]! * kernel(point, other), 0);
  };
  return (baseline, candidate) => first(baseline, candidate) + value(baseline) - value(candidate);
}

/** Features as a vector of standardised logarithms; names that were never seen are left out. */
function makeSpace(known: readonly Features[]): (features: Features) => Float64Array {
  const names = [...new Set(known.flatMap((f) => Object.keys(f)))].sort();
  const scale = names.map((name) => {
    const values = known.map((f) => Math.log1p(f[name] ?? 0));
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length;
    return { mean, deviation: Math.sqrt(variance) || 1 };
  });
  return (features) =>
    Float64Array.from(
      names,
      (name, i) => (Math.log1p(features[name] ?? 0) - scale[i]!.mean) / scale[i]!.deviation,
    );
}
