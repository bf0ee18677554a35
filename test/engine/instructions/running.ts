import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { expect } from 'vitest';
import { evaluate } from '../../../electron/engine/instructions/evaluate.ts';
import { lowerToModel } from '../../../electron/engine/instructions/lower.ts';
import { bind, type Program } from '../../../electron/engine/instructions/program.ts';
import type { Values } from '../../../electron/engine/instructions/row.ts';
import { openSession } from '../../../electron/engine/tuning/runtime.ts';

/** Values of a program's inputs and parameters by name; all of them float32 numbers, so that both readings see the same. */
export type Given = ReadonlyMap<string, Values>;

/** The batch size that tests run at. */
export const batch = 2;

/** A reproducible source of numbers in [0, 1). */
export function generator(seed: number): () => number {
  const source = xoroshiro128plus(seed);
  return () => (source.next() >>> 0) / 2 ** 32;
}

/** Reproducible values in a range, exact in float32. */
export function random(shape: readonly number[], next: () => number, low = -1, high = 1): Values {
  const size = shape.reduce((a, d) => a * d, 1);
  return { shape, data: Float64Array.from({ length: size }, () => Math.fround(low + (high - low) * next())) };
}

/** Random values for every input and parameter of a program. */
export function givenFor(program: Program, seed: number): Given {
  const next = generator(seed);
  return new Map(
    program.instructions.flatMap((i) =>
      i.op === 'input' || i.op === 'parameter'
        ? [[i.attributes.name, random(bind(i.attributes.shape, batch), next)] as const]
        : [],
    ),
  );
}

/** Reference results. */
export const reference = (program: Program, given: Given): Values[] => evaluate(program, given, given, batch);

/** The program's results in onnxruntime; with an open batch unless `bound`, in blocks of channels where `block` says. */
export async function inRuntime(
  program: Program,
  given: Given,
  opset: number,
  bound: number | null = batch,
  block: number | null = null,
): Promise<Values[]> {
  const session = await openSession(lowerToModel(program, new Map(), { opset, batch: bound, block }), 1);
  try {
    const feeds = Object.fromEntries(
      session.inputs.map((name) => {
        const { shape, data } = given.get(name)!;
        return [name, { shape, data: Float32Array.from(data) }];
      }),
    );
    const results = await session.run(feeds);
    return session.outputs.map((name) => {
      const { shape, data } = results[name]!;
      return { shape, data: Float64Array.from(data) };
    });
  } finally {
    await session.release();
  }
}

/** Fails where `actual` is further from `wanted` than atol + rtol·|wanted|. */
export function expectClose(actual: Values, wanted: Values, rtol = 1e-4, atol = 1e-5): void {
  expect(actual.shape).toEqual(wanted.shape);
  const worst = { over: 0, index: -1, actual: 0, wanted: 0 };
  wanted.data.forEach((w, index) => {
    const a = actual.data[index]!;
    const over = Number.isNaN(a) ? Number.POSITIVE_INFINITY : Math.abs(a - w) - (atol + rtol * Math.abs(w));
    if (over > worst.over) Object.assign(worst, { over, index, actual: a, wanted: w });
  });
  expect(worst).toEqual({ over: 0, index: -1, actual: 0, wanted: 0 });
}

/** Central difference of output 0 (a scalar) by one element of a parameter. */
export function slope(program: Program, given: Given, name: string, index: number, step = 1e-5): number {
  const original = given.get(name)!;
  const lossAt = (offset: number): number => {
    const data = original.data.slice();
    data[index]! += offset;
    const moved = new Map(given).set(name, { shape: original.shape, data });
    return reference(program, moved)[0]!.data[0]!;
  };
  return (lossAt(step) - lossAt(-step)) / (2 * step);
}

/** Up to `count` element indices, spread over the whole. */
export const sampled = (size: number, count: number): number[] =>
  size <= count
    ? Array.from({ length: size }, (_, i) => i)
    : Array.from({ length: count }, (_, i) => Math.floor((i * size) / count));
