import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Parameters as Values } from '../../../../electron/engine/instructions/program.ts';
import { sha256 } from '../../../../electron/engine/onnx/hash.ts';
import { readModel } from '../../../../electron/engine/onnx/read.ts';
import { writeModel } from '../../../../electron/engine/onnx/write.ts';
import { noSearch } from '../../../../electron/engine/optimize.ts';
import { type Finalist, type Findings, judge } from '../../../../electron/engine/stages/judging/judge.ts';
import { wholeModel } from '../../../../electron/engine/stages/networks/whole-model.ts';
import { openStudy, type Study } from '../../../../electron/engine/stages/study.ts';
import { unwrap } from '../../inspect/listening-host.ts';
import { makeOptimizable, pricedHost, shortJob } from '../../optimizing.ts';

const folder = mkdtempSync(join(tmpdir(), 'fieldtune-judge-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Time of a model on the pretended board, µs, by its sha256; 100 for A. */
const prices = new Map<string, number>();
let study: Study;

beforeAll(async () => {
  const host = pricedHost((bytes) => prices.get(sha256(bytes)) ?? 100);
  const job = { ...shortJob(await makeOptimizable(folder)), maxAccuracyDrop: 1 };
  study = unwrap(await openStudy(job, host));
});

/** A as another file; `damage` is added to all values of its first weight. */
function finalist(id: string, speedup: number, selectAccuracy: number, damage: number): Finalist {
  const { program, parameters } = study.whole!;
  const { shape, data } = parameters.get('w1')!;
  const changed: Values = new Map([...parameters, ['w1', { shape, data: data.map((v) => v + damage) }]]);
  const bytes = writeModel(wholeModel(study, program, changed));
  prices.set(sha256(bytes), 100 / speedup);
  const model = unwrap(readModel(bytes, `${id}.onnx`));
  return { id, speedup, selectAccuracy, steps: 0, replacements: [], deliver: () => ({ bytes, model }) };
}

const findings: Findings = {
  operators: [],
  search: noSearch,
  cleanUs: { p50: 100, p90: 100, p99: 100 },
  profiled: null,
  a: null,
  tuned: null,
  notes: [],
  front: null,
};

/** Judges, and tells which were refused, which one was compared, and the outcome. */
async function judged(all: readonly Finalist[]) {
  const refused: string[] = [];
  const compared: string[] = [];
  const outcome = await judge(
    study,
    findings,
    { all, first: all[0]! },
    {
      onRefused: ({ id }) => void refused.push(id),
      onCompared: ({ id }) => void compared.push(id),
    },
  );
  const { explanation, comparison, notes } = outcome.result;
  return { refused, compared, explanation, speedup: comparison.speedup, notes: notes.join(' ') };
}

const ruined = 3;

describe('Judging', () => {
  test('looks at a bolder one after the first held, and delivers it where it holds too', async () => {
    const all = [finalist('first', 2, 100, 0), finalist('bolder', 4, 99.8, 1e-7)];
    const { refused, compared, speedup, notes } = await judged(all);
    expect([refused, compared]).toEqual([[], ['bolder']]);
    expect(speedup).toBeCloseTo(4, 6);
    expect(notes).toMatch(/student 2\.00 times as fast .* held/);
  });

  test('delivers the first where the bolder one does not hold, and says that it was looked at', async () => {
    const all = [finalist('first', 2, 100, 0), finalist('bolder', 4, 99.8, ruined)];
    const { refused, compared, speedup, notes } = await judged(all);
    expect([refused, compared]).toEqual([['bolder'], ['first']]);
    expect(speedup).toBeCloseTo(2, 6);
    expect(notes).toMatch(/student 4\.00 times as fast .* lost too much/);
  });

  test('looks at no bolder one that has no fair chance to hold by what it lost on the samples for choosing', async () => {
    const all = [finalist('first', 2, 100, 0), finalist('bolder', 4, 40, 1e-7)];
    expect((await judged(all)).compared).toEqual(['first']);
  });

  test('looks at a gentler one after the first lost too much', async () => {
    const all = [finalist('first', 4, 100, ruined), finalist('gentler', 2, 100, 0)];
    const { refused, compared } = await judged(all);
    expect([refused, compared]).toEqual([['first'], ['gentler']]);
  });

  test('never looks a third time, and says what both lost', async () => {
    const all = [
      finalist('first', 4, 100, ruined),
      finalist('second', 3, 99, ruined),
      finalist('third', 2, 98, 0),
    ];
    const { refused, compared, explanation } = await judged(all);
    expect([refused, compared]).toEqual([['first', 'second'], []]);
    expect(explanation).not.toBe('');
  });
});
