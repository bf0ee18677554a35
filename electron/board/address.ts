import type { BoardError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';

/** Where a board is. */
export type BoardAddress = { readonly kind: 'local' } | SshAddress;

/**
 * A board behind SSH; `host`, which may be an alias of the SSH configuration, has no brackets. What the address leaves
 * out is null: the configuration has it, or the local user and port 22. `text` is the address as it is kept.
 */
export interface SshAddress {
  readonly kind: 'ssh';
  readonly user: string | null;
  readonly host: string;
  readonly port: number | null;
  readonly text: string;
}

/** Parses `local` or `ssh://[user@]host[:port]` (IPv6 in brackets). Errors: `boardAddress`. */
export function parseBoardAddress(address: string): Result<BoardAddress, BoardError> {
  const refuse = (reason: string): Result<BoardAddress, BoardError> =>
    fail({ kind: 'boardAddress', address, reason });
  if (address === 'local') return ok({ kind: 'local' });
  if (!address.startsWith('ssh://')) return refuse('expected local or ssh://[user@]host[:port]');
  if (!URL.canParse(address)) return refuse('host or port is malformed');
  const url = new URL(address);
  if (url.password !== '') {
    // The password is repeated nowhere.
    const shown = `ssh://${url.username}:…@${url.host}`;
    const reason = 'a password does not belong in an address; it is asked for when it is needed';
    return fail({ kind: 'boardAddress', address: shown, reason });
  }
  if (url.username === '' && address.includes('@')) return refuse('the user before @ is missing');
  if (url.hostname === '') return refuse('the host is missing');
  if (url.port === '0') return refuse('port 0 does not exist');
  if ((url.pathname !== '' && url.pathname !== '/') || url.search !== '' || url.hash !== '') {
    return refuse('nothing may follow the host and port');
  }
  let user: string;
  try {
    user = decodeURIComponent(url.username);
  } catch {
    return refuse('the user is malformed');
  }
  const port = url.port === '' ? null : Number(url.port);
  const hostname = url.hostname.toLowerCase();
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  const before = user === '' ? '' : `${url.username}@`;
  const text = `ssh://${before}${hostname}${port === null ? '' : `:${port}`}`;
  return ok({ kind: 'ssh', user: user === '' ? null : user, host, port, text });
}
