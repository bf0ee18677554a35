import { describe, expect, test } from 'vitest';
import { makeLastingBoard, type Patience, type Reopening } from '../../electron/app/lasting-board.ts';
import type { Board } from '../../electron/board/board.ts';
import { fail, ok } from '../../electron/contract/result.ts';
import type { RunWarning } from '../../electron/contract/run-notes.ts';
import { identity } from '../store/store-setup.ts';

const address = 'ssh://pi@bench:22';
const loss = fail({ kind: 'boardLost', board: address, reason: 'cable' } as const);
const patience: Patience = { pausesMs: [1, 1, 1], totalMs: 60_000, lossesOfOne: 3 };
const request = { sha256s: [], settings: { threads: 1, level: 'all' }, blocks: 1, iterations: 1 } as never;

/** A board whose timings fail as often as told, and that keeps what was done to it. */
function fakeBoard(losses: number, id = identity.id) {
  const done: string[] = [];
  let left = losses;
  const board = {
    address,
    identity: { ...identity, id },
    installedBytes: 0,
    time: async () => {
      done.push('time');
      if (left > 0) {
        left -= 1;
        return loss;
      }
      return ok('times' as never);
    },
    putModels: async (models: ReadonlyMap<string, Uint8Array>) => {
      done.push(`put ${[...models.keys()]}`);
      return ok(undefined);
    },
    close: async () => {
      done.push('close');
    },
  };
  return { board: board as unknown as Board, done };
}

function reopeningWith(answers: readonly Awaited<ReturnType<Reopening['reopen']>>[]) {
  const told: RunWarning[] = [];
  let opened = 0;
  const reopening: Reopening = {
    signal: new AbortController().signal,
    tell: (warning) => told.push(warning),
    nameOf: ({ identity: { name } }) => name,
    reopen: async () => answers[Math.min(opened++, answers.length - 1)] ?? loss,
  };
  return { reopening, told, opened: () => opened };
}

describe('a lasting board', () => {
  test('gives the models to the board once more before it makes the request again', async () => {
    const first = fakeBoard(1);
    const second = fakeBoard(0);
    const { reopening, told } = reopeningWith([ok(second.board)]);
    const board = makeLastingBoard(first.board, reopening, patience);
    await board.putModels(new Map([['a', Uint8Array.of(1)]]));
    expect(await board.time(request)).toEqual(ok('times'));
    expect(first.done).toEqual(['put a', 'time', 'close']);
    expect(second.done).toEqual(['put a', 'time']);
    expect(told).toEqual([
      { kind: 'linkLost', board: address, reason: 'cable' },
      { kind: 'linkBack', board: address },
    ]);
  });

  test('waits for a board that is still starting, and no longer than its patience', async () => {
    const second = fakeBoard(0);
    const down = fail({ kind: 'boardUnreachable', board: address, reason: 'ECONNREFUSED' } as const);
    const late = reopeningWith([down, down, ok(second.board)]);
    const found = makeLastingBoard(fakeBoard(1).board, late.reopening, patience);
    expect(await found.time(request)).toEqual(ok('times'));
    const never = reopeningWith([down]);
    const lost = makeLastingBoard(fakeBoard(1).board, never.reopening, patience);
    expect(await lost.time(request)).toEqual(loss);
    expect(never.opened()).toBe(3);
  });

  test('takes a request that loses the board three times for the cause', async () => {
    const { reopening, opened } = reopeningWith([ok(fakeBoard(9).board)]);
    const board = makeLastingBoard(fakeBoard(9).board, reopening, patience);
    expect(await board.time(request)).toEqual(loss);
    expect(opened()).toBe(2);
  });

  test('is looked for once by all requests that lost it', async () => {
    const second = fakeBoard(0);
    const { reopening, opened } = reopeningWith([ok(second.board)]);
    const board = makeLastingBoard(fakeBoard(2).board, reopening, patience);
    expect(await Promise.all([board.time(request), board.time(request)])).toEqual([ok('times'), ok('times')]);
    expect(opened()).toBe(1);
  });

  test('tells a board of the same name apart by its id, and closes it', async () => {
    const other = fakeBoard(0, 'f'.repeat(32));
    const { reopening } = reopeningWith([ok(other.board)]);
    const board = makeLastingBoard(fakeBoard(1).board, reopening, patience);
    expect(await board.time(request)).toMatchObject({
      error: { kind: 'boardIsAnother', foundId: 'f'.repeat(32), foundName: `${identity.name} (ffffffff)` },
    });
    expect(other.done).toEqual(['close']);
  });

  test('is not looked for after it was closed', async () => {
    const first = fakeBoard(1);
    const { reopening, opened, told } = reopeningWith([loss]);
    const board = makeLastingBoard(first.board, reopening, patience);
    await board.close();
    expect(await board.time(request)).toEqual(loss);
    expect([opened(), told]).toEqual([0, []]);
  });

  test('says what refused it at a new connect', async () => {
    const refused = fail({ kind: 'authenticationFailed', board: address, tried: [] } as const);
    const { reopening, opened } = reopeningWith([refused]);
    const board = makeLastingBoard(fakeBoard(1).board, reopening, patience);
    expect(await board.time(request)).toEqual(refused);
    expect(opened()).toBe(1);
  });
});
