import { execFile } from 'node:child_process';
import { lookup } from 'node:dns/promises';
import { networkInterfaces } from 'node:os';
import type { DiscoveryProblem } from '../../contract/found-boards.ts';
import { readSystemFile } from '../../runner/system-files.ts';
import { quoteForShell } from '../shell.ts';
import { answersSsh, ipv4Networks, isOnNetwork, likelyHosts, type OwnNetwork } from './networks.ts';
import { networkAdapterVendors } from './usb-adapters.ts';
import { driverOf, findUsbDevice, listFolder, type UsbDevice } from './usb-device.ts';

/** A board that is this computer's network over USB. */
export interface UsbNetworkBoard {
  /** Name of the interface here. */
  readonly network: string;
  /** What answered on port 22. */
  readonly host: string;
  /** Null where the system does not tell. */
  readonly device: UsbDevice | null;
}

/** A neighbour on a network, as `ip neigh` and the ARP table tell. */
export interface Neighbour {
  readonly network: string;
  readonly address: string;
}

/** What a search needs; tests put other things in. */
export interface UsbNetworkOptions {
  readonly signal: AbortSignal;
  onBoard(board: UsbNetworkBoard): void;
  onProblem(problem: DiscoveryProblem): void;
  /** Stands before /sys and /proc. */
  readonly root?: string;
  readonly platform?: NodeJS.Platform;
  readonly interfaces?: ReturnType<typeof networkInterfaces>;
  readonly listNeighbours?: (root: string) => Promise<readonly Neighbour[]>;
  readonly resolve?: (host: string) => Promise<readonly string[]>;
  readonly answers?: (host: string, port: number, signal: AbortSignal) => Promise<boolean>;
}

/** Drivers of Linux for a network over USB; telephones and adapters with drivers of their own are others. */
const gadgetDrivers: ReadonlySet<string> = new Set([
  'cdc_ether',
  'cdc_ncm',
  'cdc_eem',
  'cdc_subset',
  'rndis_host',
  'usbnet',
]);

/** Where boards are on the network that they make themselves. */
const usualAddresses = [
  '192.168.7.2', // BeagleBone
  '192.168.6.2', // BeagleBone, for macOS
  '192.168.55.1', // NVIDIA Jetson
  '10.55.0.1', // Raspberry Pi, as its guides set it up
  '172.16.42.1', // postmarketOS
  '192.168.42.1', // Intel Edison and its kin
  '192.168.5.1', // Digi, Toradex
] as const;
const usualNames = ['raspberrypi.local', 'beaglebone.local'] as const;

const sshPort = 22;
/** A gadget has one neighbour; an adapter to the office's network has many, which are not to be tried. */
const mostNeighbours = 4;

/** Looks for boards behind USB networks, reading only but for a greeting on port 22; never fails. */
export async function searchUsbNetworks(options: UsbNetworkOptions): Promise<void> {
  const { root = '', platform = process.platform, interfaces = networkInterfaces() } = options;
  const gadgets = platform === 'linux' ? listGadgets(root) : guessGadgets(interfaces);
  if (gadgets.length === 0) return;
  const [neighbours, named] = await Promise.all([
    platform === 'linux' ? (options.listNeighbours ?? listNeighbours)(root) : [],
    resolveNames(options.resolve ?? resolveHost),
  ]);
  await Promise.all(
    gadgets.map((gadget) => {
      const networks = ipv4Networks(interfaces[gadget.network]);
      if (networks.length === 0 && platform === 'linux') {
        options.onProblem(downProblem(gadget.network));
      }
      const near = neighbours.filter(({ network }) => network === gadget.network).map(addressOf);
      return tryHosts(gadget, candidates(networks, near, named), options);
    }),
  );
}

interface Gadget {
  readonly network: string;
  readonly device: UsbDevice | null;
}

function listGadgets(root: string): readonly Gadget[] {
  return listFolder(`${root}/sys/class/net`).flatMap((folder): Gadget[] => {
    const link = `${folder}/device`;
    const driver = driverOf(link);
    if (driver === null || !gadgetDrivers.has(driver)) return [];
    const device = findUsbDevice(link);
    if (device && networkAdapterVendors.has(device.vendorId)) return [];
    return [{ network: folder.slice(folder.lastIndexOf('/') + 1), device }];
  });
}

/** macOS and Windows do not tell the driver in a file: a network of a kind that only gadgets make. */
function guessGadgets(interfaces: ReturnType<typeof networkInterfaces>): readonly Gadget[] {
  return Object.entries(interfaces).flatMap(([network, entries]) => {
    const isUsual = ipv4Networks(entries).some((own) =>
      usualAddresses.some((address) => own.prefix >= 24 && isOnNetwork(own, address)),
    );
    return isUsual ? [{ network, device: null }] : [];
  });
}

const addressOf = ({ network, address }: Neighbour): string =>
  /^fe80:/i.test(address) ? `${address}%${network}` : address;

/** What to try, the likeliest first. */
function candidates(
  networks: readonly OwnNetwork[],
  near: readonly string[],
  named: readonly string[],
): readonly string[] {
  const here = (address: string): boolean => networks.some((own) => isOnNetwork(own, address));
  return [
    ...new Set([
      ...(near.length <= mostNeighbours ? near : []),
      ...usualAddresses.filter(here),
      ...named.filter(here),
      ...networks.flatMap(likelyHosts),
    ]),
  ];
}

async function tryHosts(
  gadget: Gadget,
  hosts: readonly string[],
  { signal, onBoard, answers = answersSsh }: UsbNetworkOptions,
): Promise<void> {
  const answered = await Promise.all(hosts.map((host) => answers(host, sshPort, signal)));
  // One cable, one board: of several of its addresses the likeliest.
  const host = hosts.find((_, index) => answered[index]);
  if (host !== undefined && !signal.aborted) onBoard({ ...gadget, host });
}

const downProblem = (network: string): DiscoveryProblem => ({
  kind: 'usbNetworkDown',
  network,
  command: `nmcli device connect ${quoteForShell(network)} || sudo dhclient ${quoteForShell(network)}`,
});

async function resolveNames(
  resolve: (host: string) => Promise<readonly string[]>,
): Promise<readonly string[]> {
  const found = await Promise.all(usualNames.map((name) => resolve(name).catch(() => [])));
  return found.flat();
}

async function resolveHost(host: string): Promise<readonly string[]> {
  const found = await lookup(host, { all: true, family: 4 });
  return found.map(({ address }) => address);
}

/** The neighbours that the kernel knows by now, by `ip` where it is there, else those of IPv4 alone. */
async function listNeighbours(root: string): Promise<readonly Neighbour[]> {
  const byTool = await new Promise<string | null>((resolve) => {
    execFile('ip', ['-o', 'neigh', 'show'], { timeout: 2_000 }, (error, stdout) =>
      resolve(error ? null : stdout),
    );
  });
  return byTool === null ? parseArp(readSystemFile(`${root}/proc/net/arp`) ?? '') : parseNeighbours(byTool);
}

/** Reads lines of `ip -o neigh show`: `192.168.7.2 dev usb0 lladdr 1c:ba:… REACHABLE`. */
export function parseNeighbours(text: string): readonly Neighbour[] {
  return text.split('\n').flatMap((line) => {
    const [, address, network] = /^([0-9a-f.:]+) dev (\S+) lladdr .*$/i.exec(line.trim()) ?? [];
    const isGone = /\b(FAILED|INCOMPLETE)\b/.test(line);
    return address === undefined || network === undefined || isGone ? [] : [{ address, network }];
  });
}

/** Reads /proc/net/arp; flags of 0x0 are questions without an answer. */
export function parseArp(text: string): readonly Neighbour[] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [address, , flags, , , network] = line.trim().split(/\s+/);
      return address === undefined || network === undefined || flags === '0x0' ? [] : [{ address, network }];
    });
}
