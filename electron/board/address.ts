import type { BoardError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';

/** Where a board is. */
export type BoardAddress = { readonly kind: 'local' } | SshAddress;

/** A board behind SSH; `text` is the address written out in full, `host` has no brackets. */
export interface SshAddress {
  readonly kind: 'ssh';
  readonly user: string;
  readonly host: string;
  readonly port: number;
  readonly text: string;
}

/** Parses `local` or `ssh://user@host[:port]` (IPv6 in brackets). Errors: `boardAddress`. */
export function parseBoardAddress(address: string): Result<BoardAddress, BoardError> {
  const refuse = (reason: string): Result<BoardAddress, BoardError> =>
    fail({ kind: 'boardAddress', address, reason });
  if (address === 'local') return ok({ kind: 'local' });
  if (!address.startsWith('ssh://')) return refuse('expected local or ssh://user@host[:port]');
  if (!URL.canParse(address)) return refuse('host or port is malformed');
  const url = new URL(address);
  if (url.username === '') return refuse('the user is missing: ssh://user@host');
  if (url.password !== '') return refuse('a password does not belong in an address; use a key or an agent');
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
  const port = url.port === '' ? 22 : Number(url.port);
  const hostname = url.hostname.toLowerCase();
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  return ok({ kind: 'ssh', user, host, port, text: `ssh://${url.username}@${hostname}:${port}` });
}
