import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { fingerprintOf } from '../../../electron/board/ssh/known-hosts.ts';
import { freePort } from '../../faults/private-sshd.ts';
import type { StandInServer } from '../../faults/ssh-server.ts';
import { answering, type Home, makeHome, openAt, serverFor, tryAt } from './sign-in-setup.ts';

const secret = 'hunter2 of old';
const gateName = ({ port }: StandInServer): string => `ssh://ops@gate:${port}`;
const benchName = ({ port }: StandInServer): string => `ssh://pi@bench:${port}`;

/** A board behind a jump host, both known, in a home whose configuration leads there. */
async function behindGate(forwards = true) {
  const home = makeHome();
  const gate = await serverFor({ password: 'of the gate', forwards });
  const bench = await serverFor({ password: secret });
  configure(home, gate, bench);
  home.trust(gate, bench);
  return { home, gate, bench };
}

function configure(home: Home, gate: StandInServer, bench: StandInServer): void {
  home.write(
    'config',
    `Host bench\n HostName 127.0.0.1\n Port ${bench.port}\n User pi\n ProxyJump gate
Host gate\n HostName 127.0.0.1\n Port ${gate.port}\n User ops\n`,
  );
}

describe('a board behind a jump host', () => {
  it('is reached with a key check and a sign-in at each, and all goes with the board', async () => {
    const { home, gate, bench } = await behindGate();
    const { asked, ask } = answering(['of the gate'], [secret]);
    const opened = await openAt(home, 'ssh://bench', { ask });
    if (!opened.ok) throw new Error(JSON.stringify(opened.error));
    expect(opened.value.address.text).toBe(benchName(bench));
    expect(asked).toMatchObject([
      { kind: 'password', board: gateName(gate), user: 'ops' },
      { kind: 'password', board: benchName(bench), user: 'pi' },
    ]);
    expect(new Set(gate.forwarded)).toEqual(new Set([`127.0.0.1:${bench.port}`]));
    bench.hangUp();
    await opened.value.lost;
    await vi.waitFor(() => expect(gate.open()).toBe(0));
  });

  it('is not sent anything when the jump host is not known, and asks about each by its name', async () => {
    const { home, gate, bench } = await behindGate();
    home.trust();
    const questions: string[][] = [];
    const confirmHostKey = async (...question: [string, string]): Promise<boolean> => {
      questions.push(question);
      return questions.length === 1;
    };
    const refused = await tryAt(home, 'ssh://bench', { confirmHostKey, ...answering(['of the gate']) });
    expect(questions).toEqual([
      [gateName(gate), gate.fingerprint],
      [benchName(bench), bench.fingerprint],
    ]);
    expect(refused).toMatchObject({ error: { kind: 'hostKeyUnknown', board: benchName(bench) } });
    expect(bench.tried).toEqual([]);
    expect(readFileSync(home.knownHostsFile, 'utf8')).toBe(`[127.0.0.1]:${gate.port} ${gate.hostKey}\n`);
  });

  it('is refused at the board when its key has changed, the jump host being good (fault 9)', async () => {
    const { home, gate, bench } = await behindGate();
    const known = bench.fingerprint;
    await bench.replaceHostKey();
    const { asked, ask } = answering(['of the gate']);
    expect(await tryAt(home, 'ssh://bench', { ask })).toEqual({
      ok: false,
      error: {
        kind: 'hostKeyChanged',
        board: benchName(bench),
        host: `[127.0.0.1]:${bench.port}`,
        fingerprint: bench.fingerprint,
        known,
        file: home.knownHostsFile,
        line: 2,
        own: true,
      },
    });
    expect(asked.map(({ board }) => board)).toEqual([gateName(gate)]);
    expect(bench.tried).toEqual([]);
    await vi.waitFor(() => expect(gate.open()).toBe(0));
  });

  it('takes agreed keys of both without asking', async () => {
    const { home, gate, bench } = await behindGate();
    home.trust();
    const acceptHostKey = `${gate.fingerprint},${bench.fingerprint}=`;
    const contact = answering(['of the gate'], [secret]);
    expect(await tryAt(home, 'ssh://bench', contact, { acceptHostKey })).toMatchObject({ ok: true });
  });

  it('names the host that refused, and why the way ends there', async () => {
    const closed = await behindGate(false);
    const contact = answering(['of the gate']);
    expect(await tryAt(closed.home, 'ssh://bench', contact)).toMatchObject({
      error: {
        kind: 'boardUnreachable',
        board: benchName(closed.bench),
        reason: expect.stringContaining(`through ${gateName(closed.gate)}: `),
      },
    });
    const { home, gate } = await behindGate();
    expect(await tryAt(home, 'ssh://bench', answering(['wrong']))).toMatchObject({
      error: { kind: 'authenticationFailed', board: gateName(gate) },
    });
    const port = await freePort();
    home.write('config', `Host bench\n ProxyJump pi@127.0.0.1:${port}\n`);
    expect(await tryAt(home, 'ssh://bench')).toMatchObject({
      error: { kind: 'boardUnreachable', board: `ssh://pi@127.0.0.1:${port}`, reason: /ECONNREFUSED/ },
    });
  });

  it('says that the configuration is broken, and what of it was left out', async () => {
    const { home, bench } = await behindGate();
    const file = home.write('config', 'Match exec true\n  User x\n');
    const warnings: unknown[] = [];
    const onWarning = (warning: unknown): void => void warnings.push(warning);
    expect(await tryAt(home, bench.address, { ...answering([secret]), onWarning })).toMatchObject({
      ok: true,
    });
    expect(warnings).toEqual([{ kind: 'sshConfigSkipped', file, line: 1, what: 'Match exec' }]);
    home.write('config', 'Port x\n');
    expect(await tryAt(home, 'ssh://pi@127.0.0.1')).toMatchObject({
      error: { kind: 'sshConfigBroken', file },
    });
  });
});

describe('OpenSSH’s own lists of known hosts', () => {
  it('are trusted, and never written', async () => {
    const home = makeHome();
    const server = await serverFor({ password: secret });
    const text = `[127.0.0.1]:${server.port} ${server.hostKey}\n`;
    const file = home.write('known_hosts', text);
    expect(await tryAt(home, server.address, answering([secret]))).toMatchObject({ ok: true });
    expect(readFileSync(file, 'utf8')).toBe(text);
    expect(() => readFileSync(home.knownHostsFile)).toThrow('ENOENT');
  });

  it('revoke a key that Fieldtune has as good (fault 5)', async () => {
    const home = makeHome();
    const server = await serverFor({ password: secret });
    home.trust(server);
    writeFileSync(join(home.system, 'ssh_known_hosts'), `@revoked * ${server.hostKey}\n`);
    const { asked, ask } = answering([secret]);
    expect(await tryAt(home, server.address, { ask })).toMatchObject({
      error: { kind: 'hostKeyRefused', fingerprint: server.fingerprint },
    });
    expect(asked).toEqual([]);
  });

  it.each([
    ['the person’s', (home: Home) => join(home.home, '.ssh', 'known_hosts')],
    ['the system’s', (home: Home) => join(home.system, 'ssh_known_hosts')],
    ['its own', (home: Home) => home.knownHostsFile],
  ])('fail closed when %s cannot be read, by its name (fault 5)', async (_, fileOf) => {
    const home = makeHome();
    const server = await serverFor({ password: secret });
    mkdirSync(fileOf(home));
    expect(await tryAt(home, server.address, answering([secret]))).toMatchObject({
      error: { kind: 'knownHostsUnreadable', file: fileOf(home) },
    });
    expect(server.connections()).toBe(0);
  });

  it('name file and line of a key that has changed, which no agreement replaces (fault 2)', async () => {
    const home = makeHome();
    const server = await serverFor({ password: secret });
    const known = server.fingerprint;
    const file = home.write('known_hosts', `# mine\n\n[127.0.0.1]:${server.port} ${server.hostKey}\n`);
    await server.replaceHostKey();
    const agreed = { replaceHostKey: known, acceptHostKey: server.fingerprint };
    expect(await tryAt(home, server.address, answering([secret]), agreed)).toMatchObject({
      error: { kind: 'hostKeyChanged', known, fingerprint: server.fingerprint, file, line: 3, own: false },
    });
  });

  it('do not make an authority of certificates', async () => {
    const home = makeHome();
    const server = await serverFor({ password: secret });
    home.write('known_hosts', `@cert-authority * ${server.hostKey}\n`);
    expect(await tryAt(home, server.address)).toMatchObject({ error: { kind: 'hostKeyUnknown' } });
  });
});

describe('replacing a changed key of Fieldtune’s own list', () => {
  it('needs the old and the new fingerprint, and keeps every other line (fault 2)', async () => {
    const home = makeHome();
    const server = await serverFor({ password: secret });
    const name = `[127.0.0.1]:${server.port}`;
    const other = `# note\nother ${server.hostKey}\n`;
    writeFileSync(home.knownHostsFile, `${other}${name},nick ${server.hostKey}\n`);
    const old = server.fingerprint;
    await server.replaceHostKey();
    const contact = answering([secret]);
    const stranger = fingerprintOf(Buffer.from('stranger'));
    for (const agreed of [
      {},
      { acceptHostKey: server.fingerprint },
      { replaceHostKey: old },
      { replaceHostKey: stranger, acceptHostKey: server.fingerprint },
      { replaceHostKey: old, acceptHostKey: stranger },
    ])
      expect(await tryAt(home, server.address, contact, agreed)).toMatchObject({
        error: { kind: 'hostKeyChanged', known: old },
      });
    expect(contact.asked).toEqual([]);
    const agreed = { replaceHostKey: old, acceptHostKey: server.fingerprint };
    expect(await tryAt(home, server.address, contact, agreed)).toMatchObject({ ok: true });
    const text = readFileSync(home.knownHostsFile, 'utf8');
    expect(text).toContain(other);
    expect(text).toMatch(/^nick /m);
    expect(text.endsWith(`${name} ${server.hostKey}\n`)).toBe(true);
    expect(await tryAt(home, server.address, contact)).toMatchObject({ ok: true });
  });
});
