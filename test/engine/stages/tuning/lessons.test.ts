import { describe, expect, test } from 'vitest';
import { ProgramBuilder } from '../../../../electron/engine/instructions/builder.ts';
import type { Program } from '../../../../electron/engine/instructions/program.ts';
import type { Study } from '../../../../electron/engine/stages/study.ts';
import { batchOf, passesOf } from '../../../../electron/engine/stages/tuning/lessons.ts';

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
