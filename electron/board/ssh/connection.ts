import { setTimeout as delay } from 'node:timers/promises';
import { type Algorithms, type AuthHandlerMiddleware, Client } from 'ssh2';
import type { BoardError, RequestError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { SshAddress } from '../address.ts';
import type { BoardContact } from '../contact.ts';
import { connectBatched } from './batched-socket.ts';
import { type Credential, collectCredentials } from './credentials.ts';
import {
  addHostKey,
  fingerprintOf,
  type HostKeyVerdict,
  judgeHostKey,
  type KnownHost,
  knownKeyTypes,
  readKnownHosts,
} from './known-hosts.ts';

/** An authenticated connection. `lost` resolves with the reason once it is gone for whatever cause, and never rejects. */
export interface SshConnection {
  readonly client: Client;
  readonly address: SshAddress;
  readonly lost: Promise<string>;
  close(): void;
}

/** What `openSsh` needs to know besides the address. */
export interface SshOptions {
  readonly knownHostsFile: string;
  readonly acceptHostKey?: string | undefined;
  readonly identityFile?: string | undefined;
  /** From the first packet to the login, without the time a person takes. */
  readonly connectTimeoutMs?: number | undefined;
}

const defaultConnectTimeoutMs = 15_000;
const keepaliveIntervalMs = 10_000;
const keepaliveCountMax = 3;

/** Neither CBC nor SHA-1; the rest is offered as the library orders it. */
const kexAlgorithms = [
  'curve25519-sha256',
  'curve25519-sha256@libssh.org',
  'ecdh-sha2-nistp256',
  'ecdh-sha2-nistp384',
  'ecdh-sha2-nistp521',
  'diffie-hellman-group-exchange-sha256',
  'diffie-hellman-group14-sha256',
  'diffie-hellman-group16-sha512',
  'diffie-hellman-group18-sha512',
] as const;
const cipherAlgorithms = [
  'aes128-gcm@openssh.com',
  'aes256-gcm@openssh.com',
  'chacha20-poly1305@openssh.com',
  'aes128-ctr',
  'aes192-ctr',
  'aes256-ctr',
] as const;
const macAlgorithms = [
  'hmac-sha2-256-etm@openssh.com',
  'hmac-sha2-512-etm@openssh.com',
  'hmac-sha2-256',
  'hmac-sha2-512',
] as const;
const hostKeyAlgorithms = [
  'ssh-ed25519',
  'ecdsa-sha2-nistp256',
  'ecdsa-sha2-nistp384',
  'ecdsa-sha2-nistp521',
  'rsa-sha2-512',
  'rsa-sha2-256',
] as const;

type Attempt =
  | { readonly kind: 'connected'; readonly connection: SshConnection }
  | { readonly kind: 'unknownKey'; readonly key: Buffer }
  | { readonly kind: 'failed'; readonly error: BoardError | RequestError };

/**
 * Connects and logs in. At a first contact the connection is dropped before anything but the key exchange happened,
 * the person is asked, and only a literal `true` stores the key and connects again: so no credential is sent before,
 * and nobody is hurried by the server's login timer.
 *
 * Errors: `boardUnreachable`, `hostKeyUnknown`, `hostKeyRefused`, `hostKeyChanged`, `knownHostsUnreadable`,
 * `authenticationFailed`, `notWritable`, `cancelled`.
 */
export async function openSsh(
  address: SshAddress,
  options: SshOptions,
  contact: BoardContact,
): Promise<Result<SshConnection, BoardError | RequestError>> {
  const credentials = await collectCredentials(address.user, options.identityFile);
  const first = await attempt(address, options, contact, credentials);
  if (first.kind === 'failed') return fail(first.error);
  if (first.kind === 'connected') return ok(first.connection);

  const fingerprint = fingerprintOf(first.key);
  if (options.acceptHostKey !== undefined && options.acceptHostKey.replace(/=+$/, '') !== fingerprint) {
    return fail({ kind: 'hostKeyRefused', board: address.text, fingerprint });
  }
  if (options.acceptHostKey === undefined) {
    const answer = await ask(address, fingerprint, contact);
    if (contact.signal.aborted) return fail({ kind: 'cancelled' });
    if (answer !== true) return fail({ kind: 'hostKeyUnknown', board: address.text, fingerprint });
  }
  try {
    addHostKey(options.knownHostsFile, address.host, address.port, first.key);
  } catch (error) {
    return fail({ kind: 'notWritable', path: options.knownHostsFile, reason: messageOf(error) });
  }
  const second = await attempt(address, options, contact, credentials);
  switch (second.kind) {
    case 'connected':
      return ok(second.connection);
    case 'failed':
      return fail(second.error);
    case 'unknownKey':
      // The file that was just written does not hold the key: someone else changes it under us.
      return fail({ kind: 'hostKeyUnknown', board: address.text, fingerprint: fingerprintOf(second.key) });
  }
}

async function ask(address: SshAddress, fingerprint: string, contact: BoardContact): Promise<unknown> {
  const aborted = new Promise<false>((resolve) => {
    contact.signal.addEventListener('abort', () => resolve(false), { once: true });
  });
  try {
    return await Promise.race([contact.confirmHostKey(address.text, fingerprint), aborted]);
  } catch {
    // A question that could not be asked was not answered with yes.
    return false;
  }
}

async function attempt(
  address: SshAddress,
  options: SshOptions,
  contact: BoardContact,
  credentials: readonly Credential[],
): Promise<Attempt> {
  if (contact.signal.aborted) return { kind: 'failed', error: { kind: 'cancelled' } };
  const knownHosts = readKnownHosts(options.knownHostsFile);
  if (!knownHosts.ok) return { kind: 'failed', error: knownHosts.error };

  const client = new Client();
  const timeoutMs = options.connectTimeoutMs ?? defaultConnectTimeoutMs;
  let refusal: Attempt | null = null;
  const lost = watch(client);

  const outcome = new Promise<Attempt>((resolve) => {
    const unreachable = (reason: string): void =>
      resolve({ kind: 'failed', error: { kind: 'boardUnreachable', board: address.text, reason } });
    client.once('ready', () => {
      resolve({ kind: 'connected', connection: { client, address, lost, close: () => client.end() } });
    });
    client.on('error', (error: Error & { level?: string; code?: unknown }) => {
      if (refusal) resolve(refusal);
      // The library goes on to the next method by itself.
      else if (error.level === 'agent') return;
      else if (error.level === 'client-authentication') {
        const tried = credentials.map((credential) => credential.label);
        resolve({ kind: 'failed', error: { kind: 'authenticationFailed', board: address.text, tried } });
      } else unreachable(explain(error));
    });
    client.once('close', () => (refusal ? resolve(refusal) : unreachable('the board closed the connection')));
    contact.signal.addEventListener(
      'abort',
      () => resolve({ kind: 'failed', error: { kind: 'cancelled' } }),
      {
        once: true,
      },
    );
    delay(timeoutMs, undefined, { ref: false }).then(() =>
      unreachable(`no answer within ${Math.round(timeoutMs / 1000)} s`),
    );
  });

  client.connect({
    sock: connectBatched(address.host, address.port),
    username: address.user,
    // The library's own timer would count on; the one above covers all.
    readyTimeout: 0,
    keepaliveInterval: keepaliveIntervalMs,
    keepaliveCountMax,
    algorithms: algorithmsFor(knownHosts.value, address),
    authHandler: makeAuthHandler(credentials),
    // The library takes anything but a literal `false` for yes, so only this literal comparison reaches it.
    hostVerifier: (key: Buffer, verify: (accepted: boolean) => void): void => {
      let verdict: HostKeyVerdict | null = null;
      try {
        verdict = judgeHostKey(knownHosts.value, address.host, address.port, key);
        refusal = refusalFor(verdict, key, address, options);
      } catch (error) {
        const reason = `its host key cannot be read: ${messageOf(error)}`;
        refusal = { kind: 'failed', error: { kind: 'boardUnreachable', board: address.text, reason } };
      }
      verify(verdict?.kind === 'known' && refusal === null);
    },
  });

  const result = await outcome;
  if (result.kind !== 'connected') client.destroy();
  return result;
}

function refusalFor(
  verdict: HostKeyVerdict,
  key: Buffer,
  address: SshAddress,
  options: SshOptions,
): Attempt | null {
  const board = address.text;
  const fingerprint = fingerprintOf(key);
  switch (verdict.kind) {
    case 'known':
      return null;
    case 'unknown':
      return { kind: 'unknownKey', key };
    case 'revoked':
      return { kind: 'failed', error: { kind: 'hostKeyRefused', board, fingerprint } };
    case 'changed': {
      const file = options.knownHostsFile;
      return {
        kind: 'failed',
        error: { kind: 'hostKeyChanged', board, fingerprint, known: verdict.known, file },
      };
    }
  }
}

/** Follows the client to its end, so that what waits for an answer can also wait for this. */
function watch(client: Client): Promise<string> {
  return new Promise((resolve) => {
    client.on('error', (error: Error & { level?: string }) => {
      if (error.level !== 'agent') resolve(explain(error));
    });
    client.on('close', () => resolve('the connection was closed'));
  });
}

function algorithmsFor(knownHosts: readonly KnownHost[], address: SshAddress): Algorithms {
  const types = knownKeyTypes(knownHosts, address.host, address.port);
  const isOnFile = (algorithm: string): boolean =>
    types.includes(algorithm.startsWith('rsa-sha2-') ? 'ssh-rsa' : algorithm);
  return {
    kex: [...kexAlgorithms],
    cipher: [...cipherAlgorithms],
    hmac: [...macAlgorithms],
    // A board with several keys is asked for the one that is on file, or it would look changed.
    serverHostKey: [
      ...hostKeyAlgorithms.filter(isOnFile),
      ...hostKeyAlgorithms.filter((algorithm) => !isOnFile(algorithm)),
    ],
  };
}

function makeAuthHandler(credentials: readonly Credential[]): AuthHandlerMiddleware {
  const methods = credentials.flatMap((credential) =>
    credential.kind === 'usable' ? [credential.method] : [],
  );
  let next = 0;
  return (_left, _partial, proceed) => {
    const method = methods[next++];
    // The library's types leave out `false`, its way to say that there is nothing more to try.
    proceed(method ?? (false as never));
  };
}

function explain(error: Error & { code?: unknown }): string {
  switch (error.code) {
    case 'ECONNREFUSED':
      return 'connection refused (ECONNREFUSED)';
    case 'ENOTFOUND':
    case 'EAI_AGAIN':
      return `the name cannot be resolved (${error.code})`;
    case 'EHOSTUNREACH':
    case 'ENETUNREACH':
      return `no route to the board (${error.code})`;
    case 'ECONNRESET':
      return 'the connection was reset (ECONNRESET)';
    default:
      return error.message;
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
