import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { parseBoardAddress } from '../../../electron/board/address.ts';
import type { BoardContact } from '../../../electron/board/contact.ts';
import { openSsh, type SshOptions } from '../../../electron/board/ssh/connection.ts';
import { startFaultProxy } from '../../faults/fault-proxy.ts';
import {
  freePort,
  makeKey,
  type PrivateSshd,
  sshdMissing,
  startPrivateSshd,
} from '../../faults/private-sshd.ts';

describe.skipIf(sshdMissing !== '')(`connecting over SSH ${sshdMissing}`, () => {
  let sshd: PrivateSshd;
  let stateFolder = '';
  let logStart = 0;
  const noContact = () => ({
    signal: new AbortController().signal,
    confirmHostKey: vi.fn(async () => false),
  });
  const yesContact = () => ({
    signal: new AbortController().signal,
    confirmHostKey: vi.fn(async () => true),
  });
  const knownHostsFile = () => join(stateFolder, 'known_hosts');
  const newLog = () => sshd.log().slice(logStart);

  async function open(contact: BoardContact, options: Partial<SshOptions> = {}, address = sshd.address) {
    const parsed = parseBoardAddress(address);
    if (!parsed.ok || parsed.value.kind !== 'ssh') throw new Error('not an SSH address');
    const standard = { knownHostsFile: knownHostsFile(), identityFile: sshd.identityFile };
    const opened = await openSsh(parsed.value, { ...standard, ...options }, contact);
    if (opened.ok) {
      opened.value.close();
      await opened.value.lost;
    }
    return opened;
  }

  beforeAll(async () => {
    sshd = await startPrivateSshd();
  });
  beforeEach(() => {
    stateFolder = mkdtempSync(join(tmpdir(), 'fieldtune-state-'));
    logStart = sshd.log().length;
  });
  afterEach(() => rmSync(stateFolder, { recursive: true, force: true }));
  afterAll(() => sshd.stop());

  it('shows the fingerprint at a first contact, sends no credential before yes, and stores the key (fault 1)', async () => {
    const contact = yesContact();
    let logAtQuestion = '';
    contact.confirmHostKey.mockImplementation(async () => {
      logAtQuestion = newLog();
      return true;
    });
    expect(await open(contact)).toMatchObject({ ok: true });
    expect(contact.confirmHostKey.mock.calls).toEqual([[sshd.address, sshd.fingerprint]]);
    expect(logAtQuestion).not.toMatch(/userauth|publickey/);
    expect(newLog()).toMatch(/Accepted publickey/);
    expect(readFileSync(knownHostsFile(), 'utf8')).toBe(`[127.0.0.1]:${sshd.port} ${sshd.hostKey}\n`);

    const second = noContact();
    expect(await open(second)).toMatchObject({ ok: true });
    expect(second.confirmHostKey).not.toHaveBeenCalled();
  });

  it.each([
    ['no', async () => false],
    ['an answer that is not a boolean', async () => 'yes' as unknown as boolean],
    ['nothing', async () => undefined as unknown as boolean],
    ['an exception', async () => Promise.reject(new Error('the window was closed'))],
  ])('takes %s for a no (fault 3)', async (_, confirmHostKey) => {
    const refused = await open({ ...noContact(), confirmHostKey });
    const { fingerprint } = sshd;
    expect(refused).toEqual({
      ok: false,
      error: { kind: 'hostKeyUnknown', board: sshd.address, fingerprint },
    });
    expect(existsSync(knownHostsFile())).toBe(false);
    expect(newLog()).not.toMatch(/userauth|publickey/);
  });

  it('accepts a late yes: the time a person takes does not count (fault 4)', async () => {
    const contact = yesContact();
    // Longer than the whole connect may take otherwise.
    contact.confirmHostKey.mockImplementation(
      () => new Promise((resolve) => setTimeout(() => resolve(true), 1_500)),
    );
    expect(await open(contact, { connectTimeoutMs: 1_000 })).toMatchObject({ ok: true });
  });

  it('ends the question when the person cancels', async () => {
    const abort = new AbortController();
    const confirmHostKey = (): Promise<boolean> => {
      setTimeout(() => abort.abort(), 20);
      return new Promise(() => {});
    };
    expect(await open({ signal: abort.signal, confirmHostKey })).toEqual({
      ok: false,
      error: { kind: 'cancelled' },
    });
  });

  it('accepts the fingerprint that was given beforehand without asking', async () => {
    const contact = noContact();
    expect(await open(contact, { acceptHostKey: sshd.fingerprint })).toMatchObject({ ok: true });
    expect(contact.confirmHostKey).not.toHaveBeenCalled();
    expect(readFileSync(knownHostsFile(), 'utf8')).toContain(sshd.hostKey);
  });

  it('refuses another fingerprint than the one given beforehand, and does not ask', async () => {
    const contact = yesContact();
    const refused = await open(contact, { acceptHostKey: 'SHA256:somethingelse' });
    expect(refused).toMatchObject({
      ok: false,
      error: { kind: 'hostKeyRefused', fingerprint: sshd.fingerprint },
    });
    expect(contact.confirmHostKey).not.toHaveBeenCalled();
    expect(existsSync(knownHostsFile())).toBe(false);
  });

  it('refuses a changed key with both fingerprints, whatever was accepted beforehand (fault 2)', async () => {
    await open(yesContact());
    const known = sshd.fingerprint;
    await sshd.replaceHostKey();
    const contact = yesContact();
    const { fingerprint } = sshd;
    expect(fingerprint).not.toBe(known);
    expect(await open(contact, { acceptHostKey: fingerprint })).toEqual({
      ok: false,
      error: {
        kind: 'hostKeyChanged',
        board: sshd.address,
        host: `[127.0.0.1]:${sshd.port}`,
        fingerprint,
        known,
        file: knownHostsFile(),
        line: 1,
        own: true,
      },
    });
    expect(contact.confirmHostKey).not.toHaveBeenCalled();
  });

  it('knows a host from a hashed line, and refuses a revoked key (fault 5)', async () => {
    await open(yesContact());
    execFileSync('ssh-keygen', ['-H', '-f', knownHostsFile()], { stdio: 'ignore' });
    expect(readFileSync(knownHostsFile(), 'utf8')).toMatch(/^\|1\|/);
    expect(await open(noContact())).toMatchObject({ ok: true });

    writeFileSync(knownHostsFile(), `@revoked * ${sshd.hostKey}\n`);
    expect(await open(yesContact())).toMatchObject({ ok: false, error: { kind: 'hostKeyRefused' } });
  });

  it('does not connect at all when known_hosts cannot be read (fault 5)', async () => {
    mkdirSync(knownHostsFile());
    const refused = await open(yesContact());
    expect(refused).toMatchObject({
      ok: false,
      error: { kind: 'knownHostsUnreadable', file: knownHostsFile() },
    });
    expect(newLog()).toBe('');
  });

  it('tells a wrong key, a key with a passphrase, a missing key and a dead agent apart (fault 6)', async () => {
    const wrong = join(stateFolder, 'wrong');
    const locked = join(stateFolder, 'locked');
    makeKey(wrong);
    makeKey(locked, 'secret words');
    const triedWith = async (options: Partial<SshOptions>) => {
      const opened = await open(yesContact(), options);
      if (opened.ok || opened.error.kind !== 'authenticationFailed')
        throw new Error('expected a failed login');
      return opened.error.tried;
    };
    expect(await triedWith({ identityFile: wrong })).toEqual([`key ${wrong}`]);
    expect(await triedWith({ identityFile: locked })).toEqual([
      `key ${locked} (has a passphrase, and the board does not take it)`,
    ]);
    expect(await triedWith({ identityFile: join(stateFolder, 'none') })).toEqual([
      `key ${join(stateFolder, 'none')} (cannot be read: ENOENT)`,
    ]);
    expect(await triedWith({ identityFile: knownHostsFile() })).toEqual([
      `key ${knownHostsFile()} (is not a private key)`,
    ]);

    vi.stubEnv('SSH_AUTH_SOCK', join(stateFolder, 'no-agent'));
    vi.stubEnv('HOME', stateFolder);
    expect(await triedWith({ identityFile: undefined })).toEqual(['agent (SSH_AUTH_SOCK is dead: ENOENT)']);
    vi.unstubAllEnvs();
  });

  it('logs in with a key of the agent', async () => {
    const socket = join(stateFolder, 'agent');
    const started = execFileSync('ssh-agent', ['-a', socket, '-s'], { encoding: 'utf8' });
    const agentProcess = Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1]);
    try {
      execFileSync('ssh-add', ['-q', sshd.identityFile], { env: { ...process.env, SSH_AUTH_SOCK: socket } });
      vi.stubEnv('SSH_AUTH_SOCK', socket);
      vi.stubEnv('HOME', stateFolder);
      expect(await open(yesContact(), { identityFile: undefined })).toMatchObject({ ok: true });
    } finally {
      vi.unstubAllEnvs();
      process.kill(agentProcess);
    }
  });

  it('logs in with one of the usual key files', async () => {
    mkdirSync(join(stateFolder, '.ssh'));
    writeFileSync(join(stateFolder, '.ssh', 'id_ed25519'), readFileSync(sshd.identityFile));
    vi.stubEnv('SSH_AUTH_SOCK', '');
    vi.stubEnv('HOME', stateFolder);
    expect(await open(yesContact(), { identityFile: undefined })).toMatchObject({ ok: true });
    vi.unstubAllEnvs();
  });

  it('negotiates the strict key exchange, without CBC and SHA-1 (fault 8)', async () => {
    await open(yesContact());
    expect(newLog()).toMatch(/kex: algorithm: curve25519-sha256|kex: algorithm: ecdh/);
    const proposals = await readProposal(async (port) => {
      await open(noContact(), { connectTimeoutMs: 500 }, `ssh://x@127.0.0.1:${port}`);
    });
    expect(proposals).toContain('kex-strict-c-v00@openssh.com');
    expect(proposals).not.toMatch(/cbc|sha1|ssh-rsa|ssh-dss|md5|arcfour/);
  });

  it('says why a board cannot be reached', async () => {
    const reasonOf = async (address: string, options: Partial<SshOptions> = {}) => {
      const opened = await open(noContact(), options, address);
      if (opened.ok || opened.error.kind !== 'boardUnreachable')
        throw new Error('expected it to be unreachable');
      return opened.error.reason;
    };
    expect(await reasonOf(`ssh://x@127.0.0.1:${await freePort()}`)).toContain('ECONNREFUSED');
    expect(await reasonOf('ssh://x@no-such-host.invalid')).toMatch(/cannot be resolved/);

    const proxy = await startFaultProxy(sshd.port);
    proxy.blackHoleAfter(0);
    const hole = `ssh://x@127.0.0.1:${proxy.port}`;
    expect(await reasonOf(hole, { connectTimeoutMs: 300 })).toBe('no answer within 0 s');
    proxy.resetAfter(0);
    expect(await reasonOf(hole)).toMatch(/reset|closed/);
    await proxy.stop();
  });
});

/** Listens as a server that never answers, and gives what the client offers in its key exchange. */
async function readProposal(connect: (port: number) => Promise<void>): Promise<string> {
  let text = '';
  const server: Server = createServer((socket) => {
    socket.on('error', () => {});
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
    });
    socket.write('SSH-2.0-Listener\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('no port');
  await connect(address.port);
  await new Promise((resolve) => server.close(resolve));
  return text;
}
