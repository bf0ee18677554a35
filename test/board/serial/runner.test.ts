import { createHash } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SerialPort } from 'serialport';
import { afterAll, describe, expect, test } from 'vitest';
import type { Board } from '../../../electron/board/board.ts';
import { localRunnerProgram } from '../../../electron/board/install/runner-files.ts';
import { openRunnerBoard } from '../../../electron/board/runner-board.ts';
import type { PortStream } from '../../../electron/board/serial/port.ts';
import type { SerialOptions } from '../../../electron/board/serial/shell.ts';
import { quoteForShell } from '../../../electron/board/shell.ts';
import { type StandInConsole, socatMissing } from '../../faults/console.ts';
import { findProcesses, until } from '../../faults/processes.ts';
import { noise, serialSetup } from './serial-setup.ts';

const { consoleOf, open, end } = serialSetup();
afterAll(end);

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

/** The runner of this checkout, started over a console as `connectBoard` starts an installed one. */
async function start(
  console: StandInConsole,
  options?: SerialOptions,
): Promise<{ readonly board: Board; readonly root: string; close(): Promise<void> }> {
  const shell = await open(console.address, undefined, options);
  const root = join(console.folder, 'root');
  const marker = `fieldtune-runner-${console.folder}`;
  const words = [process.execPath, localRunnerProgram(), '--root', root, '--marker', marker].map(
    quoteForShell,
  );
  const started = await shell.start(`mkdir -p ${quoteForShell(root)}; exec ${words.join(' ')}`);
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  const board = await openRunnerBoard(started.value, {
    board: shell.board,
    marker,
    modelFolder: join(root, 'models'),
    installedBytes: 0,
    release: () => {},
  });
  if (!board.ok) throw new Error(JSON.stringify(board.error));
  return { board: board.value, root, close: () => shell.close() };
}

describe.skipIf(socatMissing !== '')(
  `a runner behind a serial console ${socatMissing}`,
  { concurrent: true },
  () => {
    test('takes models over its own packets, and leaves the shell when it ends', async () => {
      const console = await consoleOf();
      const { board, root, close } = await start(console);
      const model = noise(120_000);
      expect(await board.putModels(new Map([[hashOf(model), model]]))).toEqual({
        ok: true,
        value: undefined,
      });
      expect(readdirSync(join(root, 'models'))).toEqual([`${hashOf(model)}.onnx`]);
      expect(await board.conditions()).toMatchObject({ ok: true });
      await board.close();
      await until(() => findProcesses(`--root ${root}`).length === 0);
      await close();
      const again = await open(console.address);
      expect(await again.run('echo again')).toMatchObject({ value: { output: 'again' } });
    });

    test('gets everything although 1 % of the bytes are lost both ways (fault 23)', async () => {
      const console = await consoleOf();
      const { board, root } = await start(console);
      console.setHarm({ dropped: 0.005, flipped: 0.005 });
      const model = noise(20_000);
      expect(await board.putModels(new Map([[hashOf(model), model]]))).toEqual({
        ok: true,
        value: undefined,
      });
      expect(readdirSync(join(root, 'models'))).toEqual([`${hashOf(model)}.onnx`]);
      console.setHarm({});
      await board.close();
    });

    test('is not disturbed by kernel messages between its packets (fault 24)', async () => {
      const console = await consoleOf();
      const { board } = await start(console);
      console.setHarm({ injected: { everyBytes: 300, text: '\r\n[   12.345678] usb 1-1: reset\r\n' } });
      for (let i = 0; i < 10; i++) expect(await board.conditions()).toMatchObject({ ok: true });
      console.setHarm({});
      await board.close();
    });

    test('that cannot start says why', async () => {
      const shell = await open((await consoleOf()).address);
      const started = await shell.start('echo no such library >&2; exit 127');
      if (!started.ok) throw new Error('not started');
      const board = await openRunnerBoard(started.value, {
        board: shell.board,
        marker: 'never',
        modelFolder: '/tmp',
        installedBytes: 0,
        release: () => {},
      });
      expect(board).toMatchObject({ ok: false, error: { kind: 'runnerFailed', reason: 'no such library' } });
      expect(await shell.run('echo next')).toMatchObject({ value: { output: 'next' } });
    });

    test('of an app that is gone makes room for the next', async () => {
      const console = await consoleOf();
      const killed: PortStream[] = [];
      const { root } = await start(console, {
        makePort(path, baudRate) {
          const port = new SerialPort({ path, baudRate, autoOpen: false });
          killed.push(port);
          return port;
        },
      });
      expect(findProcesses(`--root ${root}`).length).toBeGreaterThan(0);
      // Without a word, as when the app is killed.
      await new Promise((resolve) => killed[0]!.close(resolve));
      const again = await open(console.address);
      expect(await again.run('echo mine')).toMatchObject({ value: { output: 'mine' } });
      await until(() => findProcesses(`--root ${root}`).length === 0);
    });
  },
);
