import type { EventEmitter } from 'node:events';
import { networkInterfaces } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { Bonjour, type Service } from 'bonjour-service';
import type { DiscoveryProblem } from '../../contract/found-boards.ts';

/** A computer that offers SSH, or at least tells that it is there, by DNS-SD (RFC 6763). */
export interface MdnsBoard {
  /** As the board announces itself. */
  readonly name: string;
  /** Such as `bench.local`. */
  readonly host: string;
  /** IPv4 first. */
  readonly addresses: readonly string[];
  /** Of its SSH server. */
  readonly port: number;
}

/** What a search needs; tests put other things in. */
export interface MdnsOptions {
  readonly signal: AbortSignal;
  /** Called again with more addresses when there are more. */
  onBoard(board: MdnsBoard): void;
  onProblem(problem: DiscoveryProblem): void;
  /** IPv4 addresses of the interfaces to ask on; default: of all. */
  readonly interfaces?: readonly string[];
  readonly port?: number;
  readonly platform?: NodeJS.Platform;
}

/** Types of service that boards announce: macOS lets an app ask only for those that its package names. */
export const announcedTypes = ['ssh', 'sftp-ssh', 'workstation'] as const;
const sshPort = 22;
/** Questions are repeated at growing distances: RFC 6762, 5.2. */
const askAgainAfterMs = [1_000, 2_000, 4_000, 8_000] as const;

/** Asks on all interfaces which computers are there, until the signal is aborted; never fails. */
export async function searchMdns(options: MdnsOptions): Promise<void> {
  const { signal, interfaces = ownAddresses(), port } = options;
  const boards = new Map<string, MdnsBoard>();
  const told = new Set<string>();
  const tell = (problem: DiscoveryProblem): void => {
    const key = JSON.stringify(problem);
    if (told.has(key) || signal.aborted) return;
    told.add(key);
    options.onProblem(problem);
  };
  const failed = (error: unknown): void => tell(problemOf(error, options.platform ?? process.platform));
  const find = (type: (typeof announcedTypes)[number], service: Service): void => {
    const board = merge(boards, type, service);
    if (board && !signal.aborted) options.onBoard(board);
  };
  const searches = interfaces.map((address) => searchOn(address, port, find, failed));
  const ended = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const asking = (async () => {
    for (const waitMs of askAgainAfterMs) {
      await delay(waitMs, undefined, { signal, ref: false });
      for (const { ask } of searches) ask();
    }
  })().catch(() => undefined);
  await ended;
  await asking;
  await Promise.all(searches.map(({ close }) => close()));
}

function searchOn(
  address: string,
  port: number | undefined,
  find: (type: (typeof announcedTypes)[number], service: Service) => void,
  failed: (error: unknown) => void,
): { ask(): void; close(): Promise<void> } {
  const own = {
    interface: address,
    // A socket that is bound to an interface's own address gets no multicast on Linux.
    bind: '0.0.0.0',
    ...(port === undefined ? {} : { port }),
  };
  // The library's types know the options of its publisher only; it hands these to multicast-dns.
  const bonjour = new Bonjour(own as object, failed);
  const socket = socketOf(bonjour);
  socket.on('error', failed);
  socket.on('warning', failed);
  const browsers = announcedTypes.map((type) => {
    const browser = bonjour.find({ type });
    browser.on('up', (service: Service) => find(type, service));
    browser.on('srv-update', (service: Service) => find(type, service));
    return browser;
  });
  // The browsers ask by themselves but keep to themselves that a question could not leave.
  const questions = announcedTypes.map((type) => ({ name: `_${type}._tcp.local`, type: 'PTR' }));
  const ask = (): void => socket.query(questions, (error) => error && failed(error));
  ask();
  return {
    ask,
    close: () =>
      new Promise<void>((resolve) => {
        for (const browser of browsers) browser.stop();
        bonjour.destroy(() => resolve());
      }),
  };
}

/** What of multicast-dns is used; without a listener its errors would end the process. */
interface MulticastSocket extends EventEmitter {
  query(
    questions: readonly { readonly name: string; readonly type: string }[],
    sent: (error: Error | null | undefined) => void,
  ): void;
}

const socketOf = (bonjour: Bonjour): MulticastSocket =>
  // The library keeps it to itself, and there is no other way to its errors.
  (bonjour as unknown as { readonly server: { readonly mdns: MulticastSocket } }).server.mdns;

function merge(
  boards: Map<string, MdnsBoard>,
  type: (typeof announcedTypes)[number],
  service: Service,
): MdnsBoard | null {
  const host = service.host?.replace(/\.$/, '').toLowerCase();
  if (!host) return null;
  const before = boards.get(host);
  const given = (service.addresses ?? []).filter(isUsable);
  // Who gives no address answers from one.
  const answering = [service.referer?.address].filter((each) => each !== undefined).filter(isUsable);
  const addresses = [
    ...new Set([...(before?.addresses ?? []), ...(given.length > 0 ? given : answering)]),
  ].sort((a, b) => Number(a.includes(':')) - Number(b.includes(':')));
  // A workstation announces itself with the hardware address behind its name, and no port of use.
  const name = type === 'workstation' ? service.name.replace(/ \[[0-9a-f:]+\]$/i, '') : service.name;
  const board = {
    name: before && type !== 'ssh' ? before.name : name,
    host,
    addresses,
    port: type === 'ssh' ? service.port : (before?.port ?? (type === 'workstation' ? sshPort : service.port)),
  };
  if (before && JSON.stringify(before) === JSON.stringify(board)) return null;
  boards.set(host, board);
  return board;
}

/** An address that can be connected to as it stands: link-local ones of IPv6 need an interface. */
const isUsable = (address: string): boolean => !/^(fe80|::1$|ff)/i.test(address);

function ownAddresses(): readonly string[] {
  return Object.values(networkInterfaces()).flatMap((entries) => {
    // A group is joined once for an interface, whatever its number of addresses.
    const first = entries?.find(({ family, internal }) => family === 'IPv4' && !internal);
    return first ? [first.address] : [];
  });
}

/** What an error of a multicast socket means for a person on this system. */
export function problemOf(error: unknown, platform: NodeJS.Platform): DiscoveryProblem {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  const denied = code === 'EHOSTUNREACH' || code === 'EPERM' || code === 'EACCES';
  if (platform === 'darwin' && denied) return { kind: 'localNetworkDenied' };
  return { kind: 'multicastFailed', reason: error instanceof Error ? error.message : String(error) };
}
