import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { makeBoardFinder } from '../../electron/app/finding.ts';
import type { DiscoverOptions } from '../../electron/board/discovery/discover.ts';
import { userInSshConfig } from '../../electron/board/discovery/ssh-user.ts';
import type { BoardSearch, FoundBoard } from '../../electron/contract/found-boards.ts';
import { identity, openedStore } from '../store/store-setup.ts';
import { openApp, openBeside, unwrap, workFolder } from './app-setup.ts';
import { changesOf } from './queries-setup.ts';

const found: FoundBoard = {
  key: 'host:line-3.local',
  name: 'line-3',
  board: null,
  ways: [
    {
      source: 'mdns',
      link: 'ssh',
      address: null,
      host: 'line-3.local',
      port: 22,
      user: null,
      detail: 'line-3.local, 10.0.0.7',
      problem: null,
    },
  ],
};
const now = () => new Date('2026-11-27T08:00:00.000Z');
const doneWith = (boards: readonly FoundBoard[]): BoardSearch => ({
  state: 'done',
  found: boards,
  problems: [],
  finishedAt: now().toISOString(),
});

/** A search that is steered by the test. */
function steered() {
  const asked: DiscoverOptions[] = [];
  let finish: (search: BoardSearch) => void = () => undefined;
  const discover = (options: DiscoverOptions): Promise<BoardSearch> => {
    asked.push(options);
    return new Promise((resolve) => {
      finish = resolve;
      options.signal.addEventListener('abort', () => resolve(doneWith([])));
    });
  };
  return { asked, discover, finish: (search: BoardSearch) => finish(search) };
}

test('A search is told as it goes on, once for all who ask, and what it found stays until the next.', async () => {
  const search = steered();
  const store = openedStore();
  let told = 0;
  const finder = makeBoardFinder({ store, now, tell: () => told++, discover: search.discover });
  expect(finder.current()).toEqual({ state: 'never', found: [], problems: [], finishedAt: null });
  const { signal } = new AbortController();
  const first = finder.look(5_000, signal);
  const second = finder.look(5_000, signal);
  expect(search.asked).toHaveLength(1);
  expect(finder.current().state).toBe('looking');
  search.asked[0]?.onChange({ ...doneWith([found]), state: 'looking', finishedAt: null });
  expect(finder.current()).toMatchObject({ state: 'looking', found: [found] });
  search.finish(doneWith([found]));
  expect(await first).toEqual(await second);
  expect(finder.current()).toEqual(doneWith([found]));
  expect(told).toBe(3);
  const again = finder.look(5_000, signal);
  // What was found last time is there while it is looked for anew.
  expect(finder.current()).toEqual({ ...doneWith([found]), state: 'looking' });
  search.finish(doneWith([]));
  expect((await again).found).toEqual([]);
});

test('The user is the one who last signed in there, then that of the SSH configuration, then the last one used.', async () => {
  const search = steered();
  const store = openedStore();
  unwrap(store.boards.save(identity, 'ssh://debian@10.0.0.7:22'));
  const userInConfig = (host: string) => (host === 'bench.local' ? 'admin' : null);
  const parts = { store, now, tell: () => undefined, discover: search.discover, userInConfig };
  void makeBoardFinder(parts).look(5_000, new AbortController().signal);
  const userFor = search.asked[0]?.userFor;
  expect(['10.0.0.7', 'bench.local', 'new.local'].map((host) => userFor?.(host))).toEqual([
    'debian',
    'admin',
    'debian',
  ]);
  expect(search.asked[0]?.known).toMatchObject([
    { id: identity.id, addresses: ['ssh://debian@10.0.0.7:22'] },
  ]);
});

test('The window and the terminal ask for one search, which ends with the app.', async () => {
  const folder = workFolder();
  const search = steered();
  const store = openBeside(folder);
  const boardFinder = makeBoardFinder({ store, now, tell: () => undefined, discover: search.discover });
  const app = await openApp(folder, { boardFinder });
  expect(unwrap(await app.query('boards.discover', { seconds: 2 })).state).toBe('looking');
  expect(search.asked[0]?.timeoutMs).toBe(2_000);
  const waiting = app.query('boards.discover', { wait: true });
  search.finish(doneWith([found]));
  expect(unwrap(await waiting)).toEqual(doneWith([found]));
  expect(unwrap(await app.query('boards.found', {})).found).toEqual([found]);
  const last = app.query('boards.discover', { wait: true });
  await app.close();
  expect(unwrap(await last).state).toBe('done');
});

test('An app tells its windows when there is more to show.', async () => {
  const app = await openApp(workFolder());
  const changes = changesOf(app);
  unwrap(await app.query('boards.discover', { seconds: 0.5, wait: true }));
  expect(new Set(changes)).toEqual(new Set(['found']));
  expect(unwrap(await app.query('boards.found', {})).state).toBe('done');
});

test('The user of a host is the one that the SSH configuration names, and nobody where it cannot be read.', () => {
  const home = mkdtempSync(join(tmpdir(), 'fieldtune-ssh-'));
  onTestFinished(() => rmSync(home, { recursive: true, force: true }));
  mkdirSync(join(home, '.ssh'));
  const folders = { home, system: join(home, 'none') };
  const file = join(home, '.ssh', 'config');
  writeFileSync(file, 'Host bench*\n  User admin\n', { mode: 0o600 });
  expect(userInSshConfig('bench.local', folders)).toBe('admin');
  expect(userInSshConfig('other', folders)).toBeNull();
  rmSync(file);
  expect(userInSshConfig('bench.local', folders)).toBeNull();
});
