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

test('A in 8 bits, which only rounding keeps from the goal, is trained in 8 bits in the first round', async () => {
  const isInt8 = (bytes: Uint8Array) => Buffer.from(bytes).includes('DequantizeLinear');
  const memo = new Map<string, FinishedWork>();
  const host = pricedHost((bytes) => (isInt8(bytes) ? 40 : 100), memo);
  // A goal two points above A, which rounding leads away from.
  const job = { ...shortJob(await makeOptimizable(folder)), maxAccuracyDrop: -4 };
  const study = unwrap(await openStudy(job, host));
  const reference = await makeReference(study);
  const base = await timeBase(study, originalStudent(study));
  expect(base.int8Speedup).toBeCloseTo(2.5, 6);

  const { contenders } = await tune(study, reference, { base, finalists: [], reserve: [] }, 5, 100);
  const legs = [...memo.keys()].flatMap((key) => key.match(/"name":"([^"]*)"/)?.[1] ?? []);
  expect(legs).toContain('A round 1 rung 2');
  expect(legs).toContain('A round 1 rung 3');
  const inInt8 = contenders.filter((c) => c.precision === 'int8');
  expect(inInt8.map(keyOfContender)).toEqual(['A in 8 bits']);
  expect(inInt8[0]!.steps).toBeGreaterThan(10);
});
