import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { FinishedWork } from '../../../../electron/engine/host.ts';
import { makeReference } from '../../../../electron/engine/stages/networks/fit.ts';
import { timeBase } from '../../../../electron/engine/stages/networks/precision.ts';
import { keyOfContender, originalStudent } from '../../../../electron/engine/stages/networks/student.ts';
import { openStudy } from '../../../../electron/engine/stages/study.ts';
import { tune } from '../../../../electron/engine/stages/tuning/tune.ts';
import { unwrap } from '../../inspect/listening-host.ts';
import { makeOptimizable, pricedHost, shortJob } from '../../optimizing.ts';

const folder = mkdtempSync(join(tmpdir(), 'fieldtune-tune-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A, 2.5 times as fast in 8 bits, with a goal two points above it, which rounding leads away from. */
async function openRounded() {
  const isInt8 = (bytes: Uint8Array) => Buffer.from(bytes).includes('DequantizeLinear');
  const memo = new Map<string, FinishedWork>();
  const host = pricedHost((bytes) => (isInt8(bytes) ? 40 : 100), memo);
  const job = { ...shortJob(await makeOptimizable(folder)), maxAccuracyDrop: -4 };
  const study = unwrap(await openStudy(job, host));
  const reference = await makeReference(study);
  const base = await timeBase(study, originalStudent(study));
  expect(base.int8Speedup).toBeCloseTo(2.5, 6);
  const legs = () => [...memo.keys()].flatMap((key) => key.match(/"name":"([^"]*)"/)?.[1] ?? []);
  return { study, reference, base, legs };
}

test('A in 8 bits, which only rounding keeps from the goal, is trained in 8 bits in the first round', async () => {
  const { study, reference, base, legs } = await openRounded();
  const { contenders } = await tune(study, reference, { base, finalists: [], reserve: [] }, 5, 100);
  expect(legs()).toContain('A round 1 rung 2');
  expect(legs()).toContain('A round 1 rung 3');
  const inInt8 = contenders.filter((c) => c.precision === 'int8');
  expect(inInt8.map(keyOfContender)).toEqual(['A in 8 bits', 'A but for 3 in 8 bits']);
  expect(inInt8[0]!.steps).toBeGreaterThan(10);
});

test('it is trained whatever students reach that had a leg before it, of few samples beside a gentler form', async () => {
  const { study: sure, reference, base, legs } = await openRounded();
  // Of 50 samples A is right about 80 %: six points are chance.
  const wrong = sure.choosing.labels!.map((label, i) => (i % 5 === 0 ? (label + 1) % 4 : label));
  const study = { ...sure, choosing: { ...sure.choosing, labels: wrong } };
  // As accurate as A can be, and faster.
  const finalists = [5, 4].map((speedup) => ({ ...base, key: `${speedup}`, speedup, int8Speedup: null }));
  await tune(study, reference, { base, finalists, reserve: [] }, 3, 80);
  const second = legs().filter((leg) => leg.endsWith('rung 2'));
  expect(second).toHaveLength(3);
  expect(second).toEqual(expect.arrayContaining(['A round 1 rung 2', 'A but for 3 round 1 rung 2']));
});
