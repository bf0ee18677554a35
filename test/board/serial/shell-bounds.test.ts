import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { socatMissing } from '../../faults/console.ts';
import { until } from '../../faults/processes.ts';
import { noise, serialSetup, sourceOf } from './serial-setup.ts';

const { consoleOf, open, tryOpen, end } = serialSetup();
afterAll(end);

const ofBoard = (folder: string): readonly string[] =>
  readdirSync(folder).filter((name) => name.startsWith('.ft-'));

describe.skipIf(socatMissing !== '')(
  `a shell behind a serial console ${socatMissing}`,
  { concurrent: true },
  () => {
    test('is left as it was found: prompt, settings and history', async () => {
      // Its own, as other tests leave and take theirs in /tmp at the same time.
      const temporary = mkdtempSync(join(tmpdir(), 'fieldtune-left-'));
      const console = await consoleOf({ command: '/bin/bash -i', env: { TMPDIR: temporary } });
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
        'cat "$HOME/.bash_history" 2>/dev/null; ls -A "$TMPDIR" | grep "^.ft-" | wc -l',
      );
      expect(history).toMatchObject({ value: { code: 0, output: '1' } });
      await again.close();
      expect(ofBoard(temporary)).toEqual([]);
      rmSync(temporary, { recursive: true });
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
  },
);
