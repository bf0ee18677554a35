import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseBoardAddress } from '../../../electron/board/address.ts';
import { findRoute } from '../../../electron/board/ssh/route.ts';
import { type AskedHost, readSshSettings } from '../../../electron/board/ssh/settings.ts';
import { writtenAddress } from '../../../electron/board/written-address.ts';
import { makeHome } from './sign-in-setup.ts';

const me = userInfo().username;

function settingsOf(config: string, asked: Partial<AskedHost> & { readonly host: string }, system = '') {
  const home = makeHome();
  home.write('config', config);
  if (system !== '') writeFileSync(join(home.system, 'ssh_config'), system);
  const read = readSshSettings({ user: null, port: null, ...asked }, home, { KEYS: '/keys' });
  return { home, read };
}

function settledValue(...parameters: Parameters<typeof settingsOf>) {
  const { read } = settingsOf(...parameters);
  if (!read.ok) throw new Error(JSON.stringify(read.error));
  return read.value;
}

describe('the SSH configuration', () => {
  it('gives an alias its host, port, user and keys', () => {
    const config = `
# boards
Host bench
  HostName 10.0.0.7
  Port 2222
  User "pi"
  IdentityFile ~/.ssh/bench_%r
  IdentityFile \${KEYS}/%h-%p-%n
  IdentitiesOnly yes
  HostKeyAlias bench.lab
Host *
  User nobody
  IdentityFile %d/.ssh/any%%
`;
    const { home, read } = settingsOf(config, { host: 'bench' });
    expect(read).toMatchObject({
      ok: true,
      value: {
        host: '10.0.0.7',
        port: 2222,
        user: 'pi',
        identityFiles: [
          join(home.home, '.ssh', 'bench_pi'),
          '/keys/10.0.0.7-2222-bench',
          join(home.home, '.ssh', 'any%'),
        ],
        identitiesOnly: true,
        hostKeyAlias: 'bench.lab',
        proxyJump: null,
        skipped: [],
      },
    });
  });

  it('goes behind what the address says, and without either there is the local user and port 22', () => {
    const config = 'Host bench\n  User pi\n  Port 2222\n';
    expect(settledValue(config, { host: 'bench', user: 'root', port: 22 })).toMatchObject({
      user: 'root',
      port: 22,
    });
    expect(settledValue(config, { host: 'other' })).toMatchObject({ user: me, port: 22, host: 'other' });
  });

  it.each([
    ['a pattern', 'Host *.lab', true],
    ['one of several', 'Host a b pi.lab', true],
    ['a question mark', 'Host p?.lab', true],
    ['a question mark for nothing', 'Host pi?.lab', false],
    ['a negation', 'Host *.lab !pi.lab', false],
    ['the equals sign', 'Host=pi.lab', true],
    ['another case', 'HOST PI.LAB', true],
    ['Match all', 'Match all', true],
    ['Match host', 'Match host *.lab,other', true],
    ['Match of another host', 'Match host other', false],
    ['a negated Match', 'Match !host other', true],
    ['Match originalhost and user', `Match originalhost pi.lab user ${me}`, true],
    ['Match of another user', 'Match user somebody', false],
    ['Match localuser', `Match localuser ${me}`, true],
  ])('judges %s', (_, condition, holds) => {
    const { port, skipped } = settledValue(`${condition}\n  Port 2222\n`, { host: 'pi.lab' });
    expect([port, skipped]).toEqual([holds ? 2222 : 22, []]);
  });

  it('matches the host name as far as it is known by then', () => {
    const config = 'Host bench\n HostName pi.lab\nMatch host pi.lab\n Port 2222\n';
    expect(settledValue(config, { host: 'bench' }).port).toBe(2222);
  });

  it('executes nothing, and says which part it has left out', () => {
    const home = makeHome();
    const made = join(home.folder, 'made');
    const file = home.write(
      'config',
      `Port 21\n\nMatch exec "touch ${made}"\n  Port 2222\nMatch final\n  User x\n`,
    );
    const read = readSshSettings({ host: 'bench', user: null, port: null }, home, {});
    expect(read).toMatchObject({
      ok: true,
      value: {
        port: 21,
        user: me,
        skipped: [
          { file, line: 3, what: 'Match exec' },
          { file, line: 5, what: 'Match final' },
        ],
      },
    });
    expect(() => chmodSync(made, 0o600)).toThrow('ENOENT');
    // What cannot hold anyway is no news.
    const other = settledValue('Match host other exec "x"\n  Port 2222\n', { host: 'bench' });
    expect(other.skipped).toEqual([]);
  });

  it('reads what it includes, and the system’s file after the person’s', () => {
    const home = makeHome();
    mkdirSync(join(home.home, '.ssh', 'conf.d'));
    home.write('conf.d/1', 'Host bench\n  Port 2222\n');
    home.write('conf.d/2', 'Host bench\n  Port 3333\n  User pi\n');
    home.write(
      'config',
      'Include conf.d/*\nInclude missing\nHost other\n  Include conf.d/1\nHost bench\n  User x\n',
    );
    writeFileSync(join(home.system, 'ssh_config'), 'User system\nProxyJump gate\n');
    expect(readSshSettings({ host: 'bench', user: null, port: null }, home, {})).toMatchObject({
      ok: true,
      value: { port: 2222, user: 'pi', proxyJump: 'gate' },
    });
  });

  it('names the lists of known hosts and the agent', () => {
    const config =
      'Host bench\n UserKnownHostsFile ~/a %d/b\n GlobalKnownHostsFile none\n IdentityAgent ~/agent.sock\n';
    const { home, read } = settingsOf(config, { host: 'bench' });
    const agent = join(home.home, 'agent.sock');
    const knownHostsFiles = [join(home.home, 'a'), join(home.home, 'b')];
    expect(read).toMatchObject({ ok: true, value: { knownHostsFiles, agent } });
    expect(settledValue('IdentityAgent none\n', { host: 'bench' }).agent).toBeNull();
  });

  it.each([
    ['a port that is none', 'Host bench\n  Port ssh\n', 2, /Port is not a port/],
    ['a token without a meaning', '\nIdentityFile ~/%Z\n', 2, /%Z has no meaning/],
    ['a missing variable', `IdentityFile \${NONE}/x\n`, 1, /the environment has no NONE/],
    ['a way by a command', 'ProxyCommand nc %h %p\n', 1, /ProxyCommand is not supported/],
    ['a setting without a value', 'Host bench\n  HostName\n', 2, /has no value/],
    ['an open quotation mark', 'User "pi\n', null, /Unexpected line break/],
    ['a host without a name', 'Host\n', 1, /^Host has no value/],
  ])('says that it has %s, and where', (_, config, line, reason) => {
    const { home, read } = settingsOf(config, { host: 'bench' });
    expect(read).toEqual({
      ok: false,
      error: {
        kind: 'sshConfigBroken',
        file: join(home.home, '.ssh', 'config'),
        line,
        reason: expect.stringMatching(reason),
      },
    });
  });

  it('is not used when others can write it, or when it cannot be read', () => {
    const { home } = settingsOf('User pi\n', { host: 'bench' });
    const file = join(home.home, '.ssh', 'config');
    chmodSync(file, 0o666);
    const read = () => readSshSettings({ host: 'bench', user: null, port: null }, home, {});
    expect(read()).toMatchObject({ error: { kind: 'sshConfigBroken', file, reason: /chmod go-w/ } });
    const folder = makeHome();
    mkdirSync(join(folder.home, '.ssh', 'config'));
    expect(readSshSettings({ host: 'bench', user: null, port: null }, folder, {})).toMatchObject({
      error: { kind: 'sshConfigBroken', reason: /EISDIR/ },
    });
  });

  it('that includes itself ends with a sentence', () => {
    const { read } = settingsOf('Include config\n', { host: 'bench' });
    expect(read).toMatchObject({ error: { kind: 'sshConfigBroken', reason: /circle/ } });
  });
});

describe('the way to a board', () => {
  const routeOf = (config: string, address: string) => {
    const home = makeHome();
    home.write('config', config);
    const parsed = parseBoardAddress(address);
    if (!parsed.ok || parsed.value.kind !== 'ssh') throw new Error('not an SSH address');
    return findRoute(parsed.value, home);
  };
  const namesOf = (...parameters: Parameters<typeof routeOf>) => {
    const route = routeOf(...parameters);
    return route.ok ? route.value.hops.map(({ name }) => name) : route.error;
  };

  it('leads over jump hosts in their order, each by its own settings', () => {
    const config = `
Host bench
  ProxyJump ops@gate:2200,inner
  User pi
Host inner
  HostName 10.1.0.1
  User deep
  ProxyJump ignored
Host gate
  ProxyJump outer
Host outer
  Port 2022
`;
    expect(namesOf(config, 'ssh://bench')).toEqual([
      `ssh://${me}@outer:2022`,
      'ssh://ops@gate:2200',
      'ssh://deep@inner:22',
      'ssh://pi@bench:22',
    ]);
  });

  it('is straight without one, and with ProxyJump none', () => {
    expect(namesOf('Host bench\n ProxyJump none\nHost *\n ProxyJump gate\n', 'ssh://pi@bench')).toEqual([
      'ssh://pi@bench:22',
    ]);
  });

  it('that goes in a circle, or over something else, is refused', () => {
    expect(namesOf('Host *\n ProxyJump gate\n', 'ssh://bench')).toMatchObject({ kind: 'boardAddress' });
    expect(namesOf('Host bench\n ProxyJump gate:x\n', 'ssh://bench')).toMatchObject({ kind: 'boardAddress' });
  });

  it('is known by the host that answers there, or by its alias', () => {
    const config =
      'Host bench\n HostName 10.0.0.7\n Port 2222\nHost alias\n HostKeyAlias bench.lab\n Port 2222\n';
    const knownAs = (address: string) => {
      const route = routeOf(config, address);
      return route.ok ? route.value.hops.at(-1)?.knownAs : null;
    };
    expect(knownAs('ssh://bench')).toEqual({ host: '10.0.0.7', port: 2222 });
    expect(knownAs('ssh://alias')).toEqual({ host: 'bench.lab', port: 22 });
  });
});

describe('an address written out in full', () => {
  it.each([
    ['local', 'local'],
    ['nonsense', 'nonsense'],
    ['ssh://bench', 'ssh://pi@bench:2222'],
    ['ssh://root@Bench', 'ssh://root@bench:2222'],
    ['ssh://root@bench:22', 'ssh://root@bench:22'],
    ['ssh://a%40b@[fe80::1]', 'ssh://a%40b@[fe80::1]:22'],
  ])('%j is %j', (address, full) => {
    const home = makeHome();
    home.write('config', 'Host bench\n User pi\n Port 2222\n');
    expect(writtenAddress(address, home)).toBe(full);
  });

  it('needs no configuration that can be used', () => {
    const home = makeHome();
    home.write('config', 'Port ssh\n');
    expect(writtenAddress('ssh://pi@bench', home)).toBe('ssh://pi@bench:22');
  });
});
