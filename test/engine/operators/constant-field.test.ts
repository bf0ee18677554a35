import fc from 'fast-check';
import { expect, test } from 'vitest';
import { stridesOf } from '../../../electron/engine/onnx/movement.ts';
import { elementCount } from '../../../electron/engine/onnx/tensors.ts';
import {
  type Field,
  reshapeField,
  transposeField,
} from '../../../electron/engine/operators/rewrites/constant-field.ts';

/** All elements of the tensor that the field stands for. */
function spread({ shape, data }: Field, full: readonly number[]): number[] {
  const strides = stridesOf(shape);
  const all = stridesOf(full);
  return Array.from({ length: elementCount(full) }, (_, i) => {
    const place = full.map((d, axis) => Math.floor(i / all[axis]!) % d);
    return data[place.reduce((sum, k, axis) => sum + (shape[axis] === 1 ? 0 : k * strides[axis]!), 0)]!;
  });
}

/** A shape, and a field that varies along some of its axes. */
const fields = fc
  .array(fc.record({ size: fc.integer({ min: 1, max: 4 }), varies: fc.boolean() }), {
    minLength: 1,
    maxLength: 5,
  })
  .map((axes) => {
    const full = axes.map(({ size }) => size);
    const shape = axes.map(({ size, varies }) => (varies ? size : 1));
    return { full, field: { shape, data: Float64Array.from({ length: elementCount(shape) }, (_, i) => i) } };
  });

/** The sizes with some neighbours joined and some ones put in. */
const regroup = (full: readonly number[], joins: readonly number[]): number[] => {
  const shape: number[] = [];
  full.forEach((size, i) => {
    const join = joins[i] ?? 0;
    if (join === 0 && shape.length > 0) shape.push(shape.pop()! * size);
    else shape.push(...(join === 1 ? [1, size] : [size]));
  });
  return shape;
};

test('a reshaped field stands for the reshaped tensor, whichever way it is reshaped', () => {
  fc.assert(
    fc.property(fields, fc.array(fc.integer({ min: 0, max: 2 })), ({ full, field }, joins) => {
      const to = regroup(full, joins);
      const there = reshapeField(field, full, to)!;
      expect(there.shape.every((d, axis) => d === 1 || d === to[axis])).toBe(true);
      expect(spread(there, to)).toEqual(spread(field, full));
      const back = reshapeField(there, to, full)!;
      expect(spread(back, full)).toEqual(spread(field, full));
    }),
  );
});

test('a transposed field stands for the transposed tensor', () => {
  fc.assert(
    fc.property(fields, fc.infiniteStream(fc.nat()), ({ full, field }, random) => {
      const permutation = full
        .map((_, axis) => ({ axis, key: random.next().value }))
        .sort((a, b) => a.key - b.key);
      const order = permutation.map(({ axis }) => axis);
      const moved = transposeField(field, order);
      const source: Field = { shape: full, data: Float64Array.from(spread(field, full)) };
      expect(
        spread(
          moved,
          order.map((axis) => full[axis]!),
        ),
      ).toEqual([...transposeField(source, order).data]);
    }),
  );
});

test('a field that varies along what is joined with the batch is not carried', () => {
  const field: Field = { shape: [1, 3, 1], data: Float64Array.of(1, 2, 3) };
  expect(reshapeField(field, [-1, 3, 4], [-3, 4])).toBeNull();
  expect(reshapeField(field, [-1, 3, 4], [-1, 3, 2, 2])?.shape).toEqual([1, 3, 1, 1]);
  expect(reshapeField({ shape: [1, 1, 4], data: new Float64Array(4) }, [-1, 3, 4], [-3, 4])?.shape).toEqual([
    1, 4,
  ]);
});
