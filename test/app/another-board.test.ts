import { describe, expect, test } from 'vitest';
import type { AppOptions } from '../../electron/app/app.ts';
import type { Board } from '../../electron/board/board.ts';
import type { Api } from '../../electron/contract/api.ts';
import { fail, ok } from '../../electron/contract/result.ts';
import { boardIdOf } from '../../electron/runner/board-id.ts';
import type { BoardIdentity } from '../../electron/runner/protocol.ts';
import { calmReading, piInventory } from '../board/readings.ts';
import { identity } from '../store/store-setup.ts';
import { errorOf, listening, openApp, openBeside, runOf, unwrap, workFolder } from './app-setup.ts';
import { callOf } from './tiny-call.ts';

const first = 'ssh://pi@10.0.0.7:22';
const second = 'ssh://pi@10.0.0.9:22';
const line3: BoardIdentity = { ...identity, id: '3'.repeat(32), name: 'line-3', serialNumber: 'A3' };
const line4: BoardIdentity = { ...identity, id: '4'.repeat(32), name: 'line-4', serialNumber: 'A4' };

const conditions = {
  governor: null,
  clockMHz: null,
  temperatureC: null,
  throttled: null,
  load1: 0,
  availableBytes: null,
};

/** A network on which boards are plugged in and out; what is asked of a board beyond its state is a mistake. */
function network() {
  const boards = new Map<string, BoardIdentity>();
  const asked: string[] = [];
  let closed = 0;
  const connectBoard: AppOptions['connectBoard'] = async ({ address }) => {
    asked.push(address);
    const there = boards.get(address);
    if (!there) return fail({ kind: 'boardUnreachable', board: address, reason: 'nobody' });
    const refuse = (): never => {
      throw new Error('nothing may be measured here');
    };
    const board: Board = {
      address,
      identity: there,
      installedBytes: 0,
      conditions: async () => ok(conditions),
      inventory: async () => ok(piInventory),
      reading: async () => ok(calmReading),
      energy: refuse,
      putModels: refuse,
      time: refuse,
      sustain: refuse,
      trial: refuse,
      profile: refuse,
      peakMemory: refuse,
      run: refuse,
      close: async () => {
        closed++;
      },
    };
    return ok(board);
  };
  return { boards, asked, closed: () => closed, connectBoard };
}

describe('An address that leads to another board than last time', () => {
  async function replaced() {
    const folder = workFolder();
    const net = network();
    const app = await openApp(folder, { connectBoard: net.connectBoard });
    net.boards.set(first, line3);
    unwrap(await app.connect({ address: first }, listening()));
    net.boards.set(first, line4);
    return { app, net, folder };
  }
  const boardsOf = async (app: Api) =>
    unwrap(await app.query('boards.list', {}))
      .slice(1)
      .map(({ name, ways }) => [name, ...ways.map(({ address }) => address)]);

  test('is refused by name before anything is measured, and changes nothing that is known', async () => {
    const { app, net } = await replaced();
    const listener = listening();
    const call = { modelPath: 'tiny.onnx', board: { address: first }, threads: 1 };
    expect(errorOf(await app.profile(call, listener))).toEqual({
      kind: 'boardIsAnother',
      address: first,
      expectedName: 'line-3',
      foundName: 'line-4',
      foundId: line4.id,
    });
    expect(listener.events.map(({ kind }) => kind)).not.toContain('boardConnected');
    expect(net.closed()).toBe(2);
    expect(await boardsOf(app)).toEqual([['line-3', first]]);
  });

  test('is taken when the person says which board may be there, and only that one', async () => {
    const { app } = await replaced();
    const wrong = await app.connect({ address: first, acceptBoard: line3.id }, listening());
    expect(errorOf(wrong).kind).toBe('boardIsAnother');
    unwrap(await app.connect({ address: first, acceptBoard: line4.id }, listening()));
    // From now on it is known there.
    unwrap(await app.connect({ address: first }, listening()));
    expect(await boardsOf(app)).toEqual([['line-4', first]]);
  });

  test('is refused where another board was meant at an address that nobody knows', async () => {
    const { app, net } = await replaced();
    net.boards.set(second, line4);
    const meant = await app.connect({ address: second, expectBoard: line3.id }, listening());
    expect(errorOf(meant)).toMatchObject({
      kind: 'boardIsAnother',
      expectedName: 'line-3',
      foundId: line4.id,
    });
    net.boards.set(second, line3);
    unwrap(await app.connect({ address: second, expectBoard: line3.id }, listening()));
  });

  test('says which is which where both go by one name', async () => {
    const { app, net } = await replaced();
    net.boards.set(first, { ...line4, name: 'line-3' });
    expect(errorOf(await app.connect({ address: first }, listening()))).toMatchObject({
      expectedName: 'line-3 (A3)',
      foundName: 'line-3 (A4)',
    });
  });

  test('goes by the names that a person gave', async () => {
    const { app } = await replaced();
    unwrap(await app.query('boards.remember', { address: first, name: 'Press' }));
    expect(errorOf(await app.connect({ address: first }, listening()))).toMatchObject({
      expectedName: 'Press',
      foundName: 'line-4',
    });
  });
});

test('A board that comes back under another address keeps its row, its name and its runs.', async () => {
  const folder = workFolder();
  const net = network();
  let seconds = 0;
  const now = (): Date => new Date(Date.UTC(2026, 10, 25, 4, 0, seconds++));
  const app = await openApp(folder, { connectBoard: net.connectBoard, now });
  net.boards.set(first, line3);
  unwrap(await app.connect({ address: first }, listening()));
  unwrap(await app.query('boards.remember', { address: first, name: 'Press' }));
  net.boards.delete(first);
  net.boards.set(second, line3);
  unwrap(await app.connect({ address: second }, listening()));
  const cards = unwrap(await app.query('boards.list', {}));
  expect(cards).toHaveLength(2);
  expect(cards[1]).toMatchObject({
    address: second,
    name: 'Press',
    identity: line3,
    ways: [
      { address: second, link: 'ssh', lastSeenAt: expect.any(String) },
      { address: first, link: 'ssh', lastSeenAt: expect.any(String) },
    ],
  });
});

test('A board that was known by its machine-id goes on under that id when it tells its serial number.', async () => {
  const folder = workFolder();
  const net = network();
  const app = await openApp(folder, { connectBoard: net.connectBoard });
  const known = { ...line3, id: 'from-machine-id', serialNumber: '10000000abcdef01' };
  unwrap(openBeside(folder).boards.save(known, first));
  net.boards.set(first, { ...known, id: boardIdOf('10000000abcdef01') });
  const listener = listening();
  const { identity: found } = unwrap(await app.connect({ address: first }, listener));
  expect(found.id).toBe(known.id);
  expect(listener.events.find(({ kind }) => kind === 'boardConnected')).toMatchObject({ identity: known });
});

test('A run goes on with its board where that is now, and refuses another one in its place.', async () => {
  const folder = workFolder();
  const net = network();
  const app = await openApp(folder, { connectBoard: net.connectBoard });
  const listener = listening();
  unwrap(openBeside(folder).boards.save(line3, first));
  expect((await app.optimize(callOf({ board: { address: first } }), listener)).ok).toBe(false);
  const run = runOf(listener.events);
  const store = openBeside(folder);
  unwrap(store.runs.setBoard(run, line3));
  unwrap(store.boards.save(line4, first));
  unwrap(store.boards.save(line3, second));
  net.asked.length = 0;
  await app.resume(run, listening());
  expect(net.asked).toEqual([second]);
  net.boards.set(second, line4);
  expect(errorOf(await app.resume(run, listening()))).toMatchObject({
    kind: 'boardIsAnother',
    address: second,
    foundId: line4.id,
  });
});
