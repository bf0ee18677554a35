import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { diffModels } from '../../../electron/engine/inspect/diff.ts';
import type { OnnxModel } from '../../../electron/engine/onnx/model.ts';
import { writeModel } from '../../../electron/engine/onnx/write.ts';
import { makeFolder } from '../data/folders.ts';
import { floats, integers, modelOf, operator, residualModel } from '../onnx/small-models.ts';
import { unwrap } from './listening-host.ts';

async function changesBetween(a: OnnxModel, b: OnnxModel): Promise<string[]> {
  const folder = await makeFolder();
  const [modelPathA, modelPathB] = [join(folder, 'a.onnx'), join(folder, 'b.onnx')];
  await writeFile(modelPathA, writeModel(a));
  await writeFile(modelPathB, writeModel(b));
  const { operators } = unwrap(await diffModels({ modelPathA, modelPathB }));
  return operators.filter(({ change }) => change !== 'same').map(({ change, name }) => `${change} ${name}`);
}

const withNodes = (
  model: OnnxModel,
  change: (node: OnnxModel['nodes'][number]) => typeof node,
): OnnxModel => ({
  ...model,
  nodes: model.nodes.map(change),
});
const withTensor = (model: OnnxModel, name: string, tensor: ReturnType<typeof floats>): OnnxModel => ({
  ...model,
  initializers: new Map([...model.initializers, [name, tensor]]),
});

describe('two graphs', () => {
  test('are the same where only weights were trained', async () => {
    const a = residualModel();
    expect(await changesBetween(a, withTensor(a, 'w2', floats([8, 8, 3, 3], 5)))).toEqual([]);
  });

  test('differ by an operator that stands in place of another', async () => {
    const a = residualModel();
    const b = {
      ...a,
      nodes: a.nodes.flatMap((node) =>
        node.name === 'second'
          ? [
              operator('Conv', 'cheap', ['r1', 'point'], ['cheap']),
              operator('Relu', 'end', ['cheap'], ['c2']),
            ]
          : [node],
      ),
      initializers: new Map([...a.initializers, ['point', floats([8, 8, 1, 1])]]),
    };
    expect(await changesBetween(a, b)).toEqual(['removed second', 'added cheap', 'added end']);
  });

  test('differ by an operator of one name with another attribute', async () => {
    const a = residualModel();
    const pads = { kind: 'ints', value: [1, 1, 1, 1] } as const;
    const strides = { kind: 'ints', value: [1, 1] } as const;
    const b = withNodes(a, (node) =>
      node.name === 'second' ? { ...node, attributes: { strides, pads, kernel_shape: strides } } : node,
    );
    expect(await changesBetween(a, b)).toEqual(['removed second', 'added second']);
  });

  test('do not differ by the order of attributes', async () => {
    const a = residualModel();
    const b = withNodes(a, (node) => ({
      ...node,
      attributes: Object.fromEntries(Object.entries(node.attributes).reverse()),
    }));
    expect(await changesBetween(a, b)).toEqual([]);
  });

  test('differ by an operator of one name with weights of another shape', async () => {
    const a = residualModel();
    expect(await changesBetween(a, withTensor(a, 'b3', floats([1, 5])))).toEqual([
      'removed head/bias',
      'added head/bias',
    ]);
  });

  test('differ by short constants that say what an operator does', async () => {
    const reshaped = (...shape: number[]): OnnxModel =>
      modelOf(['N', 4], [operator('Reshape', 'r', ['x', 's'], ['y'])], { s: integers(...shape) }, 'y');
    expect(await changesBetween(reshaped(-1, 2, 2), reshaped(-1, 1, 4))).toEqual(['removed r', 'added r']);
  });

  test('are not told where one of them is no model', async () => {
    const folder = await makeFolder();
    const [modelPathA, modelPathB] = [join(folder, 'a.onnx'), join(folder, 'b.onnx')];
    await writeFile(modelPathA, writeModel(residualModel()));
    expect(await diffModels({ modelPathA, modelPathB })).toMatchObject({
      ok: false,
      error: { kind: 'modelMissing', path: modelPathB },
    });
  });
});
