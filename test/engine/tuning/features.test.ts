import { expect, test } from 'vitest';
import { ProgramBuilder } from '../../../electron/engine/instructions/builder.ts';
import { differentiate, parametersOf } from '../../../electron/engine/instructions/differentiate.ts';
import { applyEdit, firstChannels } from '../../../electron/engine/search/edits.ts';
import { matchFeatures } from '../../../electron/engine/tuning/features.ts';
import { featureName, guidanceName, softenedName, withLoss } from '../../../electron/engine/tuning/loss.ts';
import { makeTrainer } from '../../../electron/engine/tuning/trainer.ts';
import { givenFor, reference, sampled, slope } from '../instructions/running.ts';
import { classifier, inputs, residualBlock } from '../search/small-nets.ts';

test('a narrowed inside is matched where it comes out again: past the bias and the residual sum', () => {
  const { program, ...rest } = residualBlock();
  const narrowed = applyEdit(
    { program, ...rest },
    { kind: 'narrow', weight: 'w1', keep: 12 },
    firstChannels,
  )!;
  // The sum is no result: the relu after it is.
  const pairs = matchFeatures(narrowed.program, program, 4);
  expect(pairs).toHaveLength(1);
  const [{ student, teacher }] = pairs as [(typeof pairs)[number]];
  for (const [p, id] of [
    [narrowed.program, student],
    [program, teacher],
  ] as const) {
    expect(p.instructions[id]!.op).toBe('add');
    expect(p.instructions[p.outputs[0]!]!.inputs).toEqual([id]);
  }
});

test('results are left out, and the last of those that replaced a weight stands for it', () => {
  const teacher = classifier();
  const own = matchFeatures(teacher.program, teacher.program, 4);
  expect(own.map((p) => p.student)).toEqual(own.map((p) => p.teacher));
  expect(own.map((p) => teacher.program.instructions[p.teacher]!.shape[1])).toEqual([12, 16]);
  const replaced = applyEdit(
    teacher,
    { kind: 'replace', weight: 'w2', form: { name: 'depthwise', kernel: 3 } },
    firstChannels,
  )!;
  const pairs = matchFeatures(replaced.program, teacher.program, 4);
  expect(pairs).toHaveLength(2);
  for (const { student, teacher: id } of pairs)
    expect(replaced.program.instructions[student]!.shape).toEqual(teacher.program.instructions[id]!.shape);
});

test('of many places a few are taken, evenly, the last among them', () => {
  const b = new ProgramBuilder();
  let x = b.input('x', [-1, 4]);
  for (let i = 0; i < 9; i++) x = b.add('relu', [b.add('matmul', [x, b.parameter(`w${i}`, [4, 4])], {})], {});
  const program = b.build([x]);
  const names = matchFeatures(program, program, 4).map(({ teacher }) => {
    const weight = program.instructions[program.instructions[teacher]!.inputs[1]!]!;
    return weight.op === 'parameter' ? weight.attributes.name : null;
  });
  expect(names).toEqual(['w1', 'w4', 'w6', 'w8']);
});

/** The classifier's whole loss: a target, softened labels, one feature. */
function fullLoss() {
  const { program } = classifier();
  const [pair] = matchFeatures(program, program, 1);
  return withLoss(program, {
    head: 'scores',
    scales: [],
    temperature: 2,
    features: [{ value: pair!.student, factor: 0.7 }],
  });
}

test('a target, softened labels and features together have the gradient of finite differences', () => {
  const program = fullLoss();
  const names = parametersOf(program).map((p) => p.name);
  const given = new Map(givenFor(program, 8));
  for (const name of ['target_0', softenedName(0)]) {
    const { shape, data } = given.get(name)!;
    given.set(name, { shape, data: data.map(Math.abs) });
  }
  expect([featureName(0), guidanceName].every((name) => given.has(name))).toBe(true);
  const gradients = reference(differentiate(program, names), given).slice(2);
  for (const [n, name] of names.entries())
    for (const index of sampled(gradients[n]!.data.length, 6)) {
      const wanted = slope(program, given, name, index);
      expect(Math.abs(gradients[n]!.data[index]! - wanted), name).toBeLessThan(
        1e-5 * (Math.abs(wanted) + 0.1),
      );
    }
});

test('a student that is told the features comes to compute them', async () => {
  const { program, parameters } = classifier();
  const [pair] = matchFeatures(program, program, 1);
  const trainer = await makeTrainer(program, parameters, {
    batch: 16,
    threads: 1,
    head: 'scores',
    scales: [],
    features: [{ value: pair!.student, factor: 1 }],
    weightDecay: 0,
  });
  const x = Float32Array.from(inputs(program, 16).get('x')!.data);
  const size = program.instructions[pair!.student]!.shape.slice(1).reduce((a, d) => a * d, 16);
  const further = {
    [featureName(0)]: Float32Array.from({ length: size }, (_, i) => Math.sin(i / 7) / 2),
    [guidanceName]: Float32Array.of(1),
  };
  // A target of zeros says nothing: the features alone are learnt.
  const step = () => trainer.step(x, [new Float32Array(16 * 5)], 0.01, further);
  const first = await step();
  let last = first;
  for (let i = 0; i < 80; i++) last = await step();
  further[guidanceName] = Float32Array.of(0);
  expect(await step()).toBe(0);
  await trainer.release();
  expect(last).toBeLessThan(0.5 * first);
});
