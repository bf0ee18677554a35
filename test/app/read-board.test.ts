import { describe, expect, test } from 'vitest';
import type { AppOptions } from '../../electron/app/app.ts';
import { boardState } from '../../electron/app/read-board.ts';
import { fail } from '../../electron/contract/result.ts';
import { findProcesses } from '../faults/processes.ts';
import { errorOf, listening, openApp, stateOf, unwrap, workFolder } from './app-setup.ts';
import { changesOf } from './queries-setup.ts';

const calm = { governor: 'performance', clockMHz: [1500], temperatureC: 50, throttled: false, load1: 0.2 };

describe('connecting', () => {
  test('reads this computer’s state, keeps the board and leaves no process', async () => {
    const folder = workFolder();
    const app = await openApp(folder);
    const changes = changesOf(app);
    const listener = listening();
    const connected = unwrap(await app.connect({ address: 'local' }, listener));
    expect(connected).toMatchObject({ address: 'local', installedBytes: 0 });
    expect(connected.seconds).toBeGreaterThan(0);
    expect(connected.state.load1).toBeGreaterThanOrEqual(0);
    expect(listener.events.map(({ kind }) => kind)).toEqual(
      expect.arrayContaining(['stageStarted', 'boardConnected', 'stageFinished']),
    );
    expect(changes).toEqual(['boards']);
    const [board] = unwrap(await app.query('boards.list', {}));
    expect(board).toMatchObject({ identity: connected.identity, name: connected.identity.name });
    expect(findProcesses(stateOf(folder))).toEqual([]);
  });

  test('says what is wrong with an address, and keeps nothing', async () => {
    const app = await openApp(workFolder());
    const failed = await app.connect({ address: 'nowhere' }, listening());
    expect(errorOf(failed)).toMatchObject({ kind: 'boardAddress' });
    expect(unwrap(await app.query('boards.list', {}))).toHaveLength(1);
  });

  test('stops when it is cancelled', async () => {
    const app = await openApp(workFolder());
    const listener = listening();
    listener.controller.abort();
    expect(errorOf(await app.connect({ address: 'local' }, listener))).toEqual({ kind: 'cancelled' });
  });
});

describe('a first contact', () => {
  const connectBoard: NonNullable<AppOptions['connectBoard']> = async (_choice, contact) => {
    const accepted = await contact.confirmHostKey('ssh://a@b:22', 'SHA256:x');
    const board = 'ssh://a@b:22';
    return fail(
      accepted
        ? { kind: 'authenticationFailed', board, tried: [] }
        : { kind: 'hostKeyRefused', board, fingerprint: 'SHA256:x' },
    );
  };

  test.each([
    [true, 'authenticationFailed', ['hostKeys', 'boards']],
    [false, 'hostKeyRefused', []],
  ] as const)(
    'whose key is accepted: %s tells of the keys, be there a login or not',
    async (yes, kind, told) => {
      const app = await openApp(workFolder(), { connectBoard });
      const changes = changesOf(app);
      const listener = { ...listening(), confirmHostKey: async () => yes };
      expect(errorOf(await app.connect({ address: 'ssh://a@b' }, listener))).toMatchObject({ kind });
      expect(changes).toEqual(told);
    },
  );
});

describe('the state of a board', () => {
  test('has no concern when nothing spoils a measurement or nothing can be read', () => {
    expect(boardState(calm, 4)).toEqual({ ...calm, concerns: [] });
    const unread = { governor: null, clockMHz: null, temperatureC: null, throttled: null, load1: 0 };
    expect(boardState(unread, 4).concerns).toEqual([]);
  });

  test('has its concerns, worst first, with what mends them', () => {
    const spoilt = { ...calm, governor: 'powersave', temperatureC: 81.6, throttled: true, load1: 2.1 };
    expect(boardState(spoilt, 4).concerns).toEqual([
      { kind: 'throttled', value: '', command: null },
      { kind: 'temperature', value: '82 °C', command: null },
      { kind: 'load', value: '2.10 / 4', command: null },
      { kind: 'governor', value: 'powersave', command: 'sudo cpupower frequency-set -g performance' },
    ]);
  });

  test.each([
    [{ temperatureC: 79.9 }, []],
    [{ temperatureC: 80 }, ['temperature']],
    [{ load1: 2 }, []],
    [{ load1: 2.01 }, ['load']],
  ])('is judged at the edge: %o', (change, kinds) => {
    expect(boardState({ ...calm, ...change }, 4).concerns.map(({ kind }) => kind)).toEqual(kinds);
  });
});
