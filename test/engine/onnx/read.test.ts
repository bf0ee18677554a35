import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ModelError } from '../../../electron/contract/errors.ts';
import {
  attributeCodec,
  type GraphMessage,
  type ModelMessage,
  modelCodec,
  type NodeMessage,
  type TensorMessage,
  typeCodec,
} from '../../../electron/engine/onnx/messages.ts';
import type { OnnxModel } from '../../../electron/engine/onnx/model.ts';
import { readModel, readModelFile } from '../../../electron/engine/onnx/read.ts';
import { writeModel } from '../../../electron/engine/onnx/write.ts';
import { residualModel } from './small-models.ts';

const floatType = typeCodec.encode({ tensorType: { elemType: 1, shape: { dim: [{ dimValue: 4 }] } } });

function fileOf(graph: GraphMessage, model: ModelMessage = {}): Uint8Array {
  const input = [{ name: 'x', type: floatType }];
  const output = [{ name: 'y', type: floatType }];
  return modelCodec.encode({
    irVersion: 8,
    opsetImport: [{ domain: '', version: 13 }],
    graph: { name: 'g', input, output, ...graph },
    ...model,
  });
}
const node = (opType: string, input: string[], output: string[], more: NodeMessage = {}): NodeMessage => ({
  opType,
  input,
  output,
  ...more,
});
const relu = (input: string, output: string, name = ''): NodeMessage =>
  node('Relu', [input], [output], { name });
const withTensor = (tensor: TensorMessage): Uint8Array =>
  fileOf({ node: [node('Add', ['x', 'w'], ['y'])], initializer: [{ name: 'w', ...tensor }] });

function modelIn(bytes: Uint8Array): OnnxModel {
  const result = readModel(bytes, 'm.onnx');
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}
function errorIn(bytes: Uint8Array): ModelError {
  const result = readModel(bytes, 'm.onnx');
  if (result.ok) throw new Error('The model was read');
  return result.error;
}
const reasonIn = (bytes: Uint8Array): string => {
  const error = errorIn(bytes);
  return error.kind === 'modelBroken' ? error.reason : error.kind;
};

describe('files', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'fieldtune-read-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));
  const kindOf = (path: string): string => {
    const result = readModelFile(path);
    return result.ok ? 'read' : result.error.kind;
  };

  it('reads a model from disk', () => {
    const path = join(folder, 'model.onnx');
    writeFileSync(path, writeModel(residualModel()));
    expect(kindOf(path)).toBe('read');
  });

  it('calls a path without a file missing', () => {
    expect(kindOf(join(folder, 'none.onnx'))).toBe('modelMissing');
  });

  it('calls a folder missing, with the reason', () => {
    expect(readModelFile(folder)).toMatchObject({
      error: { kind: 'modelMissing', reason: 'it is a folder' },
    });
  });

  it('fault 44: refuses a 3 GiB sparse file unread', () => {
    const path = join(folder, 'sparse.onnx');
    writeFileSync(path, '');
    truncateSync(path, 3 * 2 ** 30);
    const before = process.memoryUsage().rss;
    expect(readModelFile(path)).toMatchObject({ error: { kind: 'modelTooLarge', sizeBytes: 3 * 2 ** 30 } });
    expect(process.memoryUsage().rss - before).toBeLessThan(2 ** 28);
  });
});

describe('what is no model', () => {
  const png = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 13];
  const savedModel = [0x08, 0x01, 0x12, 0x04, 0x0a, 0x02, 0x10, 0x00];
  it.each<[string, Uint8Array]>([
    ['an empty file', new Uint8Array()],
    ['English text', new TextEncoder().encode('This is not a model.\n')],
    ['text that begins like a field', new TextEncoder().encode('2 items, :colon "quoted" B')],
    ['JSON', new TextEncoder().encode('{"a": 1}')],
    ['HTML', new TextEncoder().encode('<!doctype html><html>')],
    ['a PNG', Uint8Array.from(png)],
    ['zeros', new Uint8Array(1000)],
    ['a TensorFlow SavedModel', Uint8Array.from(savedModel)],
  ])('fault 41: %s is not ONNX', (_, bytes) => {
    expect(errorIn(bytes).kind).toBe('modelNotOnnx');
  });

  it('fault 41: any bytes are read or refused, never thrown over', () => {
    fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => !readModel(bytes, 'm').ok));
  });

  it('fault 41: a model with damaged bytes is read or refused, never thrown over', () => {
    const whole = writeModel(residualModel());
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(damage, (changes) => {
        const bytes = whole.slice();
        for (const [at, value] of changes) bytes[at] = value;
        return typeof readModel(bytes, 'm').ok === 'boolean';
      }),
      { numRuns: 500 },
    );
  });

  it('fault 41: every beginning of a model is called truncated', () => {
    const whole = writeModel(residualModel());
    const kinds = new Set<string>();
    for (let size = 2; size < whole.length; size += size < 400 ? 1 : 37)
      kinds.add(errorIn(whole.subarray(0, size)).kind);
    expect([...kinds]).toEqual(['modelTruncated']);
  });
});

describe('operator sets', () => {
  const atOpset = (version: number): Uint8Array =>
    fileOf({ node: [relu('x', 'y')] }, { opsetImport: [{ domain: '', version }] });

  it.each([7, 22])('reads opset %i', (version) => {
    expect(modelIn(atOpset(version)).opsets).toEqual({ '': version });
  });

  it.each([6, 23])('refuses opset %i', (opset) => {
    expect(errorIn(atOpset(opset))).toEqual({ kind: 'modelOpset', path: 'm.onnx', opset, from: 7, to: 22 });
  });

  it("takes 'ai.onnx' for ONNX's own domain", () => {
    const opsetImport = [{ domain: 'ai.onnx', version: 13 }];
    const bytes = fileOf({ node: [{ ...relu('x', 'y'), domain: 'ai.onnx' }] }, { opsetImport });
    expect(modelIn(bytes).nodes[0]?.domain).toBe('');
    expect(modelIn(bytes).opsets).toEqual({ '': 13 });
  });
});

describe('data outside the file', () => {
  const external: TensorMessage = {
    name: 'far',
    dims: [4],
    dataType: 1,
    dataLocation: 1,
    externalData: [{ key: 'location', value: '../secret' }],
  };
  const inSubgraph = attributeCodec.encode({ name: 'then_branch', type: 5, g: { initializer: [external] } });
  const inAttribute = attributeCodec.encode({ name: 'value', type: 4, t: external });
  it.each<[string, GraphMessage]>([
    ['an initializer', { node: [relu('far', 'y')], initializer: [external] }],
    ['a Constant', { node: [node('Constant', [], ['y'], { attribute: [inAttribute] })] }],
    ['a subgraph', { node: [node('If', ['x'], ['y'], { attribute: [inSubgraph] })] }],
  ])('fault 42: %s with external data is refused by name', (_, graph) => {
    expect(errorIn(fileOf(graph))).toEqual({ kind: 'modelExternalData', path: 'm.onnx', tensor: 'far' });
  });
});

describe('names and order', () => {
  it('gives unnamed and equally named operators names of their own', () => {
    const nodes = [relu('x', 'a'), relu('a', 'b', 'Relu_0'), relu('b', 'c', 'twin'), relu('c', 'y', 'twin')];
    expect(modelIn(fileOf({ node: nodes })).nodes.map((n) => n.name)).toEqual([
      'Relu_1',
      'Relu_0',
      'twin',
      'Relu_2',
    ]);
  });

  it('sorts operators and leaves sorted ones as they are', () => {
    const sorted = [relu('x', 'a', '1'), relu('x', 'b', '2'), node('Add', ['a', 'b'], ['y'], { name: '3' })];
    const namesIn = (nodes: NodeMessage[]): string =>
      modelIn(fileOf({ node: nodes }))
        .nodes.map((n) => n.name)
        .join('');
    expect(namesIn(sorted)).toBe('123');
    expect(namesIn(sorted.toReversed())).toBe('123');
  });

  it('sorts a chain of 20,000 operators', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) =>
      relu(i === 0 ? 'x' : `t${i}`, i === 19_999 ? 'y' : `t${i + 1}`),
    );
    expect(modelIn(fileOf({ node: chain.reverse() })).nodes.at(-1)?.outputs).toEqual(['y']);
  });

  it('fault 41: names an operator of a cycle', () => {
    const nodes = [
      node('Add', ['x', 'b'], ['a'], { name: 'ring' }),
      relu('a', 'b', 'ring2'),
      relu('a', 'y', 'out'),
    ];
    const error = errorIn(fileOf({ node: nodes }));
    expect(error).toMatchObject({ kind: 'modelCyclic', operator: expect.stringMatching(/^ring/) });
  });

  it('waits for what a subgraph captures', () => {
    const branch = { node: [relu('late', 'z')], output: [{ name: 'z' }] };
    const attribute = [attributeCodec.encode({ name: 'then_branch', type: 5, g: branch })];
    const nodes = [node('If', ['x'], ['y'], { name: 'if', attribute }), relu('x', 'late', 'capture')];
    expect(modelIn(fileOf({ node: nodes })).nodes.map((n) => n.name)).toEqual(['capture', 'if']);
  });
});

describe('broken graphs', () => {
  it.each<[string, GraphMessage, string]>([
    [
      'a tensor that nothing makes',
      { node: [relu('ghost', 'y', 'r')] },
      "operator 'r' reads tensor 'ghost', which nothing makes",
    ],
    [
      'a tensor made twice',
      { node: [relu('x', 'y', 'a'), relu('x', 'y', 'b')] },
      "tensor 'y' is made by operator 'b' and by operator 'a'",
    ],
    ['an output that nothing makes', { node: [relu('x', 'z')] }, "nothing makes the graph's output 'y'"],
    ['no output', { node: [relu('x', 'y')], output: [] }, 'the graph has no output'],
  ])('fault 41: %s is named', (_, graph, reason) => {
    expect(reasonIn(fileOf(graph))).toBe(reason);
  });

  it.each<[string, TensorMessage]>([
    ['too few raw bytes', { dims: [4], dataType: 1, rawData: new Uint8Array(12) }],
    ['half a value', { dims: [4], dataType: 1, rawData: new Uint8Array(15) }],
    ['too many floats', { dims: [1], dataType: 1, floatData: [1, 2] }],
    ['no data', { dims: [2], dataType: 7 }],
    ['a negative dimension', { dims: [-4], dataType: 1, floatData: [1] }],
  ])('fault 41: a tensor with %s is broken', (_, tensor) => {
    expect(reasonIn(withTensor(tensor))).toMatch(/^tensor 'w'/);
  });

  it('fault 41: subgraphs nested without end are refused', () => {
    let attribute = attributeCodec.encode({ name: 'then_branch', type: 5, g: { node: [] } });
    for (let depth = 0; depth < 5_000; depth++)
      attribute = attributeCodec.encode({
        name: 'then_branch',
        type: 5,
        g: { node: [node('If', [], [], { attribute: [attribute] })] },
      });
    const bytes = fileOf({ node: [node('If', ['x'], ['y'], { attribute: [attribute] })] });
    expect(errorIn(bytes).kind).toBe('modelBroken');
  });
});

describe('tensors and inputs', () => {
  const tensorIn = (tensor: TensorMessage) => modelIn(withTensor(tensor)).initializers.get('w');

  it('reads floats the same from raw data at every alignment and from the typed field', () => {
    const values = Float32Array.of(1.5, -2, 3e-8, 4e20);
    const raw = new Uint8Array(values.buffer);
    for (let shift = 0; shift < 4; shift++) {
      const bytes = fileOf({
        node: [node('Add', ['x', 'w'], ['y'])],
        name: 'g'.repeat(shift + 1),
        initializer: [{ name: 'w', dims: [4], dataType: 1, rawData: raw }],
      });
      expect(modelIn(Buffer.from(bytes)).initializers.get('w')?.data).toEqual(values);
    }
    expect(tensorIn({ dims: [4], dataType: 1, floatData: [...values] })?.data).toEqual(values);
  });

  it('clamps INT64_MAX and INT64_MIN to safe integers', () => {
    const rawData = new Uint8Array(BigInt64Array.of(2n ** 63n - 1n, -(2n ** 63n), -7n).buffer);
    const data = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, -7];
    expect(tensorIn({ dims: [3], dataType: 7, rawData })).toEqual({ type: 'int64', shape: [3], data });
  });

  it.each<[string, TensorMessage, number[]]>([
    ['uint8', { dims: [2], dataType: 2, int32Data: [1, 255] }, [1, 255]],
    ['int8', { dims: [2], dataType: 3, int32Data: [-1, 5] }, [255, 5]],
    ['bool', { dims: [2], dataType: 9, int32Data: [0, 1] }, [0, 1]],
    ['float16', { dims: [1], dataType: 10, int32Data: [0x3c00] }, [0, 0x3c]],
    ['int32', { dims: [1], dataType: 6, int32Data: [-2] }, [0xfe, 255, 255, 255]],
    ['float64', { dims: [1], dataType: 11, doubleData: [1] }, [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]],
    ['uint64', { dims: [1], dataType: 13, uint64Data: [3] }, [3, 0, 0, 0, 0, 0, 0, 0]],
  ])('packs %s from its typed field to bytes', (type, tensor, bytes) => {
    expect(tensorIn(tensor)).toEqual({ type, shape: tensor.dims, data: Uint8Array.from(bytes) });
  });

  it('makes initializers of Constant nodes of every kind', () => {
    const constant = (output: string, name: string, value: object): NodeMessage =>
      node('Constant', [], [output], { attribute: [attributeCodec.encode({ name, ...value })] });
    const nodes = [
      constant('t', 'value', { type: 4, t: { dims: [1], dataType: 1, floatData: [9] } }),
      constant('f', 'value_float', { type: 1, f: 0.5 }),
      constant('fs', 'value_floats', { type: 6, floats: [1, 2] }),
      constant('i', 'value_int', { type: 2, i: 0 }),
      constant('is', 'value_ints', { type: 7, ints: [3, -4] }),
      relu('x', 'y'),
    ];
    const model = modelIn(fileOf({ node: nodes }));
    expect(model.nodes).toHaveLength(1);
    expect(Object.fromEntries(model.initializers)).toEqual({
      t: { type: 'float32', shape: [1], data: Float32Array.of(9) },
      f: { type: 'float32', shape: [], data: Float32Array.of(0.5) },
      fs: { type: 'float32', shape: [2], data: Float32Array.of(1, 2) },
      i: { type: 'int64', shape: [], data: [0] },
      is: { type: 'int64', shape: [2], data: [3, -4] },
    });
  });

  const withWeightAsInput = (irVersion: number): Uint8Array => {
    const dim = [{ dimParam: 'N' }, {}, { dimValue: -1 }, { dimValue: 8 }];
    const type = typeCodec.encode({ tensorType: { elemType: 1, shape: { dim } } });
    return fileOf(
      {
        node: [node('Add', ['x', 'w'], ['y'])],
        initializer: [{ name: 'w', dims: [1], dataType: 1, floatData: [1] }],
        input: [
          { name: 'x', type },
          { name: 'w', type },
        ],
      },
      { irVersion },
    );
  };

  it('takes initializers out of the inputs and keeps symbolic and unknown dimensions apart', () => {
    const model = modelIn(withWeightAsInput(3));
    expect(model.inputs).toEqual([{ name: 'x', type: 'float32', shape: ['N', null, null, 8] }]);
    expect(model.irVersion).toBe(4);
    expect(model.openInitializers).toBeUndefined();
  });

  it('keeps apart which initializers may be given other values, and writes them as such', () => {
    const model = modelIn(withWeightAsInput(4));
    expect(model.inputs.map((i) => i.name)).toEqual(['x']);
    expect(model.openInitializers).toEqual(['w']);
    const again = modelIn(writeModel(model));
    expect(again.openInitializers).toEqual(['w']);
    expect(again.inputs).toEqual(model.inputs);
  });
});
