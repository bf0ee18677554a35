import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import { positions, stridesOf } from '../../instructions/shapes.ts';
import type { Values } from './form.ts';

/** The sum of each kernel's taps. */
export function sumTaps({ shape, data }: Values): Float32Array {
  const taps = tapsOf(shape);
  return Float32Array.from({ length: data.length / taps }, (_, i) => {
    let sum = 0;
    for (let t = 0; t < taps; t++) sum += data[i * taps + t]!;
    return sum;
  });
}

/** The `rank` leading left singular vectors of a [rows, columns] matrix, as columns. */
function leading(matrix: Matrix, rank: number): Matrix {
  const gram = matrix.mmul(matrix.transpose());
  const { realEigenvalues, eigenvectorMatrix } = new EigenvalueDecomposition(gram, { assumeSymmetric: true });
  const order = realEigenvalues.map((_, i) => i).sort((i, j) => realEigenvalues[j]! - realEigenvalues[i]!);
  return eigenvectorMatrix.subMatrixColumn(order.slice(0, rank));
}

const toFloats = (m: Matrix): Float32Array => Float32Array.from(m.to1DArray());
const matrixOf = (rows: number, columns: number, at: (i: number, j: number) => number): Matrix => {
  const m = new Matrix(rows, columns);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) m.set(i, j, at(i, j));
  return m;
};

/** W [rows, columns] ≈ left [rows, rank] · right [rank, columns], the best in the Frobenius norm. */
export function factor(
  { data }: Values,
  rows: number,
  columns: number,
  rank: number,
): [Float32Array, Float32Array] {
  const w = matrixOf(rows, columns, (i, j) => data[i * columns + j]!);
  if (rows <= columns) {
    const u = leading(w, rank);
    return [toFloats(u), toFloats(u.transpose().mmul(w))];
  }
  const v = leading(w.transpose(), rank);
  return [toFloats(w.mmul(v)), toFloats(v.transpose())];
}

/** Tucker-2 along the channel axes (Kim et al., 2016): W [K,C,…taps] ≈ outer [K,r] · core [r,r,…taps] · inner [r,C]. */
export function tuckerOf({ shape, data }: Values, rank: number) {
  const [k, c] = shape as [number, number];
  const taps = tapsOf(shape);
  const at = (o: number, i: number, t: number) => data[(o * c + i) * taps + t]!;
  const u = leading(
    matrixOf(k, c * taps, (o, j) => at(o, Math.floor(j / taps), j % taps)),
    rank,
  );
  const v = leading(
    matrixOf(c, k * taps, (i, j) => at(Math.floor(j / taps), i, j % taps)),
    rank,
  );
  const core = new Float32Array(rank * rank * taps);
  for (let t = 0; t < taps; t++) {
    const reduced = u
      .transpose()
      .mmul(matrixOf(k, c, (o, i) => at(o, i, t)))
      .mmul(v);
    for (let p = 0; p < rank; p++)
      for (let q = 0; q < rank; q++) core[(p * rank + q) * taps + t] = reduced.get(p, q);
  }
  return { outer: toFloats(u), inner: toFloats(v.transpose()), core };
}

/** W[k,c,i,j] ≈ Σ_r horizontal[k,r,j] · vertical[r,c,i] (Jaderberg et al., 2014). */
export function splitSeparable({ shape, data }: Values, rank: number): [Float32Array, Float32Array] {
  const [k, c, kh, kw] = shape as [number, number, number, number];
  const m = matrixOf(c * kh, k * kw, (ci, kj) => {
    const [i, j] = [ci % kh, kj % kw];
    return data[((Math.floor(kj / kw) * c + Math.floor(ci / kh)) * kh + i) * kw + j]!;
  });
  const isTall = c * kh > k * kw;
  const u = isTall ? null : leading(m, rank);
  const v = isTall ? leading(m.transpose(), rank) : null;
  const left = u ?? m.mmul(v!);
  const right = u ? u.transpose().mmul(m) : v!.transpose();
  const vertical = Float32Array.from({ length: rank * c * kh }, (_, n) =>
    left.get(n % (c * kh), Math.floor(n / (c * kh))),
  );
  const horizontal = new Float32Array(k * rank * kw);
  for (let o = 0; o < k; o++)
    for (let r = 0; r < rank; r++)
      for (let j = 0; j < kw; j++) horizontal[(o * rank + r) * kw + j] = right.get(r, o * kw + j);
  return [vertical, horizontal];
}

/** For each input channel the best rank-1 split of its kernels [K, taps] into a depthwise kernel and weights. */
export function splitDepthwise(value: Values): { depthwise: Values; pointwise: Values } {
  const { shape, data } = value;
  const [k, c, ...kernel] = shape as [number, number, ...number[]];
  const taps = tapsOf(shape);
  const depthwise = new Float32Array(c * taps);
  const pointwise = new Float32Array(k * c);
  for (let i = 0; i < c; i++) {
    const kernels = matrixOf(taps, k, (t, o) => data[(o * c + i) * taps + t]!);
    const direction = leading(kernels, 1);
    const weights = direction.transpose().mmul(kernels);
    for (let t = 0; t < taps; t++) depthwise[i * taps + t] = direction.get(t, 0);
    for (let o = 0; o < k; o++) pointwise[o * c + i] = weights.get(0, o);
  }
  return {
    depthwise: { shape: [c, 1, ...kernel], data: depthwise },
    pointwise: { shape: [k, c, ...kernel.map(() => 1)], data: pointwise },
  };
}

/** The middle of each kernel: `kernel` of its taps along every spatial axis, nearer to the start where uneven. */
export function cropKernel({ shape, data }: Values, kernel: readonly number[]): Values {
  const spatial = shape.slice(2);
  const first = spatial.map((d, i) => Math.floor((d - kernel[i]!) / 2));
  const steps = stridesOf(spatial);
  const offsets = positions(kernel).map((at) =>
    at.reduce((sum, v, i) => sum + (v + first[i]!) * steps[i]!, 0),
  );
  const pairs = shape[0]! * shape[1]!;
  const taps = tapsOf(shape);
  const cropped = new Float32Array(pairs * offsets.length);
  for (let p = 0; p < pairs; p++)
    offsets.forEach((offset, t) => {
      cropped[p * offsets.length + t] = data[p * taps + offset]!;
    });
  return { shape: [shape[0]!, shape[1]!, ...kernel], data: cropped };
}

/** Kernels in `groups`, a multiple of those W is `from`, each with its own part of the inputs it read. */
export function regroup({ shape, data }: Values, from: number, groups: number): Values {
  const [k, perOld, ...kernel] = shape as [number, number, ...number[]];
  const taps = tapsOf(shape);
  const perNew = (perOld * from) / groups;
  const regrouped = new Float32Array(k * perNew * taps);
  for (let o = 0; o < k; o++) {
    const within = Math.floor(o / (k / groups)) % (groups / from);
    const source = (o * perOld + within * perNew) * taps;
    regrouped.set(data.subarray(source, source + perNew * taps), o * perNew * taps);
  }
  return { shape: [k, perNew, ...kernel], data: regrouped };
}

/** Taps of one kernel. */
export const tapsOf = (shape: readonly number[]): number => shape.slice(2).reduce((a, d) => a * d, 1);
