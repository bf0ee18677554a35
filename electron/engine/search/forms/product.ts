import type { Program } from '../../instructions/program.ts';
import type { Linear } from '../draft.ts';
import { factor } from './decompose.ts';
import type { Form, Made, Values } from './form.ts';

/** Puts `form` in the place of a product x [..., in] · weight with a matrix; null where it does not fit. */
export function productForm(program: Program, linear: Linear, value: Values, form: Form): Made | null {
  if (form.name === 'lowRank') return lowRank(linear, value, form.rank);
  return form.name === 'grouped' ? blockDiagonal(program, linear, value, form.groups) : null;
}

/** A rank that needs fewer weights than the matrix. */
function lowRank(linear: Linear, value: Values, rank: number): Made | null {
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

/** Groups of 8 channels or more that divide inputs and outputs; x [..., T, C] is read as [..., groups, T, C/groups]. */
function blockDiagonal(program: Program, linear: Linear, value: Values, groups: number): Made | null {
  const [inputs, outputs] = [linear.shape[linear.inAxis]!, linear.shape[linear.outAxis]!];
  const [perIn, perOut] = [inputs / groups, outputs / groups];
  if (groups < 2 || inputs % groups !== 0 || outputs % groups !== 0 || Math.min(perIn, perOut) < 8)
    return null;
  const result = program.instructions[linear.id]!.shape;
  const data = new Float32Array(groups * perIn * perOut);
  for (let g = 0; g < groups; g++)
    for (let i = 0; i < perIn; i++)
      for (let o = 0; o < perOut; o++) {
        const [from, to] = [g * perIn + i, g * perOut + o];
        data[(g * perIn + i) * perOut + o] =
          value.data[linear.transposed ? to * inputs + from : from * outputs + to]!;
      }
  const blocks = { shape: [groups, perIn, perOut], data };
  const lead = result.slice(0, -1);
  const rank = lead.length;
  // Groups go in front of the tokens; a plain matrix has none, so its rows take their place.
  const permutation = [...lead.slice(0, -1).map((_, i) => i), rank, rank - 1, rank + 1];
  return {
    values: new Map([[`${linear.weight}:blocks`, blocks]]),
    refit: null,
    build: (b, x) => {
      const split = b.add('reshape', [x], { shape: [...lead, groups, perIn] });
      const turned = b.add('transpose', [split], { permutation });
      const product = b.add('matmul', [turned, b.parameter(`${linear.weight}:blocks`, blocks.shape)], {});
      return b.add('reshape', [b.add('transpose', [product], { permutation })], { shape: result });
    },
  };
}
