import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../../../../electron/engine/instructions/builder.ts';
import type { Parameters, Program } from '../../../../electron/engine/instructions/program.ts';
import { makeReference } from '../../../../electron/engine/stages/networks/fit.ts';
import { openStudy, type Study } from '../../../../electron/engine/stages/study.ts';
import {
  batchOf,
  type Classroom,
  labelWeightOf,
  passesOf,
  school,
  selectAccuracy,
} from '../../../../electron/engine/stages/tuning/lessons.ts';
import type { Schools } from '../../../../electron/engine/tuning/schools.ts';
import { unwrap } from '../../inspect/listening-host.ts';
import { makeOptimizable, pricedHost, shortJob } from '../../optimizing.ts';

/** A pointwise convolution of 64 to 64 channels over so many positions: 4,096 multiply-adds each. */
function over(positions: number): Program {
  const b = new ProgramBuilder();
  const plain = { strides: [1, 1], dilations: [1, 1], pads: [0, 0, 0, 0], groups: 1 };
  return b.build([
    b.add('conv', [b.input('x', [-1, 64, 1, positions]), b.parameter('w', [64, 64, 1, 1])], plain),
  ]);
}

describe('The samples of a step', () => {
  test('are 32 of what is cheap, and fewer the dearer each is, but some', () => {
    const batches = [1_000, 8_000, 15_000, 1_000_000].map((positions) =>
      batchOf('scores', over(positions), 400),
    );
    expect(batches).toEqual([32, 20, 11, 8]);
  });

  test('are fewer where every value of an output is a lesson', () => {
    expect(batchOf('values', over(8_000), 400)).toBe(15);
    expect(batchOf('values', over(1_000), 400)).toBe(32);
    expect(batchOf('values', over(1_000_000), 400)).toBe(4);
  });
});

test('labels count the more the more samples of a class there are, and not where each stands alone', () => {
  const labels = (classes: number, ofClass: number) =>
    Int32Array.from({ length: classes * ofClass }, (_, i) => i % classes);
  expect(labelWeightOf(labels(320, 1))).toBe(0);
  expect(labelWeightOf(labels(40, 8))).toBeCloseTo(0.11, 2);
  expect(labelWeightOf(labels(12, 27))).toBe(0.3);
  expect(labelWeightOf(labels(10, 900))).toBe(0.3);
});

test('a pass is as many steps as show every sample once', () => {
  const studyWith = (count: number): Study =>
    // What counting needs of a study.
    ({
      head: 'scores',
      whole: { program: over(8_000) },
      data: { parts: { fit: { count } } },
    }) as unknown as Study;
  // 20 samples a step.
  expect(passesOf(studyWith(400), 60)).toBe(3);
  expect(passesOf(studyWith(10), 60)).toBe(60);
});

describe('A leg', () => {
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-lessons-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let study: Study;
  let classroom: (taught: Parameters) => Classroom;

  beforeAll(async () => {
    study = unwrap(
      await openStudy(
        shortJob(await makeOptimizable(folder)),
        pricedHost(() => 100),
      ),
    );
    const reference = await makeReference(study);
    classroom = (parameters) => {
      const teach = async () => ({ parameters, report: { steps: 7, seconds: 1, loss: 0 } });
      return { study, reference, teacher: study.whole!, schools: { teach } as unknown as Schools };
    };
  });

  /** A's values with every third a part of them off. */
  const off = (part: number): Parameters =>
    new Map(
      [...study.whole!.parameters].map(([name, value]) => [
        name,
        { ...value, data: value.data.map((v, i) => (i % 3 === 0 ? v * (1 - part) : v)) },
      ]),
    );

  let legs = 0;

  /** The outcome of a leg between two states, the first of which is said to reach `ahead` points more. */
  async function legBetween(before: Parameters, after: Parameters, ahead: number) {
    const room = classroom(after);
    const { program } = study.whole!;
    const reached = await selectAccuracy(study, room.reference, program, after);
    const start = { program, parameters: before, selectAccuracy: reached + ahead, steps: 10 };
    const leg = { name: `leg ${legs++}`, seconds: 1, peakRate: 1e-3, together: 1, onProgress() {} };
    return { reached, ended: await school(room, start, leg) };
  }

  test('that reaches more counts, whatever came of the rest', async () => {
    const [near, far] = [off(0.3), off(0.8)];
    const { reached, ended } = await legBetween(near, far, -1);
    expect(ended).toMatchObject({ selectAccuracy: reached, steps: 17 });
    expect(ended.parameters).toBe(far);
  });

  test('that reaches less by chance counts where it led nearer to A, and is undone where it led away', async () => {
    const [near, far] = [off(0.5), off(0.8)];
    const { reached, ended } = await legBetween(far, near, 1);
    expect(reached).toBeLessThan(97);
    expect(ended).toMatchObject({ selectAccuracy: reached, steps: 17 });
    expect(ended.parameters).toBe(near);
    const back = await legBetween(near, far, 1);
    expect(back.ended.parameters).toBe(near);
    expect(back.ended).toMatchObject({ selectAccuracy: back.reached + 1, steps: 17 });
  });

  test('that reaches less by more than chance is undone, however near to A it led', async () => {
    const [near, far] = [off(0.5), off(0.8)];
    const { reached, ended } = await legBetween(far, near, 20);
    expect(ended.parameters).toBe(far);
    expect(ended).toMatchObject({ selectAccuracy: reached + 20, steps: 17 });
  });
});
