import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { addHostKey, fingerprintOf } from '../../electron/board/ssh/known-hosts.ts';
import { identity } from '../store/store-setup.ts';
import { errorOf, openApp, openBeside, stateOf, unwrap, workFolder } from './app-setup.ts';
import { changesOf } from './queries-setup.ts';

const bench = 'ssh://pi@bench.lab:22';
const key = Buffer.concat([Buffer.from([0, 0, 0, 11]), Buffer.from('ssh-ed25519'), Buffer.alloc(36, 7)]);

describe('boards', () => {
  test('this computer is always there, and first', async () => {
    const folder = workFolder();
    const app = await openApp(folder);
    const own = {
      address: 'local',
      name: hostname(),
      link: 'local',
      ways: [{ address: 'local', link: 'local', lastSeenAt: null }],
      identity: null,
      lastSeenAt: null,
      fingerprint: null,
    };
    expect(unwrap(await app.query('boards.list', {}))).toEqual([own]);
    expect(unwrap(await app.query('boards.remember', { address: bench, name: '' }))[0]).toEqual(own);
    expect(unwrap(await app.query('boards.forget', { address: 'local' }))[0]).toEqual(own);
  });

  test('a typed address is kept in full with its name, and forgotten under either form', async () => {
    const app = await openApp(workFolder());
    const changes = changesOf(app);
    const typed = { address: 'ssh://pi@Bench.lab', name: ' Line 3 ' };
    const [, board] = unwrap(await app.query('boards.remember', typed));
    expect(board).toMatchObject({ address: bench, name: 'Line 3', link: 'ssh', identity: null });
    expect(unwrap(await app.query('boards.remember', { address: bench, name: '' }))[1]?.name).toBe(
      'bench.lab',
    );
    expect(changes).toEqual(['boards', 'boards']);
    expect(unwrap(await app.query('boards.forget', { address: typed.address }))).toHaveLength(1);
  });

  test('an address that is none is refused with the reason', async () => {
    const app = await openApp(workFolder());
    const changes = changesOf(app);
    const refused = await app.query('boards.remember', { address: 'bench', name: '' });
    expect(errorOf(refused)).toMatchObject({ kind: 'boardAddress', address: 'bench' });
    expect(changes).toEqual([]);
  });

  test('a board that was seen has its identity, its key and when it was seen, under the name given to it', async () => {
    const folder = workFolder();
    const app = await openApp(folder);
    const store = openBeside(folder);
    unwrap(store.boards.save({ ...identity, id: 'older', name: 'Older' }, 'ssh://pi@bench.lab:22'));
    await new Promise((resolve) => setTimeout(resolve, 2));
    unwrap(store.boards.save(identity, bench));
    addHostKey(join(stateOf(folder), 'known_hosts'), 'bench.lab', 22, key);
    const [, seen, ...more] = unwrap(await app.query('boards.list', {}));
    expect(more).toEqual([]);
    expect(seen).toMatchObject({
      address: bench,
      name: identity.name,
      identity,
      lastSeenAt: expect.any(String),
      fingerprint: fingerprintOf(key),
    });
    const named = unwrap(await app.query('boards.remember', { address: bench, name: 'Mine' }));
    expect(named[1]).toMatchObject({ name: 'Mine', identity });
    expect(unwrap(await app.query('boards.forget', { address: bench }))).toHaveLength(1);
  });
});

describe('host keys', () => {
  test('are listed, and one that is forgotten makes the next contact a first one', async () => {
    const folder = workFolder();
    const app = await openApp(folder);
    const file = join(stateOf(folder), 'known_hosts');
    expect(unwrap(await app.query('hostKeys.list', {}))).toEqual([]);
    addHostKey(file, 'bench.lab', 22, key);
    addHostKey(file, 'other', 2222, key);
    writeFileSync(file, `# mine\n${readFileSync(file, 'utf8')}`);
    unwrap(await app.query('boards.remember', { address: bench, name: '' }));
    const fingerprint = fingerprintOf(key);
    const other = { host: '[other]:2222', type: 'ssh-ed25519', fingerprint };
    expect(unwrap(await app.query('hostKeys.list', {}))).toEqual([{ ...other, host: 'bench.lab' }, other]);

    const changes = changesOf(app);
    const left = await app.query('hostKeys.forget', { host: 'bench.lab', fingerprint });
    expect(unwrap(left)).toEqual([other]);
    expect(changes).toEqual(['hostKeys', 'boards']);
    expect(unwrap(await app.query('boards.list', {}))[1]?.fingerprint).toBeNull();
    expect(readFileSync(file, 'utf8')).toMatch(/^# mine\n\[other\]:2222 ssh-ed25519 \S+\n$/);

    unwrap(await app.query('hostKeys.forget', { host: 'bench.lab', fingerprint }));
    expect(changes).toHaveLength(2);
  });

  test('that cannot be read are an error of their own, and the boards are there all the same', async () => {
    const folder = workFolder();
    const app = await openApp(folder);
    const file = join(stateOf(folder), 'known_hosts');
    mkdirSync(file);
    expect(errorOf(await app.query('hostKeys.list', {}))).toMatchObject({
      kind: 'knownHostsUnreadable',
      file,
    });
    expect(unwrap(await app.query('boards.list', {}))).toHaveLength(1);
    const forgotten = await app.query('hostKeys.forget', { host: 'bench.lab', fingerprint: 'x' });
    expect(errorOf(forgotten)).toMatchObject({ kind: 'notWritable', path: file });
  });
});
