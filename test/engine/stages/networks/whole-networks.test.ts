import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { costOf } from '../../../../electron/engine/instructions/cost.ts';
import { writeModel } from '../../../../electron/engine/onnx/write.ts';
import { rebuild } from '../../../../electron/engine/search/draft.ts';
import { dominates } from '../../../../electron/engine/search/pareto.ts';
import { compareOutputs, runOnPart } from '../../../../electron/engine/stages/judging/verify.ts';
import { breedFirst, breedOn } from '../../../../electron/engine/stages/networks/breeding.ts';
import { deliver } from '../../../../electron/engine/stages/networks/delivery.ts';
import { evolve } from '../../../../electron/engine/stages/networks/evolve.ts';
import { editBase, makeReference, type Reference } from '../../../../electron/engine/stages/networks/fit.ts';
import { pointOf } from '../../../../electron/engine/stages/networks/points.ts';
import {
  calibratedInt8,
  timeAgain,
  timeBase,
} from '../../../../electron/engine/stages/networks/precision.ts';
import { replacementsOf } from '../../../../electron/engine/stages/networks/replacements.ts';
import {
  bestSpeedup,
  type Contender,
  keyOfContender,
  originalStudent,
  type Student,
} from '../../../../electron/engine/stages/networks/student.ts';
import { wholeModel } from '../../../../electron/engine/stages/networks/whole-model.ts';
import { openStudy, type Study } from '../../../../electron/engine/stages/study.ts';
import { openSession } from '../../../../electron/engine/tuning/runtime.ts';
import { unwrap } from '../../inspect/listening-host.ts';
import { floats, modelOf, operator } from '../../onnx/small-models.ts';
import { makeOptimizable, pretendingHost, shortJob } from '../../optimizing.ts';

const folder = mkdtempSync(join(tmpdir(), 'fieldtune-whole-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let study: Study;
let reference: Reference;
let base: Student;
let host: ReturnType<typeof pretendingHost>;
let files: Awaited<ReturnType<typeof makeOptimizable>>;

beforeAll(async () => {
  files = await makeOptimizable(folder);
  host = pretendingHost();
  study = unwrap(await openStudy(shortJob(files), host));
  reference = await makeReference(study);
  base = await timeBase(study, originalStudent(study));
}, 60_000);

/** Scores of a model file on the first samples for choosing. */
async function scoresOf(bytes: Uint8Array): Promise<Float32Array> {
  const data = await study.data.parts.select.read([0, 1, 2, 3]);
  const session = await openSession(bytes, 1);
  const input = { shape: [4, ...study.data.sampleShape], data };
  const results = await session.run({ [session.inputs[0]!]: input });
  await session.release();
  return results[session.outputs[0]!]!.data;
}

/** Every speed is worth finding. */
const anySpeed = { from: 1, to: 1000 } as const;

const contenderOf = (student: Student, form: Contender['form'] = student): Contender => ({
  student,
  precision: 'float',
  speedup: 1,
  selectAccuracy: 100,
  steps: 0,
  form,
});

async function population(strategy: 'evolution' | 'random', memo = host.memo): Promise<Student[]> {
  const own = pretendingHost(memo);
  const opened = unwrap(await openStudy({ ...shortJob(files), strategy }, own));
  const rng = xoroshiro128plus(4);
  const breeding = breedFirst(opened, base, [], rng);
  return evolve(
    opened,
    reference,
    { round: 1, seconds: 2, population: 8, range: anySpeed, onGeneration: () => {}, ...breeding },
    rng,
  );
}

describe('A whole network', () => {
  test('written anew computes what A computes, under the same names', async () => {
    const written = wholeModel(study, base.program, base.parameters);
    expect(written.inputs).toEqual(study.model.inputs);
    expect(written.outputs).toEqual(study.model.outputs);
    const [a, b] = [await scoresOf(study.originalBytes), await scoresOf(writeModel(written))];
    for (const [i, score] of a.entries()) expect(b[i]).toBeCloseTo(score, 4);
  });

  test('with fewer channels is delivered as a model that runs, and says what changed', async () => {
    const draft = editBase(base, [{ kind: 'narrow', weight: 'w2', keep: 16 }])!;
    const student: Student = { ...base, ...draft, rounds: [[{ kind: 'narrow', weight: 'w2', keep: 16 }]] };
    const { bytes } = deliver(study, contenderOf(student, draft));
    expect((await scoresOf(bytes)).length).toBe(4 * 4);
    const rows = replacementsOf(study, contenderOf(student, draft));
    expect(rows.map(({ operators }) => operators)).toEqual([['conv2'], ['conv3']]);
    expect(rows[0]!.from).toContain('[24,16,3,3]');
    expect(rows[0]!.to).toContain('[16,16,3,3]');
    expect(rows[0]!.savedUs).toBeNull();
  });

  test('names the operator at fewer places, and the one before another activation, though no weight is another', () => {
    const edits = [{ kind: 'coarsen', weight: 'w2', factors: [2, 2] }] as const;
    const coarse = editBase(base, edits)!;
    const first = coarse.program.instructions.findIndex(({ op }) => op === 'relu');
    const program = rebuild(coarse.program, (id, b, ids) =>
      id === first ? b.add('tanh', [ids[coarse.program.instructions[id]!.inputs[0]!]!], {}) : undefined,
    );
    const student: Student = { ...base, ...coarse, program, rounds: [edits] };
    const rows = replacementsOf(study, contenderOf(student));
    expect(rows.map(({ operators }) => operators)).toEqual([['conv1'], ['conv2']]);
    expect([rows[0]!.from, rows[0]!.to].map((text) => /relu|tanh/.exec(text)?.[0])).toEqual(['relu', 'tanh']);
    expect(rows[1]!.to).toContain('stride 2');
    expect(pointOf(study, contenderOf(student), 'tuned').replacements).toBe(2);
  });

  test('in 8 bits stays close to A, and names every operator that went over', async () => {
    const form = (await calibratedInt8(study, reference, base.program, base.parameters, base.inFloat))!;
    const contender: Contender = { ...contenderOf(base, form), precision: 'int8' };
    const { bytes, model } = deliver(study, contender);
    expect(model.opsets['']).toBeGreaterThanOrEqual(13);
    expect(bytes.length).toBeLessThan(0.6 * study.originalBytes.length);
    const [a, b] = [await scoresOf(study.originalBytes), await scoresOf(bytes)];
    const spread = Math.max(...a) - Math.min(...a);
    for (const [i, score] of a.entries()) expect(Math.abs(b[i]! - score)).toBeLessThan(0.1 * spread);
    const [row] = replacementsOf(study, contender);
    expect(row?.operators).toEqual(['conv1', 'conv2', 'conv3', 'scores']);
    expect(row?.to).toContain('quantize');
    expect(keyOfContender(contender)).not.toBe(keyOfContender(contenderOf(base)));
  });
});

describe('Scores with room around them', () => {
  test.each([
    ['as they are', false],
    ['behind a softmax', true],
  ])('[N,4,1,1] %s are 4 scores to the search, and the file keeps its shape', async (_name, isSoftmax) => {
    const conv = operator('Conv', 'only', ['x', 'w'], [isSoftmax ? 's' : 'y']);
    const softmax = operator('Softmax', 'end', ['s'], ['y'], { axis: { kind: 'int', value: 1 } });
    const nodes = isSoftmax ? [conv, softmax] : [conv];
    const model = modelOf(['N', 1, 16, 16], nodes, { w: floats([4, 1, 16, 16]) }, 'y');
    const modelPath = join(folder, `scores-${isSoftmax}.onnx`);
    writeFileSync(modelPath, writeModel(model));
    const own = unwrap(await openStudy({ ...shortJob(files), modelPath }, pretendingHost()));
    const { program, parameters } = own.whole!;
    expect(program.instructions[program.outputs[0]!]!.shape).toEqual([-1, 4]);
    const data = await own.data.parts.verify.read([0, 1, 2]);
    const outputs: Float32Array[] = [];
    for (const bytes of [own.originalBytes, writeModel(wholeModel(own, program, parameters))]) {
      const session = await openSession(bytes, 1);
      const { y } = await session.run({ x: { shape: [3, 1, 16, 16], data } });
      await session.release();
      expect(y!.shape).toEqual([3, 4, 1, 1]);
      outputs.push(y!.data);
    }
    for (const [i, value] of outputs[0]!.entries()) expect(outputs[1]![i]).toBeCloseTo(value, 4);
    const note = { kind: 'verified', model: 'original' } as const;
    const ran = await runOnPart(own, own.originalBytes, own.original, own.data.parts.verify, note);
    expect(ran.width).toBe(4);
    expect(ran.predictions).toHaveLength(own.data.parts.verify.count);
    expect(() => compareOutputs(own, ran, ran)).not.toThrow();
  });
});

describe('The evolution of whole networks', () => {
  test('keeps students that are faster than A, each once, the undominated first', async () => {
    const students = await population('evolution');
    expect(students.length).toBeGreaterThan(2);
    expect(new Set(students.map(({ key }) => key)).size).toBe(students.length);
    for (const student of students) {
      expect(bestSpeedup(student)).toBeGreaterThan(1);
      expect(student.damage).toBeGreaterThanOrEqual(0);
    }
    const judged = students.map((student) => {
      const { parameters, peakBytes } = costOf(student.program);
      const bytes = parameters * (student.int8Speedup === null ? 4 : 1);
      return [1 / bestSpeedup(student), student.damage, bytes, peakBytes];
    });
    expect(judged.some((other) => dominates(other, judged[0]!))).toBe(false);
  });

  test('gives the same students again from the memo of the run', async () => {
    const memo = new Map(host.memo);
    const once = await population('evolution', memo);
    const again = await population('evolution', memo);
    expect(again.map(({ key }) => key)).toEqual(once.map(({ key }) => key));
  });

  test('goes on from trained students in later rounds', async () => {
    const [parent] = await population('evolution');
    const rng = xoroshiro128plus(9);
    const breeding = breedOn(study, [parent!], rng);
    expect(breeding.first.every((genome) => genome.base === parent)).toBe(true);
    const next = await evolve(
      study,
      reference,
      { round: 2, seconds: 1, population: 6, range: anySpeed, onGeneration: () => {}, ...breeding },
      rng,
    );
    for (const student of next) expect(student.rounds).toHaveLength(2);
  });

  test('breeds from what was measured as soon as there is any, though others still wait', async () => {
    const rng = xoroshiro128plus(5);
    const breeding = breedFirst(study, base, [], rng);
    const parents: (readonly Student[])[] = [];
    let generations = 0;
    await evolve(
      study,
      reference,
      {
        ...breeding,
        round: 7,
        seconds: 1,
        population: 6,
        range: anySpeed,
        vary(ranked, own) {
          if (generations > 0) parents.push(ranked);
          return breeding.vary(ranked, own);
        },
        onGeneration: () => void generations++,
      },
      rng,
    );
    expect(breeding.first.length).toBeGreaterThan(8);
    expect(parents.length).toBeGreaterThan(8);
    expect(parents.every((ranked) => ranked.length > 0 && !ranked.includes(base))).toBe(true);
  }, 60_000);

  test('drops what is bolder than anything that would be tuned, unless there is nothing else', async () => {
    const rng = xoroshiro128plus(4);
    const breeding = breedFirst(study, base, [], rng);
    const within = async (to: number) =>
      evolve(
        study,
        reference,
        {
          ...breeding,
          round: 9,
          seconds: 0.4,
          population: 8,
          range: { from: 1, to },
          onGeneration: () => {},
        },
        xoroshiro128plus(4),
      );
    const all = (await within(1000)).map(bestSpeedup).sort((a, b) => a - b);
    const limit = all[Math.floor(all.length / 2)]!;
    expect(limit).toBeLessThan(all.at(-1)!);
    expect(Math.max(...(await within(limit)).map(bestSpeedup))).toBeLessThanOrEqual(limit);
    expect((await within(1.0001)).length).toBeGreaterThan(0);
  }, 60_000);

  test('gives a second, longer look at the speed of those that go on', async () => {
    const students = (await population('evolution')).slice(0, 2);
    const hurried = students.map((student) => ({ ...student, speedup: 99, int8Speedup: null }));
    const again = await timeAgain(study, hurried);
    expect(again.map(({ key }) => key)).toEqual(students.map(({ key }) => key));
    for (const { speedup } of again) expect(speedup).toBeLessThan(99);
  });

  test('draws from the same space when it is to learn nothing', async () => {
    const students = await population('random', new Map());
    expect(students.length).toBeGreaterThan(0);
  });
});
