import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { afterEach, describe, expect, test } from 'vitest';
import { parseBoardAddress, type SerialAddress } from '../../../electron/board/address.ts';
import type { BoardContact } from '../../../electron/board/contact.ts';
import { openSerial, type SerialOptions } from '../../../electron/board/serial/shell.ts';
import type { BoardShell, UploadSource } from '../../../electron/board/shell.ts';
import { type ConsoleTraits, type StandInConsole, socatMissing, startConsole } from '../../faults/console.ts';

const left: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const undo of left.splice(0).reverse()) await undo();
});

export function noise(sizeBytes: number): Buffer {
  const generator = xoroshiro128plus(sizeBytes);
  return Buffer.from(Uint8Array.from({ length: sizeBytes }, () => generator.next() & 0xff));
}

const sourceOf = (bytes: Buffer): UploadSource => ({
  sizeBytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  open: (offset) => Readable.from([bytes.subarray(offset)]),
});

const nobody: BoardContact = { signal: new AbortController().signal, confirmHostKey: async () => false };

async function consoleOf(traits: ConsoleTraits = {}): Promise<StandInConsole> {
  const console = await startConsole(traits);
  left.push(() => console.stop());
  return console;
}

async function open(
  console: StandInConsole,
  contact: BoardContact = nobody,
  options: SerialOptions = {},
): Promise<BoardShell> {
  const address = parseBoardAddress(console.address);
  if (!address.ok) throw new Error('address');
  const shell = await openSerial(address.value as SerialAddress, contact, options);
  if (!shell.ok) throw new Error(JSON.stringify(shell.error));
  left.push(() => shell.value.close());
  return shell.value;
}

describe.skipIf(socatMissing !== '')(`a shell behind a serial console ${socatMissing}`, () => {
  test.each(['/bin/sh -i', '/bin/bash -i', '/bin/bash --posix --noediting -i'])(
    'of %s runs scripts and gives their outcome, both streams apart',
    async (command) => {
      const shell = await open(await consoleOf({ command }));
      expect(shell.link).toBe('serial');
      expect(await shell.run('echo out; echo err >&2; exit 7')).toEqual({
        ok: true,
        value: { code: 7, signal: null, output: 'out', complaints: 'err' },
      });
      expect(await shell.run('cat; echo "$(tty </dev/tty >/dev/null && echo \'a  b\')"')).toMatchObject({
        value: { code: 0, output: 'a  b' },
      });
    },
  );

  test('takes a file and leaves nothing behind but it', async () => {
    const console = await consoleOf();
    const shell = await open(console);
    const bytes = noise(50_000);
    const path = join(console.folder, 'a file');
    const progress: number[] = [];
    expect(
      await shell.upload(sourceOf(bytes), path, { mode: 0o755, onProgress: (sent) => progress.push(sent) }),
    ).toEqual({ ok: true, value: { sentBytes: 50_000, resumedAt: 0 } });
    expect(readFileSync(path)).toEqual(bytes);
    expect(statSync(path).mode & 0o777).toBe(0o755);
    expect(progress.at(-1)).toBe(50_000);
    await shell.close();
    expect(readdirSync(console.folder).filter((name) => /part|^\.ft-/.test(name))).toEqual([]);
    expect(
      readdirSync('/tmp').filter((name) => name.startsWith('.ft-') && existsSync(join('/tmp', name, 's'))),
    ).toEqual([]);
  });

  test('is left as it was found: settings, history and prompt', async () => {
    const console = await consoleOf({ command: '/bin/bash -i' });
    writeFileSync(join(console.folder, '.bashrc'), 'PS1="me@board:~$ "\n');
    const shell = await open(console);
    await shell.run('true');
    await shell.close();
    const again = await open(console);
    expect(await again.run('true')).toMatchObject({ ok: true });
    await again.close();
  });
});
