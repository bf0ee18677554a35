import { randomUUID } from 'node:crypto';
import type { Readable } from 'node:stream';
import type { ClientChannel } from 'ssh2';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { LinkEnd } from '../link.ts';
import { type CommandOutcome, quoteForShell, type RunOptions, type ShellError } from '../shell.ts';
import { collectAll, collectBetween } from './command-output.ts';
import type { SshConnection } from './connection.ts';

/** Bounds of one command, and what it reads. */
export interface RemoteOptions extends RunOptions {
  /** Bytes for the command's stdin. */
  readonly input?: Readable;
  /** What the command prints on stdout and on stderr, all of it and as it comes; the outcome keeps only the end. */
  readonly onOutput?: (text: string) => void;
  readonly onComplaint?: (text: string) => void;
}

const defaultStallMs = 30_000;
const unspokenEnd = 'the board closed the link without a word';

/**
 * Runs a POSIX shell script on the board, whatever the login shell is and prints.
 * Every wait also ends with the connection, the abort signal and the stall timer.
 * Errors: `boardLost`, `boardCommandFailed` (the server runs no commands), `cancelled`.
 */
export async function runRemote(
  connection: SshConnection,
  script: string,
  options: RemoteOptions = {},
): Promise<Result<CommandOutcome, ShellError>> {
  const marker = `fieldtune-${randomUUID()}`;
  const wrapped = `printf '\\n${marker}-begin\\n'; (\n${script}\n); s=$?; printf '\\n${marker}-end\\n'; exit $s`;
  const opened = await openChannel(connection, `exec sh -c ${quoteForShell(wrapped)}`, options);
  if (!opened.ok) return opened;
  const { channel, exit } = opened.value;

  const output = collectBetween(`${marker}-begin`, `${marker}-end`);
  const complaints = collectAll();
  return new Promise((resolve) => {
    const stallMs = options.stallMs ?? defaultStallMs;
    const board = connection.address.text;
    const settle = (result: Result<CommandOutcome, ShellError>): void => {
      clearTimeout(timer);
      options.signal?.removeEventListener('abort', onAbort);
      options.input?.destroy();
      resolve(result);
    };
    const giveUp = (error: ShellError): void => {
      settle(fail(error));
      channel.destroy();
    };
    const onAbort = (): void => giveUp({ kind: 'cancelled' });
    const onStall = (): void =>
      giveUp({ kind: 'boardLost', board, reason: `nothing moved for ${Math.round(stallMs / 1000)} s` });
    let timer = setTimeout(onStall, stallMs);
    const moved = (): void => {
      clearTimeout(timer);
      timer = setTimeout(onStall, stallMs);
    };

    channel.on('data', (chunk: Buffer) => {
      moved();
      const text = output.push(chunk);
      if (text !== '') options.onOutput?.(text);
    });
    channel.stderr.on('data', (chunk: Buffer) => {
      moved();
      const text = complaints.push(chunk);
      options.onComplaint?.(text);
    });
    channel.on('error', () => {});
    channel.on('close', () => {
      const { told, code, signal } = exit;
      // A cut closes the channel before the connection: what was not told is no outcome, and the cut says why.
      if (!told) setImmediate(() => giveUp({ kind: 'boardLost', board, reason: unspokenEnd }));
      else settle(ok({ code, signal, output: output.text(), complaints: complaints.text() }));
    });
    void connection.lost.then((reason) => giveUp({ kind: 'boardLost', board, reason }));
    options.signal?.addEventListener('abort', onAbort, { once: true });

    if (options.input) {
      options.input.on('error', () => channel.destroy());
      options.input.on('data', moved);
      options.input.pipe(channel);
    } else channel.end();
  });
}

/** Starts a command that is spoken to while it runs. Errors: `boardLost`, `cancelled`. */
export async function startRemote(
  connection: SshConnection,
  script: string,
  options: Pick<RemoteOptions, 'signal' | 'stallMs'> = {},
): Promise<Result<{ readonly channel: ClientChannel; readonly ended: Promise<LinkEnd> }, ShellError>> {
  const opened = await openChannel(connection, `exec sh -c ${quoteForShell(script)}`, options);
  if (!opened.ok) return opened;
  const { channel, exit } = opened.value;
  const ended = new Promise<LinkEnd>((resolve) => {
    channel.on('close', () => resolve(endOf(exit)));
    void connection.lost.then((reason) => resolve({ kind: 'lost', reason }));
  });
  return ok({ channel, ended });
}

/** How a command ended, as far as the server has told by now. */
interface Exit {
  readonly told: boolean;
  readonly code: number | null;
  readonly signal: string | null;
}

function endOf({ told, code, signal }: Exit): LinkEnd {
  if (!told) return { kind: 'lost', reason: unspokenEnd };
  // ssh names signals without their prefix.
  if (code === null) return { kind: 'killed', signal: `SIG${(signal ?? 'KILL').replace(/^SIG/, '')}` };
  // 128 + n is how a shell in between says that signal n ended the command.
  if (code === 137) return { kind: 'killed', signal: 'SIGKILL' };
  return { kind: 'exited', code };
}

interface OpenChannel {
  readonly channel: ClientChannel;
  /** Changes when the server tells. */
  readonly exit: Exit;
}

/** Keeps how a command ends, from the moment at which the server says that it began: both may come in one packet. */
function keepExit(channel: ClientChannel): Exit {
  const exit = { told: false, code: null as number | null, signal: null as string | null };
  channel.on('exit', (code: number | null, signal?: string) => {
    exit.told = true;
    exit.code = code;
    exit.signal = signal ?? null;
  });
  return exit;
}

async function openChannel(
  connection: SshConnection,
  command: string,
  options: Pick<RemoteOptions, 'signal' | 'stallMs'>,
): Promise<Result<OpenChannel, ShellError>> {
  const board = connection.address.text;
  const { signal, stallMs = defaultStallMs } = options;
  if (signal?.aborted) return fail({ kind: 'cancelled' });
  return new Promise((resolve) => {
    const lost = (reason: string): void => settle(fail({ kind: 'boardLost', board, reason }));
    const onAbort = (): void => settle(fail({ kind: 'cancelled' }));
    const timer = setTimeout(() => lost(`no command started for ${Math.round(stallMs / 1000)} s`), stallMs);
    const settle = (result: Result<OpenChannel, ShellError>): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      resolve(result);
    };
    signal?.addEventListener('abort', onAbort, { once: true });
    void connection.lost.then(lost);
    try {
      connection.client.exec(command, (error, channel) => {
        if (error?.message === 'Unable to exec') {
          const what = 'run a command';
          settle(fail({ kind: 'boardCommandFailed', board, what, reason: 'its SSH server refuses it' }));
        } else if (error) lost(error.message);
        else settle(ok({ channel, exit: keepExit(channel) }));
      });
    } catch (error) {
      // The library throws for a client that is no longer connected.
      lost(error instanceof Error ? error.message : String(error));
    }
  });
}
