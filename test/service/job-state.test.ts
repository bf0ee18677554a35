import { describe, expect, test } from 'vitest';
import type { LogEntry } from '../../electron/contract/run-notes.ts';
import type { FrontPoint } from '../../electron/contract/search-progress.ts';
import type { JobState } from '../../electron/contract/views.ts';
import { isOver, type JobEvent, newJob, reduceJob, withStageTime } from '../../electron/service/job-state.ts';
import { board, profileResult } from '../cli/sample-results.ts';
import { optimizeCall } from './controlled-api.ts';

const at = '2026-11-25T05:00:00.000Z';
const optimizing = newJob('j1', { kind: 'optimize', ...optimizeCall }, at);
const reach = (state: JobState, ...events: readonly JobEvent[]): JobState =>
  events.reduce((reached, event) => reduceJob(reached, event, at), state);
const entriesOf = (state: JobState): readonly LogEntry[] => state.log.map(({ entry }) => entry);
const otherBoard = (board: string) => ({ kind: 'warning', warning: { kind: 'otherBoard', board } }) as const;
const searched = { kind: 'searched', proposed: 80, timed: 60 } as const;
const timed = { kind: 'candidatesTimed' } as const;
const stageOf = (state: JobState, name: string) => state.stages.find((stage) => stage.name === name);

const point: FrontPoint = {
  id: 'p1',
  speedup: 2,
  accuracy: 80,
  originalAccuracy: 81,
  state: 'screened',
  replacements: 3,
  speedupInterval95: null,
  accuracyInterval95: null,
};

describe('a new job', () => {
  test('waits with the stages of its kind in the order in which they come', () => {
    const names = (state: JobState) => state.stages.map(({ name }) => name);
    const call = { modelPathA: 'a', modelPathB: 'b', board: { address: 'local' }, threads: 1 };
    expect(names(optimizing)).toEqual([
      'connect',
      'profile',
      'rewrite',
      'search',
      'fit',
      'tune',
      'verify',
      'compare',
      'report',
    ]);
    expect(names(newJob('j', { kind: 'connect', address: 'local' }, at))).toEqual(['connect']);
    expect(names(newJob('j', { kind: 'compare', ...call }, at))).toEqual(['connect', 'compare']);
    expect(names(newJob('j', { kind: 'compare', ...call, dataPath: 'd' }, at))).toEqual([
      'connect',
      'compare',
      'verify',
    ]);
    expect(isOver(optimizing)).toBe(false);
  });
});

describe('the stages', () => {
  test('go from waiting over running, with progress, to done', () => {
    const started = reach(
      optimizing,
      { kind: 'stageStarted', stage: 'search' },
      { kind: 'progress', stage: 'search', done: 20, total: 80, note: timed },
    );
    expect(stageOf(started, 'search')).toMatchObject({
      state: 'running',
      done: 0.25,
      total: 80,
      note: timed,
    });
    expect(stageOf(started, 'fit')).toMatchObject({ state: 'waiting' });
    const finished = reach(started, {
      kind: 'stageFinished',
      stage: 'search',
      seconds: 61,
      summary: searched,
    });
    expect(stageOf(finished, 'search')).toMatchObject({
      state: 'done',
      seconds: 61,
      note: null,
      summary: searched,
    });
  });

  test('count nothing where the total is not known, and never more than the whole', () => {
    const progress = (done: number, total: number) =>
      stageOf(reach(optimizing, { kind: 'progress', stage: 'fit', done, total, note: timed }), 'fit')?.done;
    expect(progress(5, 0)).toBeNull();
    expect(progress(9, 8)).toBe(1);
  });

  test('add up their time when they come twice', () => {
    const once = { kind: 'stageFinished', stage: 'tune', seconds: 10, summary: searched } as const;
    const again = reach(optimizing, once, { kind: 'stageStarted', stage: 'tune' });
    expect(stageOf(withStageTime(again, 4), 'tune')?.seconds).toBe(14);
    expect(stageOf(reach(again, once), 'tune')?.seconds).toBe(20);
  });

  test('show where a job that failed has ended', () => {
    const failed = reach(
      optimizing,
      { kind: 'stageStarted', stage: 'profile' },
      {
        kind: 'ended',
        state: 'failed',
        error: { kind: 'boardLost', board: 'pi', reason: 'cable' },
        outcome: null,
        stageSeconds: 3,
      },
    );
    expect(stageOf(failed, 'profile')).toMatchObject({ state: 'running', seconds: 3 });
    expect(failed).toMatchObject({ state: 'failed', finishedAt: at, error: { kind: 'boardLost' } });
    expect(isOver(failed)).toBe(true);
  });
});

describe('what a run tells', () => {
  test('of several boards keeps the first that answered', () => {
    const state = reach(
      optimizing,
      { kind: 'boardConnected', identity: board, installedBytes: 7 },
      { kind: 'boardConnected', identity: { ...board, id: 'b2' }, installedBytes: 9 },
    );
    expect(state).toMatchObject({ identity: board, installedBytes: 7 });
    expect(state.log).toHaveLength(2);
  });

  test('stands in the state of its job', () => {
    const funnel = { proposed: 9, checked: 8, duplicates: 1, timed: 5, fitted: 3, spliced: 2, tuned: 1 };
    const program = { operators: ['conv_1'], from: 'conv 3×3', to: 'conv 1×1', origin: 'seed' };
    const state = reach(
      optimizing,
      { kind: 'runCreated', run: 'r7', out: '/out' },
      { kind: 'boardConnected', identity: board, installedBytes: 62_000_000 },
      { kind: 'ranking', latencyUs: 1120, operators: profileResult.operators },
      { kind: 'originalAccuracy', percent: 81.2 },
      { kind: 'funnel', funnel },
      { kind: 'trying', program },
      { kind: 'point', point },
    );
    expect(state).toMatchObject({
      run: 'r7',
      identity: board,
      installedBytes: 62_000_000,
      originalUs: 1120,
      originalAccuracy: 81.2,
      funnel,
      current: program,
      points: [point],
    });
    expect(state.ranking[0]?.latencyUs).toBe(224);
  });

  test('is told in the log where it is news', () => {
    const state = reach(
      optimizing,
      { kind: 'ranking', latencyUs: 1120, operators: profileResult.operators.slice(1) },
      { kind: 'point', point },
      { kind: 'point', point: { ...point, id: 'p2', speedup: 1.5 } },
      { kind: 'point', point: { ...point, state: 'tuned', accuracy: 81 } },
      {
        kind: 'point',
        point: {
          ...point,
          state: 'confirmed',
          speedupInterval95: [1.9, 2.1],
          accuracyInterval95: [79, 83],
          accuracy: 81,
        },
      },
      { kind: 'stageFinished', stage: 'search', seconds: 61, summary: searched },
      otherBoard('pi'),
    );
    expect(entriesOf(state)).toMatchObject([
      { kind: 'ranking', latencyUs: 1120, slowest: { name: 'conv_2', type: 'Conv', share: 0.1 } },
      { kind: 'point', point: { id: 'p1', state: 'screened' } },
      { kind: 'point', point: { id: 'p1', state: 'tuned', accuracy: 81 } },
      { kind: 'point', point: { id: 'p1', state: 'confirmed', speedupInterval95: [1.9, 2.1] } },
      { kind: 'stageFinished', stage: 'search', seconds: 61, summary: searched },
      otherBoard('pi'),
    ]);
    expect(state.log.at(-1)).toMatchObject({ level: 'warning', at });
  });

  test('replaces a point that is further on by its id', () => {
    const state = reach(
      optimizing,
      { kind: 'point', point },
      { kind: 'point', point: { ...point, id: 'p2' } },
      { kind: 'point', point: { ...point, state: 'tuned' } },
    );
    expect(state.points.map(({ id, state: how }) => `${id} ${how}`)).toEqual(['p1 tuned', 'p2 screened']);
  });

  test('keeps a bounded number of lines and points, and the best of these', () => {
    let state = reach(optimizing, {
      kind: 'point',
      point: { ...point, id: 'best', speedup: 9, accuracy: 99 },
    });
    for (let index = 0; index < 700; index++) {
      state = reach(state, otherBoard(`line ${index}`), {
        kind: 'point',
        point: { ...point, id: `p${index}` },
      });
    }
    expect(state.log).toHaveLength(500);
    expect(state.log.at(-1)?.entry).toEqual(otherBoard('line 699'));
    expect(state.points).toHaveLength(500);
    expect(state.points[0]?.id).toBe('best');
    expect(state.points.at(-1)?.id).toBe('p699');
  });
});

describe('a question', () => {
  const question = {
    kind: 'hostKey',
    board: 'ssh://pi@10.0.0.7:22',
    fingerprint: 'SHA256:abc',
    id: 1,
  } as const;

  test('stays open until it is answered', () => {
    const asked = reach(optimizing, { kind: 'asked', question }, otherBoard('x'));
    expect(asked.question).toEqual(question);
    const answered = reach(asked, { kind: 'answered', about: 'hostKey', accept: true });
    expect(answered.question).toBeNull();
    expect(entriesOf(answered).at(-1)).toEqual({ kind: 'answered', about: 'hostKey', accept: true });
  });

  test('goes when the job is stopped', () => {
    const stopping = reach(
      optimizing,
      { kind: 'asked', question },
      { kind: 'stopping', state: 'cancelling' },
    );
    expect(stopping).toMatchObject({ state: 'cancelling', question: null });
  });
});

describe('the end of a job', () => {
  const ended = { kind: 'ended', error: null, outcome: null, stageSeconds: 0 } as const;
  const lastLine = (state: JobState, event: JobEvent) => reach(state, event).log.at(-1);
  const withRun = reach(optimizing, { kind: 'runCreated', run: 'r7', out: '/out' });

  test('by a failure is in the log as a warning with all that is known of it', () => {
    const error = { kind: 'modelNotOnnx', path: 'cat.jpg' } as const;
    expect(lastLine(optimizing, { ...ended, state: 'failed', error })).toEqual({
      at,
      level: 'warning',
      entry: { kind: 'failed', error },
    });
  });

  test('by a person says in the log whether there is anything to go on from', () => {
    const line = (state: JobState, how: 'paused' | 'cancelled') => lastLine(state, { ...ended, state: how });
    expect(line(withRun, 'paused')?.entry).toEqual({ kind: 'paused' });
    expect(line(withRun, 'cancelled')?.entry).toEqual({ kind: 'cancelled', kept: true });
    expect(line(optimizing, 'cancelled')?.entry).toEqual({ kind: 'cancelled', kept: false });
  });
});
