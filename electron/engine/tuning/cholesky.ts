/**
 * Solves (A + ridge·mean(diag A)·I) X = B for symmetric positive A [n,n] and B [n,m], row-major, in place of B,
 * by Cholesky in double precision. Returns false when A is not positive definite even so.
 */
export function solvePositive(
  a: Float64Array,
  b: Float64Array,
  n: number,
  m: number,
  ridge: number,
): boolean {
  let trace = 0;
  for (let i = 0; i < n; i++) trace += a[i * n + i]!;
  const extra = (ridge * trace) / n;
  for (let i = 0; i < n; i++) a[i * n + i]! += extra;
  for (let j = 0; j < n; j++) {
    const rowJ = a.subarray(j * n, j * n + j + 1);
    let d = rowJ[j]!;
    for (let k = 0; k < j; k++) d -= rowJ[k]! * rowJ[k]!;
    if (!(d > 0)) return false;
    const root = Math.sqrt(d);
    rowJ[j] = root;
    for (let i = j + 1; i < n; i++) {
      const rowI = a.subarray(i * n, i * n + j + 1);
      let s = rowI[j]!;
      for (let k = 0; k < j; k++) s -= rowI[k]! * rowJ[k]!;
      rowI[j] = s / root;
    }
  }
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) subtractRow(b, i, k, m, a[i * n + k]!);
    scaleRow(b, i, m, 1 / a[i * n + i]!);
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) subtractRow(b, i, k, m, a[k * n + i]!);
    scaleRow(b, i, m, 1 / a[i * n + i]!);
  }
  return true;
}

function subtractRow(b: Float64Array, to: number, from: number, m: number, factor: number): void {
  if (factor === 0) return;
  for (let c = 0; c < m; c++) b[to * m + c]! -= factor * b[from * m + c]!;
}

function scaleRow(b: Float64Array, row: number, m: number, factor: number): void {
  for (let c = 0; c < m; c++) b[row * m + c]! *= factor;
}
