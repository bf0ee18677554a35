import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { makeKey, sshdMissing } from '../../faults/private-sshd.ts';
import { answering, makeHome, serverFor, tryAt } from './sign-in-setup.ts';

const secret = 'hunter2 of old';
const twoPrompts = {
  name: 'Two steps',
  instructions: 'The code is on the token',
  prompts: [
    { prompt: 'Password: ', echo: false },
    { prompt: 'Code: ', echo: true },
  ],
  answers: [secret, '123456'],
} as const;

describe('a password', () => {
  it('is asked for while no connection waits, and lets in', async () => {
    const home = makeHome();
    const server = await serverFor({ password: secret });
    home.trust(server);
    let openAtQuestion = -1;
    const { asked, ask } = answering([secret]);
    const opened = await tryAt(home, server.address, {
      ask: async (question) => {
        await vi.waitFor(() => expect(server.open()).toBe(0));
        openAtQuestion = server.open();
        return ask(question);
      },
    });
    expect(opened).toEqual({ ok: true, value: null });
    expect(asked).toEqual([{ kind: 'password', board: server.address, user: 'pi', failedTries: 0 }]);
    expect(openAtQuestion).toBe(0);
    expect(server.tried).toEqual(['none', 'none', `password ${secret}`]);
  });

  it('may take as long as it takes, beyond every timer of both sides (fault 4)', async () => {
    const home = makeHome();
    const server = await serverFor({ password: secret, loginGraceMs: 1_000 });
    home.trust(server);
    const ask = () => new Promise<string[]>((resolve) => setTimeout(() => resolve([secret]), 1_700));
    expect(await tryAt(home, server.address, { ask }, { connectTimeoutMs: 1_500 })).toMatchObject({
      ok: true,
    });
  });

  it('may be wrong three times, each told, and is in no error (fault 6)', async () => {
    const home = makeHome();
    const server = await serverFor({ password: 'another' });
    home.trust(server);
    const { asked, ask } = answering([secret]);
    const refused = await tryAt(home, server.address, { ask });
    expect(asked.map(({ failedTries }) => failedTries)).toEqual([0, 1, 2]);
    expect(refused).toEqual({
      ok: false,
      error: { kind: 'authenticationFailed', board: server.address, tried: ['password (refused 3 times)'] },
    });
    expect(server.tried.filter((one) => one.startsWith('password'))).toHaveLength(3);
    expect(JSON.stringify([refused, asked])).not.toContain('hunter2');
  });

  it('is right at the second try', async () => {
    const home = makeHome();
    const server = await serverFor({ password: secret });
    home.trust(server);
    const { asked, ask } = answering(['wrong'], [secret]);
    expect(await tryAt(home, server.address, { ask })).toMatchObject({ ok: true });
    expect(asked).toHaveLength(2);
  });

  it('is never sent to a board whose key is not known (fault 1)', async () => {
    const home = makeHome();
    const server = await serverFor({ password: secret });
    const { asked, ask } = answering([secret]);
    expect(await tryAt(home, server.address, { ask })).toMatchObject({ error: { kind: 'hostKeyUnknown' } });
    expect([asked, server.tried]).toEqual([[], []]);
  });

  it('is cancelled by the person, and by the signal', async () => {
    const home = makeHome();
    const server = await serverFor({ password: secret });
    home.trust(server);
    const cancelled = { ok: false, error: { kind: 'cancelled' } };
    expect(await tryAt(home, server.address, answering(null))).toEqual(cancelled);
    const abort = new AbortController();
    const never = (): Promise<never> => {
      abort.abort();
      return new Promise(() => {});
    };
    expect(await tryAt(home, server.address, { ask: never, signal: abort.signal })).toEqual(cancelled);
    const failing = async () => Promise.reject(new Error('the window was closed'));
    expect(await tryAt(home, server.address, { ask: failing })).toEqual(cancelled);
    await vi.waitFor(() => expect(server.open()).toBe(0));
  });

  it('cannot be asked for without a person, which is said', async () => {
    const home = makeHome();
    const server = await serverFor({ password: secret });
    home.trust(server);
    expect(await tryAt(home, server.address)).toMatchObject({
      error: { kind: 'authenticationFailed', tried: ['password (nobody here can be asked for it)'] },
    });
  });

  it.skipIf(sshdMissing !== '')('comes after a key where the board wants both', async () => {
    const home = makeHome();
    const file = join(home.home, '.ssh', 'id_ed25519');
    makeKey(file);
    const publicKey = readFileSync(`${file}.pub`, 'utf8');
    const server = await serverFor({ password: secret, publicKey, needsBoth: true });
    home.trust(server);
    expect(await tryAt(home, server.address, answering([secret]))).toMatchObject({ ok: true });
    expect(server.tried.slice(-2)).toEqual(['publickey', `password ${secret}`]);
  });
});

describe.skipIf(sshdMissing !== '')(`a passphrase ${sshdMissing}`, () => {
  const lockedKey = (home: ReturnType<typeof makeHome>, name = 'id_ed25519') => {
    const file = join(home.home, '.ssh', name);
    makeKey(file, secret);
    return { file, publicKey: readFileSync(`${file}.pub`, 'utf8') };
  };

  it('is asked for a key that the board takes, is tried here alone, and opens it', async () => {
    const home = makeHome();
    const { file, publicKey } = lockedKey(home);
    // Without the file beside it the public key is read out of the encrypted one.
    rmSync(`${file}.pub`);
    const server = await serverFor({ publicKey });
    home.trust(server);
    const { asked, ask } = answering(['wrong'], [secret]);
    expect(await tryAt(home, server.address, { ask })).toMatchObject({ ok: true });
    expect(asked).toEqual([
      { kind: 'passphrase', board: server.address, file, failedTries: 0 },
      { kind: 'passphrase', board: server.address, file, failedTries: 1 },
    ]);
    expect(server.connections()).toBe(2);
    expect(server.tried).toEqual(['none', 'publickey asked', 'none', 'publickey asked', 'publickey']);
  });

  it('is not asked for a key that the board does not take', async () => {
    const home = makeHome();
    const { file } = lockedKey(home);
    const server = await serverFor({ publicKey: 'ssh-ed25519 other' });
    home.trust(server);
    const { asked, ask } = answering([secret]);
    expect(await tryAt(home, server.address, { ask })).toMatchObject({
      error: {
        kind: 'authenticationFailed',
        tried: [`key ${file} (has a passphrase, and the board does not take it)`],
      },
    });
    expect(asked).toEqual([]);
  });

  it('may be wrong three times, and is in no error (fault 6)', async () => {
    const home = makeHome();
    const { file, publicKey } = lockedKey(home);
    const server = await serverFor({ publicKey });
    home.trust(server);
    const { asked, ask } = answering(['hunter3']);
    const refused = await tryAt(home, server.address, { ask });
    expect(refused).toMatchObject({
      error: { kind: 'authenticationFailed', tried: [`key ${file} (wrong passphrase 3 times)`] },
    });
    expect(asked).toHaveLength(3);
    expect(JSON.stringify(refused)).not.toContain('hunter');
  });

  it('left empty goes on without the key, here to the password', async () => {
    const home = makeHome();
    const { publicKey } = lockedKey(home);
    const server = await serverFor({ publicKey, password: secret });
    home.trust(server);
    const { asked, ask } = answering([''], [secret]);
    expect(await tryAt(home, server.address, { ask })).toMatchObject({ ok: true });
    expect(asked.map(({ kind }) => kind)).toEqual(['passphrase', 'password']);
  });

  it('cannot be asked for without a person, which says what to do', async () => {
    const home = makeHome();
    const { file, publicKey } = lockedKey(home);
    const server = await serverFor({ publicKey });
    home.trust(server);
    expect(await tryAt(home, server.address)).toMatchObject({
      error: { tried: [`key ${file} (has a passphrase: add it to an agent with ssh-add)`] },
    });
  });

  it('is not asked for when the agent holds the key, also the one that was named', async () => {
    const home = makeHome();
    const { file, publicKey } = lockedKey(home, 'named');
    const open = join(home.folder, 'open');
    execFileSync('cp', [file, open]);
    execFileSync('ssh-keygen', ['-q', '-p', '-P', secret, '-N', '', '-f', open], { stdio: 'ignore' });
    const socket = join(home.folder, 'agent');
    const started = execFileSync('ssh-agent', ['-a', socket, '-s'], { encoding: 'utf8' });
    onTestFinished(() => void process.kill(Number(/SSH_AGENT_PID=(\d+)/.exec(started)?.[1])));
    const env = { ...process.env, SSH_AUTH_SOCK: socket };
    const stranger = join(home.folder, 'stranger');
    makeKey(stranger);
    execFileSync('ssh-add', ['-q', stranger], { env });
    execFileSync('ssh-add', ['-q', open], { env });
    vi.stubEnv('SSH_AUTH_SOCK', socket);
    const server = await serverFor({ publicKey });
    home.trust(server);
    const { asked, ask } = answering([secret]);
    expect(await tryAt(home, server.address, { ask }, { identityFile: file })).toMatchObject({ ok: true });
    expect(asked).toEqual([]);
    // The agent's other key is none of this board's business.
    expect(server.tried).not.toContain('publickey refused');
  });
});

describe('what a board asks itself', () => {
  it('is relayed with two prompts, and the answers in their order (fault 7)', async () => {
    const home = makeHome();
    const server = await serverFor({ interactive: twoPrompts });
    home.trust(server);
    const { asked, ask } = answering([secret, '123456']);
    expect(await tryAt(home, server.address, { ask })).toMatchObject({ ok: true });
    expect(asked).toEqual([
      {
        kind: 'keyboardInteractive',
        board: server.address,
        user: 'pi',
        name: 'Two steps',
        instructions: 'The code is on the token',
        prompts: [
          { text: 'Password: ', echo: false },
          { text: 'Code: ', echo: true },
        ],
        failedTries: 0,
      },
    ]);
  });

  it('is cancelled cleanly (fault 7)', async () => {
    const home = makeHome();
    const server = await serverFor({ interactive: twoPrompts });
    home.trust(server);
    const cancelled = await tryAt(home, server.address, answering(null));
    expect(cancelled).toEqual({ ok: false, error: { kind: 'cancelled' } });
    await vi.waitFor(() => expect(server.open()).toBe(0));
  });

  it('may be answered wrongly three times (fault 7)', async () => {
    const home = makeHome();
    const server = await serverFor({ interactive: twoPrompts });
    home.trust(server);
    const { asked, ask } = answering([secret, 'wrong']);
    const refused = await tryAt(home, server.address, { ask });
    expect(asked.map(({ failedTries }) => failedTries)).toEqual([0, 1, 2]);
    expect(refused).toMatchObject({
      error: { kind: 'authenticationFailed', tried: ['keyboard-interactive (refused 3 times)'] },
    });
    expect(JSON.stringify(refused)).not.toContain('hunter2');
  });

  it('takes a late answer after the board has hung up (fault 4)', async () => {
    const home = makeHome();
    const server = await serverFor({ interactive: twoPrompts, loginGraceMs: 1_000 });
    home.trust(server);
    let asked = 0;
    const ask = async (): Promise<readonly string[]> => {
      asked += 1;
      await vi.waitFor(() => expect(server.open()).toBe(0), { timeout: 20_000 });
      // Longer than our own limit as well.
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      return [secret, '123456'];
    };
    expect(await tryAt(home, server.address, { ask }, { connectTimeoutMs: 1_500 })).toMatchObject({
      ok: true,
    });
    expect(asked).toBe(1);
  });

  it('is not asked where nobody is there', async () => {
    const home = makeHome();
    const server = await serverFor({ interactive: twoPrompts });
    home.trust(server);
    expect(await tryAt(home, server.address)).toMatchObject({
      error: { tried: ['keyboard-interactive (nobody here can be asked)'] },
    });
  });
});

describe('a key file', () => {
  it('that is a folder is told apart from a missing one (fault 6)', async () => {
    const home = makeHome();
    const server = await serverFor({ publicKey: 'ssh-ed25519 x' });
    home.trust(server);
    const folder = join(home.folder, 'folder');
    mkdirSync(folder);
    expect(await tryAt(home, server.address, {}, { identityFile: folder })).toMatchObject({
      error: { tried: [`key ${folder} (cannot be read: EISDIR)`] },
    });
  });
});
