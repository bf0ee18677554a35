import { describe, expect, test } from 'vitest';
import type { JobState } from '../../electron/contract/views.ts';
import { fullAddress, shortAddress } from '../../renderer/client/boards.ts';
import { groupBoards } from '../../renderer/places/boards/board-rows.ts';
import { keysToReplace } from '../../renderer/places/boards/ChangedKeyDialog.tsx';
import { installingOf, readinessOf, secondsLeft } from '../../renderer/places/boards/readiness.ts';
import { everyError } from '../cli/every-error.ts';
import {
  calmState,
  connectedJob,
  connectJob,
  failedJob,
  fingerprint,
  installingJob,
  newBoard,
  oldFingerprint,
} from './fixtures/connect-jobs.ts';
import { computer, piBoard, runningJob } from './fixtures/optimize-job.ts';

const pi = piBoard.address;

describe('An address', () => {
  test.each([
    ['pi@bench', 'ssh://pi@bench'],
    [' ssh://pi@Bench.Lab/ ', 'ssh://pi@bench.lab'],
    ['pi@bench:22', 'ssh://pi@bench:22'],
    ['ssh://pi@[fe80::1]:2222', 'ssh://pi@[fe80::1]:2222'],
    ['local', 'local'],
    ['bench', 'ssh://bench'],
    ['serial:/dev/ttyUSB0', 'serial:/dev/ttyUSB0'],
    ['serial:1', 'serial:1'],
  ])('%j is written out as %j', (typed, full) => expect(fullAddress(typed)).toBe(full));

  test('is short in a row', () => {
    expect(shortAddress('ssh://pi@bench:22')).toBe('pi@bench');
    expect(shortAddress('ssh://pi@bench:2222')).toBe('pi@bench:2222');
    expect(shortAddress('ssh://bench')).toBe('bench');
  });
});

describe('The groups of boards', () => {
  const groupOf = (jobs: readonly JobState[]) => {
    const groups = groupBoards([piBoard], jobs);
    return Object.entries(groups).find(([, rows]) => rows.length > 0)?.[0];
  };
  const lost = runningJob({ state: 'failed', error: { ...everyError.boardLost, board: pi } });

  test('keep this computer found, and a board recent, until it is connected', () => {
    const { found, recent } = groupBoards([computer, piBoard], []);
    expect([found[0]?.card, recent[0]?.card]).toEqual([computer, piBoard]);
    expect(groupOf([connectedJob(piBoard, calmState)])).toBe('connected');
  });

  test('take a board out of the connected ones when it is lost or fails, not when a connect is stopped', () => {
    const connected = connectedJob(piBoard, calmState);
    expect(groupOf([lost, connected])).toBe('recent');
    expect(groupOf([failedJob(pi, everyError.boardUnreachable), connected])).toBe('recent');
    expect(groupOf([connectJob(pi, { state: 'cancelled' }), connected])).toBe('connected');
    expect(groupOf([connectJob(pi), connected])).toBe('connected');
  });

  test('say in one word how a board stands', () => {
    const stateOf = (...jobs: JobState[]) => groupBoards([piBoard], jobs).recent[0]?.state;
    expect(stateOf()).toBe('notConnected');
    expect(groupBoards([newBoard], []).recent[0]?.state).toBe('never');
    expect(stateOf(runningJob())).toBe('optimize');
    expect(stateOf(connectJob(pi))).toBe('connecting');
    expect(stateOf(connectJob(pi, { state: 'cancelling' }))).toBe('stopping');
    expect(stateOf(failedJob(pi, everyError.hostKeyChanged))).toBe('keyChanged');
    expect(stateOf(failedJob(pi, everyError.authenticationFailed))).toBe('refused');
    expect(stateOf(failedJob(pi, everyError.boardDiskFull))).toBe('failed');
  });
});

describe('The steps to a board', () => {
  const states = (job: JobState) => readinessOf(job).map(({ state }) => state);
  const question = { kind: 'hostKey', board: pi, fingerprint, id: 7 } as const;

  test('tick only what the job has shown', () => {
    expect(states(connectJob(pi))).toEqual(['running', 'waiting', 'waiting', 'waiting']);
    expect(states(connectJob(pi, { question }))).toEqual(['done', 'asking', 'waiting', 'waiting']);
    expect(states(installingJob(pi, 0.2))).toEqual(['done', 'done', 'running', 'waiting']);
    expect(states(connectJob(pi, { identity: piBoard.identity }))).toEqual([
      'done',
      'done',
      'done',
      'running',
    ]);
    expect(states(connectedJob(piBoard, calmState))).toEqual(['done', 'done', 'done', 'done']);
  });

  test('stop where the job did', () => {
    expect(states(failedJob(pi, everyError.boardUnreachable))[0]).toBe('failed');
    expect(states(failedJob(pi, everyError.authenticationFailed))).toEqual([
      'done',
      'failed',
      'waiting',
      'waiting',
    ]);
    expect(states(failedJob(pi, everyError.boardDiskFull))[2]).toBe('failed');
    expect(states({ ...installingJob(pi, 0.5), state: 'failed', error: everyError.boardLost })[2]).toBe(
      'failed',
    );
    expect(states(connectJob(pi, { state: 'cancelled' }))[0]).toBe('stopped');
  });

  test('leave out reaching and signing in on this computer', () => {
    expect(readinessOf(connectJob('local')).map(({ name }) => name)).toEqual(['runner', 'stateRead']);
  });

  test('tell the time that an installation will take once there is a pace', () => {
    expect(installingOf(installingJob(pi, 0.25))).toEqual({ done: 0.25, totalBytes: 62.4e6 });
    expect(installingOf(connectedJob(piBoard, calmState))).toBeNull();
    expect(secondsLeft({ atMs: 0, done: 0 }, { atMs: 10_000, done: 0.25 })).toBeCloseTo(30);
    expect(secondsLeft({ atMs: 0, done: 0 }, { atMs: 500, done: 0.25 })).toBeNull();
    expect(secondsLeft({ atMs: 0, done: 0.5 }, { atMs: 60_000, done: 0.5 })).toBeNull();
  });
});

describe('Keys to replace', () => {
  const key = (host: string, print = 'SHA256:other') => ({ host, type: 'ssh-ed25519', fingerprint: print });
  test('are those of the board under its name, and hidden ones by their key', () => {
    const mine = [key('bench', oldFingerprint), key('bench,10.0.0.9'), key('|1|x|y', oldFingerprint)];
    const others = [key('bench2', oldFingerprint), key('[bench]:2222'), key('|1|x|z')];
    expect(keysToReplace([...others, ...mine], 'bench', oldFingerprint)).toEqual(mine);
  });
});
