import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { quoteForShell } from '../../../electron/board/shell.ts';
import { runRemote, startRemote } from '../../../electron/board/ssh/commands.ts';
import type { SshConnection } from '../../../electron/board/ssh/connection.ts';
import { type PrivateSshd, sshdMissing, startPrivateSshd } from '../../faults/private-sshd.ts';
import { openConnection } from './open-connection.ts';

describe.skipIf(sshdMissing !== '')(`a command over SSH ${sshdMissing}`, () => {
  let sshd: PrivateSshd;
  let folder = '';
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'fieldtune-commands-'));
    sshd = await startPrivateSshd();
  });
  afterAll(async () => {
    await sshd.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  it('tells an exit code, a signal and a cut connection apart (fault 15)', async () => {
    const connection = await openConnection(sshd, folder);
    expect(await runRemote(connection, 'exit 7')).toMatchObject({ ok: true, value: { code: 7 } });
    expect(await runRemote(connection, 'kill -9 $$')).toMatchObject({
      ok: true,
      value: { code: null, signal: 'SIGKILL' },
    });
    const cut = runRemote(connection, 'sleep 20');
    connection.client.destroy();
    expect(await cut).toMatchObject({ ok: false, error: { kind: 'boardLost' } });
    expect(await runRemote(connection, 'true')).toMatchObject({ ok: false, error: { kind: 'boardLost' } });
  });

  it('does not take a connection that is cut in mid-command for an end of the command (fault 15)', async () => {
    const connection = await openConnection(sshd, folder);
    const cut = runRemote(connection, 'echo begun; sleep 20', {
      onOutput: () => void connection.client.destroy(),
    });
    expect(await cut).toMatchObject({ ok: false, error: { kind: 'boardLost' } });
  });

  it.each([
    ['without a word', null, { kind: 'lost' }],
    ['with an exit code', [7], { kind: 'exited', code: 7 }],
    ['with a signal', [null, 'SEGV'], { kind: 'killed', signal: 'SIGSEGV' }],
    ['killed, as a shell in between says it', [137], { kind: 'killed', signal: 'SIGKILL' }],
  ] as const)('tells the end %s of a command that is spoken to (fault 15)', async (_, told, end) => {
    const channel = Object.assign(new PassThrough(), { stderr: new PassThrough() });
    const exec = (_command: string, begun: (error: undefined, opened: unknown) => void): void => {
      begun(undefined, channel);
      if (told) channel.emit('exit', ...told);
      setImmediate(() => channel.emit('close'));
    };
    const connection = { client: { exec }, address: { text: 'b' }, lost: new Promise(() => {}) };
    // Nothing else of a connection is asked for.
    const started = await startRemote(connection as unknown as SshConnection, 'serve');
    if (!started.ok) throw new Error(started.error.kind);
    expect(await started.value.ended).toMatchObject(end);
  });

  it.each([
    ['an exit code', [3], { code: 3, signal: null }],
    ['a signal', [null, 'KILL'], { code: null, signal: 'KILL' }],
  ] as const)('hears of %s that comes in one packet with the start (fault 15)', async (_, told, outcome) => {
    const channel = Object.assign(new PassThrough(), { stderr: new PassThrough() });
    const exec = (_command: string, started: (error: undefined, opened: unknown) => void): void => {
      started(undefined, channel);
      channel.emit('exit', ...told);
      setImmediate(() => channel.emit('close'));
    };
    const connection = {
      client: { exec },
      address: { text: 'ssh://pi@bench:22' },
      lost: new Promise(() => {}),
    };
    // Nothing else of a connection is asked for.
    const found = await runRemote(connection as unknown as SshConnection, 'exit 3');
    expect(found).toMatchObject({ ok: true, value: outcome });
  });

  it('takes 20 MB on both outputs in bounded memory (fault 16)', async () => {
    const connection = await openConnection(sshd, folder);
    const flood = 'yes | head -c 20000000; yes | head -c 20000000 >&2; echo; echo last';
    const [onOutput, out] = counter();
    const [onComplaint, err] = counter();
    const flooded = await runRemote(connection, flood, { onOutput, onComplaint });
    if (!flooded.ok) throw new Error(flooded.error.kind);
    const { code, output, complaints } = flooded.value;
    expect(code).toBe(0);
    // All of it came by; the command's own last words are kept, and no more than a bounded end.
    expect(err).toEqual({ chars: 20_000_000, others: 0 });
    expect(out.chars).toBeGreaterThanOrEqual(20_000_000 + '\nlast\n'.length);
    expect(out.others).toBeLessThan(100);
    expect(output.endsWith('y\n\nlast')).toBe(true);
    expect(output.length).toBeLessThanOrEqual(1024 * 1024);
    expect(complaints.length).toBeLessThanOrEqual(1024 * 1024);
    expect(complaints.length).toBeGreaterThan(1024 * 1024 - 3);
    connection.close();
  });

  it('keeps what a command complains of, whether or not anybody listens', async () => {
    const connection = await openConnection(sshd, folder);
    const outcome = await runRemote(connection, 'echo é >&2; exit 3');
    expect(outcome).toMatchObject({ ok: true, value: { code: 3, output: '', complaints: 'é' } });
    connection.close();
  });

  it('quotes any text for the shell', async () => {
    const connection = await openConnection(sshd, folder);
    const text = `-x; $(touch p) \` ' " \\ * é`;
    const echoed = await runRemote(connection, `printf %s ${quoteForShell(text)}`);
    expect(echoed).toMatchObject({ ok: true, value: { output: text } });
    connection.close();
  });
});

/** Counts characters that come, and those that are not of `yes`. */
function counter(): readonly [(text: string) => void, { chars: number; others: number }] {
  const seen = { chars: 0, others: 0 };
  const count = (text: string): void => {
    seen.chars += text.length;
    seen.others += text.length - (text.match(/[y\n]/g)?.length ?? 0);
  };
  return [count, seen];
}
