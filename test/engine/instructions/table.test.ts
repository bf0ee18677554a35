import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { checkProgram } from '../../../electron/engine/instructions/check.ts';
import { costOf } from '../../../electron/engine/instructions/cost.ts';
import { differentiate } from '../../../electron/engine/instructions/differentiate.ts';
import { evaluate } from '../../../electron/engine/instructions/evaluate.ts';
import { lowerToModel } from '../../../electron/engine/instructions/lower.ts';
import type { Program } from '../../../electron/engine/instructions/program.ts';
import { ShapeMismatch } from '../../../electron/engine/instructions/row.ts';
import { instructionNames } from '../../../electron/engine/instructions/table.ts';
import { openSession } from '../../../electron/engine/tuning/runtime.ts';
import { type Case, cases } from './cases.ts';

const batch = 2;
const title = (c: Case, i: number): string =>
  `${i}: ${c.op} of ${c.shapes.map((s) => s.join('×')).join(' and ')} ${JSON.stringify(c.attributes)}`;

/** Distinct values, far enough apart that a small step never changes which of two is larger. */
function values(c: Case, operand: number, size: number): Float64Array {
  const rng = xoroshiro128plus(7 + operand);
  const [low, high] = c.range ?? [-1, 1];
  const order = Array.from({ length: size }, (_, i) => i);
  for (let i = size - 1; i > 0; i--) {
    const j = Math.floor(uniformFloat64(rng) * (i + 1));
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  const isChoice = c.op === 'where' && operand === 0;
  return Float64Array.from(order, (n) =>
    isChoice ? n % 2 : low + ((high - low) * (n + 0.5 - 0.3 * operand)) / size,
  );
}

type Arrays = Map<string, { shape: number[]; data: Float64Array }>;

/** Operands are parameters; those that depend on the batch are bound to it, so that they can be differentiated. */
function programOf(c: Case): { program: Program; operands: Arrays } {
  const b = new ProgramBuilder();
  const operands: Arrays = new Map();
  const bound = (shape: readonly number[]) => shape.map((d) => (d < 0 ? -d * batch : d));
  const ids = c.shapes.map((shape, i) => {
    const size = bound(shape).reduce((a, d) => a * d, 1);
    operands.set(`p${i}`, { shape: bound(shape), data: values(c, i, size) });
    // A flat parameter read in the operand's shape, the batch open.
    const isOpen = shape.some((d) => d < 0);
    return isOpen ? b.input(`p${i}`, shape) : b.parameter(`p${i}`, shape);
  });
  const y = b.add(c.op, ids, c.attributes as never);
  return { program: b.build([y]), operands };
}

const asFloats = (arrays: Arrays) =>
  Object.fromEntries(
    [...arrays].map(([n, { shape, data }]) => [n, { shape, data: Float32Array.from(data) }]),
  );

function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  relative: number,
  absolute: number,
): void {
  expect(actual.length).toBe(expected.length);
  for (let i = 0; i < expected.length; i++)
    expect(Math.abs(actual[i]! - expected[i]!), `element ${i}`).toBeLessThanOrEqual(
      absolute + relative * Math.abs(expected[i]!),
    );
}

test('every instruction that computes has a case', () => {
  const covered = new Set(cases.map((c) => c.op));
  expect(instructionNames.filter((op) => !covered.has(op))).toEqual(['input', 'parameter', 'constant']);
});

describe('the reference interpreter and the runtime agree', () => {
  test.each(cases.map((c, i) => [title(c, i), c] as const))('%s', async (_title, c) => {
    const { program, operands } = programOf(c);
    expect(checkProgram(program)).toEqual({ ok: true, value: undefined });
    const lowered = c.op === 'quantize' || c.op === 'dequantize' ? roundTrip(c) : program;
    const [expected] = evaluate(lowered, operands, operands, batch);
    const session = await openSession(lowerToModel(lowered, new Map(), { opset: 17, batch }), 1);
    const result = await session.run(asFloats(operands));
    await session.release();
    expect(result.output_0!.shape).toEqual(expected!.shape);
    expectClose(result.output_0!.data, expected!.data, 1e-4, 1e-5);
    const cost = costOf(program);
    expect(Number.isFinite(cost.multiplyAdds) && cost.multiplyAdds >= 0 && cost.bytes >= 0).toBe(true);
  });

  /** Quantized numbers live between the two alone. */
  function roundTrip(c: Case): Program {
    const b = new ProgramBuilder();
    const q = b.add('quantize', [b.input('p0', c.shapes[0]!)], c.attributes as never);
    return b.build([b.add('dequantize', [q], c.attributes as never)]);
  }
});

describe('gradients agree with finite differences, in the interpreter and in the runtime', () => {
  const differentiable = cases.filter((c) => c.shapes.some((_, i) => !c.constant?.includes(i)));
  test.each(differentiable.map((c, i) => [title(c, i), c] as const))('%s', async (_title, c) => {
    const { program, operands } = programOf(c);
    const names = [...operands.keys()].filter((_, i) => !c.constant?.includes(i));
    const loss = lossOf(program, operands);
    const gradient = differentiate(loss, names);
    expect(checkProgram(gradient)).toEqual({ ok: true, value: undefined });
    const [, ...analytic] = evaluate(gradient, operands, operands, batch);
    const step = 1e-6;
    names.forEach((name, n) => {
      const { data } = operands.get(name)!;
      const numeric = data.map((v, i) => {
        const at = (moved: number) => {
          data[i] = moved;
          const value = evaluate(loss, operands, operands, batch)[0]!.data[0]!;
          data[i] = v;
          return value;
        };
        return (at(v + step) - at(v - step)) / (2 * step);
      });
      expectClose(analytic[n]!.data, numeric, 1e-5, 1e-6);
    });
    if (c.op === 'dequantize') return;
    const session = await openSession(lowerToModel(gradient, new Map(), { opset: 17, batch }), 1);
    const result = await session.run(asFloats(operands));
    await session.release();
    names.forEach((_, n) => {
      expectClose(result[`output_${n + 1}`]!.data, analytic[n]!.data, 1e-4, 1e-4);
    });
  });

  /** Σ weights · y, with operands that were inputs turned into parameters of the bound shape. */
  function lossOf(program: Program, operands: Arrays): Program {
    const b = new ProgramBuilder();
    const bindShape = (shape: readonly number[]) => shape.map((d) => (d < 0 ? -d * batch : d));
    const ids: number[] = [];
    for (const { op, inputs, attributes } of program.instructions) {
      if (op === 'input' || op === 'parameter')
        ids.push(b.parameter(attributes.name, operands.get(attributes.name)!.shape));
      else {
        const own =
          'shape' in attributes ? { ...attributes, shape: bindShape(attributes.shape) } : attributes;
        ids.push(
          b.add(
            op,
            inputs.map((i) => ids[i]!),
            own as never,
          ),
        );
      }
    }
    const y = ids[program.outputs[0]!]!;
    const shape = b.shape(y);
    const size = shape.reduce((a, d) => a * d, 1);
    const weights = b.add('constant', [], {
      shape,
      values: Array.from({ length: size }, (_, i) => Math.sin(1 + i)),
    });
    const axes = shape.map((_, i) => i);
    return b.build([b.add('sum', [b.add('mul', [y, weights], {})], { axes, keepDims: false })]);
  }
});

test('a wrong shape is refused with the reason', () => {
  const b = new ProgramBuilder();
  const x = b.input('x', [-1, 4, 6, 6]);
  const attributes = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1 };
  expect(() => b.add('conv', [x, b.parameter('w', [5, 3, 3, 3])], attributes)).toThrow(ShapeMismatch);
  expect(() => b.add('reshape', [x], { shape: [-1, 145] })).toThrow('reshape of [N,4,6,6] to [N,145]');
  expect(() => b.add('add', [x, b.parameter('v', [5])], {})).toThrow(ShapeMismatch);
});

test('multiply-adds of a convolution are those one counts by hand', () => {
  const b = new ProgramBuilder();
  const x = b.input('x', [-1, 4, 6, 6]);
  const attributes = { strides: [2, 2], dilations: [1, 1], pads: [1, 1, 1, 1], groups: 2 };
  const program = b.build([b.add('conv', [x, b.parameter('w', [8, 2, 3, 3])], attributes)]);
  expect(costOf(program)).toMatchObject({ multiplyAdds: 8 * 3 * 3 * 2 * 9, parameters: 144 });
});
