import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { ProgramBuilder } from '../instructions/builder.ts';
import type { Convolution } from '../instructions/program.ts';
import { type Draft, type Linear, linears, rebuild, valuesFor } from './draft.ts';

/** Cheaper forms for one linear instruction; numbers are what mutation may turn. */
export type Form =
  /** Depthwise k×k, then 1×1. */
  | { readonly name: 'depthwise'; readonly kernel: number }
  /** 1×1 alone, on every stride-th point. */
  | { readonly name: 'pointwise' }
  /** Average over the kernel's window, then 1×1. */
  | { readonly name: 'average' }
  /** The same kernel in groups; channels do not cross. */
  | { readonly name: 'grouped'; readonly groups: number }
  /** 1×1 to `rank`, k×k within, 1×1 out (Tucker); for products: two thin ones. */
  | { readonly name: 'lowRank'; readonly rank: number }
  /** k×1 to `rank`, then 1×k. */
  | { readonly name: 'separable'; readonly rank: number }
  /** On the half resolution, restored by nearest neighbour. */
  | { readonly name: 'pooled' };

type Values = { readonly shape: readonly number[]; readonly data: Float32Array };

/** Puts `form` in place of the linear instruction with this weight; null where it does not fit. */
export function replaceLinear(draft: Draft, weight: string, form: Form): Draft | null {
  const linear = linears(draft.program).find((l) => l.weight === weight);
  const value = draft.parameters.get(weight);
  if (!linear || !value) return null;
  const made =
    linear.kind === 'conv' ? convolutionForm(draft, linear, value, form) : productForm(linear, value, form);
  if (!made) return null;
  const program = rebuild(draft.program, (id, b, ids) => {
    if (id !== linear.id) return undefined;
    return made.build(b, ids[draft.program.instructions[id]!.inputs[0]!]!);
  });
  const parameters = valuesFor(program, new Map([...draft.parameters, ...made.values]));
  const refits = draft.refits.filter((r) => r.weight !== weight);
  return {
    program,
    parameters,
    refits: made.refit ? [...refits, { weight: made.refit, target: weight }] : refits,
  };
}

interface Made {
  readonly values: ReadonlyMap<string, Values>;
  /** Parameter of the last dense stage, which closed form can fit; null where none can. */
  readonly refit: string | null;
  build(b: ProgramBuilder, x: number): number;
}

function convolutionForm(draft: Draft, linear: Linear, value: Values, form: Form): Made | null {
  const instruction = draft.program.instructions[linear.id]!;
  if (instruction.op !== 'conv' || instruction.attributes.groups !== 1 || linear.shape.length !== 4)
    return null;
  const a = instruction.attributes;
  const [k, c, kh, kw] = linear.shape as [number, number, number, number];
  const w = linear.weight;
  const spatial = draft.program.instructions[instruction.inputs[0]!]!.shape.slice(2);
  const one: Convolution = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1 };
  const taps = kh * kw;
  const conv = (
    b: ProgramBuilder,
    x: number,
    name: string,
    shape: readonly number[],
    attributes: Convolution,
  ) => b.add('conv', [x, b.parameter(name, shape)], attributes);
  switch (form.name) {
    case 'depthwise': {
      if (taps === 1 || c < 4) return null;
      const [dh, dw] = [Math.min(form.kernel, kh), Math.min(form.kernel, kw)];
      const pads = shrunkenPads(a.pads, kh - dh, kw - dw);
      if (!pads) return null;
      const { depthwise, pointwise } = splitDepthwise(value, dh, dw);
      const values = new Map([
        [`${w}:depthwise`, depthwise],
        [`${w}:pointwise`, pointwise],
      ]);
      return {
        values,
        refit: `${w}:pointwise`,
        build: (b, x) =>
          conv(
            b,
            conv(b, x, `${w}:depthwise`, [c, 1, dh, dw], { ...a, pads, groups: c }),
            `${w}:pointwise`,
            [k, c, 1, 1],
            one,
          ),
      };
    }
    case 'pointwise': {
      if (taps === 1) return null;
      const pads = shrunkenPads(a.pads, kh - 1, kw - 1);
      if (!pads) return null;
      const values = new Map([[`${w}:point`, { shape: [k, c, 1, 1], data: sumTaps(value) }]]);
      return {
        values,
        refit: `${w}:point`,
        build: (b, x) => conv(b, x, `${w}:point`, [k, c, 1, 1], { ...one, strides: a.strides, pads }),
      };
    }
    case 'average': {
      if (taps === 1 || a.dilations.some((d) => d !== 1)) return null;
      const values = new Map([[`${w}:average`, { shape: [k, c, 1, 1], data: sumTaps(value) }]]);
      const pool = { kernel: [kh, kw], strides: a.strides, pads: a.pads, countIncludePad: true };
      return {
        values,
        refit: `${w}:average`,
        build: (b, x) => conv(b, b.add('averagePool', [x], pool), `${w}:average`, [k, c, 1, 1], one),
      };
    }
    case 'grouped': {
      const { groups } = form;
      if (groups < 2 || c % groups !== 0 || k % groups !== 0 || c / groups < 2) return null;
      const perGroup = c / groups;
      const data = new Float32Array(k * perGroup * taps);
      for (let o = 0; o < k; o++) {
        const first = Math.floor(o / (k / groups)) * perGroup;
        data.set(
          value.data.subarray((o * c + first) * taps, (o * c + first + perGroup) * taps),
          o * perGroup * taps,
        );
      }
      const values = new Map([[`${w}:grouped`, { shape: [k, perGroup, kh, kw], data }]]);
      return {
        values,
        refit: null,
        build: (b, x) => conv(b, x, `${w}:grouped`, [k, perGroup, kh, kw], { ...a, groups }),
      };
    }
    case 'lowRank': {
      const { rank } = form;
      if (rank >= Math.min(c, k) || rank < 1) return null;
      if (taps === 1) {
        const [outer, inner] = factor(value, k, c, rank);
        const values = new Map([
          [`${w}:in`, { shape: [rank, c, 1, 1], data: inner }],
          [`${w}:out`, { shape: [k, rank, 1, 1], data: outer }],
        ]);
        return {
          values,
          refit: `${w}:out`,
          build: (b, x) =>
            conv(
              b,
              conv(b, x, `${w}:in`, [rank, c, 1, 1], { ...a, strides: a.strides }),
              `${w}:out`,
              [k, rank, 1, 1],
              one,
            ),
        };
      }
      const tucker = tuckerOf(value, rank);
      const values = new Map([
        [`${w}:in`, { shape: [rank, c, 1, 1], data: tucker.inner }],
        [`${w}:core`, { shape: [rank, rank, kh, kw], data: tucker.core }],
        [`${w}:out`, { shape: [k, rank, 1, 1], data: tucker.outer }],
      ]);
      return {
        values,
        refit: `${w}:out`,
        build: (b, x) => {
          const reduced = conv(b, x, `${w}:in`, [rank, c, 1, 1], one);
          return conv(
            b,
            conv(b, reduced, `${w}:core`, [rank, rank, kh, kw], a),
            `${w}:out`,
            [k, rank, 1, 1],
            one,
          );
        },
      };
    }
    case 'separable': {
      const { rank } = form;
      if (kh === 1 || kw === 1 || rank < 1 || rank * (c * kh + k * kw) >= k * c * taps) return null;
      const [vertical, horizontal] = splitSeparable(value, rank);
      const values = new Map([
        [`${w}:vertical`, { shape: [rank, c, kh, 1], data: vertical }],
        [`${w}:horizontal`, { shape: [k, rank, 1, kw], data: horizontal }],
      ]);
      const [top, left, bottom, right] = a.pads as [number, number, number, number];
      const down: Convolution = {
        ...a,
        strides: [a.strides[0]!, 1],
        dilations: [a.dilations[0]!, 1],
        pads: [top, 0, bottom, 0],
      };
      const across: Convolution = {
        ...a,
        strides: [1, a.strides[1]!],
        dilations: [1, a.dilations[1]!],
        pads: [0, left, 0, right],
      };
      return {
        values,
        refit: `${w}:horizontal`,
        build: (b, x) =>
          conv(
            b,
            conv(b, x, `${w}:vertical`, [rank, c, kh, 1], down),
            `${w}:horizontal`,
            [k, rank, 1, kw],
            across,
          ),
      };
    }
    case 'pooled': {
      const fits = a.strides.every((s) => s === 1) && taps > 1 && spatial.every((d) => d % 2 === 0 && d >= 8);
      if (!fits || instruction.shape.slice(2).join() !== spatial.join()) return null;
      const values = new Map([[`${w}:pooled`, value]]);
      return {
        values,
        refit: null,
        build: (b, x) => {
          const half = b.add('averagePool', [x], {
            kernel: [2, 2],
            strides: [2, 2],
            pads: [0, 0, 0, 0],
            countIncludePad: false,
          });
          return b.add('resize', [conv(b, half, `${w}:pooled`, [k, c, kh, kw], a)], { factors: [2, 2] });
        },
      };
    }
  }
}

function productForm(linear: Linear, value: Values, form: Form): Made | null {
  if (form.name !== 'lowRank') return null;
  const { rank } = form;
  const [rows, columns] = linear.shape as [number, number];
  if (rank < 1 || rank * (rows + columns) >= rows * columns) return null;
  const [left, right] = factor(value, rows, columns, rank);
  const w = linear.weight;
  // W = left·right; read [in,out] as x·left·right, read [out,in] as x·rightᵀ·leftᵀ.
  const shapes = { left: [rows, rank], right: [rank, columns] };
  const values = new Map([
    [`${w}:left`, { shape: shapes.left, data: left }],
    [`${w}:right`, { shape: shapes.right, data: right }],
  ]);
  return {
    values,
    refit: linear.transposed ? `${w}:left` : `${w}:right`,
    build: (b, x) => {
      const l = b.parameter(`${w}:left`, shapes.left);
      const r = b.parameter(`${w}:right`, shapes.right);
      if (!linear.transposed) return b.add('matmul', [b.add('matmul', [x, l], {}), r], {});
      const flip = (id: number) => b.add('transpose', [id], { permutation: [1, 0] });
      return b.add('matmul', [b.add('matmul', [x, flip(r)], {}), flip(l)], {});
    },
  };
}

/** Pads for a kernel that lost `dh` rows and `dw` columns around its centre; null where it cannot be centred. */
function shrunkenPads(pads: readonly number[], dh: number, dw: number): number[] | null {
  const cut = [Math.floor(dh / 2), Math.floor(dw / 2), Math.ceil(dh / 2), Math.ceil(dw / 2)];
  const result = pads.map((p, i) => p - cut[i]!);
  return result.every((p) => p >= 0) ? result : null;
}

function sumTaps({ shape, data }: Values): Float32Array {
  const taps = shape.slice(2).reduce((a, d) => a * d, 1);
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
function factor({ data }: Values, rows: number, columns: number, rank: number): [Float32Array, Float32Array] {
  const w = matrixOf(rows, columns, (i, j) => data[i * columns + j]!);
  if (rows <= columns) {
    const u = leading(w, rank);
    return [toFloats(u), toFloats(u.transpose().mmul(w))];
  }
  const v = leading(w.transpose(), rank);
  return [toFloats(w.mmul(v)), toFloats(v.transpose())];
}

/** Tucker-2 along the channel axes (Kim et al., 2016): W ≈ outer · core · inner. */
function tuckerOf({ shape, data }: Values, rank: number) {
  const [k, c, kh, kw] = shape as [number, number, number, number];
  const taps = kh * kw;
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
function splitSeparable({ shape, data }: Values, rank: number): [Float32Array, Float32Array] {
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
function splitDepthwise(
  { shape, data }: Values,
  dh: number,
  dw: number,
): { depthwise: Values; pointwise: Values } {
  const [k, c, kh, kw] = shape as [number, number, number, number];
  const [top, left] = [Math.floor((kh - dh) / 2), Math.floor((kw - dw) / 2)];
  const taps = dh * dw;
  const depthwise = new Float32Array(c * taps);
  const pointwise = new Float32Array(k * c);
  for (let i = 0; i < c; i++) {
    const kernels = matrixOf(
      taps,
      k,
      (t, o) => data[((o * c + i) * kh + top + Math.floor(t / dw)) * kw + left + (t % dw)]!,
    );
    const direction = leading(kernels, 1);
    const weights = direction.transpose().mmul(kernels);
    for (let t = 0; t < taps; t++) depthwise[i * taps + t] = direction.get(t, 0);
    for (let o = 0; o < k; o++) pointwise[o * c + i] = weights.get(0, o);
  }
  return {
    depthwise: { shape: [c, 1, dh, dw], data: depthwise },
    pointwise: { shape: [k, c, 1, 1], data: pointwise },
  };
}
