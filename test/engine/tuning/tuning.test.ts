import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import type { Program, Parameters as Values } from '../../../electron/engine/instructions/program.ts';
import type { OnnxModel, OnnxNode } from '../../../electron/engine/onnx/model.ts';
import { importModel } from '../../../electron/engine/operators/import.ts';
import { applyEdit, firstChannels } from '../../../electron/engine/search/edits.ts';
import { Adam } from '../../../electron/engine/tuning/adam.ts';
import {
  augment,
  augmentationFor,
  blend,
  imageLayout,
  scarcityOf,
  seriesLayout,
} from '../../../electron/engine/tuning/augment.ts';
import { RunningAverage } from '../../../electron/engine/tuning/average.ts';
import { solvePositive } from '../../../electron/engine/tuning/cholesky.ts';
import { fitClosedForm } from '../../../electron/engine/tuning/closed-form.ts';
import { packParameters, unpackParameters } from '../../../electron/engine/tuning/pack.ts';
import { makeTrainer } from '../../../electron/engine/tuning/trainer.ts';
import { classifier, inputs, outputOf, residualBlock } from '../search/small-nets.ts';

test('Cholesky solves a system it is given the answer of', () => {
  const a = Float64Array.from([4, 1, 2, 1, 5, 3, 2, 3, 6]);
  const x = [1, -2, 3, 0.5, 2, -1];
  const b = new Float64Array(6);
  for (let i = 0; i < 3; i++)
    for (let j = 0; j < 2; j++) for (let k = 0; k < 3; k++) b[i * 2 + j]! += a[i * 3 + k]! * x[k * 2 + j]!;
  expect(solvePositive(a, b, 3, 2, 0)).toBe(true);
  b.forEach((v, i) => {
    expect(v).toBeCloseTo(x[i]!, 10);
  });
  expect(solvePositive(Float64Array.from([-1]), new Float64Array(1), 1, 1, 0)).toBe(false);
});

test('Adam finds the bottom of a bowl and does not step on a gradient that is not finite', () => {
  const data = Float32Array.from([3, -2]);
  const adam = new Adam([{ shape: [2], data }]);
  for (let i = 0; i < 600; i++) adam.step([Float32Array.from(data, (v) => 2 * (v - 1))], 0.05);
  expect(data[0]).toBeCloseTo(1, 2);
  const before = [...data];
  adam.step([Float32Array.from([Number.NaN, 1])], 0.05);
  expect([...data]).toEqual(before);
});

test('parameters survive packing', () => {
  const { parameters } = classifier();
  expect(unpackParameters(packParameters(parameters))).toEqual(parameters);
});

describe('closed form', () => {
  test('recovers what a replaced instruction must be when the truth can be said in its form', async () => {
    const draft = residualBlock();
    const halved = applyEdit(draft, { kind: 'narrow', weight: 'w1', keep: 12 }, firstChannels)!;
    const samples = inputs(draft.program, 64).get('x')!;
    const teacher = {
      program: draft.program,
      parameters: draft.parameters,
      input: 'x',
      samples: { shape: samples.shape, data: Float32Array.from(samples.data) },
    };
    const fitted = await fitClosedForm(halved, teacher, 1);
    expect(fitted.reports[0]!.error).toBeLessThan(0.5);
    const distance = (d: Parameters<typeof outputOf>[0]) => {
      const [a, b] = [outputOf(d, 4), outputOf(draft, 4)];
      return a.reduce((sum, v, i) => sum + (v - b[i]!) ** 2, 0);
    };
    expect(distance({ ...halved, parameters: fitted.parameters })).toBeLessThan(0.75 * distance(halved));
    // A weight that was spoilt, in a program that is otherwise the teacher's, comes back whole.
    const spoilt = new Map(draft.parameters);
    spoilt.set('w2', { shape: [8, 16, 3, 3], data: new Float32Array(8 * 16 * 9) });
    const back = await fitClosedForm(
      { program: draft.program, parameters: spoilt, refits: [{ weight: 'w2', target: 'w2' }] },
      teacher,
      1,
    );
    expect(back.reports[0]!.error).toBeLessThan(0.01);
    const [w, truth] = [back.parameters.get('w2')!.data, draft.parameters.get('w2')!.data];
    expect(Math.max(...w.map((v, i) => Math.abs(v - truth[i]!)))).toBeLessThan(0.02);
  });
});

describe('training', () => {
  test('a gradient graph teaches a small net to tell two kinds of images apart', async () => {
    const { program, parameters } = classifier();
    const trainer = await makeTrainer(program, parameters, {
      batch: 16,
      threads: 1,
      head: 'scores',
      scales: [1],
      weightDecay: 0,
    });
    const x = Float32Array.from(inputs(program, 16).get('x')!.data);
    const target = new Float32Array(16 * 5);
    for (let i = 0; i < 16; i++) {
      const kind = i % 2;
      for (let p = 0; p < 192; p++) x[i * 192 + p]! += kind === 0 ? 0.5 : -0.5;
      target[i * 5 + kind] = 1;
    }
    const first = await trainer.step(x, [target], 0.003);
    let last = first;
    for (let i = 0; i < 60; i++) last = await trainer.step(x, [target], 0.003);
    await trainer.release();
    expect(first).toBeGreaterThan(0.5);
    expect(last).toBeLessThan(0.05);
    expect(trainer.parameters.get('w1')!.data).not.toEqual(parameters.get('w1')!.data);
  });
});

test('a batch that is too large for the memory near the cores is run in parts and is one step all the same', async () => {
  const side = 400;
  const b = new ProgramBuilder();
  const x = b.input('x', [-1, 1, side, side]);
  const mean = b.add('mean', [x], { axes: [2, 3], keepDims: false });
  const program = b.build([b.add('matmul', [mean, b.parameter('w', [1, 1])], {})]);
  const start = new Map([['w', { shape: [1, 1], data: Float32Array.of(0.5) }]]);
  const trainer = await makeTrainer(program, start, {
    batch: 16,
    threads: 1,
    head: 'values',
    scales: [1],
    weightDecay: 0,
  });
  const levels = Array.from({ length: 16 }, (_, i) => (i - 5) / 4);
  const images = Float32Array.from(
    { length: 16 * side * side },
    (_, i) => levels[Math.floor(i / side / side)]!,
  );
  const targets = levels.map((_, i) => i * i * 0.1);
  const w = { shape: [1, 1], data: Float32Array.of(0.5) };
  const adam = new Adam([w]);
  for (let step = 0; step < 3; step++) {
    const residuals = levels.map((level, i) => level * w.data[0]! - targets[i]!);
    const loss = residuals.reduce((sum, r) => sum + r * r, 0) / 16;
    const gradient = residuals.reduce((sum, r, i) => sum + 2 * r * levels[i]!, 0) / 16;
    expect(await trainer.step(images, [Float32Array.from(targets)], 0.1)).toBeCloseTo(loss, 3);
    adam.step([Float32Array.of(gradient)], 0.1);
    expect(trainer.parameters.get('w')!.data[0]).toBeCloseTo(w.data[0]!, 4);
  }
  await trainer.release();
});

describe('augmentation', () => {
  test('images move by whole pixels and keep their values; what is no image is told so', () => {
    expect(imageLayout([12])).toBeNull();
    expect(imageLayout([1, 49, 10])).toBeNull();
    const layout = imageLayout([16, 16, 1])!;
    const x = Float32Array.from({ length: 4 * 256 }, (_, i) => i % 256);
    const before = new Set(x);
    augment(x, layout, xoroshiro128plus(1));
    expect(x.some((v, i) => v !== i % 256)).toBe(true);
    expect(x.every((v) => before.has(v))).toBe(true);
  });

  test.each([false, true])(
    'a crop of a photo is a straight line where the photo is one (channels last: %s)',
    (channelsLast) => {
      const side = 96;
      const layout = imageLayout(channelsLast ? [side, side, 1] : [1, side, side])!;
      const x = Float32Array.from(
        { length: side * side },
        (_, i) => Math.floor(i / side) + 1000 * (i % side),
      );
      const before = x.slice();
      augment(x, layout, xoroshiro128plus(2));
      const [down, right] = [x[side]! - x[0]!, x[1]! - x[0]!];
      expect(down).toBeGreaterThan(0.69);
      expect(down).toBeLessThan(1);
      expect(right / down).toBeCloseTo(1000, 0);
      for (const [i, j] of [
        [40, 50],
        [95, 95],
        [0, 95],
      ] as const)
        expect(x[i * side + j]).toBeCloseTo(x[0]! + i * down + j * right, -1);
      expect(Math.max(...x)).toBeLessThanOrEqual(Math.max(...before));
      expect(Math.min(...x)).toBeGreaterThanOrEqual(0);
    },
  );

  test('a series is shifted in time and one stretch of it masked', () => {
    expect(seriesLayout([49, 10, 1])).toEqual({ steps: 49, width: 10 });
    expect(seriesLayout([3, 32, 32])).toBeNull();
    expect(seriesLayout([12])).toBeNull();
    const change = augmentationFor([49, 10, 1])!;
    const x = Float32Array.from({ length: 490 }, (_, i) => Math.floor(i / 10));
    change(x, xoroshiro128plus(4));
    const mean = [...x].find((v) => !Number.isInteger(v));
    const rows = Array.from({ length: 49 }, (_, t) => [...x.subarray(10 * t, 10 * t + 10)]);
    expect(rows.every((row) => new Set(row).size === 1)).toBe(true);
    const kept = rows.flatMap(([v], t) => (v === mean || t < 5 || t > 43 ? [] : [v! - t]));
    expect(new Set(kept).size).toBe(1);
  });

  test('scarce samples are cropped further and change their contrast and brightness; plenty of them do not', () => {
    expect([scarcityOf(10), scarcityOf(1000), scarcityOf(2000), scarcityOf(50_000)]).toEqual([
      0.995, 0.5, 0, 0,
    ]);
    const side = 96;
    const rng = xoroshiro128plus(7);
    const slopes = (scarcity: number): number[] =>
      Array.from({ length: 40 }, () => {
        const x = Float32Array.from({ length: side * side }, (_, i) => Math.floor(i / side));
        augment(x, imageLayout([1, side, side])!, rng, scarcity);
        return x[side]! - x[0]!;
      });
    expect(Math.min(...slopes(0))).toBeGreaterThanOrEqual(0.69);
    expect(Math.min(...slopes(1))).toBeLessThan(0.5);
    expect(Math.min(...slopes(1))).toBeGreaterThan(0.39);

    const small = Float32Array.from({ length: 256 }, (_, i) => (i % 2 === 0 ? 1 : 3));
    const heights = (scarcity: number): number[] => {
      const x = small.slice();
      augmentationFor([1, 16, 16], scarcity)!(x, rng);
      return [...new Set(x)].sort((a, b) => a - b);
    };
    expect(heights(0)).toEqual([1, 3]);
    const contrasts = Array.from({ length: 40 }, () => heights(1)).map(([low, high]) => (high! - low!) / 2);
    expect(Math.min(...contrasts)).toBeLessThan(0.8);
    expect(Math.min(...contrasts)).toBeGreaterThanOrEqual(0.7);
    expect(Math.max(...contrasts)).toBeGreaterThan(1.2);
  });

  test('a blend is nearer to the first of the two', () => {
    const rng = xoroshiro128plus(7);
    for (let i = 0; i < 20; i++) {
      const x = Float32Array.of(0, 0);
      blend(x, Float32Array.of(1, 2), rng);
      expect(x[0]).toBeLessThanOrEqual(0.5);
      expect(x[1]).toBeCloseTo(2 * x[0]!, 5);
    }
  });
});

test('an average of parameters is taken over what was added, and nothing changes where nothing was', () => {
  const data = Float32Array.of(1, 2);
  const average = new RunningAverage(new Map([['w', { shape: [2], data }]]));
  average.apply();
  expect([...data]).toEqual([1, 2]);
  for (const v of [1, 2, 6]) {
    data.fill(v);
    average.add();
  }
  average.apply();
  expect([...data]).toEqual([3, 3]);
});

describe('training through', () => {
  const same = { strides: [1, 1], dilations: [1, 1], pads: [1, 1, 1, 1], groups: 1 };

  /** Trains on one batch against random values; the loss before and after. */
  async function learn(program: Program, parameters: Values) {
    const trainer = await makeTrainer(program, parameters, {
      batch: 8,
      threads: 1,
      head: 'values',
      scales: [1],
      weightDecay: 0,
    });
    const x = Float32Array.from(inputs(program, 8).get('x')!.data);
    const size = program.instructions[program.outputs[0]!]!.shape.slice(1).reduce((a, d) => a * d, 8);
    const target = Float32Array.from({ length: size }, (_, i) => Math.sin(i));
    const first = await trainer.step(x, [target], 0.01);
    let last = first;
    for (let i = 0; i < 100; i++) last = await trainer.step(x, [target], 0.01);
    await trainer.release();
    return { first, last, parameters: trainer.parameters };
  }

  test('BatchNormalization and LayerNormalization as ONNX says them', async () => {
    const layerNormalization: OnnxModel = {
      irVersion: 8,
      opsets: { '': 17 },
      producer: '',
      graphName: 'g',
      metadata: {},
      inputs: [{ name: 'x', type: 'float32', shape: [-1, 4, 6] }],
      outputs: [{ name: 'y', type: 'float32', shape: [-1, 4, 6] }],
      nodes: [
        node('BatchNormalization', ['x', 'scale', 'shift', 'mean', 'variance'], 'h'),
        node('LayerNormalization', ['h', 'gain', 'bias'], 'y', { axis: { kind: 'int', value: -1 } }),
      ],
      initializers: new Map(
        [
          ['scale', 4, 1.2],
          ['shift', 4, 0.1],
          ['mean', 4, 0.2],
          ['variance', 4, 0.8],
          ['gain', 6, 1],
          ['bias', 6, 0],
        ].map(([name, size, value]) => [
          name as string,
          {
            type: 'float32',
            shape: [size as number],
            data: new Float32Array(size as number).fill(value as number),
          },
        ]),
      ),
    };
    const { program, parameters, opaque } = importModel(layerNormalization, new Map([['x', [-1, 4, 6]]]));
    expect(opaque).toEqual([]);
    const { first, last, parameters: learnt } = await learn(program, parameters);
    expect(last).toBeLessThan(0.8 * first);
    for (const name of ['scale', 'shift', 'gain', 'bias'])
      expect(learnt.get(name)!.data, name).not.toEqual(parameters.get(name)!.data);
  });

  test('quantized activations and weights quantized per channel', async () => {
    const b = new ProgramBuilder();
    const x = b.input('x', [-1, 3, 6, 6]);
    const activation = { scales: [0.01], zeroPoints: [128], axis: 1, signed: false };
    const weight = { scales: [0.004, 0.005, 0.006, 0.007], zeroPoints: [0, 0, 0, 0], axis: 0, signed: true };
    const quantized = b.add('dequantize', [b.add('quantize', [x], activation)], activation);
    const w = b.add('dequantize', [b.add('quantize', [b.parameter('w', [4, 3, 3, 3])], weight)], weight);
    const bias = b.add('reshape', [b.parameter('bias', [4])], { shape: [1, 4, 1, 1] });
    const first = b.add('relu', [b.add('add', [b.add('conv', [quantized, w], same), bias], {})], {});
    const again = b.add('dequantize', [b.add('quantize', [first], activation)], activation);
    const v = b.parameter('v', [4 * 36, 2]);
    const program = b.build([b.add('matmul', [b.add('reshape', [again], { shape: [-1, 144] }), v], {})]);
    const values = (shape: number[], seed: number) => {
      const data = Float32Array.from(
        { length: shape.reduce((a, d) => a * d, 1) },
        (_, i) => 0.3 * Math.sin(seed * i + 1),
      );
      return { shape, data };
    };
    const parameters = new Map([
      ['w', values([4, 3, 3, 3], 1.3)],
      ['bias', { shape: [4], data: new Float32Array(4) }],
      ['v', values([144, 2], 2.1)],
    ]);
    const trained = await learn(program, parameters);
    expect(trained.last).toBeLessThan(0.2 * trained.first);
    // Through the rounding, the weight before it learns: by far more than noise, and all of its channels.
    const before = parameters.get('w')!.data;
    const moved = trained.parameters.get('w')!.data.map((value, i) => Math.abs(value - before[i]!));
    for (let k = 0; k < 4; k++)
      expect(Math.max(...moved.subarray(27 * k, 27 * k + 27))).toBeGreaterThan(0.01);
  });
});

function node(
  type: string,
  from: readonly string[],
  to: string,
  attributes: OnnxNode['attributes'] = {},
): OnnxNode {
  return { name: to, type, domain: '', inputs: from, outputs: [to], attributes };
}
