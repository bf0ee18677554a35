import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import { socatMissing } from '../../faults/console.ts';
import { findProcesses, until } from '../../faults/processes.ts';
import { noise, serialSetup, sourceOf } from './serial-setup.ts';

const { consoleOf, open, tryOpen, end } = serialSetup();
afterEach(end);

const ofBoard = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => name.startsWith('.ft-'));

describe.skipIf(socatMissing !== '')(`a shell behind a serial console ${socatMissing}`, () => {
  test.each([
    ['with the echo of a terminal', '/bin/sh -i'],
    ['with a line editor', '/bin/bash -i'],
    ['without echo', '/bin/sh -c "stty -echo; exec /bin/sh -i"'],
  ])('%s gives the same outcome, both streams apart (fault 22)', async (_, command) => {
    const console = await consoleOf({ command: command.replaceAll('"', '\\"') });
    const shell = await open(console.address);
    expect(shell.link).toBe('serial');
    expect(await shell.run('echo out; echo err >&2; exit 7')).toEqual({
      ok: true,
      value: { code: 7, signal: null, output: 'out', complaints: 'err' },
    });
    const bytes = await shell.run("printf 'a  b\\t\\r\\n\\001\\377c' | od -An -tx1; cat");
    expect(bytes).toMatchObject({ value: { code: 0, output: '61 20 20 62 09 0d 0a 01 ff 63' } });
  });

  test('takes a file whole and leaves nothing but it', async () => {
    const console = await consoleOf({ env: { TMPDIR: '' } });
    const shell = await open(console.address);
    const bytes = noise(50_000);
    const path = join(console.folder, 'a file');
    const progress: number[] = [];
    expect(
      await shell.upload(sourceOf(bytes), path, { mode: 0o755, onProgress: (sent) => progress.push(sent) }),
    ).toEqual({ ok: true, value: { sentBytes: 50_000, resumedAt: 0 } });
    expect(readFileSync(path).equals(bytes)).toBe(true);
    expect(statSync(path).mode & 0o777).toBe(0o755);
    expect(progress.at(-1)).toBe(50_000);
    await shell.close();
    expect(readdirSync(console.folder).filter((name) => name.includes('.part'))).toEqual([]);
  });

  test('gives large outputs whole and the end of larger ones', async () => {
    const shell = await open((await consoleOf()).address);
    const large = await shell.run('seq 1 30000');
    expect(large.ok && large.value.output.split('\n').length).toBe(30_000);
  });

  test('has every line for the console within 1,024 bytes (fault 25)', async () => {
    const console = await consoleOf();
    const shell = await open(console.address);
    await shell.run(`: ${'x'.repeat(9_000)}\necho done`);
    await shell.close();
    // What goes in blocks goes to a raw terminal; all that is text is in lines.
    const lines = console
      .typed()
      .toString('latin1')
      .split(/[\r\n]/)
      .filter((line) => !line.includes('xxxxxxxxxx'));
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(1023);
  });

  test('is not disturbed by kernel messages in the middle (fault 24)', async () => {
    const console = await consoleOf();
    const shell = await open(console.address);
    console.setHarm({
      injected: { everyBytes: 900, text: '\r\n[  123.456789] usb 1-1: reset high-speed\r\n' },
    });
    const listed = await shell.run('seq 1 2000');
    expect(listed.ok && listed.value.output).toBe(
      Array.from({ length: 2000 }, (_, index) => `${index + 1}`).join('\n'),
    );
    const bytes = noise(20_000);
    const path = join(console.folder, 'file');
    expect(await shell.upload(sourceOf(bytes), path)).toMatchObject({ ok: true });
    expect(readFileSync(path).equals(bytes)).toBe(true);
    console.setHarm({});
  });

  test('sends again what a bad line loses until the hash is equal (fault 23)', async () => {
    const console = await consoleOf();
    const shell = await open(console.address);
    console.setHarm({ dropped: 0.0005, flipped: 0.0005 });
    const bytes = noise(6_000);
    const path = join(console.folder, 'file');
    expect(await shell.upload(sourceOf(bytes), path)).toMatchObject({ ok: true });
    console.setHarm({});
    expect(readFileSync(path).equals(bytes)).toBe(true);
  });

  test('is given up in bounded time on a line that loses too much, which is said (fault 23)', async () => {
    const console = await consoleOf({ harm: { dropped: 0.04 } });
    const startMs = performance.now();
    expect(await tryOpen(console.address, undefined, { openingMs: 2_000 })).toMatchObject({
      ok: false,
      error: { kind: 'consoleNotReady', found: 'badLine' },
    });
    expect(performance.now() - startMs).toBeLessThan(20_000);
  });

  test('stops a command when it is cancelled, and takes the next (fault 21)', async () => {
    const shell = await open((await consoleOf()).address);
    const stop = new AbortController();
    const running = shell.run('echo begun; sleep 4321; echo not reached', { signal: stop.signal });
    await until(() => findProcesses('sleep 4321').length > 0);
    stop.abort();
    expect(await running).toEqual({ ok: false, error: { kind: 'cancelled' } });
    await until(() => findProcesses('sleep 4321').length === 0);
    expect(await shell.run('echo next')).toMatchObject({ value: { output: 'next' } });
  });

  test('says when a command moves no more, and takes the next', async () => {
    const shell = await open((await consoleOf()).address);
    expect(await shell.run('sleep 4322', { stallMs: 700 })).toMatchObject({
      ok: false,
      error: { kind: 'boardLost', reason: 'nothing moved for 1 s' },
    });
    expect(await shell.run('echo next')).toMatchObject({ value: { output: 'next' } });
  });

  test('is left as it was found: prompt, settings and history', async () => {
    const console = await consoleOf({ command: '/bin/bash -i' });
    writeFileSync(join(console.folder, '.bashrc'), 'PS1="me@board:~$ "\n');
    const shell = await open(console.address);
    const terminal = await shell.run('ps -o tty= -p $$ | tr -d " "');
    await shell.run('true');
    await shell.close();
    const device = `/dev/${terminal.ok ? terminal.value.output : ''}`;
    const settings = execFileSync('stty', ['-F', device, '-a'], { encoding: 'utf8' });
    // A line editor has the terminal now; what we set is gone.
    for (const word of ['isig', 'opost']) expect(settings).toMatch(new RegExp(`(^|\\s)${word}`, 'm'));
    expect(settings).toMatch(/min = 1; time = 0/);
    const again = await open(console.address);
    const history = await again.run(
      'cat "$HOME/.bash_history" 2>/dev/null; ls -A /tmp | grep "^.ft-" | wc -l',
    );
    expect(history).toMatchObject({ value: { code: 0, output: '1' } });
    await again.close();
    expect(ofBoard('/tmp')).toEqual([]);
  });

  test('names a tool that the board has not before anything is sent (fault 30)', async () => {
    const console = await consoleOf();
    const bin = join(console.folder, 'bin');
    execFileSync('mkdir', [bin]);
    for (const tool of ['sh', 'stty', 'cksum', 'dd', 'cat', 'tee', 'tr', 'wc', 'mkdir', 'rm'])
      execFileSync('ln', ['-s', `/usr/bin/${tool}`, join(bin, tool)]);
    const poor = await consoleOf({ command: `/usr/bin/env PATH=${bin} /bin/sh -i` });
    const shell = await open(poor.address);
    const before = poor.typed().length;
    expect(await shell.upload(sourceOf(noise(200_000)), join(poor.folder, 'file'))).toMatchObject({
      ok: false,
      error: { kind: 'boardUnsupported', missing: 'sha256sum' },
    });
    expect(poor.typed().length - before).toBeLessThan(20_000);
    execFileSync('rm', [join(bin, 'cksum')]);
    const poorer = await consoleOf({ command: `/usr/bin/env PATH=${bin} /bin/sh -i` });
    expect(await tryOpen(poorer.address)).toMatchObject({
      ok: false,
      error: { kind: 'boardUnsupported', missing: 'cksum' },
    });
  });

  test('closes the port within 10 s when nothing is taken any more (fault 26)', async () => {
    const console = await consoleOf();
    const shell = await open(console.address);
    console.freeze();
    let lostMs = Number.POSITIVE_INFINITY;
    const startMs = performance.now();
    void shell.lost.then(() => {
      lostMs = performance.now() - startMs;
    });
    expect(await shell.upload(sourceOf(noise(900_000)), join(console.folder, 'file'))).toMatchObject({
      ok: false,
      error: { kind: 'boardLost' },
    });
    await until(() => Number.isFinite(lostMs));
    expect(lostMs).toBeLessThanOrEqual(10_000);
  });
});
