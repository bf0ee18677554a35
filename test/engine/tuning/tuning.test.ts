import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { applyEdit, firstChannels } from '../../../electron/engine/search/edits.ts';
import { Adam } from '../../../electron/engine/tuning/adam.ts';
import { augment, imageLayout } from '../../../electron/engine/tuning/augment.ts';
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
});
