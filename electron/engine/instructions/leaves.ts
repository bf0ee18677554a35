import type { InstructionName } from './program.ts';
import { sizeOf } from './program.ts';
import { type Row, ShapeMismatch } from './row.ts';

const free = { multiplyAdds: 0, bytes: 0 };

/** Rows of the leaves. Inputs and parameters have no value of their own: the caller of a reading binds them. */
export const leaves = {
  input: {
    arity: 0,
    infer: (_i, { shape }) => shape,
    evaluate: (_i, { name }) => {
      throw new Error(`Input ${name} is not bound`);
    },
    gradient: () => [],
    lower: () => undefined,
    cost: () => free,
  } satisfies Row<'input'>,
  parameter: {
    arity: 0,
    infer: (_i, { name, shape }) => {
      if (shape.some((d) => d < 1)) throw new ShapeMismatch(`parameter ${name} depends on the batch`);
      return shape;
    },
    evaluate: (_i, { name }) => {
      throw new Error(`Parameter ${name} is not bound`);
    },
    gradient: () => [],
    lower: () => undefined,
    cost: () => free,
  } satisfies Row<'parameter'>,
  constant: {
    arity: 0,
    infer: (_i, { shape, values }) => {
      if (values.length !== 1 && (shape.some((d) => d < 0) || values.length !== sizeOf(shape)))
        throw new ShapeMismatch(`${values.length} values for a constant`);
      return shape;
    },
    evaluate: (_i, { values }, shape) => {
      const size = shape.reduce((a, d) => a * d, 1);
      return values.length === 1 ? new Float64Array(size).fill(values[0]!) : Float64Array.from(values);
    },
    gradient: () => [],
    lower: (e, _i, { values }, { output: shape }, output) => {
      if (values.length === 1) e.node('Expand', [e.floats([], values), e.extents(shape)], {}, output);
      else e.node('Identity', [e.floats(e.bind(shape), values)], {}, output);
    },
    cost: () => free,
  } satisfies Row<'constant'>,
} satisfies { [K in InstructionName]?: Row<K> };
