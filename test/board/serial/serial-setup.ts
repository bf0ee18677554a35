import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { parseBoardAddress, type SerialAddress } from '../../../electron/board/address.ts';
import type { BoardContact } from '../../../electron/board/contact.ts';
import { openSerial, type SerialOptions } from '../../../electron/board/serial/shell.ts';
import type { BoardShell, ShellError, UploadSource } from '../../../electron/board/shell.ts';
import type { Result } from '../../../electron/contract/result.ts';
import { type ConsoleTraits, type StandInConsole, startConsole } from '../../faults/console.ts';

/** A contact that nobody stands behind. */
export const nobody: BoardContact = {
  signal: new AbortController().signal,
  confirmHostKey: async () => false,
};

/** Bounds for consoles that answer at once. */
export const quickTimes = { bootMs: 20_000, quietMs: 500 };

/** Bytes that look random and are the same at every run. */
export function noise(sizeBytes: number): Buffer {
  const generator = xoroshiro128plus(sizeBytes);
  return Buffer.from(Uint8Array.from({ length: sizeBytes }, () => generator.next() & 0xff));
}

/** Bytes as something to send. */
export const sourceOf = (bytes: Buffer): UploadSource => ({
  sizeBytes: bytes.length,
  sha256: createHash('sha256').update(bytes).digest('hex'),
  open: (offset) => Readable.from([bytes.subarray(offset)], { objectMode: false }),
});

/** Consoles and shells of one test file, ended after each test. */
export function serialSetup() {
  const undo: (() => Promise<unknown>)[] = [];
  const tryOpen = async (
    address: string,
    contact: BoardContact = nobody,
    options: SerialOptions = {},
  ): Promise<Result<BoardShell, ShellError>> => {
    const parsed = parseBoardAddress(address);
    if (!parsed.ok || parsed.value.kind !== 'serial') throw new Error(`no address: ${address}`);
    const serial: SerialAddress = parsed.value;
    const shell = await openSerial(serial, contact, { times: quickTimes, ...options });
    if (shell.ok) undo.push(() => shell.value.close());
    return shell;
  };
  return {
    tryOpen,
    async consoleOf(traits: ConsoleTraits = {}): Promise<StandInConsole> {
      const console = await startConsole(traits);
      undo.push(() => console.stop());
      return console;
    },
    async open(address: string, contact?: BoardContact, options?: SerialOptions): Promise<BoardShell> {
      const shell = await tryOpen(address, contact, options);
      if (!shell.ok) throw new Error(JSON.stringify(shell.error));
      return shell.value;
    },
    async end(): Promise<void> {
      for (const each of undo.splice(0).reverse()) await each();
    },
  };
}
