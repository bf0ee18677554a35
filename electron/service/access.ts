import { createHash, randomBytes } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Why a request is turned away. */
export interface Refusal {
  readonly status: 401 | 403;
  /** One sentence for a person. */
  readonly sentence: string;
}

/** Who may come in: whoever opened a one-time link, from a page of this very service. */
export interface Access {
  /** Secret of the process that started the service; good for as long as that runs. */
  readonly token: string;
  /** Secret of a new link that can be opened once. */
  newLinkToken(): string;
  /** Takes a link's secret; gives the cookie of a new session, or null when it is unknown or used. */
  redeem(linkToken: string): string | null;
  /** Whether the request was sent to this service by its own name, and not to a name that leads here. */
  checkHost(headers: IncomingHttpHeaders): Refusal | null;
  /** Whether the request may be answered; `changes`: it does something, or opens a socket. */
  check(headers: IncomingHttpHeaders, changes: boolean): Refusal | null;
}

/** How to make an `Access`. */
export interface AccessOptions {
  /** Known once the service listens. */
  readonly port: () => number;
  /** Accept `Authorization: Bearer TOKEN`, for a client that is no page. */
  readonly acceptBearer: boolean;
}

const digestOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');
const newSecret = (): string => randomBytes(32).toString('base64url');

/** Access with no link and no session yet. */
export function createAccess({ port, acceptBearer }: AccessOptions): Access {
  // Only digests are looked up, so that the time of a look-up tells nothing about a secret.
  const links = new Set<string>();
  const sessions = new Set<string>();
  const token = newSecret();
  const bearer = digestOf(`Bearer ${token}`);
  // Cookies are shared by all ports of a host.
  const cookieName = (): string => `fieldtune-${port()}`;

  const hasSession = ({ cookie = '' }: IncomingHttpHeaders): boolean =>
    cookie.split(';').some((part) => {
      const [name, value] = part.trim().split('=', 2);
      return name === cookieName() && value !== undefined && sessions.has(digestOf(value));
    });

  const checkHost = ({ host }: IncomingHttpHeaders): Refusal | null =>
    host === `127.0.0.1:${port()}` || host === `localhost:${port()}`
      ? null
      : { status: 403, sentence: 'This address is not one of Fieldtune: open the link that it printed.' };

  return {
    token,
    newLinkToken() {
      const link = newSecret();
      links.add(digestOf(link));
      return link;
    },
    redeem(linkToken) {
      if (!links.delete(digestOf(linkToken))) return null;
      const session = newSecret();
      sessions.add(digestOf(session));
      return `${cookieName()}=${session}; HttpOnly; SameSite=Strict; Path=/`;
    },
    checkHost,
    check(headers, changes) {
      const wrongHost = checkHost(headers);
      if (wrongHost !== null) return wrongHost;
      const { authorization, origin, host } = headers;
      const isBearer = acceptBearer && authorization !== undefined && digestOf(authorization) === bearer;
      if (!isBearer && !hasSession(headers))
        return {
          status: 401,
          sentence:
            'This page is open to the person who started Fieldtune only: open the link that it printed, which works once, or press Enter there for a new one.',
        };
      const foreign: Refusal = {
        status: 403,
        sentence: 'This came from another page than Fieldtune’s own, so nothing was done.',
      };
      // A page always says where a request that changes something comes from; the process that started us is no page.
      if (origin === undefined ? changes && !isBearer : origin !== `http://${host}`) return foreign;
      const site = headers['sec-fetch-site'];
      const isOwn = site === undefined || site === 'same-origin' || site === 'none';
      const isVisit = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document';
      return isOwn || (isVisit && !changes) ? null : foreign;
    },
  };
}
