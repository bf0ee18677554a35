import { expect, test } from 'vitest';
import { boardIdOf } from '../../electron/runner/board-id.ts';
import { migrate, migrations } from '../../electron/store/migrate.ts';
import { identity, openedStore, Sqlite, unwrap } from './store-setup.ts';

/** A clock that goes on by a second each time it is looked at. */
function ticking(): () => Date {
  let seconds = 0;
  return () => new Date(Date.UTC(2026, 10, 25, 4, 0, seconds++));
}

const first = 'ssh://pi@10.0.0.7:22';
const second = 'ssh://pi@10.0.0.9:22';
const bySerial = (serialNumber: string) => ({ ...identity, id: boardIdOf(serialNumber), serialNumber });

test('A board that was known by its machine-id keeps its id when it is told apart by its serial number.', () => {
  const store = openedStore();
  const before = { ...identity, id: 'from-machine-id', serialNumber: '10000000abcdef01' };
  unwrap(store.boards.save(before, first));
  expect(store.boards.recognise(bySerial('10000000abcdef01'))).toEqual(before);
  // A clone of its SD card is another board.
  const clone = bySerial('10000000abcdef02');
  expect(store.boards.recognise(clone)).toEqual(clone);
});

test('A serial number that is no identity joins nothing.', () => {
  const store = openedStore();
  const one = { ...identity, id: 'one', serialNumber: 'Default string' };
  unwrap(store.boards.save(one, first));
  const two = { ...one, id: 'two' };
  expect(store.boards.recognise(two)).toEqual(two);
});

test('A board has all the ways on which it was met, and an address leads to whom was met there last.', () => {
  const store = openedStore(undefined, { now: ticking() });
  const other = { ...identity, id: 'other', name: 'Other' };
  unwrap(store.boards.save(identity, first));
  unwrap(store.boards.save(identity, second));
  const waysOf = (id: string) =>
    store.boards
      .listWays()
      .filter(({ boardId }) => boardId === id)
      .map(({ address }) => address);
  expect(waysOf(identity.id)).toEqual([second, first]);
  unwrap(store.boards.save(other, first));
  expect(waysOf(identity.id)).toEqual([second]);
  expect(store.boards.at(first)?.identity).toEqual(other);
  expect(store.boards.at('ssh://nobody@x:22')).toBeUndefined();
});

test('A name is given to the board, not to its address.', () => {
  const store = openedStore(undefined, { now: ticking() });
  const other = { ...identity, id: 'other' };
  unwrap(store.boards.remember({ address: first, name: 'Line 3' }));
  unwrap(store.boards.save(identity, first));
  expect(store.boards.get(identity.id)?.givenName).toBe('Line 3');
  unwrap(store.boards.save(identity, second));
  unwrap(store.boards.save(other, first));
  expect(store.boards.get('other')?.givenName).toBeNull();
  unwrap(store.boards.remember({ address: second, name: 'Line 4' }));
  expect(store.boards.get(identity.id)?.givenName).toBe('Line 4');
  unwrap(store.boards.remember({ address: second, name: '' }));
  expect(store.boards.get(identity.id)?.givenName).toBeNull();
});

test('A board is forgotten with all its ways, and others are not.', () => {
  const store = openedStore(undefined, { now: ticking() });
  const other = { ...identity, id: 'other' };
  for (const address of [first, second]) {
    unwrap(store.boards.remember({ address, name: '' }));
    unwrap(store.boards.save(identity, address));
  }
  unwrap(store.boards.save(other, 'local'));
  unwrap(store.boards.forget(second));
  expect(store.boards.listRemembered()).toEqual([]);
  expect(store.boards.list().map((board) => board.identity.id)).toEqual(['other']);
  unwrap(store.boards.remember({ address: first, name: '' }));
  expect(store.boards.list()).toHaveLength(2);
});

test('Step 6 gives each address to the board met last there, and the name of an address to that board.', () => {
  const db = new Sqlite(':memory:');
  unwrap(migrate(db, 'm', migrations.slice(0, 5)));
  const add = db.prepare('INSERT INTO boards VALUES (?, ?, ?, ?, ?, ?, NULL)');
  const at = (second: number) => `2026-11-25T04:42:0${second}.000Z`;
  add.run('old', first, 'Old', '{}', at(1), at(2));
  add.run('new', first, 'New', '{}', at(1), at(3));
  add.run('own', 'local', 'Own', '{}', at(1), at(1));
  db.exec(`INSERT INTO remembered_boards VALUES ('${first}', 'Line 3', '${at(0)}')`);
  unwrap(migrate(db, 'm'));
  expect(db.prepare('SELECT address, board_id FROM board_ways ORDER BY address').all()).toEqual([
    { address: 'local', board_id: 'own' },
    { address: first, board_id: 'new' },
  ]);
  expect(db.prepare('SELECT id, given_name FROM boards ORDER BY id').all()).toEqual([
    { id: 'new', given_name: 'Line 3' },
    { id: 'old', given_name: null },
    { id: 'own', given_name: null },
  ]);
});
