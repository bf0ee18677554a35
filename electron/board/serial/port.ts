import { SerialPort } from 'serialport';
import type { BoardError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { listSerialPorts } from '../discovery/serial-ports.ts';

/** An open serial port; whatever happens to it, `lost` tells, and nothing rejects. */
export interface SerialLine {
  readonly port: string;
  /** Bits per second; a byte takes ten. */
  readonly baud: number;
  /** Resolves with the reason once the port is closed for whatever cause. */
  readonly lost: Promise<string>;
  /** Where the bytes go that come in; one listener at a time. */
  listen(listener: (bytes: Buffer) => void): void;
  /** Whether the system took all of it; when it did not in time, the port is closed. */
  write(bytes: Uint8Array): Promise<boolean>;
  close(): Promise<void>;
}

/** What opens a port: serialport, or a stand-in of it. */
export type PortFactory = (port: string, baud: number) => PortStream;

/** The part of serialport's stream that is used here. */
export interface PortStream {
  open(done?: (error: Error | null) => void): void;
  write(bytes: Buffer, encoding: undefined, done: (error: Error | null | undefined) => void): boolean;
  close(done?: (error: Error | null) => void): void;
  set(lines: { readonly dtr: boolean; readonly rts: boolean }, done: (error: Error | null) => void): void;
  on(event: 'data', listener: (bytes: Buffer) => void): unknown;
  on(event: 'close' | 'error', listener: (error?: Error | null) => void): unknown;
  destroy(): unknown;
}

/** Where a port is and what it is called. */
export interface PortRequest {
  /** Address of the board, for messages. */
  readonly board: string;
  readonly port: string;
  readonly baud: number;
}

/** Bounds, and what tests put in place of the system. */
export interface PortOptions {
  /** Longest time in which the system takes none of what is written. */
  readonly writeStallMs?: number | undefined;
  readonly makePort?: PortFactory | undefined;
}

const defaultWriteStallMs = 8_000;
const closeTimeoutMs = 1_500;
/** About a second's worth, within these. */
const mostPieceBytes = 1024;
const smallestPieceBytes = 32;

/**
 * Opens a serial port in raw mode for this process alone.
 * Errors: `serialPortBusy`, `serialPortDenied`, `serialPortMissing`, `boardUnreachable`.
 */
export async function openPort(
  request: PortRequest,
  options: PortOptions = {},
): Promise<Result<SerialLine, BoardError>> {
  const { port, baud } = request;
  const stream = (options.makePort ?? makeSerialPort)(port, baud);
  // Failures show as refused calls and as a close; without a listener they would be thrown.
  stream.on('error', () => {});
  const refusal = await new Promise<Error | null>((resolve) =>
    stream.open((error) => resolve(error ?? null)),
  );
  if (refusal) return fail(await openError(request, refusal));
  // A console may wait for the other side to be ready. A pseudo-terminal has no such lines and refuses.
  stream.set({ dtr: true, rts: true }, () => {});
  return ok(makeLine(stream, request, options.writeStallMs ?? defaultWriteStallMs));
}

function makeSerialPort(port: string, baud: number): PortStream {
  return new SerialPort({ path: port, baudRate: baud, autoOpen: false, highWaterMark: 16 * 1024 });
}

function makeLine(stream: PortStream, request: PortRequest, writeStallMs: number): SerialLine {
  let listener: (bytes: Buffer) => void = () => {};
  let lose: (reason: string) => void = () => {};
  let gone = false;
  const lost = new Promise<string>((resolve) => {
    lose = (reason) => {
      gone = true;
      resolve(reason);
    };
  });
  stream.on('data', (bytes: Buffer) => listener(bytes));
  stream.on('close', (error?: Error | null) =>
    lose(error ? `the port ${request.port} is gone` : `the port ${request.port} was closed`),
  );
  const close = async (reason: string): Promise<void> => {
    if (gone) return;
    lose(reason);
    // Closing waits for what is still to be written, which may be for ever.
    await new Promise<void>((resolve) => {
      const timer = setTimeout(() => {
        stream.destroy();
        resolve();
      }, closeTimeoutMs);
      stream.close(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  };
  let writes: Promise<unknown> = Promise.resolve();
  const writeNow = async (bytes: Uint8Array): Promise<boolean> => {
    if (gone) return false;
    let timer: NodeJS.Timeout | undefined;
    const taken = await Promise.race([
      new Promise<boolean>((resolve) => {
        stream.write(Buffer.from(bytes), undefined, (error) => resolve(!error));
      }),
      lost.then(() => false),
      new Promise<null>((resolve) => {
        timer = setTimeout(() => resolve(null), writeStallMs);
      }),
    ]);
    clearTimeout(timer);
    if (taken === null) await close(`nothing was taken by ${request.port} for ${writeStallMs / 1000} s`);
    else if (!taken && !gone) await close(`the port ${request.port} cannot be written to`);
    return taken === true;
  };
  return {
    port: request.port,
    baud: request.baud,
    lost,
    listen(given) {
      listener = given;
    },
    async write(bytes) {
      // In pieces, so that the time limit is that of a piece and not of all of them.
      const pieceBytes = Math.min(
        mostPieceBytes,
        Math.max(smallestPieceBytes, Math.round(request.baud / 10)),
      );
      for (let at = 0; at < bytes.length; at += pieceBytes) {
        const written = writes.then(() => writeNow(bytes.subarray(at, at + pieceBytes)));
        writes = written;
        if (!(await written)) return false;
      }
      return true;
    },
    close: () => close(`the port ${request.port} was closed`),
  };
}

/** Sorts what the system says by what a person has to do about it; its wording is that of Linux, macOS and Windows. */
async function openError(request: PortRequest, refusal: Error): Promise<BoardError> {
  const { board, port } = request;
  const said = refusal.message;
  if (/cannot lock port|resource busy|EBUSY|temporarily unavailable|access denied/i.test(said)) {
    return { kind: 'serialPortBusy', port };
  }
  if (/permission denied|EACCES|EPERM|not permitted/i.test(said)) return { kind: 'serialPortDenied', port };
  if (/no such file|ENOENT|file not found|no such device|ENXIO|ENODEV/i.test(said)) {
    return {
      kind: 'serialPortMissing',
      port,
      others: (await listSerialPorts()).ports.map((one) => one.path),
    };
  }
  return { kind: 'boardUnreachable', board, reason: said.replace(/^Error:?\s*/, '') };
}
