import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { analyseProfile } from '../../../electron/engine/complexity/analyse.ts';
import { mapOperators } from '../../../electron/engine/complexity/map-operators.ts';
import type { OnnxModel } from '../../../electron/engine/onnx/model.ts';
import { readModelFile } from '../../../electron/engine/onnx/read.ts';
import type { OptimizationLevel } from '../../../electron/runner/protocol.ts';
import { modelOf, operator, residualModel } from '../onnx/small-models.ts';
import { profileModel } from './profile-model.ts';

const models = join(import.meta.dirname, '../../../../shared/models');
const files = existsSync(models) ? readdirSync(models) : [];
const levels: readonly OptimizationLevel[] = ['disabled', 'basic', 'extended', 'all'];

/** Row name → absorbed names. */
const rowsOf = (model: OnnxModel, optimized: OnnxModel | null, executed: [string, string][]) =>
  Object.fromEntries(
    mapOperators(
      model,
      optimized,
      executed.map(([name, type]) => ({ name, type })),
    ).operators.map((row) => [
      row.operator ? row.name : `(${row.name})`,
      row.absorbed.map((node) => node.name),
    ]),
  );

/** The user's operators over all rows: each must be there exactly once. */
function operatorsIn(
  rows: readonly { name: string; users: boolean; absorbed: readonly string[] }[],
): string[] {
  return rows.flatMap((row) => [...(row.users ? [row.name] : []), ...row.absorbed]).sort();
}
const namesOf = (model: OnnxModel): string[] => model.nodes.map((node) => node.name).sort();

describe('a small model with fusions, profiled here', () => {
  it.each(levels)('maps every executed node and places every operator once at level %s', async (level) => {
    const model = residualModel();
    const { profile, optimizedModel } = await profileModel(model, level, 3);
    for (const saved of [optimizedModel, new Uint8Array()]) {
      const { operators, unmapped } = analyseProfile(model, profile, saved);
      expect(unmapped).toEqual([]);
      expect(operatorsIn(operators)).toEqual(namesOf(model));
    }
  });

  it('keeps one row for each operator when nothing was fused', async () => {
    const { profile, optimizedModel } = await profileModel(residualModel(), 'disabled', 3);
    const { operators } = analyseProfile(residualModel(), profile, optimizedModel);
    expect(operators.every((row) => row.users && row.absorbed.length === 0)).toBe(true);
  });

  it('assigns normalization, activation and bias to what absorbed them', async () => {
    const { profile, optimizedModel } = await profileModel(residualModel(), 'extended', 3);
    const { operators } = analyseProfile(residualModel(), profile, optimizedModel);
    const first = operators.find((row) => row.name === 'first');
    expect(first).toMatchObject({ type: 'Conv', absorbed: ['first/norm', 'first/relu'] });
    expect(operators.find((row) => row.name === 'head')).toMatchObject({
      type: 'MatMul',
      absorbed: ['head/bias'],
    });
  });
});

describe('names as the runtime makes them', () => {
  const norm = ['scale', 'shift', 'average', 'variance'];
  const { initializers } = residualModel();
  const blocked = (name: string, inputs: string[], output: string) => ({
    ...operator('Conv', name, inputs, [output]),
    domain: 'com.microsoft.nchwc',
  });
  const optimized: OnnxModel = {
    ...residualModel(),
    nodes: [
      blocked('r1_nchwc', ['x', 'reorder', 'b1'], 'reorder_token_0'),
      blocked('n2_nchwc', ['reorder_token_0', 'reorder_token_1', 'b2', 'reorder_token_0'], 'reorder_token_2'),
      operator('GlobalAveragePool', 'p_nchwc', ['reorder_token_2'], ['reorder_token_3']),
      operator('ReorderOutput', 'ReorderOutput', ['reorder_token_3'], ['p']),
      operator('Flatten', 'flat', ['p'], ['f']),
      operator('Gemm', 'head/MatMulAddFusion', ['f', 'w3', 'b3'], ['y']),
    ],
    initializers: new Map([...initializers].filter(([name]) => !norm.includes(name))),
  };
  const executed: [string, string][] = [
    ['r1_nchwc', 'Conv'],
    ['n2_nchwc', 'Conv'],
    ['p_nchwc', 'GlobalAveragePool'],
    ['ReorderOutput', 'ReorderOutput'],
    ['flat', 'Flatten'],
    ['head/MatMulAddFusion', 'Gemm'],
  ];
  const expected = {
    first: ['first/norm', 'first/relu'],
    second: ['second/norm', 'residual', 'residual/relu'],
    pool: [],
    '(ReorderOutput)': [],
    flat: [],
    head: ['head/bias'],
  };

  it('on x64 at level all: a blocked convolution is found by its output and keeps the residual addition', () => {
    const fixed = new Map([...optimized.initializers]);
    for (const name of ['reorder', 'reorder_token_1', 'b1', 'b2'])
      fixed.set(name, { type: 'float32', shape: [0], data: new Float32Array() });
    expect(rowsOf(residualModel(), { ...optimized, initializers: fixed }, executed)).toEqual(expected);
  });

  it('on x64 without the saved graph: the names alone give the same rows', () => {
    expect(rowsOf(residualModel(), null, executed)).toEqual(expected);
  });

  it('on arm64: a name with a token is the operator, and its parts come together in one row', () => {
    const nodes = [operator('Conv', 'c', ['x', 'w'], ['t']), operator('Relu', 'r', ['t'], ['y'])];
    const model = modelOf(['N', 3, 8, 8], nodes, {}, 'y');
    const mapping = mapOperators(model, null, [
      { name: 'c_token_3', type: 'NhwcFusedConv' },
      { name: 'Transpose_token_1', type: 'Transpose' },
      { name: 'c_token_4', type: 'NhwcFusedConv' },
    ]);
    expect(mapping.operators.map((row) => [row.name, row.type, row.executed, row.operator !== null])).toEqual(
      [
        ['c', 'Conv', [0, 2], true],
        ['Transpose_token_1', 'Transpose', [1], false],
      ],
    );
  });

  it("tells an inserted Transpose from the user's own, whatever that is called", () => {
    const nodes = [operator('Transpose', 'Transpose', ['x'], ['t']), operator('Relu', 'r', ['t'], ['y'])];
    const model = modelOf(['N', 3], nodes, {}, 'y');
    const names: [string, string][] = [
      ['Transpose', 'Transpose'],
      ['Transpose_token_0', 'Transpose'],
      ['r', 'Relu'],
    ];
    expect(rowsOf(model, null, names)).toEqual({ Transpose: [], '(Transpose_token_0)': [], r: [] });
  });

  it('gives a Transpose that a reordering took over to that reordering', () => {
    const nodes = [
      operator('Conv', 'c', ['x', 'w'], ['t']),
      operator('Transpose', 'toLast', ['t'], ['u']),
      operator('Flatten', 'flat', ['u'], ['y']),
    ];
    const saved = modelOf(
      ['N', 3, 8, 8],
      [
        blocked('t_nchwc', ['x', 'w'], 'reorder_token_0'),
        operator('ReorderOutput', 'ReorderOutput', ['reorder_token_0'], ['u']),
        operator('Flatten', 'flat', ['u'], ['y']),
      ],
      {},
      'y',
    );
    const names: [string, string][] = [
      ['t_nchwc', 'Conv'],
      ['ReorderOutput', 'ReorderOutput'],
      ['flat', 'Flatten'],
    ];
    const model = modelOf(['N', 3, 8, 8], nodes, {}, 'y');
    expect(rowsOf(model, saved, names)).toEqual({ c: [], '(ReorderOutput)': ['toLast'], flat: [] });
  });

  it('keeps the kernel type of what stands for several operators', () => {
    const nodes = [operator('Sigmoid', 'gate', ['x'], ['s']), operator('Mul', 'product', ['x', 's'], ['y'])];
    const saved = modelOf([4], [operator('QuickGelu', 'gate/QuickGeluFusion/', ['x'], ['y'])], {}, 'y');
    const mapping = mapOperators(modelOf([4], nodes, {}, 'y'), saved, [
      { name: 'gate/QuickGeluFusion/', type: 'QuickGelu' },
    ]);
    expect(mapping.operators).toMatchObject([
      { name: 'gate', type: 'QuickGelu', absorbed: [{ name: 'product' }] },
    ]);
  });

  it('lists a name that belongs to nobody', () => {
    const model = modelOf([4], [operator('Relu', 'r', ['x'], ['y'])], {}, 'y');
    const mapping = mapOperators(model, null, [
      { name: 'r', type: 'Relu' },
      { name: 'mystery', type: 'Gemm' },
    ]);
    expect(mapping.unmapped).toEqual(['mystery']);
    expect(mapping.operators.map((row) => row.operator?.name ?? null)).toEqual(['r', null]);
  });
});

describe.skipIf(files.length === 0)('real models (skipped: ../shared is missing)', () => {
  it.each(files.flatMap((file) => levels.map((level) => [file, level] as const)))(
    'every fused operator of %s maps back at level %s',
    async (file, level) => {
      const result = readModelFile(join(models, file));
      if (!result.ok) throw new Error(JSON.stringify(result.error));
      const { profile, optimizedModel } = await profileModel(result.value, level, 2);
      const { operators, unmapped } = analyseProfile(result.value, profile, optimizedModel);
      expect(unmapped).toEqual([]);
      expect(operatorsIn(operators)).toEqual(namesOf(result.value));
      const strangers = operators.filter((row) => !row.users).map((row) => row.type);
      expect(strangers.filter((type) => !/^(Reorder(In|Out)put|Transpose)$/.test(type))).toEqual([]);
    },
  );

  it.runIf(files.includes('cifar10_resnet20.onnx') && process.arch === 'x64')(
    'the residual additions of cifar10_resnet20 belong to the convolution that was executed last',
    async () => {
      const result = readModelFile(join(models, 'cifar10_resnet20.onnx'));
      if (!result.ok) throw new Error(JSON.stringify(result.error));
      const { profile, optimizedModel } = await profileModel(result.value, 'all', 2);
      const { operators } = analyseProfile(result.value, profile, optimizedModel);
      const absorbedBy = (name: string) => operators.find((row) => row.name === name)?.absorbed;
      expect(absorbedBy('Conv_27')).toEqual(['BatchNormalization_28', 'Add_31', 'Relu_32']);
      expect(absorbedBy('Conv_29')).toEqual(['BatchNormalization_30']);
    },
  );
});
