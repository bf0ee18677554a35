import type { SFTPWrapper } from 'ssh2';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { ShellError } from '../shell.ts';
import type { SshConnection } from './connection.ts';

/** A request that the board answered with a no; codes are those of draft-ietf-secsh-filexfer-02, section 7. */
export interface SftpRefusal {
  readonly kind: 'sftpRefused';
  readonly code: number;
  readonly reason: string;
}

/** The SSH server has no SFTP. */
export interface NoSftp {
  readonly kind: 'noSftp';
  readonly reason: string;
}

/** How the library answers a request. */
export type SftpAnswer<T> = (error: Error | null | undefined, value?: T) => void;
export type SftpRequest<T> = (sftp: SFTPWrapper, answer: SftpAnswer<T>) => void;

/** What an SFTP session is bounded by. */
export interface SftpBounds {
  readonly signal?: AbortSignal;
  /** Longest time without an answer while one is due. */
  readonly stallMs: number;
}

/**
 * An SFTP session of which every wait ends: with the connection, the session, the abort signal or the stall timer,
 * which runs only while something is waited for. The library itself may never answer once a connection was reset.
 */
export interface SftpSession {
  /** Makes a request; what is asked for in one turn goes out together. Errors: `boardLost`, `cancelled`, `sftpRefused`. */
  ask<T>(request: SftpRequest<T>): Promise<Result<T, ShellError | SftpRefusal>>;
  /** Waits for something else that the session needs. Errors: `boardLost`, `cancelled`. */
  wait<T>(work: Promise<T>): Promise<Result<T, ShellError>>;
  /**
   * Ends the session after last requests, which are made after a cancel too, behind all that was asked before; what
   * comes of them is not told.
   */
  end(...lasts: readonly SftpRequest<unknown>[]): Promise<void>;
}

const opUnsupported = 8;

/** Opens a session. Errors: `boardLost`, `cancelled`, `noSftp`. */
export async function openSftp(
  connection: SshConnection,
  { signal, stallMs }: SftpBounds,
): Promise<Result<SftpSession, ShellError | NoSftp>> {
  const board = connection.address.text;
  const lostBy = (reason: string): ShellError => ({ kind: 'boardLost', board, reason });
  let over: ShellError | null = null;
  let timer: NodeJS.Timeout | undefined;
  const stops = new Set<(error: ShellError) => void>();
  const stopAll = (error: ShellError): void => {
    over ??= error;
    signal?.removeEventListener('abort', onAbort);
    for (const stop of [...stops]) stop(over);
  };
  const onAbort = (): void => stopAll({ kind: 'cancelled' });
  const restartTimer = (): void => {
    clearTimeout(timer);
    if (stops.size === 0) return;
    timer = setTimeout(() => stopAll(lostBy(`nothing moved for ${Math.round(stallMs / 1000)} s`)), stallMs);
  };
  const wait = <T>(work: Promise<T>): Promise<Result<T, ShellError>> =>
    over !== null
      ? Promise.resolve(fail(over))
      : new Promise((resolve, reject) => {
          const settle = (then: () => void): void => {
            if (!stops.delete(stop)) return;
            restartTimer();
            then();
          };
          const stop = (error: ShellError): void => settle(() => resolve(fail(error)));
          stops.add(stop);
          if (stops.size === 1) restartTimer();
          work.then(
            (value) => settle(() => resolve(ok(value))),
            (bug) => settle(() => reject(bug)),
          );
        });

  if (signal?.aborted) return fail({ kind: 'cancelled' });
  signal?.addEventListener('abort', onAbort, { once: true });
  void connection.lost.then((reason) => stopAll(lostBy(reason)));
  const opening = openChannel(connection);
  const opened = await wait(opening);
  // Nobody waits for it any more.
  if (!opened.ok) void opening.then((late) => late.ok && late.value.end());
  if (!opened.ok || !opened.value.ok) signal?.removeEventListener('abort', onAbort);
  if (!opened.ok) return opened;
  if (!opened.value.ok) {
    const { reason } = opened.value.error;
    return isRefused(reason) ? fail({ kind: 'noSftp', reason }) : fail(lostBy(reason));
  }
  const sftp = opened.value.value;
  const closed = new Promise<void>((resolve) => {
    sftp.once('close', resolve);
  });
  void closed.then(() => stopAll(lostBy('the board ended the SFTP session')));
  return ok({
    async ask<T>(request: SftpRequest<T>) {
      const answered = await wait(
        new Promise<Result<T, ShellError | SftpRefusal>>((resolve) => {
          try {
            request(sftp, (error, value) => {
              // Where the library gives no value, none is asked for.
              if (!error) resolve(ok(value as T));
              else if ('code' in error && typeof error.code === 'number')
                resolve(fail({ kind: 'sftpRefused', code: error.code, reason: error.message }));
              else resolve(fail(lostBy(error.message)));
            });
          } catch (error) {
            // The library throws for an extension that the board has not.
            const reason = error instanceof Error ? error.message : String(error);
            resolve(fail({ kind: 'sftpRefused', code: opUnsupported, reason }));
          }
        }),
      );
      return answered.ok ? answered.value : answered;
    },
    wait,
    async end(...lasts) {
      if (lasts.length > 0 && (over === null || over.kind === 'cancelled')) {
        const done = Promise.all(lasts.map((last) => finish(sftp, last)));
        let bound: NodeJS.Timeout | undefined;
        const bounded = new Promise((resolve) => {
          bound = setTimeout(resolve, stallMs);
        });
        await Promise.race([done, closed, connection.lost, bounded]);
        clearTimeout(bound);
      }
      signal?.removeEventListener('abort', onAbort);
      clearTimeout(timer);
      sftp.end();
    },
  });
}

function finish(sftp: SFTPWrapper, request: SftpRequest<unknown>): Promise<void> {
  return new Promise((resolve) => {
    try {
      request(sftp, () => resolve());
    } catch {
      resolve();
    }
  });
}

/** The server said no, or started a program that is not there; anything else is a cut. */
const isRefused = (reason: string): boolean =>
  reason.startsWith('Unable to start subsystem') || reason.startsWith('Received exit code');

function openChannel(connection: SshConnection): Promise<Result<SFTPWrapper, { readonly reason: string }>> {
  return new Promise((resolve) => {
    try {
      connection.client.sftp((error, sftp) => {
        if (error) {
          resolve(fail({ reason: error.message }));
          return;
        }
        // Whatever it is, the channel closes by it.
        sftp.on('error', () => {});
        resolve(ok(sftp));
      });
    } catch (error) {
      // The library throws for a client that is no longer connected.
      resolve(fail({ reason: error instanceof Error ? error.message : String(error) }));
    }
  });
}
