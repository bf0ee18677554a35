import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { lowerToModel } from '../../../electron/engine/instructions/lower.ts';
import { checkModel } from '../../../electron/engine/onnx/check.ts';
import type { OnnxModel, OnnxNode } from '../../../electron/engine/onnx/model.ts';
import { readModelFile } from '../../../electron/engine/onnx/read.ts';
import { importModel, importRegion } from '../../../electron/engine/operators/import.ts';
import { rewriteModel } from '../../../electron/engine/operators/rewrite.ts';
import { openSession } from '../../../electron/engine/tuning/runtime.ts';
import { operator } from '../onnx/small-models.ts';
import { bothAgree, image, int, ints, modelOf, number, wave, whole } from './one-operator.ts';

const shared = join(import.meta.dirname, '../../../../shared/models');

test('an operator without a definition stays opaque and says why; the rest is imported', () => {
  const model = modelOf({ type: 'Relu', shape: image });
  const nodes: OnnxNode[] = [
    { ...model.nodes[0]!, outputs: ['a'] },
    { name: 'strange', type: 'Det', domain: '', inputs: ['a'], outputs: ['y_0'], attributes: {} },
  ];
  const imported = importModel({ ...model, nodes }, new Map([['x', image]]));
  expect(imported.opaque).toEqual([{ operator: 'strange', reason: 'there is no definition of Det' }]);
  expect(imported.shapes.get('a')).toEqual(image);
});

describe('around an opaque operator', () => {
  const base = modelOf({ type: 'Relu', shape: image, operands: [wave([2, 4, 3, 3])] });
  const chain = (type: string): OnnxModel => ({
    ...base,
    nodes: [
      operator('Relu', 'relu', ['x'], ['a']),
      operator(type, 'strange', ['a'], ['b']),
      operator('Conv', 'conv', ['b', 'operand_0'], ['y_0']),
    ],
  });

  test('one that keeps the shape leaves its result to the program as an input', () => {
    const { opaque, shapes, program } = importModel(chain('Round'), new Map([['x', image]]));
    expect(opaque).toEqual([{ operator: 'strange', reason: 'there is no definition of Round' }]);
    expect(shapes.get('y_0')).toEqual([-1, 2, 4, 4]);
    expect(program.instructions.flatMap((i) => (i.op === 'input' ? i.attributes.name : []))).toEqual([
      'x',
      'b',
    ]);
  });

  test('one whose result has no known shape takes what follows with it', () => {
    const { opaque, shapes, program } = importModel(chain('NonZero'), new Map([['x', image]]));
    expect(opaque.map((o) => o.operator)).toEqual(['strange', 'conv']);
    expect([shapes.has('y_0'), program.outputs]).toEqual([false, []]);
  });

  test('a program cannot be made of a region with one', () => {
    const { shapes } = importModel(chain('Round'), new Map([['x', image]]));
    expect(() => importRegion(chain('Round'), new Set(['strange']), shapes)).toThrow(
      'no definition of Round',
    );
  });
});

test('weights are parameters, statistics and single numbers are constants', () => {
  const model: OnnxModel = {
    ...modelOf({ type: 'Relu', shape: image }),
    nodes: [
      operator('Sub', 'centre', ['x', 'colours'], ['a']),
      operator('BatchNormalization', 'norm', ['a', 'scale', 'shift', 'average', 'variance'], ['b']),
      operator('Mul', 'half', ['b', 'number'], ['c']),
      operator('Conv', 'conv', ['c', 'weight', 'bias'], ['y_0']),
    ],
    initializers: new Map([
      ...['scale', 'shift', 'average', 'bias'].map((name) => [name, wave([4])] as const),
      ['variance', wave([4], 1, 2)],
      ['colours', wave([4, 1, 1])],
      ['number', number(0.5)],
      ['weight', wave([4, 4, 1, 1])],
    ]),
  };
  const { parameters, program } = importModel(model, new Map([['x', image]]));
  expect([...parameters.keys()].sort()).toEqual(['bias', 'scale', 'shift', 'weight']);
  expect(program.instructions.filter((i) => i.op === 'parameter')).toHaveLength(4);
});

describe('shapes that the model computes', () => {
  /** x [N,4,6,6] → Reshape to [Shape(x)[0], 2, −1] → Expand by Where(Equal(…)) → y */
  const nodes = [
    operator('Shape', 'shape', ['x'], ['s']),
    operator('Gather', 'first', ['s', 'zero'], ['n']),
    operator('Unsqueeze', 'open', ['n', 'axes'], ['n1']),
    operator('Concat', 'join', ['n1', 'two', 'rest'], ['target'], { axis: int(0) }),
    operator('Reshape', 'reshape', ['x', 'target'], ['a']),
    operator('Relu', 'relu', ['a'], ['b']),
    operator('Reshape', 'flat', ['b', 'target2'], ['y_0']),
    operator('Mul', 'double', ['n1', 'two'], ['n2']),
    operator('Concat', 'join2', ['n2', 'rest'], ['target2'], { axis: int(0) }),
  ];
  const model: OnnxModel = {
    ...modelOf({ type: 'Relu', shape: image }),
    nodes: [...nodes.slice(0, 6), ...nodes.slice(7), nodes[6]!],
    initializers: new Map([
      ['zero', { type: 'int64', shape: [], data: [0] } as const],
      ['axes', whole(0)],
      ['two', whole(2)],
      ['rest', whole(-1)],
    ]),
  };

  test('are worked out with the batch left open', async () => {
    const { shapes } = importModel(model, new Map([['x', image]]));
    expect([shapes.get('a'), shapes.get('y_0')]).toEqual([
      [-1, 2, 72],
      [-2, 72],
    ]);
    await bothAgree(model, image, 3);
  });

  test('are constants of a region that only uses them', () => {
    const { shapes } = importModel(model, new Map([['x', image]]));
    const program = importRegion(model, new Set(['relu', 'flat']), shapes);
    expect(program.instructions.map((i) => i.op)).toEqual(['input', 'relu', 'reshape']);
    expect(program.instructions.at(-1)?.shape).toEqual([-2, 72]);
  });
});

describe('a model written for one sample', () => {
  const nodes = [
    operator('Reshape', 'rows', ['x', 'rowShape'], ['a']),
    operator('MatMul', 'product', ['a', 'w'], ['b']),
    operator('Reshape', 'apart', ['b', 'apartShape'], ['c']),
    operator('Concat', 'token', ['first', 'c'], ['d'], { axis: int(1) }),
    operator('Transpose', 'across', ['d'], ['e'], { perm: ints(2, 0, 1) }),
    operator('Reshape', 'mixed', ['e', 'mixedShape'], ['f']),
    operator('Transpose', 'back', ['f'], ['g'], { perm: ints(1, 0) }),
    operator('Reshape', 'whole', ['g', 'wholeShape'], ['y_0']),
  ];
  const model: OnnxModel = {
    ...modelOf({ type: 'Relu', shape: [1, 4, 6, 6] }),
    nodes,
    initializers: new Map([
      ['rowShape', whole(24, 6)],
      ['w', wave([6, 5])],
      ['apartShape', whole(1, -1, 5)],
      ['first', wave([1, 1, 5])],
      ['mixedShape', whole(5, 25)],
      ['wholeShape', whole(1, 125)],
    ]),
  };

  test('keeps the samples of a larger batch apart', async () => {
    const { program, parameters, opaque, shapes } = importModel(model, new Map([['x', image]]));
    expect(opaque).toEqual([]);
    expect([shapes.get('a'), shapes.get('f'), shapes.get('y_0')]).toEqual([
      [-24, 6],
      [5, -25],
      [-1, 125],
    ]);
    const x = wave([2, 4, 6, 6]).data as Float32Array;
    const together = await openSession(lowerToModel(program, parameters, { opset: 17, batch: 2 }), 1);
    const one = await openSession(model, 1);
    const both = (await together.run({ x: { shape: [2, 4, 6, 6], data: x } }))[together.outputs[0]!]!;
    for (const n of [0, 1]) {
      const alone = await one.run({ x: { shape: [1, 4, 6, 6], data: x.slice(n * 144, (n + 1) * 144) } });
      const own = both.data.slice(n * 125, (n + 1) * 125);
      expect(Math.max(...own.map((v, i) => Math.abs(v - alone.y_0!.data[i]!)))).toBeLessThan(1e-5);
    }
    await Promise.all([together.release(), one.release()]);
  });
});

test('comparisons and choices become numbers', async () => {
  const model: OnnxModel = {
    ...modelOf({ type: 'Relu', shape: image, operands: [wave([6], 1)] }),
    nodes: [
      operator('Greater', 'above', ['x', 'operand_0'], ['a']),
      operator('LessOrEqual', 'below', ['x', 'zero'], ['b']),
      operator('Cast', 'number', ['b'], ['c'], { to: int(1) }),
      operator('Where', 'choice', ['a', 'x', 'c'], ['y_0']),
    ],
    initializers: new Map([
      ['operand_0', wave([6], 1)],
      ['zero', number(0)],
    ]),
  };
  await bothAgree(model, image, 2);
});

const names = [
  'fashion_mnist_cnn',
  'cifar10_resnet20',
  'cifar10_vit_pgd_2_3_16',
  'mlperf_tiny_kws_dscnn',
  'mobilenet_v1_025_224',
  'ultraface_rfb_320',
];
describe.skipIf(!existsSync(shared))('real models (skipped: ../shared is missing, without it)', () => {
  test.each(names)('%s is imported whole and computes the same, rewritten too', async (name) => {
    const path = join(shared, `${name}.onnx`);
    const read = readModelFile(path);
    if (!read.ok) throw new Error(read.error.kind);
    const shapes = checkModel(read.value, path);
    if (!shapes.ok) throw new Error(shapes.error.kind);
    const [shape] = [...shapes.value.values()];
    await bothAgree(read.value, shape!, 1);
    const rewritten = rewriteModel(read.value).model;
    const [a, b] = [await openSession(read.value, 1), await openSession(rewritten, 1)];
    const dims = shape!.map((d) => (d < 0 ? 1 : d));
    const feeds = { [read.value.inputs[0]!.name]: { shape: dims, data: wave(dims).data as Float32Array } };
    const [ya, yb] = [await a.run(feeds), await b.run(feeds)];
    for (const output of a.outputs)
      expect(
        Math.max(...ya[output]!.data.map((v, i) => Math.abs(v - yb[output]!.data[i]!) - 1e-4 * Math.abs(v))),
      ).toBeLessThan(1e-4);
  });
});
