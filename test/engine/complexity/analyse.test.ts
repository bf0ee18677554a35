import { describe, expect, it } from 'vitest';
import { analyseProfile } from '../../../electron/engine/complexity/analyse.ts';
import { countMultiplyAdds } from '../../../electron/engine/complexity/cost.ts';
import type { AttributeValue } from '../../../electron/engine/onnx/model.ts';
import type { ProfileEvent } from '../../../electron/runner/protocol.ts';
import { floats, modelOf, operator, residualModel } from '../onnx/small-models.ts';

const event = (name: string, type: string, callsUs: readonly number[], outputBytes = 0): ProfileEvent => ({
  name,
  type,
  callsUs,
  outputBytes,
  parameterBytes: 0,
});

describe('the analysis of a profile', () => {
  const profile = {
    cleanUs: [100, 110, 90, 100, 100, 101, 99],
    instrumentedUs: [120, 120, 121, 119, 120, 130, 120],
    events: [
      event('first', 'FusedConv', [40, 41, 39, 40, 40, 500, 40], 8 * 8 * 8 * 4),
      event('second', 'FusedConv', [20, 20, 20, 20, 20, 20, 20], 8 * 8 * 8 * 4),
      event('ReorderOutput', 'ReorderOutput', [5, 5, 5, 5, 5, 5, 5]),
      event('pool', 'GlobalAveragePool', [4, 4, 4, 4, 4, 4, 4]),
      event('flat', 'Flatten', [1, 1, 1, 1, 1, 1, 1]),
      event('head/MatMulAddFusion', 'Gemm', [3, 3, 3, 3, 3, 3, 3], 5 * 4),
    ],
  };
  const analysis = analyseProfile(residualModel(), profile, new Uint8Array());

  it('ranks operators by their median and takes shares of the clean pass', () => {
    expect(analysis.operators.map(({ name, latencyUs, share }) => [name, latencyUs, share])).toEqual([
      ['first', 40, 0.4],
      ['second', 20, 0.2],
      ['ReorderOutput', 5, 0.05],
      ['pool', 4, 0.04],
      ['head', 3, 0.03],
      ['flat', 1, 0.01],
    ]);
    expect(analysis.operators[0]?.latencyInterval95Us).toEqual([39, 500]);
  });

  it('takes shares of what the operators come to where profiling makes them longer than the clean pass', () => {
    const cleanUs = [50, 50, 50, 50, 50, 50, 50];
    const { operators, unexplainedUs } = analyseProfile(
      residualModel(),
      { ...profile, cleanUs },
      new Uint8Array(),
    );
    expect(operators[0]!.share).toBeCloseTo(40 / 73);
    expect(operators.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1);
    expect(unexplainedUs).toBe(-23);
  });

  it('shows the overhead of profiling and what no operator explains', () => {
    expect(analysis.profilingOverhead).toBeCloseTo(1.2);
    expect(analysis.unexplainedUs).toBe(27);
    expect(analysis.unmapped).toEqual([]);
  });

  it('counts parameters and multiply-adds with what was absorbed', () => {
    const first = analysis.operators[0];
    expect(first?.parameters).toBe(8 * 3 * 9 + 4 * 8);
    expect(first?.multiplyAdds).toBe(8 * 8 * 8 * 3 * 9);
    const head = analysis.operators.find((row) => row.name === 'head');
    expect([head?.parameters, head?.multiplyAdds]).toEqual([45, 40]);
  });

  it('asks for more where one may look more often', () => {
    const drawn = [40, 41, 39, 40, 40, 22, 40];
    const events = [
      event('first', 'FusedConv', drawn),
      event('second', 'FusedConv', [24, 20, 20, 20, 20, 20, 20]),
    ];
    const certain = (looks: number) =>
      analyseProfile(residualModel(), { ...profile, events }, new Uint8Array(), new Map(), looks)
        .rankingCertain;
    // Two of 14 values overlap: the interval at 95 % of seven values leaves none out.
    expect(certain(1)).toBe(false);
    const long = (values: readonly number[]) => Array.from({ length: 2 }, () => values).flat();
    const longer = events.map((e) => ({ ...e, callsUs: long(e.callsUs) }));
    const certainOf = (looks: number) =>
      analyseProfile(residualModel(), { ...profile, events: longer }, new Uint8Array(), new Map(), looks)
        .rankingCertain;
    expect(certainOf(1)).toBe(true);
    expect(certainOf(24)).toBe(false);
  });

  it("marks the runtime's own rows", () => {
    expect(analysis.operators.filter((row) => !row.users).map((row) => row.name)).toEqual(['ReorderOutput']);
  });
});

describe('multiply-adds', () => {
  const int = (value: number): AttributeValue => ({ kind: 'int', value });
  const shapes = new Map([
    ['x', [-1, 6, 10]],
    ['q', [-1, 2, 4, 8]],
    ['k', [-1, 2, 8, 4]],
    ['qk', [-1, 2, 4, 4]],
    ['image', [-1, 4, 5, 5]],
  ]);
  const model = modelOf(
    [1],
    [],
    { w: floats([10, 7]), wT: floats([7, 10]), deep: floats([16, 1, 3, 3]), up: floats([4, 2, 2, 2]) },
    'y',
  );
  const count = (type: string, inputs: string[], output: string, elements: number, attributes = {}) =>
    countMultiplyAdds(model, operator(type, 'o', inputs, [output], attributes), shapes, elements);

  it.each<[string, number | null, number | null]>([
    ['MatMul by a constant', count('MatMul', ['x', 'w'], 'y', 42), 420],
    ['Gemm with a transposed constant', count('Gemm', ['x', 'wT'], 'y', 42, { transB: int(1) }), 420],
    ['MatMul of two activations', count('MatMul', ['q', 'k'], 'qk', 0), 2 * 4 * 4 * 8],
    ['depthwise Conv', count('Conv', ['image', 'deep'], 'y', 16 * 25), 16 * 25 * 9],
    ['ConvTranspose', count('ConvTranspose', ['image', 'up'], 'y', 200), 100 * 8],
    ['an elementwise operator', count('Relu', ['x'], 'y', 60), 0],
    ['MatMul of unknown shapes', count('MatMul', ['a', 'b'], 'y', 60), null],
    ['a recurrent operator', count('LSTM', ['x'], 'y', 60), null],
  ])('of %s', (_, actual, expected) => {
    expect(actual).toBe(expected);
  });
});
