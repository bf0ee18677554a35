import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { socatMissing } from '../../faults/console.ts';
import { findProcesses, until } from '../../faults/processes.ts';
import { noise, serialSetup, sourceOf } from './serial-setup.ts';

const { consoleOf, open, end } = serialSetup();
afterAll(end);

describe.skipIf(socatMissing !== '')(
  `a shell behind a serial console ${socatMissing}`,
  { concurrent: true },
  () => {
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
  },
);
