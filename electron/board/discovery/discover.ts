import { lookup } from 'node:dns/promises';
import type { BoardSearch, DiscoveryProblem, FoundBoard, FoundWay } from '../../contract/found-boards.ts';
import { tellsApart } from '../../runner/board-id.ts';
import type { BoardIdentity } from '../../runner/protocol.ts';
import { parseBoardAddress } from '../address.ts';
import { type MdnsBoard, type MdnsOptions, searchMdns } from './mdns.ts';
import { listSerialPorts, type SerialPortFound } from './serial-ports.ts';
import { searchUsbNetworks, type UsbNetworkBoard, type UsbNetworkOptions } from './usb-network.ts';

/** A board that was connected before, or an address that was typed. */
export interface KnownBoard {
  /** Null: never connected. */
  readonly id: string | null;
  readonly name: string;
  readonly serialNumber: BoardIdentity['serialNumber'];
  readonly addresses: readonly string[];
}

/** Where boards are looked for; tests put other sources in. */
export interface Sources {
  readonly mdns: (options: Pick<MdnsOptions, 'signal' | 'onBoard' | 'onProblem'>) => Promise<void>;
  readonly usbNetworks: (
    options: Pick<UsbNetworkOptions, 'signal' | 'onBoard' | 'onProblem'>,
  ) => Promise<void>;
  readonly serialPorts: () => ReturnType<typeof listSerialPorts>;
  /** Whether a name leads somewhere by the means of this computer. */
  readonly resolves: (host: string) => Promise<boolean>;
}

/** The real sources. */
export const ownSources: Sources = {
  mdns: searchMdns,
  usbNetworks: searchUsbNetworks,
  serialPorts: listSerialPorts,
  resolves: (host) =>
    lookup(host).then(
      () => true,
      () => false,
    ),
};

/** How to look. */
export interface DiscoverOptions {
  readonly signal: AbortSignal;
  readonly timeoutMs: number;
  readonly known: readonly KnownBoard[];
  readonly now: () => Date;
  /** Who to sign in as on a host, where there is a reason to think so. */
  readonly userFor: (host: string) => string | null;
  /** Told whenever there is more to show. */
  onChange(search: BoardSearch): void;
  readonly sources?: Sources;
}

/**
 * Looks for boards by all ways at once, and tells what it finds as it comes. Ends when its time is over or the signal
 * is aborted; never fails: what stands in the way is part of the result.
 */
export async function discover(options: DiscoverOptions): Promise<BoardSearch> {
  const { timeoutMs, now, sources = ownSources } = options;
  const ending = new AbortController();
  const timer = setTimeout(() => ending.abort(), timeoutMs);
  const signal = AbortSignal.any([options.signal, ending.signal]);
  const clues: Clues = { mdns: new Map(), usb: [], serial: [], resolving: new Set() };
  const problems = new Map<string, DiscoveryProblem>();
  const search = (state: 'looking' | 'done'): BoardSearch => ({
    state,
    found: joinFound(clues, options),
    problems: [...problems.values()].filter(
      // Some interface always leads nowhere: it matters only where nothing came in at all.
      ({ kind }) => kind !== 'multicastFailed' || clues.mdns.size === 0,
    ),
    finishedAt: state === 'done' ? now().toISOString() : null,
  });
  const changed = (): void => {
    if (!signal.aborted) options.onChange(search('looking'));
  };
  const onProblem = (problem: DiscoveryProblem): void => {
    // One is enough of what every interface says in its own words.
    const key = problem.kind === 'multicastFailed' ? problem.kind : JSON.stringify(problem);
    if (problems.has(key)) return;
    problems.set(key, problem);
    changed();
  };
  const ended = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  const work = Promise.all([
    sources.mdns({
      signal,
      onProblem,
      onBoard: (board) => {
        clues.mdns.set(board.host, board);
        changed();
        void sources.resolves(board.host).then((does) => {
          if (!does || clues.resolving.has(board.host)) return;
          clues.resolving.add(board.host);
          changed();
        });
      },
    }),
    sources.usbNetworks({
      signal,
      onProblem,
      onBoard: (board) => {
        clues.usb.push(board);
        changed();
      },
    }),
    sources.serialPorts().then(({ ports, problems: own }) => {
      clues.serial.push(...ports);
      for (const problem of own) onProblem(problem);
      changed();
    }),
  ]);
  try {
    // A source that hangs is left behind.
    await Promise.race([work, ended]);
    return search('done');
  } finally {
    clearTimeout(timer);
    ending.abort();
    work.catch(() => undefined);
  }
}

interface Clues {
  readonly mdns: Map<string, MdnsBoard>;
  readonly usb: UsbNetworkBoard[];
  readonly serial: SerialPortFound[];
  /** Names of mDNS that this computer can resolve by itself. */
  readonly resolving: Set<string>;
}

/** A way with what ties it to others: who shares one of these is one board. */
interface Clue {
  readonly way: FoundWay;
  readonly name: string;
  readonly ties: readonly string[];
  readonly board: string | null;
}

const order: Readonly<Record<FoundWay['source'], number>> = { usbNetwork: 0, mdns: 1, serial: 2 };

/** Joins what is of one board: the same USB device, the same address, or the same known board. */
function joinFound(clues: Clues, options: Pick<DiscoverOptions, 'known' | 'userFor'>): readonly FoundBoard[] {
  const all = [
    ...clues.usb.map((board) => usbClue(board, options)),
    ...[...clues.mdns.values()].map((board) => mdnsClue(board, clues.resolving, options)),
    ...clues.serial.map((port) => serialClue(port, options)),
  ];
  const groups: Clue[][] = [];
  for (const clue of all) {
    const same = groups.filter((group) =>
      group.some((other) => other.ties.some((t) => clue.ties.includes(t))),
    );
    const joined = [...same.flat(), clue];
    for (const group of same) groups.splice(groups.indexOf(group), 1);
    groups.push(joined);
  }
  return groups.map((group) => boardOf(group, options.known)).sort((a, b) => rank(a) - rank(b));
}

function boardOf(group: readonly Clue[], known: readonly KnownBoard[]): FoundBoard {
  const sorted = [...group].sort((a, b) => order[a.way.source] - order[b.way.source]);
  const overUsb = sorted.filter(({ way }) => way.source === 'usbNetwork');
  const ways = sorted
    // The network over USB announces itself as well: that is no second way.
    .filter(
      ({ way, ties }) =>
        way.source !== 'mdns' || !overUsb.some((usb) => ties.includes(`host:${usb.way.host}`)),
    )
    .map(({ way }) => way);
  const board = sorted.find((clue) => clue.board !== null)?.board ?? null;
  const name = known.find(({ id }) => id !== null && id === board)?.name;
  // A board knows its own name better than its cable does.
  const said = sorted.find(({ way }) => way.source === 'mdns') ?? sorted[0];
  const ties = sorted.flatMap((clue) => clue.ties);
  const key = ties.find((tie) => tie.startsWith('board:')) ?? ties[0] ?? '';
  return { key, name: name ?? said?.name ?? '', ways, board };
}

/** Likely boards first: those that speak SSH, then consoles, then the other ports. */
const rank = ({ ways }: FoundBoard): number => (ways[0] ? order[ways[0].source] : 3);

function usbClue(
  { network, host, device }: UsbNetworkBoard,
  options: Pick<DiscoverOptions, 'known' | 'userFor'>,
): Clue {
  const ties = [...(device ? [`usb:${device.folder}`] : []), `host:${host}`];
  const said = [device?.manufacturer, device?.product].filter(Boolean).join(' ');
  const name = said || host;
  return sshClue('usbNetwork', [host], 22, `${network}, ${host}`, name, ties, device?.serialNumber, options);
}

function mdnsClue(
  { name, host, addresses, port }: MdnsBoard,
  resolving: ReadonlySet<string>,
  options: Pick<DiscoverOptions, 'known' | 'userFor'>,
): Clue {
  const ties = [`host:${host}`, ...addresses.map((address) => `host:${address}`)];
  // A name stays with its board while addresses are lent, but not every computer can follow such names.
  const hosts = resolving.has(host) || addresses.length === 0 ? [host, ...addresses] : [...addresses, host];
  return sshClue(
    'mdns',
    hosts,
    port,
    [host, addresses[0]].filter(Boolean).join(', '),
    name,
    ties,
    null,
    options,
  );
}

function sshClue(
  source: FoundWay['source'],
  hosts: readonly string[],
  port: number,
  detail: string,
  name: string,
  ties: readonly string[],
  serialNumber: string | null | undefined,
  { known, userFor }: Pick<DiscoverOptions, 'known' | 'userFor'>,
): Clue {
  const [host = ''] = hosts;
  const met = known.flatMap((board) =>
    board.addresses.filter((address) => leadsTo(address, hosts, port)).map((address) => ({ board, address })),
  )[0];
  const owner = met?.board ?? bySerialNumber(known, serialNumber);
  const user = userFor(host);
  const written = host.includes(':') ? `[${host}]` : host;
  const made = user === null ? null : `ssh://${encodeURIComponent(user)}@${written}:${port}`;
  const address = met?.address ?? (made !== null && parseBoardAddress(made).ok ? made : null);
  const board = owner?.id ?? null;
  return {
    way: { source, link: 'ssh', address, host, port, user, detail, problem: null },
    name,
    ties: [...ties, ...(board === null ? [] : [`board:${board}`])],
    board,
  };
}

function leadsTo(address: string, hosts: readonly string[], port: number): boolean {
  const parsed = parseBoardAddress(address);
  return (
    parsed.ok &&
    parsed.value.kind === 'ssh' &&
    hosts.includes(parsed.value.host) &&
    (parsed.value.port ?? 22) === port
  );
}

function serialClue(port: SerialPortFound, { known }: Pick<DiscoverOptions, 'known'>): Clue {
  const { path, device, name, usb, problem } = port;
  const met = known.flatMap((board) =>
    board.addresses.filter((each) => isPort(each, [path, device])).map((address) => ({ board, address })),
  )[0];
  const board = (met?.board ?? bySerialNumber(known, usb?.serialNumber))?.id ?? null;
  const address = met?.address ?? `serial:${path}`;
  return {
    way: {
      source: 'serial',
      link: 'serial',
      address,
      host: null,
      port: null,
      user: null,
      detail: path === device ? device : `${device}, ${path.slice(path.lastIndexOf('/') + 1)}`,
      problem,
    },
    name,
    ties: [
      ...(usb ? [`usb:${usb.folder}`] : [`port:${device}`]),
      ...(board === null ? [] : [`board:${board}`]),
    ],
    board,
  };
}

function isPort(address: string, paths: readonly string[]): boolean {
  const parsed = parseBoardAddress(address);
  return parsed.ok && parsed.value.kind === 'serial' && paths.includes(parsed.value.port);
}

/** A board whose USB device tells the serial number of its chip. */
function bySerialNumber(
  known: readonly KnownBoard[],
  serialNumber: string | null | undefined,
): KnownBoard | undefined {
  if (!serialNumber || !tellsApart(serialNumber)) return undefined;
  const plain = (text: string): string => text.toLowerCase().replace(/^0+/, '');
  return known.find(
    (board) => board.serialNumber !== null && plain(board.serialNumber) === plain(serialNumber),
  );
}
