import { expect, test } from 'vitest';
import type { Part } from '../../../electron/engine/data/data.ts';
import { evaluate } from '../../../electron/engine/instructions/evaluate.ts';
import type { Parameters, Program } from '../../../electron/engine/instructions/program.ts';
import { applyEdit, firstChannels } from '../../../electron/engine/search/edits.ts';
import { type Lessons, makeDistillation } from '../../../electron/engine/tuning/distil.ts';
import type { Head } from '../../../electron/engine/tuning/loss.ts';
import { classifier, inputs } from '../search/small-nets.ts';

const samples = 64;
const size = 3 * 8 * 8;

/** The classifier teaches its half-wide self, whose scores' mean squared distance to the teacher's is told. */
function school(head: Head) {
  const teacher = classifier();
  const student = applyEdit(teacher, { kind: 'narrow', weight: 'w1', keep: 6 }, firstChannels)!;
  const x = Float32Array.from(inputs(teacher.program, samples).get('x')!.data);
  const scores = (program: Program, parameters: Parameters) =>
    evaluate(
      program,
      new Map([['x', { shape: [samples, 3, 8, 8], data: Float64Array.from(x) }]]),
      parameters,
      samples,
    )[0]!.data;
  const wanted = scores(teacher.program, teacher.parameters);
  const distance = (parameters: Parameters) =>
    scores(student.program, parameters).reduce((sum, v, i) => sum + (v - wanted[i]!) ** 2, 0) / wanted.length;
  const labels = Int32Array.from({ length: samples }, (_, i) => {
    const row = [...wanted.subarray(5 * i, 5 * i + 5)];
    return row.indexOf(Math.max(...row));
  });
  const fit: Part = {
    count: samples,
    labels: head === 'scores' ? labels : null,
    read: (indices) => {
      const out = new Float32Array(indices.length * size);
      for (let i = 0; i < indices.length; i++)
        out.set(x.subarray(indices[i]! * size, (indices[i]! + 1) * size), i * size);
      return out;
    },
  };
  const lessons: Lessons = {
    teacher,
    fit,
    sampleShape: [3, 8, 8],
    head,
    labelWeight: head === 'scores' ? 0.3 : 0,
    seed: 7,
    threads: 1,
    batch: 16,
  };
  return { student, lessons, distance };
}

const leg = { seconds: 60, steps: 150, peakRate: 3e-3 };

test.each(['scores', 'values'] as const)(
  'a narrowed student comes closer to its teacher in %s',
  async (head) => {
    const { student, lessons, distance } = school(head);
    const distillation = await makeDistillation(student.program, student.parameters, lessons);
    const before = distance(distillation.parameters);
    const told: number[] = [];
    const report = await distillation.train(leg, new AbortController().signal, (done) => told.push(done));
    await distillation.release();
    expect(report.steps).toBe(150);
    expect(told.at(-1)).toBe(1);
    expect(distance(distillation.parameters)).toBeLessThan(0.4 * before);
    expect(distance(student.parameters)).toBe(before);
  },
);

test('an average over a whole leg is not where the leg ends', async () => {
  const { student, lessons } = school('scores');
  const ends: Float32Array[] = [];
  for (const averagedShare of [0, 1]) {
    const distillation = await makeDistillation(student.program, student.parameters, {
      ...lessons,
      averagedShare,
    });
    await distillation.train({ ...leg, steps: 20 }, new AbortController().signal, () => {});
    await distillation.release();
    ends.push(distillation.parameters.get('w2')!.data);
  }
  const start = student.parameters.get('w2')!.data;
  const way = (end: Float32Array) => end.reduce((sum, v, i) => sum + Math.abs(v - start[i]!), 0);
  expect(way(ends[1]!)).toBeLessThan(0.8 * way(ends[0]!));
  expect(way(ends[1]!)).toBeGreaterThan(0);
});

test('nothing guides a program that teaches itself: it has only the labels to learn from', async () => {
  const { student, lessons } = school('scores');
  const lossWith = async (
    own: { readonly program: Program; readonly parameters: Parameters },
    more: Partial<Lessons>,
  ) => {
    const distillation = await makeDistillation(own.program, own.parameters, { ...lessons, ...more });
    const { loss } = await distillation.train({ ...leg, steps: 5 }, new AbortController().signal, () => {});
    await distillation.release();
    return loss;
  };
  const [strong, none] = [
    { featureWeight: 5, temperature: 6 },
    { featureWeight: 0, temperature: 1 },
  ];
  expect(await lossWith(lessons.teacher, strong)).toBeCloseTo(await lossWith(lessons.teacher, none), 4);
  expect(await lossWith(student, strong)).toBeGreaterThan(2 * (await lossWith(student, none)));
});

test('a leg ends at once when the person cancels', async () => {
  const { student, lessons } = school('scores');
  const distillation = await makeDistillation(student.program, student.parameters, lessons);
  const report = await distillation.train(leg, AbortSignal.abort(), () => {});
  await distillation.release();
  expect(report.steps).toBe(0);
});
