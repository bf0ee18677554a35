import { CholeskyDecomposition, Matrix } from 'ml-matrix';
import { type Kernel, kernelOf } from './kernel.ts';

/** Named amounts that say what a thing is like; a name that is missing stands for 0. */
export type Traits = Readonly<Record<string, number>>;

/** A value that was not measured: what is expected, and the standard deviation of that. */
export interface Foretold {
  readonly mean: number;
  readonly deviation: number;
}

/** Squares of the distance over which values resemble each other. */
const reaches = [2, 8, 32, 128] as const;
/** Variance of a plane under all, per trait, and of what no trait explains; in variances of the values. */
const planes = [0.01, 0.1] as const;
const noise = 0.02;

/**
 * Learns a value from measured ones as a Gaussian process over traits: a plane, and what bends it (Rasmussen and
 * Williams, 2006, ch. 2). Its reach and the weight of the plane are those under which the measured values are
 * likeliest. Where nothing can be learned it foretells their mean.
 */
export function fitSurrogate(
  known: readonly Traits[],
  values: readonly number[],
): (traits: Traits) => Foretold {
  const mean = values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / Math.max(1, values.length);
  const scale = Math.sqrt(variance);
  if (!(scale > 0)) return () => ({ mean, deviation: 0 });
  const names = [...new Set(known.flatMap((traits) => Object.keys(traits)))];
  const place = (traits: Traits) => Float64Array.from(names, (name) => traits[name] ?? 0);
  const points = known.map(place);
  const wanted = Matrix.columnVector(values.map((v) => (v - mean) / scale));
  const fits = reaches.flatMap((reach) =>
    planes.flatMap((plane) => fitOne(points, wanted, kernelOf(plane, 1, reach)) ?? []),
  );
  const best = fits.sort((a, b) => b.likelihood - a.likelihood)[0];
  if (!best) return () => ({ mean, deviation: scale });
  return (traits) => {
    const { expected, variance: own } = best.at(place(traits));
    return { mean: mean + scale * expected, deviation: scale * Math.sqrt(Math.max(0, own)) };
  };
}

/** Null where the kernel's matrix cannot be solved. */
function fitOne(points: readonly Float64Array[], wanted: Matrix, kernel: Kernel) {
  const matrix = new Matrix(points.map((a) => points.map((b) => kernel(a, b))));
  for (const i of points.keys()) matrix.set(i, i, matrix.get(i, i) + noise);
  const solver = new CholeskyDecomposition(matrix);
  if (!solver.isPositiveDefinite()) return null;
  const weights = solver.solve(wanted);
  const lower = solver.lowerTriangularMatrix;
  const likelihood =
    -0.5 * wanted.dot(weights) - points.reduce((sum, _, i) => sum + Math.log(lower.get(i, i)), 0);
  const at = (point: Float64Array) => {
    const near = Matrix.columnVector(points.map((other) => kernel(point, other)));
    return { expected: near.dot(weights), variance: kernel(point, point) - near.dot(solver.solve(near)) };
  };
  return { likelihood, at };
}
