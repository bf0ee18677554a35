import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { RunEvent } from '../../electron/contract/api.ts';
import type { RunResult } from '../../electron/contract/run-result.ts';
import type { FrontPoint } from '../../electron/contract/search-progress.ts';
import type { OptimizeOutcome } from '../../electron/engine/host.ts';
import { optimize } from '../../electron/engine/optimize.ts';
import { pick } from '../../electron/engine/pick.ts';
import type { Experience, Trial } from '../../electron/store/experiences.ts';
import { unwrap } from './inspect/listening-host.ts';
import { makeOptimizable, pretendingHost, shortJob } from './optimizing.ts';

type Of<K extends RunEvent['kind']> = Extract<RunEvent, { kind: K }>;
const eventsOf = <K extends RunEvent['kind']>(events: readonly RunEvent[], kind: K): Of<K>[] =>
  events.filter((event): event is Of<K> => event.kind === kind);
const pointsOf = (events: readonly RunEvent[]): FrontPoint[] => eventsOf(events, 'point').map((e) => e.point);

/** The stage in which an event came. */
function stageOf(events: readonly RunEvent[], event: RunEvent): string {
  const before = events.slice(0, events.indexOf(event));
  const started = before.findLast((e) => e.kind === 'stageStarted');
  const finished = before.findLast((e) => e.kind === 'stageFinished');
  if (started?.kind !== 'stageStarted') return 'before';
  return finished && before.indexOf(finished) > before.indexOf(started)
    ? `after ${started.stage}`
    : started.stage;
}

/** A is always right: nothing is better than that by a point. */
const unreachable = -1;

/** One run from its beginning, the same run once more from its memo, and one that must refuse what it found. */
interface Runs {
  readonly first: { readonly events: readonly RunEvent[]; readonly outcome: OptimizeOutcome };
  readonly resumed: { readonly events: readonly RunEvent[]; readonly outcome: OptimizeOutcome };
  readonly strict: { readonly events: readonly RunEvent[]; readonly outcome: OptimizeOutcome };
  /** Chosen from the front of the first with a limit between those of the others. */
  readonly picked: { readonly events: readonly RunEvent[]; readonly outcome: OptimizeOutcome };
  /** What the first tells later runs. */
  readonly remembered: readonly Trial[];
}

async function makeRuns(folder: string): Promise<Runs> {
  const job = shortJob(await makeOptimizable(folder));
  const host = pretendingHost();
  const first = { events: host.events, outcome: unwrap(await optimize(job, host)) };
  const again = pretendingHost(host.memo);
  const resumed = { events: again.events, outcome: unwrap(await optimize(job, again)) };
  const picky = pretendingHost(host.memo);
  const strict = {
    events: picky.events,
    outcome: unwrap(await optimize({ ...job, maxAccuracyDrop: unreachable }, picky)),
  };
  const chooser = pretendingHost();
  const { result, front } = first.outcome;
  if (!front) throw new Error('The run kept no front');
  const request = { job: { ...job, maxAccuracyDrop: 60 }, from: result as RunResult, front };
  const picked = { events: chooser.events, outcome: unwrap(await pick(request, chooser)) };
  return { first, resumed, strict, picked, remembered: host.remembered };
}

describe('a short optimization', () => {
  let runs: Runs;
  const folder = mkdtempSync(join(tmpdir(), 'fieldtune-optimize-'));
  beforeAll(async () => {
    runs = await makeRuns(folder);
  }, 180_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test.each(['fit', 'tune'] as const)('says how far it is with “%s”, and never goes back', (name) => {
    const told = eventsOf(runs.first.events, 'progress').filter(({ stage }) => stage === name);
    expect(told.length).toBeGreaterThan(4);
    const shares = told.map(({ done, total }) => done / (total ?? Number.NaN));
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(shares.at(-1)).toBeGreaterThan(0.6);
    expect(shares.at(-1)).toBeLessThanOrEqual(1);
  });

  test('tells the ranking of A once, while it profiles', () => {
    const { events, outcome } = runs.first;
    const [ranking, ...others] = eventsOf(events, 'ranking');
    expect(others).toEqual([]);
    if (!ranking) throw new Error('No ranking');
    expect(stageOf(events, ranking)).toBe('profile');
    expect(ranking.operators.map(({ name }) => name)).toEqual(
      outcome.result.operators.map(({ name }) => name),
    );
    expect(ranking.operators[0]?.name).toBe('conv2');
    expect(ranking.latencyUs).toBeGreaterThan(0);
  });

  test('tells a funnel that only grows and ends as the result has it', () => {
    const { events, outcome } = runs.first;
    const funnels = eventsOf(events, 'funnel').map((event) => event.funnel);
    expect(funnels.length).toBeGreaterThan(3);
    funnels.forEach((funnel, i) => {
      const before = funnels[i - 1] ?? funnel;
      expect(funnel.timed).toBeGreaterThanOrEqual(before.timed);
      expect(funnel.fitted).toBeGreaterThanOrEqual(before.fitted);
    });
    const { seconds: _, effort: __, ...found } = outcome.result.search;
    expect(funnels.at(-1)).toEqual(found);
    expect(funnels[0]).toMatchObject({ timed: 0, fitted: 0 });
  });

  test('tells later runs what it timed, and these do not measure again what was no gain', async () => {
    const { remembered, first } = runs;
    const { effort } = first.outcome.result.search;
    expect(remembered.length).toBe(effort?.structuresTimed);
    expect(remembered.some(({ damage }) => damage !== null)).toBe(true);

    // As a board would remember it on which every other of them was no gain.
    const ratioOf = ({ ratio }: Trial, i: number) => (i % 2 === 0 ? 0.9 : ratio);
    const past = remembered.map(
      (trial, i): Experience => ({ ...trial, ratio: ratioOf(trial, i), where: 'here', ageDays: 1 }),
    );
    const slow = past.filter(({ ratio }) => ratio < 1);
    const controller = new AbortController();
    const host = pretendingHost(new Map(), past);
    const files = { modelPath: join(folder, 'net.onnx'), dataPath: join(folder, 'stripes.npz') };
    const later = await optimize(shortJob(files), {
      ...host,
      signal: controller.signal,
      event(event) {
        host.event(event);
        if (event.kind === 'stageFinished' && event.stage === 'search') controller.abort();
      },
    });
    expect(later.ok).toBe(false);
    const searched = eventsOf(host.events, 'stageFinished').find(({ stage }) => stage === 'search');
    if (searched?.summary.kind !== 'searched') throw new Error('Not searched');
    const { sparedByMemory = 0, checksOfSpared = 0, wronglySpared } = searched.summary.effort ?? {};
    expect(sparedByMemory).toBeGreaterThan(0);
    expect(sparedByMemory + checksOfSpared).toBeGreaterThanOrEqual(slow.length);
    expect(wronglySpared).toBeLessThanOrEqual(checksOfSpared);
  }, 60_000);

  test('shows programs that are tried beside what they would replace', () => {
    const { events } = runs.first;
    const tried = eventsOf(events, 'trying');
    expect(tried.length).toBeGreaterThan(1);
    expect(stageOf(events, tried[0]!)).toBe('search');
    for (const { program } of tried) {
      expect(program.operators.length).toBeGreaterThan(0);
      expect(program.from).toMatch(/→/);
      expect(program.to).not.toBe(program.from);
      expect(program.origin).not.toBe('');
    }
  });

  test('tells the accuracy of A once, before any student is tuned', () => {
    const { events } = runs.first;
    const told = eventsOf(events, 'originalAccuracy');
    // It is always right about the samples, and nearly always about shifted ones.
    expect(told).toEqual([{ kind: 'originalAccuracy', percent: 97 }]);
    const tuned = events.findIndex((e) => e.kind === 'point' && e.point.state === 'tuned');
    expect(events.indexOf(told[0]!)).toBeLessThan(tuned);
  });

  test('moves a point from screened to tuned to confirmed under one id', () => {
    const { events, outcome } = runs.first;
    const { comparison, optimized, replacements } = outcome.result;
    expect(outcome.result.explanation).toBe('');
    const points = pointsOf(events);
    for (const event of eventsOf(events, 'point')) {
      const stage = { screened: 'fit', tuned: 'tune', confirmed: 'compare', refused: 'verify' };
      expect(stageOf(events, event)).toBe(stage[event.point.state]);
    }
    const confirmed = points.filter(({ state }) => state === 'confirmed');
    expect(confirmed).toHaveLength(1);
    expect(confirmed[0]).toMatchObject({
      speedup: comparison.speedup,
      speedupInterval95: comparison.speedupInterval95,
      accuracy: optimized.accuracy.value,
      accuracyInterval95: optimized.accuracy.interval95,
      replacements: replacements.length,
    });
    const states = points.filter(({ id }) => id === confirmed[0]?.id).map(({ state }) => state);
    expect(states[0]).toBe('screened');
    expect(states).toContain('tuned');
    expect(states.at(-1)).toBe('confirmed');
    for (const { state, accuracy, speedupInterval95 } of points) {
      expect(accuracy === null).toBe(state === 'screened');
      if (state === 'screened' || state === 'tuned') expect(speedupInterval95).toBeNull();
    }
  });

  test('keeps what it found in detail', () => {
    const { events, outcome } = runs.first;
    const { details, result } = outcome;
    expect(details.callsUs.a).toHaveLength(50);
    expect(details.callsUs.b).toHaveLength(50);
    expect(details.blockRatios).toHaveLength(details.pairs);
    expect(details.blockRatios[0]).toBeCloseTo(result.comparison.speedup, 1);
    expect(details.noiseFloor).toBeGreaterThanOrEqual(0);
    expect(details.conditions).toMatchObject({ governor: 'performance', temperatureC: 40 });
    expect(details.optimizedOperators.length).toBeGreaterThan(0);
    expect(details.profilingOverhead).toBeCloseTo(1.1, 5);
    const last = new Map(pointsOf(events).map((point) => [point.id, point]));
    expect(details.points).toEqual([...last.values()]);
    // A is right about every sample, so that B is wrong where they disagree.
    const wrong = ((100 - result.optimized.accuracy.value) / 100) * result.data.verify;
    expect(details.disagreementCount).toBe(Math.round(wrong));
    for (const { label, a, b } of details.disagreements) {
      expect(a).toBe(label);
      expect(b).not.toBe(label);
    }
  });

  test('tells all of it again where it goes on from its memo', () => {
    const { first, resumed } = runs;
    expect(pointsOf(resumed.events)).toEqual(pointsOf(first.events));
    for (const kind of ['ranking', 'originalAccuracy'] as const)
      expect(eventsOf(resumed.events, kind)).toEqual(eventsOf(first.events, kind));
    expect(eventsOf(resumed.events, 'funnel').at(-1)).toEqual(eventsOf(first.events, 'funnel').at(-1));
    expect(eventsOf(resumed.events, 'trying').length).toBeGreaterThan(0);
    expect(resumed.outcome.details).toEqual(first.outcome.details);
  });

  test('refuses what loses too much, with what was found of it', () => {
    const { events, outcome } = runs.strict;
    expect(outcome.result.explanation).toMatch(/^More accuracy was lost/);
    const { reason } = outcome.details;
    if (reason?.kind !== 'accuracyLost') throw new Error(`Another reason: ${reason?.kind}`);
    expect(reason.allowed).toBe(unreachable);
    for (const { change } of reason.looks) expect(change).toBeLessThanOrEqual(0);
    const refused = pointsOf(events).filter(({ state }) => state === 'refused');
    expect(refused).toHaveLength(reason.looks.length);
    for (const { accuracy, accuracyInterval95, speedupInterval95 } of refused) {
      expect(accuracy).toBeLessThanOrEqual(100);
      expect(accuracyInterval95?.[0]).toBeLessThanOrEqual(accuracy ?? 0);
      expect(speedupInterval95).toBeNull();
    }
    expect(outcome.details).toMatchObject({ callsUs: { a: [], b: [] }, noiseFloor: null, pairs: 0 });
    expect(outcome.details.disagreementCount > 0).toBe(reason.looks.at(-1)!.change < 0);
    expect(outcome.details.optimizedOperators).toEqual(outcome.result.operators);
    expect(outcome.details.points.some(({ state }) => state === 'refused')).toBe(true);
  });

  test('keeps the front: none both slower and less accurate than another, each as a file', () => {
    const { front, result } = runs.first.outcome;
    const models = front?.models ?? [];
    expect(models.length).toBeGreaterThan(0);
    models.slice(1).forEach((model, i) => {
      expect(model.speedup).toBeGreaterThan(models[i]!.speedup);
      expect(model.selectAccuracy).toBeLessThan(models[i]!.selectAccuracy);
    });
    const sizes = models.map(({ bytes }) => bytes.length);
    expect(sizes).toContain(result.optimized.sizeBytes);
  });

  test('lets another limit be chosen from the front without a search', () => {
    const { events, outcome } = runs.picked;
    const ran = eventsOf(events, 'stageStarted').map(({ stage }) => stage);
    expect(ran).toEqual(['verify', 'compare']);
    const { result } = outcome;
    expect(-result.comparison.accuracyChange).toBeLessThanOrEqual(60);
    expect(result.comparison.speedup).toBeLessThanOrEqual(runs.first.outcome.result.comparison.speedup);
    expect(result.original).toEqual(runs.first.outcome.result.original);
    expect(result.operators).toEqual(runs.first.outcome.result.operators);
    expect(result.notes[0]).toContain('Chosen from the front of run');
    expect(outcome.details).toMatchObject({ profilingOverhead: null, unexplainedUs: null });
    expect(outcome.extras).not.toHaveProperty('profilingOverhead');
  });
});
