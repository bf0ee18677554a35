import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { parseBoardAddress } from '../../electron/board/address.ts';
import { localRunnerProgram } from '../../electron/board/install/runner-files.ts';
import { openRunnerBoard } from '../../electron/board/runner-board.ts';
import { openSerial } from '../../electron/board/serial/shell.ts';
import { type BoardShell, quoteForShell } from '../../electron/board/shell.ts';
import { socatMissing, startConsole } from '../faults/console.ts';

/** Of a line at 115,200 baud: ten bits a byte. */
const bytesPerSecond = 11_520;
const sizeBytes = 150_000;

/** How much of a throttled line is left for payload, by the shell and by the runner's packets. */
export async function serial(): Promise<void> {
  if (socatMissing) return console.log(socatMissing);
  const board = await startConsole({ harm: { bytesPerSecond } });
  const address = parseBoardAddress(board.address);
  if (!address.ok || address.value.kind !== 'serial') throw new Error('no address');
  const contact = { signal: new AbortController().signal, confirmHostKey: async () => false };
  const openedMs = performance.now();
  const opened = await openSerial(address.value, contact);
  if (!opened.ok) throw new Error(JSON.stringify(opened.error));
  const shell = opened.value;
  console.log(`shell reached in ${seconds(openedMs)} s`);
  try {
    const carried = (): number => board.typed().length;
    tell('shell', await byShell(shell, join(board.folder, 'file'), carried));
    tell('packets', await byPackets(shell, join(board.folder, 'root'), carried));
  } finally {
    await shell.close();
    await board.stop();
  }
}

/** What it took, and what the line carried for it. */
interface Sent {
  readonly seconds: number;
  readonly carriedBytes: number;
}

/** A file by the shell, hashes and all. */
async function byShell(shell: BoardShell, path: string, carried: () => number): Promise<Sent> {
  const bytes = randomBytes(sizeBytes);
  const source = {
    sizeBytes,
    sha256: hashOf(bytes),
    open: (at: number) => Readable.from([bytes.subarray(at)]),
  };
  const before = carried();
  const startMs = performance.now();
  const sent = await shell.upload(source, path);
  if (!sent.ok) throw new Error(JSON.stringify(sent.error));
  return { seconds: Number(seconds(startMs)), carriedBytes: carried() - before };
}

/** A model of the same size by the runner. */
async function byPackets(shell: BoardShell, root: string, carried: () => number): Promise<Sent> {
  const marker = `fieldtune-runner-bench-${process.pid}`;
  const words = [process.execPath, localRunnerProgram(), '--root', root, '--marker', marker];
  const started = await shell.start(`exec ${words.map(quoteForShell).join(' ')}`);
  if (!started.ok) throw new Error(JSON.stringify(started.error));
  const board = await openRunnerBoard(started.value, {
    board: shell.board,
    marker,
    modelFolder: join(root, 'models'),
    installedBytes: 0,
    release: () => {},
  });
  if (!board.ok) throw new Error(JSON.stringify(board.error));
  const bytes = randomBytes(sizeBytes);
  const before = carried();
  const startMs = performance.now();
  const put = await board.value.putModels(new Map([[hashOf(bytes), bytes]]));
  if (!put.ok) throw new Error(JSON.stringify(put.error));
  const took = { seconds: Number(seconds(startMs)), carriedBytes: carried() - before };
  await board.value.close();
  return took;
}

function tell(name: string, sent: Sent): void {
  const rate = sizeBytes / sent.seconds;
  console.log(
    `${name} | ${sizeBytes} bytes in ${sent.seconds.toFixed(2)} s | ${Math.round(rate)} B/s | ${(rate / bytesPerSecond).toFixed(3)} of ${bytesPerSecond} B/s | ${(sizeBytes / sent.carriedBytes).toFixed(3)} of the bytes on the line`,
  );
}

const hashOf = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');

const seconds = (startMs: number): string => ((performance.now() - startMs) / 1000).toFixed(2);
