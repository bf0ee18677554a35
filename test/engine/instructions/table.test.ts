import { describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { checkProgram } from '../../../electron/engine/instructions/check.ts';
import { differentiate } from '../../../electron/engine/instructions/differentiate.ts';
import {
  bind,
  type Instruction,
  type Program,
  type Shape,
} from '../../../electron/engine/instructions/program.ts';
import { instructionNames, rowOf } from '../../../electron/engine/instructions/table.ts';
import { type Case, instructionCases } from './cases.ts';
import {
  batch,
  expectClose,
  type Given,
  generator,
  inRuntime,
  random,
  reference,
  sampled,
  slope,
} from './running.ts';

const opsets = [8, 9, 10, 11, 13, 17, 18];

/** The instruction on operands that `operand` makes; a quantizer as the pair of which it is one half. */
function instructionOf(b: ProgramBuilder, c: Case, operand: (shape: Shape, n: number) => number): number {
  const inputs = c.operands.map(operand);
  const add = (op: Instruction['op'], ids: number[]): number => b.add(op, ids, c.attributes as never);
  return c.op === 'quantize' || c.op === 'dequantize'
    ? add('dequantize', [add('quantize', inputs)])
    : add(c.op, inputs);
}

/** Attributes with the batch bound in their shapes. */
function boundCase(c: Case): Case {
  const { attributes } = c;
  const bound = 'shape' in attributes ? { ...attributes, shape: bind(attributes.shape, batch) } : attributes;
  return { ...c, operands: c.operands.map((s) => bind(s, batch)), attributes: bound } as Case;
}

/** Σ f(operands) · weights, whose gradient is compared; `weights` is an input, `operand n` the parameters. */
function lossOf(c: Case, operand: (b: ProgramBuilder, shape: Shape, n: number) => number): Program {
  const b = new ProgramBuilder();
  const y = instructionOf(b, c, (shape, n) => operand(b, shape, n));
  const weighted = b.add('mul', [y, b.input('weights', b.shape(y))], {});
  const axes = b.shape(y).map((_, i) => i);
  return b.build([b.add('sum', [weighted], { axes, keepDims: false })]);
}

function valuesFor(program: Program, c: Case): Given {
  const next = generator(11);
  const [low, high] = c.range ?? [-1, 1];
  return new Map(
    program.instructions.flatMap((i) => {
      if (i.op !== 'input' && i.op !== 'parameter') return [];
      const { name, shape } = i.attributes;
      const { data, ...rest } = random(bind(shape, batch), next, low, high);
      const isWhole = c.whole?.some((n) => name === `operand ${n}`);
      const shown = name.startsWith('offset') ? data.fill(0) : isWhole ? data.map(Math.round) : data;
      return [[name, { ...rest, data: shown }] as const];
    }),
  );
}

async function expectGradients(program: Program, c: Case, names: readonly string[]): Promise<void> {
  const given = valuesFor(program, c);
  const gradient = differentiate(program, names);
  expect(checkProgram(gradient)).toEqual({ ok: true, value: undefined });
  const results = reference(gradient, given);
  for (const [n, name] of names.entries()) {
    const own = results[n + 1]!;
    expect(own.shape).toEqual(given.get(name)!.shape);
    for (const index of sampled(own.data.length, 40)) {
      const wanted = slope(program, given, name, index);
      const difference = Math.abs(own.data[index]! - wanted);
      expect(difference, `${name}[${index}]: ${own.data[index]}, not ${wanted}`).toBeLessThan(
        1e-5 * (Math.abs(wanted) + 0.1),
      );
    }
  }
  for (const bound of [batch, null]) {
    const inOnnx = await inRuntime(gradient, given, 17, bound);
    results.forEach((own, n) => {
      expectClose(inOnnx[n]!, own);
    });
  }
}

test('every instruction has a case', () => {
  expect([...new Set(instructionCases.map((c) => c.op))].sort()).toEqual([...instructionNames].sort());
});

describe.each(instructionNames)('%s', (op) => {
  const own = instructionCases.filter((c) => c.op === op).map((c) => [c.title, c] as const);

  test.each(own)('%s: the reference and the lowered program agree at every opset', async (_title, c) => {
    const b = new ProgramBuilder();
    const program = b.build([instructionOf(b, c, (shape, n) => b.input(`operand ${n}`, shape))]);
    expect(checkProgram(program)).toEqual({ ok: true, value: undefined });
    const given = valuesFor(program, c);
    const [wanted] = reference(program, given);
    for (const opset of opsets.filter((o) => o >= (c.from ?? 8)))
      expectClose((await inRuntime(program, given, opset))[0]!, wanted!);
    // Left open, the batch is known from an input only.
    if (c.operands.some((shape) => shape.some((d) => d < 0)))
      expectClose((await inRuntime(program, given, 17, null))[0]!, wanted!);
  });

  test.each(own)('%s: costs something finite', (_title, c) => {
    const b = new ProgramBuilder();
    const id = instructionOf(b, c, (shape, n) => b.input(`operand ${n}`, shape));
    const cost = rowOf(c.op).cost(c.operands, c.attributes as never, b.shape(id));
    for (const value of [cost.multiplyAdds, cost.bytes]) {
      expect(Number.isFinite(value)).toBe(true);
      expect(value).toBeGreaterThanOrEqual(0);
    }
  });

  const smooth = own.filter(([, c]) => c.operands.length > (c.flat?.length ?? 0));
  if (smooth.length === 0) return;

  test.each(smooth)('%s: the gradient is that of finite differences', async (_title, c) => {
    const program = lossOf(boundCase(c), (b, shape, n) =>
      c.flat?.includes(n) ? b.input(`operand ${n}`, shape) : b.parameter(`operand ${n}`, shape),
    );
    const names = c.operands.flatMap((_, n) => (c.flat?.includes(n) ? [] : [`operand ${n}`]));
    await expectGradients(program, c, names);
  });

  const open = smooth.filter(([, c]) => c.operands.some((s) => s.some((d) => d < 0)));
  if (open.length === 0) return;

  test.each(open)('%s: the gradient adds up over an open batch', async (_title, c) => {
    // What every sample shares is the parameter: an offset on the operand, 1 along the batch.
    const program = lossOf(c, (b, shape, n) => {
      if (c.flat?.includes(n)) return b.input(`operand ${n}`, shape);
      const offset = b.parameter(
        `offset ${n}`,
        shape.map((d) => Math.max(d, 1)),
      );
      return b.add('add', [b.input(`operand ${n}`, shape), offset], {});
    });
    const names = c.operands.flatMap((_, n) => (c.flat?.includes(n) ? [] : [`offset ${n}`]));
    await expectGradients(program, c, names);
  });
});
