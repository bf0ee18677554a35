import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { checkModel } from '../../../electron/engine/onnx/check.ts';
import type { OnnxModel } from '../../../electron/engine/onnx/model.ts';
import { readModelFile } from '../../../electron/engine/onnx/read.ts';
import { rewriteModel, rules } from '../../../electron/engine/operators/rewrite.ts';
import { areClose, floats, modelOf, operator, runModel } from '../onnx/small-models.ts';
import { attentionCases } from './attention-cases.ts';
import { forwardCases } from './forward-cases.ts';
import { int, ints, whole } from './one-operator.ts';
import { type Case, cases as otherCases } from './rewrite-cases.ts';
import { rowCases } from './row-cases.ts';
import { tokenCases } from './token-cases.ts';

const cases = [...otherCases, ...forwardCases, ...attentionCases, ...rowCases, ...tokenCases];

function toModel(c: Case): OnnxModel {
  const model = modelOf(c.shape ?? [2, 4, 6, 6], c.nodes, c.constants ?? {}, 'y');
  const results = (c.results ?? []).map((name) => ({ name, type: 'float32' as const, shape: [] }));
  return { ...model, opsets: { '': c.opset ?? 17 }, outputs: [...model.outputs, ...results] };
}

describe('an exact rewrite', () => {
  test.each(cases.map((c) => [`${c.rule}: ${c.title}`, c] as const))('%s', async (_title, c) => {
    const model = toModel(c);
    const { model: rewritten, applied, refused } = rewriteModel(model);
    expect(rewritten.nodes.map((n) => n.type)).toEqual(c.expected);
    expect(refused.filter((r) => r.rule === c.rule).map((r) => r.reason)).toEqual(c.reason ? [c.reason] : []);
    expect(applied.some((a) => a.rule === c.rule)).toBe(c.reason === undefined);
    expect(checkModel(rewritten, 'rewritten').ok).toBe(true);
    const x = floats(c.shape ?? [2, 4, 6, 6], 8);
    const [before, after] = [await runModel(model, { x }), await runModel(rewritten, { x })];
    for (const [name, values] of Object.entries(before))
      expect(areClose(after[name] ?? [], values), name).toBe(true);
  });

  test('every rule has a case that it takes and one that it refuses', () => {
    for (const { name } of rules) {
      const own = cases.filter((c) => c.rule === name);
      expect([name, own.some((c) => c.reason), own.some((c) => !c.reason)]).toEqual([name, true, true]);
    }
  });

  test('says which operators it took, in the order of the graph', () => {
    const { applied } = rewriteModel(toModel(cases[0]!));
    expect(applied).toEqual([{ rule: 'fold BatchNormalization', operators: ['conv', 'bn'] }]);
  });

  test('folds what is constant and takes Identity out first', () => {
    const nodes = [
      operator('Transpose', 'turn', ['w'], ['wt'], { perm: ints(0, 1, 3, 2) }),
      operator('Identity', 'same', ['x'], ['a']),
      operator('Conv', 'conv', ['a', 'wt'], ['y']),
    ];
    const { model, applied } = rewriteModel(modelOf([1, 4, 6, 6], nodes, { w: floats([4, 4, 3, 3]) }, 'y'));
    expect(model.nodes.map((n) => n.name)).toEqual(['conv']);
    expect(applied).toEqual([
      { rule: 'drop Identity', operators: ['same'] },
      { rule: 'fold constants', operators: ['turn'] },
    ]);
  });

  test('takes values that inputs bring for constants, which others then build on', () => {
    const nodes = [
      operator('Transpose', 'turn', ['w'], ['wt'], { perm: ints(0, 1, 3, 2) }),
      operator('Conv', 'conv', ['x', 'wt'], ['y']),
    ];
    const closed = modelOf([1, 4, 6, 6], nodes, { w: floats([4, 4, 3, 3]) }, 'y');
    const { model, applied } = rewriteModel({ ...closed, openInitializers: ['w'] });
    expect(model).toEqual(rewriteModel(closed).model);
    expect(applied).toEqual([
      { rule: 'settle inputs with values', operators: ['turn'] },
      { rule: 'fold constants', operators: ['turn'] },
    ]);
  });
});

describe('Reshape targets that the model computes', () => {
  const nodes = (second: string) => [
    operator('Shape', 'shape', ['x'], ['s']),
    operator('Gather', 'first', ['s', 'zero'], ['n']),
    operator('Unsqueeze', 'open', ['n', 'axes'], ['n1']),
    operator('Concat', 'join', ['n1', second], ['target'], { axis: int(0) }),
    operator('Reshape', 'reshape', ['x', 'target'], ['y']),
  ];
  const constants = {
    zero: { type: 'int64', shape: [], data: [0] } as const,
    axes: whole(0),
    rest: whole(-1),
  };

  test('become constants, and their arithmetic goes', async () => {
    const model = modelOf(['N', 4, 6, 6], nodes('rest'), constants, 'y');
    const { model: rewritten, applied } = rewriteModel(model);
    expect(rewritten.nodes.map((n) => n.type)).toEqual(['Reshape']);
    expect(applied).toContainEqual({ rule: 'fix Reshape targets', operators: ['reshape'] });
    const x = floats([3, 4, 6, 6]);
    const [before, after] = [await runModel(model, { x }), await runModel(rewritten, { x })];
    expect(areClose(after.y!, before.y!)).toBe(true);
  });

  test('stay where they are not known before the model runs', () => {
    const unknown = [
      operator('NonZero', 'found', ['x'], ['f']),
      operator('Shape', 'shape', ['f'], ['s']),
      operator('Reshape', 'reshape', ['x', 's'], ['y']),
    ];
    const { model, refused } = rewriteModel(modelOf(['N', 4, 6, 6], unknown, {}, 'y'));
    expect(model.nodes).toHaveLength(3);
    expect(refused).toEqual([
      { rule: 'fix Reshape targets', operator: 'reshape', reason: 'its target is not known before it runs' },
    ]);
  });
});

const shared = join(import.meta.dirname, '../../../../shared/models');
const expected: readonly (readonly [string, Readonly<Record<string, number>>])[] = [
  ['fashion_mnist_cnn', { Mul: 0, MatMul: 2 }],
  ['cifar10_resnet20', { BatchNormalization: 0, Conv: 21, Shape: 0 }],
  [
    'cifar10_vit_pgd_2_3_16',
    { Shape: 0, Pad: 1, Reshape: 11, BatchNormalization: 0, Transpose: 9, Mul: 0, Gemm: 9 },
  ],
  ['mlperf_tiny_kws_dscnn', { BatchNormalization: 0, Conv: 9 }],
  ['mobilenet_v1_025_224', { BatchNormalization: 0, Conv: 28 }],
  ['ultraface_rfb_320', { Conv: 52 }],
];
describe.skipIf(!existsSync(shared))('real models (skipped: ../shared is missing, without it)', () => {
  test.each(expected)('%s, rewritten, computes the same', async (name, counts) => {
    const read = readModelFile(join(shared, `${name}.onnx`));
    if (!read.ok) throw new Error(read.error.kind);
    const { model } = rewriteModel(read.value);
    for (const [type, count] of Object.entries(counts))
      expect([type, model.nodes.filter((n) => n.type === type).length]).toEqual([type, count]);
    const input = read.value.inputs[0]!;
    const shape = input.shape.map((d, i) => (typeof d === 'number' ? d : i === 0 ? 2 : 1));
    const feeds = { [input.name]: floats(shape, 2) };
    const [before, after] = [await runModel(read.value, feeds), await runModel(model, feeds)];
    for (const [output, values] of Object.entries(before))
      expect(areClose(after[output] ?? [], values), output).toBe(true);
  });
});
