import type { Readable } from 'node:stream';
import type { BoardError, RequestError } from '../contract/errors.ts';
import { fail, type Result } from '../contract/result.ts';
import type { RunnerLink } from './link.ts';

/**
 * A POSIX shell on a board, over whatever link: what installation, deployment and inventory stand on. None of them
 * knows whether SSH, a serial console or this computer is behind it.
 */
export interface BoardShell {
  /** The board's address in full, as messages name it. */
  readonly board: string;
  readonly link: 'local' | 'ssh' | 'serial';
  /** Resolves with the reason once the link is gone for whatever cause; never rejects. */
  readonly lost: Promise<string>;
  /**
   * Runs a POSIX shell script, whatever the login shell is and prints; its stdin is empty.
   * Every wait also ends with the link, the abort signal and the stall timer. Errors: `boardLost`, `cancelled`.
   */
  run(script: string, options?: RunOptions): Promise<Result<CommandOutcome, ShellError>>;
  /**
   * Sends a file to an absolute path on the board: into `<path>.part` beside it, going on where an earlier try of
   * the same bytes stopped, then compared by a sha256 made on the board, and only then renamed. A lost link leaves the
   * part to be taken up again; every other failure, a cancel too, removes it.
   * Errors: `boardDiskFull`, `boardCorrupted`, `boardLost`, `boardUnsupported` (a tool is missing), `sourceChanged`, `cancelled`.
   */
  upload(source: UploadSource, path: string, options?: UploadOptions): Promise<Result<Uploaded, ShellError>>;
  /**
   * Starts a program that is spoken to in bytes while it runs. Over a serial console nothing else can be done
   * until it has ended. Errors: `boardLost`, `cancelled`.
   */
  start(script: string, options?: RunOptions): Promise<Result<RunnerLink, ShellError>>;
  /** Bytes a second that the link carries to the board, measured or known; null when it cannot be told. */
  measureRate?(signal: AbortSignal): Promise<number | null>;
  /** Gives the link back: leaves a console as it was found. */
  close(): Promise<void>;
}

/** Bounds of one command. */
export interface RunOptions {
  readonly signal?: AbortSignal;
  /** Longest time without a byte going or coming. */
  readonly stallMs?: number;
}

/** How a command on the board ended: success is `code === 0` and nothing else. */
export interface CommandOutcome {
  /** Null when a signal ended it, or when the board told nothing. */
  readonly code: number | null;
  readonly signal: string | null;
  /** What the script itself printed on stdout, trimmed, without what shell start-up files print. */
  readonly output: string;
  /** The same of stderr; empty over a link that has one stream. */
  readonly complaints: string;
}

/** Bytes to send, of a size and hash that are known before. */
export interface UploadSource {
  /** What messages call it, e.g. its path on this computer. */
  readonly name?: string;
  readonly sizeBytes: number;
  /** Of all bytes, lower-case hexadecimal. */
  readonly sha256: string;
  /** Bytes from an offset to the end. */
  open(offset: number): Readable;
}

export interface UploadOptions extends RunOptions {
  /** Permission bits of the file on the board; default 0o644. */
  readonly mode?: number;
  onProgress?(sentBytes: number, totalBytes: number): void;
}

export interface Uploaded {
  /** Bytes that went over the link; 0 when the file was there. */
  readonly sentBytes: number;
  /** Offset at which an earlier try was taken up. */
  readonly resumedAt: number;
}

/** Why the outcome of something on a board is not known, or not what was asked for. */
export type ShellError = BoardError | Extract<RequestError, { readonly kind: 'cancelled' | 'sourceChanged' }>;

/** Quotes a text for a POSIX shell, whatever it holds. */
export function quoteForShell(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}

/** The outcome as a failure when the command did not succeed; `what` is what could not be done. */
export function commandFailed(
  board: string,
  what: string,
  outcome: CommandOutcome,
): Result<never, BoardError> {
  const said = (outcome.complaints || outcome.output).split('\n').at(-1)?.trim();
  const reason = said || `it ended with ${outcome.signal ?? outcome.code ?? 'nothing said'}`;
  return fail({ kind: 'boardCommandFailed', board, what, reason });
}
