import { describe, expect, test } from 'vitest';
import type { AppOptions } from '../../electron/app/app.ts';
import { fail } from '../../electron/contract/result.ts';
import { findProcesses } from '../faults/processes.ts';
import { errorOf, listening, openApp, stateOf, unwrap, workFolder } from './app-setup.ts';
import { changesOf } from './queries-setup.ts';

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
    expect(connected.inventory).toMatchObject({
      userlandArch: process.arch,
      libc: { name: 'glibc' },
      providers: expect.arrayContaining(['cpu']),
      providerUsed: 'cpu',
    });
    expect(connected.state.reading?.disk?.freeBytes).toBeGreaterThan(0);
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
