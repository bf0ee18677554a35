import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openStudy, type Study } from '../../../electron/engine/stages/study.ts';
import { type Pupil, Schools } from '../../../electron/engine/tuning/schools.ts';
import { unwrap } from '../inspect/listening-host.ts';
import { makeOptimizable, pretendingHost, shortJob } from '../optimizing.ts';

const folder = mkdtempSync(join(tmpdir(), 'fieldtune-schools-'));
let study: Study;
let schools: Schools;

beforeAll(async () => {
  study = unwrap(await openStudy(shortJob(await makeOptimizable(folder)), pretendingHost()));
  const { dataPath, modelPath, seed } = study.job;
  schools = new Schools(2, { dataPath, modelName: basename(modelPath), seed });
}, 60_000);
afterAll(() => {
  schools.close();
  rmSync(folder, { recursive: true, force: true });
});

const never = new AbortController().signal;

function pupil(leg: Partial<Pupil['leg']> = {}): Pupil {
  const { program, parameters } = study.whole!;
  const lessons = {
    teacher: study.whole!,
    head: 'scores',
    labelWeight: 0.3,
    seed: 3,
    threads: 1,
    batch: 16,
    // Forms are equal but for rounding, and chosen by the clock.
    formMs: 0,
  } as const;
  return { program, parameters, lessons, leg: { seconds: 60, steps: 20, peakRate: 1e-3, ...leg } };
}

describe('Schools', () => {
  test('train students side by side, each from a copy of its own', async () => {
    const before = [...study.whole!.parameters.get('w1')!.data];
    const seen: number[] = [];
    const [one, two, three] = await Promise.all(
      [pupil(), pupil(), pupil({ steps: 5 })].map((p) => schools.teach(p, never, (done) => seen.push(done))),
    );
    expect([one, two, three].map((taught) => taught?.report.steps)).toEqual([20, 20, 5]);
    expect([...one!.parameters.get('w1')!.data]).toEqual([...two!.parameters.get('w1')!.data]);
    expect([...one!.parameters.get('w1')!.data]).not.toEqual(before);
    expect([...study.whole!.parameters.get('w1')!.data]).toEqual(before);
    expect(Math.max(...seen)).toBeCloseTo(1);
  }, 60_000);

  test('stop when they are told to, with what was learnt by then', async () => {
    const controller = new AbortController();
    const taught = await schools.teach(pupil({ steps: 1e6 }), controller.signal, () => controller.abort());
    expect(taught.report.steps).toBeGreaterThan(0);
    expect(taught.report.steps).toBeLessThan(1e6);
  }, 60_000);

  test('say what went wrong, and go on with the next', async () => {
    const broken = { ...pupil(), parameters: new Map() };
    await expect(schools.teach(broken, never, () => undefined)).rejects.toThrow();
    expect((await schools.teach(pupil({ steps: 2 }), never, () => undefined)).report.steps).toBe(2);
  }, 60_000);

  test('are an error to whoever waits when their processes end', async () => {
    const { dataPath, modelPath, seed } = study.job;
    const lost = new Schools(1, { dataPath, modelName: basename(modelPath), seed });
    const waiting = lost.teach(pupil({ steps: 1e6 }), never, () => lost.close());
    await expect(waiting).rejects.toThrow(/ended by itself \(SIGKILL\)/);
  }, 60_000);
});
