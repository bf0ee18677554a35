import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { AttributeValue, OnnxModel, OnnxNode, Tensor } from '../../../electron/engine/onnx/model.ts';
import { rewriteModel } from '../../../electron/engine/operators/rewrite.ts';
import { areClose, floats, modelOf, operator, runModel } from '../onnx/small-models.ts';
import { int, ints, number, whole } from './one-operator.ts';

const kinds = [
  'linear',
  'product',
  'scale',
  'shift',
  'factor',
  'relu',
  'norm',
  'residual',
  'attention',
] as const;
interface Step {
  readonly kind: (typeof kinds)[number];
  readonly heads: number;
  readonly back: number;
}

/** A network on tokens `[N, tokens, 4·k]`, one part after the other; each reads the last or adds an earlier one. */
function network(tokens: number, width: number, steps: readonly Step[]): OnnxModel {
  const nodes: OnnxNode[] = [];
  const constants: Record<string, Tensor> = {};
  const keep = (tensor: Tensor): string => {
    const name = `c${Object.keys(constants).length}`;
    constants[name] = tensor;
    return name;
  };
  const run = (
    type: string,
    inputs: readonly string[],
    attributes: Record<string, AttributeValue> = {},
  ): string => {
    const name = `${type}${nodes.length}`;
    nodes.push(operator(type, name, inputs, [`${name}/y`], attributes));
    return `${name}/y`;
  };
  const vector = (scale: number): string => keep(floats([width], scale));
  const product = (x: string): string =>
    run('MatMul', [x, keep(floats([width, width], 1 / Math.sqrt(width)))]);
  const linear = (x: string): string => run('Add', [product(x), vector(1)]);
  const turn = (x: string, ...perm: number[]): string => run('Transpose', [x], { perm: ints(...perm) });
  const attention = (x: string, heads: number): string => {
    const split = keep(whole(0, -1, heads, width / heads));
    const [q, k, v] = [0, 1, 2].map(() => run('Reshape', [linear(x), split]));
    const score = run('MatMul', [turn(q!, 0, 2, 1, 3), turn(k!, 0, 2, 3, 1)]);
    const weights = run('Softmax', [run('Mul', [score, keep(number(0.5))])], { axis: int(3) });
    const mean = turn(run('MatMul', [weights, turn(v!, 0, 2, 1, 3)]), 0, 2, 1, 3);
    return linear(run('Reshape', [mean, keep(whole(0, -1, width))]));
  };
  const variance: Tensor = { type: 'float32', shape: [width], data: new Float32Array(width).fill(1.5) };
  const normalized = (x: string): string => {
    const operands = [vector(2), vector(1), vector(1), keep(variance)];
    return turn(run('BatchNormalization', [turn(x, 0, 2, 1), ...operands]), 0, 2, 1);
  };
  const made = ['x'];
  for (const { kind, heads, back } of steps) {
    const x = made.at(-1)!;
    const parts: Record<Step['kind'], () => string> = {
      linear: () => linear(x),
      product: () => product(x),
      scale: () => run('Mul', [x, vector(3)]),
      shift: () => run('Sub', [vector(2), x]),
      factor: () => run('Div', [x, keep(number(4))]),
      relu: () => run('Relu', [x]),
      norm: () => normalized(x),
      residual: () => run('Add', [x, made.at(-1 - (back % made.length))!]),
      attention: () => attention(x, heads),
    };
    made.push(parts[kind]());
  }
  nodes.push(operator('Tanh', 'end', [made.at(-1)!], ['y']));
  return modelOf(['N', tokens, width], nodes, constants, 'y');
}

const steps = fc.array(
  fc.record({
    kind: fc.constantFrom(...kinds),
    heads: fc.constantFrom(1, 2, 4),
    back: fc.nat({ max: 5 }),
  }),
  { minLength: 1, maxLength: 9 },
);

const plainStep = (kind: string): Step => ({ kind: kind as Step['kind'], heads: 1, back: 0 });

test('networks on tokens compute the same when they are rewritten, and never have more operators', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 5 }),
      fc.integer({ min: 1, max: 3 }),
      steps,
      async (tokens, quarters, parts) => {
        const model = network(tokens, 4 * quarters, parts);
        const { model: rewritten } = rewriteModel(model);
        expect(rewritten.nodes.length).toBeLessThanOrEqual(model.nodes.length);
        const x = floats([2, tokens, 4 * quarters], 2);
        const [before, after] = [await runModel(model, { x }), await runModel(rewritten, { x })];
        expect(areClose(after.y!, before.y!)).toBe(true);
        expect(rewriteModel(rewritten).applied).toEqual([]);
      },
    ),
    {
      numRuns: 60,
      // A product that takes in one sum after another.
      examples: [[1, 1, ['norm', 'scale', 'norm', 'scale', 'linear', 'linear'].map(plainStep)]],
    },
  );
});
