import type { BoardError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';

/** Where a board is. */
export type BoardAddress = { readonly kind: 'local' } | SshAddress | SerialAddress;

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

/** A board behind a serial console; `text` is the address in its one written form. */
export interface SerialAddress {
  readonly kind: 'serial';
  /** Device file such as `/dev/ttyUSB0`, or `COM3`. */
  readonly port: string;
  /** Bits per second. */
  readonly baud: number;
  /** Who logs in; null: ask when the console wants to know. */
  readonly user: string | null;
  readonly text: string;
}

/** The forms of an address, for messages and help. */
export const addressForms = 'local, ssh://[user@]host[:port] or serial:PORT[?baud=N]';

/** A link-local address of IPv6 means something on one interface only, which URLs have no place for (RFC 6874). */
const linkLocal = /^(ssh:\/\/(?:[^@/?#]*@)?\[fe80:[0-9a-f:]+)%(?:25)?([\w.-]{1,32})(\].*)$/i;

const usualBaud = 115_200;
const highestBaud = 12_000_000;

/**
 * Parses `local`, `ssh://[user@]host[:port]` (IPv6 in brackets) or `serial:PORT[?baud=N]`, where a user may be named
 * as in `serial://root@/dev/ttyUSB0`. Errors: `boardAddress`.
 */
export function parseBoardAddress(address: string): Result<BoardAddress, BoardError> {
  const refuse = (reason: string): Result<BoardAddress, BoardError> =>
    fail({ kind: 'boardAddress', address, reason });
  if (address === 'local') return ok({ kind: 'local' });
  if (/^serial:/i.test(address)) return parseSerialAddress(address);
  if (!address.startsWith('ssh://')) return refuse(`expected ${addressForms}`);
  const [, before = address, zone = '', after = ''] = linkLocal.exec(address) ?? [];
  const plain = before + after;
  if (!URL.canParse(plain)) return refuse('host or port is malformed');
  const url = new URL(plain);
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
  // The name of an interface is as the system writes it.
  const hostname = url.hostname.toLowerCase().replace(/\]$/, zone === '' ? ']' : `%${zone}]`);
  const host = hostname.startsWith('[') ? hostname.slice(1, -1) : hostname;
  const login = user === '' ? '' : `${url.username}@`;
  const text = `ssh://${login}${hostname}${port === null ? '' : `:${port}`}`;
  return ok({ kind: 'ssh', user: user === '' ? null : user, host, port, text });
}

function parseSerialAddress(address: string): Result<BoardAddress, BoardError> {
  const refuse = (reason: string): Result<BoardAddress, BoardError> =>
    fail({ kind: 'boardAddress', address, reason });
  const [, userText, portText = '', query = ''] =
    /^serial:(?:\/\/(?:([^@/?#]*)@)?)?([^?#]*)(?:\?([^#]*))?$/i.exec(address) ?? [];
  if (userText?.includes(':')) {
    return fail({
      kind: 'boardAddress',
      address: address.replace(/:[^:@]*@/, ':…@'),
      reason: 'a password does not belong in an address; it is asked for when the console wants it',
    });
  }
  const isComPort = /^com[1-9]\d{0,3}$/i.test(portText);
  const isDeviceFile = /^\/[^\s\p{Cc}]+$/u.test(portText);
  if (!isComPort && !isDeviceFile) return refuse('the port is missing: serial:/dev/ttyUSB0 or serial:COM3');
  const baudText = query === '' ? `${usualBaud}` : /^baud=(\d{1,8})$/.exec(query)?.[1];
  const baud = Number(baudText ?? Number.NaN);
  if (!(baud >= 50 && baud <= highestBaud)) {
    return refuse(`only ?baud=N may follow the port, with N from 50 to ${highestBaud}`);
  }
  let user: string | null = null;
  try {
    if (userText) user = decodeURIComponent(userText);
  } catch {
    return refuse('the user is malformed');
  }
  if (user !== null && /[\s\p{Cc}]/u.test(user)) return refuse('the user is malformed');
  const port = isComPort ? portText.toUpperCase() : portText;
  const text = `serial:${user === null ? '' : `//${userText}@`}${port}${baud === usualBaud ? '' : `?baud=${baud}`}`;
  return ok({ kind: 'serial', port, baud, user, text });
}
