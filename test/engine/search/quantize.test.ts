import { describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { evaluate } from '../../../electron/engine/instructions/evaluate.ts';
import { lowerToModel } from '../../../electron/engine/instructions/lower.ts';
import { select } from '../../../electron/engine/instructions/program.ts';
import { settleQuantization } from '../../../electron/engine/onnx/settle-quantization.ts';
import type { Draft } from '../../../electron/engine/search/draft.ts';
import {
  quantize,
  type Range,
  rangedValues,
  valuesBehind,
} from '../../../electron/engine/search/quantize.ts';
import { openSession } from '../../../electron/engine/tuning/runtime.ts';
import { classifier, inputs, outputOf, residualBlock, withValues } from './small-nets.ts';

const all = () => true;

/** Ranges as seen on the inputs that `outputOf` uses. */
function rangesOf(
  { program, parameters }: Draft,
  isWanted: (weight: string) => boolean = all,
): Map<number, Range> {
  const ids = rangedValues(program, isWanted);
  const values = evaluate({ ...program, outputs: ids }, inputs(program, 1), parameters, 1);
  return new Map(ids.map((id, n) => [id, [Math.min(...values[n]!.data), Math.max(...values[n]!.data)]]));
}

const error = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  let [difference, size] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    difference += (a[i]! - b[i]!) ** 2;
    size += a[i]! ** 2;
  }
  return Math.sqrt(difference / size);
};

async function runInRuntime({ program, parameters }: Draft): Promise<Float32Array> {
  const model = settleQuantization(lowerToModel(program, parameters, { opset: 17, batch: 1 }));
  const session = await openSession(model, 1);
  const feeds = [...inputs(program, 1)].map(([name, { shape, data }]) => [
    name,
    { shape, data: Float32Array.from(data) },
  ]);
  const results = await session.run(Object.fromEntries(feeds));
  await session.release();
  return results.output_0!.data;
}

describe('a program in 8 bits', () => {
  test.each([
    ['residual block', residualBlock()],
    ['classifier', classifier()],
  ])('of a %s computes nearly the same, in the interpreter and in the runtime', async (_name, draft) => {
    const { draft: quantized } = quantize(draft, rangesOf(draft), all)!;
    const expected = outputOf(draft);
    expect(error(expected, outputOf(quantized))).toBeLessThan(0.03);
    expect(error(expected, await runInRuntime(quantized))).toBeLessThan(0.03);
  });

  test('gives the values of the program back as its 8-bit form was trained, turned ones as they were', () => {
    const own = new ProgramBuilder();
    const x = own.input('x', [-1, 6]);
    const turned = own.add('transpose', [own.parameter('w1', [4, 6])], { permutation: [1, 0] });
    const hidden = own.add('relu', [own.add('matmul', [x, turned], {})], {});
    const draft = withValues(own.build([own.add('matmul', [hidden, own.parameter('w2', [4, 3])], {})]));
    const { draft: inInt8 } = quantize(draft, rangesOf(draft), all)!;
    expect([...inInt8.parameters.keys()].some((name) => name.endsWith(':turned'))).toBe(true);
    const same = valuesBehind(inInt8.parameters, draft.parameters);
    expect(same).toEqual(draft.parameters);
    const trained = new Map(
      [...inInt8.parameters].map(([name, v]) => [name, { ...v, data: v.data.map((x) => 2 * x) }]),
    );
    const doubled = [...draft.parameters].map(([name, v]) => [name, v.data.map((x) => 2 * x)]);
    const back = [...valuesBehind(trained, draft.parameters)].map(([name, v]) => [name, v.data]);
    expect(back).toEqual(doubled);
  });

  test('rounds every weight to 127 values, with a scale for each output', () => {
    const { draft } = quantize(residualBlock(), rangesOf(residualBlock()), all)!;
    const ofWeights = select(draft.program, 'quantize').filter(([, { attributes }]) => attributes.signed);
    expect(ofWeights.map(([, { attributes }]) => attributes.scales.length)).toEqual([16, 8]);
    ofWeights.forEach(([id]) => {
      const [codes] = evaluate(
        { ...draft.program, outputs: [id] },
        inputs(draft.program, 1),
        draft.parameters,
        1,
      );
      expect(Math.max(...codes!.data.map(Math.abs))).toBe(63);
    });
  });

  test('covers the sum of a residual block and both of its operands', () => {
    const { draft } = quantize(residualBlock(), rangesOf(residualBlock()), all)!;
    const [, sum] = select(draft.program, 'add').at(-1)!;
    expect(sum.inputs.map((i) => draft.program.instructions[i]!.op)).toEqual(['dequantize', 'dequantize']);
  });

  test('leaves alone what is not wanted, and is null when nothing is', () => {
    const draft = classifier();
    const isWanted = (weight: string) => weight === 'w2';
    const some = quantize(draft, rangesOf(draft, isWanted), isWanted)!;
    expect(some.weights).toEqual(['w2']);
    expect(select(some.draft.program, 'quantize').filter(([, i]) => i.attributes.signed)).toHaveLength(1);
    expect(quantize(draft, new Map(), () => false)).toBeNull();
  });

  test('gives a contraction that stays in float its operand as it was before rounding', () => {
    const b = new ProgramBuilder();
    const x = b.input('x', [-1, 8, 8, 8]);
    const same = { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], groups: 1 };
    const [first, second] = ['w1', 'w2'].map((w) => b.add('conv', [x, b.parameter(w, [8, 8, 3, 3])], same));
    const draft = withValues(b.build([b.add('add', [first!, second!], {})]));
    const isWanted = (weight: string) => weight === 'w2';
    const { program } = quantize(draft, rangesOf(draft, isWanted), isWanted)!.draft;
    const operands = select(program, 'conv').map(
      ([
        ,
        {
          inputs: [operand],
        },
      ]) => program.instructions[operand!]!.op,
    );
    expect(operands).toEqual(['input', 'dequantize']);
  });

  test('keeps results in full precision', () => {
    const draft = residualBlock();
    const { program } = quantize(draft, rangesOf(draft), all)!.draft;
    expect(program.instructions[program.outputs[0]!]!.op).toBe('relu');
  });
});

describe('a quantized model file', () => {
  test('holds weights as 8-bit and biases as 32-bit integers, and no float of either', () => {
    const { draft } = quantize(classifier(), rangesOf(classifier()), all)!;
    const model = settleQuantization(lowerToModel(draft.program, draft.parameters, { opset: 17, batch: 1 }));
    const types = (size: number) =>
      [...model.initializers.values()]
        .filter((t) => t.shape.reduce((a, d) => a * d, 1) === size)
        .map((t) => t.type);
    expect(types(12 * 3 * 9)).toEqual(['int8']);
    expect(types(16 * 12 * 9)).toEqual(['int8']);
    expect(types(16)).toContain('int32');
    expect(
      model.nodes.filter((n) => n.type === 'QuantizeLinear' && model.initializers.has(n.inputs[0]!)),
    ).toEqual([]);
  });
});
