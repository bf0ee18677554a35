import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeNpz } from '../../electron/engine/data/npz.ts';
import type { OnnxModel, Tensor } from '../../electron/engine/onnx/model.ts';
import { writeModel } from '../../electron/engine/onnx/write.ts';
import { modelOf, operator } from '../engine/onnx/small-models.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));
const samples = 200;
const width = 6;
let folder: string;
const file = (name: string): string => join(folder, name);

const weight: Tensor = {
  type: 'float32',
  shape: [width, 3],
  data: Float32Array.from({ length: width * 3 }, (_, i) => Math.sin(i)),
};
const good = modelOf(['N', width], [operator('MatMul', 'dense', ['x', 'w'], ['y'])], { w: weight }, 'y');
const typed = (type: 'int64' | 'float32', shape: (number | string)[]): OnnxModel => ({
  ...good,
  inputs: [{ name: 'x', type, shape }],
});

function data(
  change: (x: Float32Array, y: number[]) => void,
  shape: readonly number[] = [samples, width],
): Uint8Array {
  const count = shape[0]!;
  const x = Float32Array.from({ length: shape.reduce((a, d) => a * d, 1) }, (_, i) => Math.sin(i * 0.7));
  const y = Array.from({ length: count }, (_, i) => i % 3);
  change(x, y);
  return encodeNpz({ x: { shape, values: x }, y: { shape: [count], values: BigInt64Array.from(y, BigInt) } });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldtune-bad-'));
  const bytes = writeModel(good);
  const files: Record<string, Uint8Array | string> = {
    'good.onnx': bytes,
    'picture.onnx': Buffer.from('\u0089PNG\r\n not a model at all, whatever its name says'),
    'cut.onnx': bytes.subarray(0, bytes.length - 40),
    'cyclic.onnx': writeModel({
      ...good,
      nodes: [
        operator('Add', 'a', ['x', 'q'], ['p']),
        operator('Relu', 'b', ['p'], ['q']),
        operator('MatMul', 'dense', ['q', 'w'], ['y']),
      ],
    }),
    'unknown.onnx': writeModel({ ...good, nodes: [operator('Teleport', 'far', ['x'], ['y'])] }),
    'dynamic.onnx': writeModel({
      ...typed('float32', ['N', 'anything', 'more']),
      nodes: [operator('Relu', 'r', ['x'], ['y'])],
    }),
    'whole.onnx': writeModel({
      ...typed('int64', ['N', width]),
      nodes: [
        operator('Cast', 'c', ['x'], ['f'], { to: { kind: 'int', value: 1 } }),
        operator('MatMul', 'dense', ['f', 'w'], ['y']),
      ],
    }),
    'integers.onnx': writeModel({
      ...typed('int64', ['N', width]),
      nodes: [operator('Identity', 'i', ['x'], ['y'])],
      outputs: [{ name: 'y', type: 'int64', shape: ['N', width] }],
      initializers: new Map(),
    }),
    'good.npz': data(() => undefined),
    'shape.npz': data(() => undefined, [samples, width + 1]),
    'nan.npz': data((x) => x.fill(Number.NaN, 7, 9)),
    'labels.npz': data((_x, y) => y.fill(7, 3, 4)),
    'one.npz': data(() => undefined, [1, width]),
    'torn.npz': Buffer.from('PK\u0003\u0004 this is no archive'),
  };
  for (const [name, contents] of Object.entries(files)) writeFileSync(file(name), contents);
  mkdirSync(file('taken'));
  writeFileSync(file('taken/mine.txt'), 'mine');
});
afterAll(() => rmSync(folder, { recursive: true }));

function optimize(model: string, dataName: string, more: readonly string[] = []) {
  const env = { ...process.env, FIELDTUNE_HOME: file('state') };
  const args = [
    'optimize',
    '--model',
    file(model),
    '--data',
    file(dataName),
    '--budget',
    '20s',
    '--out',
    file('out'),
    ...more,
  ];
  return spawnSync(process.execPath, [join(root, 'electron/cli.ts'), ...args], {
    encoding: 'utf8',
    env,
    cwd: folder,
  });
}

describe('bad input gets one clear sentence, its exit code, and leaves nothing half written', () => {
  test.each([
    ['a picture', 'picture.onnx', 'good.npz', [], 1, /picture\.onnx/],
    ['a truncated model', 'cut.onnx', 'good.npz', [], 1, /cut\.onnx/],
    ['a cyclic model', 'cyclic.onnx', 'good.npz', [], 1, /cycl|circle|itself/i],
    ['an unknown operator', 'unknown.onnx', 'good.npz', [], 1, /Teleport/],
    ['a dynamic shape that no data fixes', 'dynamic.onnx', 'good.npz', [], 1, /shape/i],
    ['whole-number inputs', 'whole.onnx', 'good.npz', [], 1, /int64/],
    ['no float operator', 'integers.onnx', 'good.npz', [], 1, /float/],
    ['a model that is not there', 'nowhere.onnx', 'good.npz', [], 1, /nowhere\.onnx/],
    ['data of another shape', 'good.onnx', 'shape.npz', [], 1, /7/],
    ['data that is not finite', 'good.onnx', 'nan.npz', [], 1, /2/],
    ['labels outside the classes', 'good.onnx', 'labels.npz', [], 1, /label|class/i],
    ['one sample', 'good.onnx', 'one.npz', [], 1, /1/],
    ['data that is no archive', 'good.onnx', 'torn.npz', [], 1, /torn\.npz/],
    ['data that is not there', 'good.onnx', 'nowhere', [], 1, /nowhere/],
    [
      'an unreachable host',
      'good.onnx',
      'good.npz',
      ['--board', 'ssh://nobody@127.0.0.1:9'],
      1,
      /127\.0\.0\.1/,
    ],
    ['an address that is none', 'good.onnx', 'good.npz', ['--board', 'carrier-pigeon'], 2, /carrier-pigeon/],
    ['no time at all', 'good.onnx', 'good.npz', ['--budget', '0'], 2, /budget/],
  ] as const)('%s', (_what, model, dataName, more, exitCode, says) => {
    const refused = optimize(model, dataName, more);
    const lines = refused.stderr.trim().split('\n');
    expect(refused.status, refused.stderr).toBe(exitCode);
    expect(lines.at(-1)).toMatch(says);
    expect(refused.stderr + refused.stdout).not.toMatch(/\n\s+at |node:internal|Error:/);
    expect(existsSync(file('out'))).toBe(false);
    expect(readdirSync(folder).filter((name) => name.startsWith('.'))).toEqual([]);
  });

  test('an output folder that holds something is refused and left as it is', () => {
    const refused = optimize('good.onnx', 'good.npz', ['--out', file('taken')]);
    expect(refused.status).toBe(2);
    expect(refused.stderr).toMatch(/taken/);
    expect(readdirSync(file('taken'))).toEqual(['mine.txt']);
  });

  test('with --json the failure is one document on stdout', () => {
    const refused = optimize('picture.onnx', 'good.npz', ['--json']);
    expect(JSON.parse(refused.stdout)).toMatchObject({
      ok: false,
      exitCode: 1,
      error: { kind: 'modelNotOnnx' },
    });
  });
});
