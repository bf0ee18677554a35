import { write as writeFile } from 'node:fs';
import { createLineStream } from './line-stream.ts';

/** What carries the frames between the app and this process. */
export interface Transport {
  write(bytes: Uint8Array): void;
  /** Starts reading; `onEnd` when the app or its link is gone. */
  read(onBytes: (chunk: Buffer) => void, onEnd: () => void): void;
  /** Stops reading, and resolves once what was written is out. */
  finish(): Promise<void>;
}

/** Named by the app when the link is a serial line: `SESSION:BYTES_PER_SECOND`, both whole numbers. */
export const serialVariable = 'FIELDTUNE_SERIAL';

const finishMs = 3_000;
const retryMs = 5;

/** Stdin and stdout as they are, or with packets over them when the app said that it is a serial line. */
export function openTransport(
  writeOut: (bytes: Uint8Array | string, done?: () => void) => void,
  serial: string | undefined,
): Transport {
  const [, session, lineRate] = /^(\d+):(\d+)$/.exec(serial ?? '') ?? [];
  return session !== undefined && lineRate !== undefined
    ? openSerial(Number(session), Number(lineRate))
    : openPipes(writeOut);
}

function openPipes(writeOut: (bytes: Uint8Array | string, done?: () => void) => void): Transport {
  return {
    write: (bytes) => writeOut(bytes),
    read(onBytes, onEnd) {
      process.stdin.on('data', onBytes);
      process.stdin.on('end', onEnd);
      process.stdin.on('error', onEnd);
    },
    async finish() {
      process.stdin.pause();
      await new Promise<void>((resolve) => writeOut('', resolve));
    },
  };
}

function openSerial(session: number, lineRate: number): Transport {
  let onBytes: (chunk: Buffer) => void = () => {};
  let onEnd: () => void = () => {};
  let sending: Promise<unknown> = Promise.resolve();
  const stream = createLineStream({
    session,
    lineRate,
    send(packet) {
      sending = sending.then(() => writeWhole(packet));
      return sending;
    },
    receive: (bytes) => onBytes(bytes),
    onReset: () => onEnd(),
  });
  return {
    write: (bytes) => void stream.write(bytes),
    read(takeBytes, takeEnd) {
      onBytes = takeBytes;
      onEnd = takeEnd;
      process.stdin.on('data', (chunk: Buffer) => stream.accept(chunk));
      process.stdin.on('end', onEnd);
      process.stdin.on('error', onEnd);
    },
    async finish() {
      let timer: NodeJS.Timeout | undefined;
      const timeUp = new Promise<void>((resolve) => {
        timer = setTimeout(resolve, finishMs);
      });
      await Promise.race([stream.flush(), timeUp]);
      clearTimeout(timer);
      stream.close();
      process.stdin.pause();
      await sending;
    },
  };
}

/**
 * Writes to stdout by a thread: Node's own stream would block this thread until the line has taken it, and with it the
 * acknowledgements that come in. Never rejects; a line that is gone shows at stdin.
 */
async function writeWhole(bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    const written = await new Promise<number | NodeJS.ErrnoException>((resolve) => {
      writeFile(1, bytes, at, bytes.length - at, null, (error, count) => resolve(error ?? count));
    });
    if (typeof written === 'number') at += written;
    else if (written.code === 'EAGAIN') await new Promise((resolve) => setTimeout(resolve, retryMs));
    else return;
  }
}
