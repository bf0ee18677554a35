import type { Duplex } from 'node:stream';
import type { Client } from 'ssh2';
import type { BoardError, RequestError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { SshAddress } from '../address.ts';
import type { BoardContact } from '../contact.ts';
import { collectCredentials } from './credentials.ts';
import { explainSshError, type HopConnection } from './handshake.ts';
import { findRoute, type SshHop } from './route.ts';
import { type SshFolders, usualSshFolders } from './settings.ts';
import { type AgreedKeys, enterHop } from './sign-in.ts';

/** An authenticated connection. `lost` resolves with the reason once it is gone for whatever cause, and never rejects. */
export interface SshConnection {
  readonly client: Client;
  readonly address: SshAddress;
  readonly lost: Promise<string>;
  close(): void;
}

/** What `openSsh` needs to know besides the address. */
export interface SshOptions {
  /** Fieldtune's own list of known hosts. */
  readonly knownHostsFile: string;
  /** `SHA256:…`, several with commas. */
  readonly acceptHostKey?: string | undefined;
  readonly replaceHostKey?: string | undefined;
  readonly identityFile?: string | undefined;
  /** Of each host: from the first packet to the login, without the time a person takes. */
  readonly connectTimeoutMs?: number | undefined;
  /** Default: those of this computer. */
  readonly folders?: SshFolders | undefined;
}

const defaultConnectTimeoutMs = 15_000;

/**
 * Connects and logs in, by way of the jump hosts that the SSH configuration names; every one of them has its own key
 * check and its own sign-in, and errors name the one that they are about. At a first contact the connection is
 * dropped before anything but the key exchange happened, the person is asked, and only a literal `true` stores the
 * key and connects again: so no credential is sent before, and nobody is hurried by the server's login timer.
 *
 * Errors: `sshConfigBroken`, `boardAddress` (of a jump host), `boardUnreachable`, `hostKeyUnknown`, `hostKeyRefused`,
 * `hostKeyChanged`, `knownHostsUnreadable`, `authenticationFailed`, `notWritable`, `cancelled`.
 */
export async function openSsh(
  address: SshAddress,
  options: SshOptions,
  contact: BoardContact,
): Promise<Result<SshConnection, BoardError | RequestError>> {
  const folders = options.folders ?? usualSshFolders();
  const route = findRoute(address, folders);
  if (!route.ok) return route;
  for (const part of route.value.skipped) contact.onWarning?.({ kind: 'sshConfigSkipped', ...part });
  const agreed = agreedKeysOf(options);
  const opened: HopConnection[] = [];
  const closeAll = (): void => {
    for (const { client } of opened.toReversed()) client.end();
  };
  for (const [index, hop] of route.value.hops.entries()) {
    const isBoard = index === route.value.hops.length - 1;
    const named = isBoard ? options.identityFile : undefined;
    const before = opened.at(-1);
    const through = route.value.hops[index - 1];
    const entered = await enterHop({
      hop,
      agreed,
      contact,
      knownHostsFile: options.knownHostsFile,
      credentials: await collectCredentials(hop.settings, folders.home, named),
      timeoutMs: options.connectTimeoutMs ?? defaultConnectTimeoutMs,
      openSocket: before && through ? () => openThrough(before, through, hop) : null,
    });
    if (!entered.ok) {
      closeAll();
      return entered;
    }
    opened.push(entered.value);
  }
  const board = opened.at(-1);
  if (board === undefined) throw new Error('A way to a board has the board at its end');
  // What carried the board's connection has no use without it.
  void board.lost.then(closeAll);
  const text = route.value.hops.at(-1)?.name ?? address.text;
  return ok({ client: board.client, address: { ...address, text }, lost: board.lost, close: closeAll });
}

function agreedKeysOf({ acceptHostKey, replaceHostKey }: SshOptions): AgreedKeys {
  const bare = (fingerprint: string): string => fingerprint.trim().replace(/=+$/, '');
  return {
    accepted: new Set((acceptHostKey ?? '').split(',').map(bare).filter(Boolean)),
    replaced: replaceHostKey === undefined ? null : bare(replaceHostKey),
  };
}

/** Has one host open a connection to the next. Errors: `boardUnreachable`, naming both. */
function openThrough(
  { client, lost }: HopConnection,
  through: SshHop,
  { name, settings }: SshHop,
): Promise<Result<Duplex, BoardError>> {
  return new Promise((resolve) => {
    const unreachable = (reason: string): void =>
      resolve(fail({ kind: 'boardUnreachable', board: name, reason: `through ${through.name}: ${reason}` }));
    void lost.then(unreachable);
    try {
      client.forwardOut('127.0.0.1', 0, settings.host, settings.port, (error, channel) => {
        if (error) unreachable(explainSshError(error));
        else resolve(ok(channel));
      });
    } catch (error) {
      // The library throws for a client that is no longer connected.
      unreachable(error instanceof Error ? error.message : String(error));
    }
  });
}
