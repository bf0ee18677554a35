import { realpathSync } from 'node:fs';
import { basename } from 'node:path';
import type { DiscoveryProblem } from '../../contract/found-boards.ts';
import { ownSystemFiles } from '../../runner/system-files.ts';
import { findDriverProblems, findPortProblem, type PortUser, thisUser } from './serial-problems.ts';
import { findAdapter } from './usb-adapters.ts';
import { findUsbDevice, listFolder, type UsbDevice } from './usb-device.ts';

/** A serial port of this computer. */
export interface SerialPortFound {
  /** What to open: by id where there is such a link, as that stays when others are plugged in. */
  readonly path: string;
  /** As it is called now, such as `/dev/ttyUSB0` or `COM3`. */
  readonly device: string;
  /** What it is in words. */
  readonly name: string;
  /** Whether a board's console is likely behind it. */
  readonly likely: boolean;
  /** Null where it is no USB device, or the system does not tell. */
  readonly usb: UsbDevice | null;
  readonly problem: DiscoveryProblem | null;
}

/** A port as the serialport library lists it. */
export interface ListedPort {
  readonly path: string;
  readonly manufacturer?: string | undefined;
  readonly serialNumber?: string | undefined;
  readonly vendorId?: string | undefined;
  readonly productId?: string | undefined;
  /** Windows: what its device manager shows. */
  readonly friendlyName?: string | undefined;
}

/** What a listing needs; tests put other things in. */
export interface SerialOptions {
  readonly platform?: NodeJS.Platform;
  /** Stands before /dev, /sys, /proc and /etc. */
  readonly root?: string;
  readonly list?: () => Promise<readonly ListedPort[]>;
  readonly user?: PortUser;
}

/** Lists the serial ports, the likely ones first, without opening any; never fails. */
export async function listSerialPorts(options: SerialOptions = {}): Promise<{
  readonly ports: readonly SerialPortFound[];
  readonly problems: readonly DiscoveryProblem[];
}> {
  const { platform = process.platform, list = listByLibrary } = options;
  let listed: readonly ListedPort[] | null;
  try {
    listed = await list();
  } catch {
    listed = null;
  }
  const likelyFirst = (ports: readonly SerialPortFound[]): readonly SerialPortFound[] =>
    [...ports].sort((a, b) => Number(b.likely) - Number(a.likely));
  if (platform !== 'linux') return { ports: likelyFirst(elsewhere(listed ?? [], platform)), problems: [] };
  const { root = '', user = thisUser() } = options;
  const byFiles = portFiles(root);
  const names = new Set([...byFiles, ...(listed ?? []).map(({ path }) => root + path)]);
  const ports = [...names]
    .filter((device) => isReal(root, device))
    .map((device) => {
      const found = (listed ?? []).find(({ path }) => root + path === device);
      return portOfLinux(root, device, found, user);
    });
  const udev: DiscoveryProblem[] =
    listed === null ? [{ kind: 'udevMissing', command: 'sudo apt install udev' }] : [];
  return { ports: likelyFirst(ports), problems: [...udev, ...findDriverProblems(root)] };
}

async function listByLibrary(): Promise<readonly ListedPort[]> {
  // A native module: only who looks for ports loads it.
  const { SerialPort } = await import('serialport');
  return SerialPort.list();
}

/** Ports by their files, which are there without udev's database too. */
const portFiles = (root: string): readonly string[] =>
  listFolder(`${root}/dev`).filter((path) => /^tty(USB|ACM|AMA|THS|S|mxc|LP|O|PS)\d+$/.test(basename(path)));

/** Linux makes files for ports of a PC that it has not got. */
function isReal(root: string, device: string): boolean {
  const name = basename(device);
  return (
    !/^ttyS\d+$/.test(name) || (ownSystemFiles.readNumber(`${root}/sys/class/tty/${name}/type`) ?? 0) !== 0
  );
}

function portOfLinux(
  root: string,
  device: string,
  listed: ListedPort | undefined,
  user: PortUser,
): SerialPortFound {
  const usb = findUsbDevice(`${root}/sys/class/tty/${basename(device)}/device`);
  const adapter = findAdapter(usb?.vendorId ?? listed?.vendorId, usb?.productId ?? listed?.productId);
  const said = [usb?.manufacturer ?? listed?.manufacturer, usb?.product].filter(Boolean).join(' ');
  return {
    path: stablePath(root, device),
    device: device.slice(root.length),
    name: nameOf(adapter?.name, said) || basename(device),
    likely: adapter?.console ?? usb !== null,
    usb,
    problem: findPortProblem(root, device, user),
  };
}

/** The link by id, which names the adapter and not the order of plugging in. */
function stablePath(root: string, device: string): string {
  const link = listFolder(`${root}/dev/serial/by-id`).find((each) => {
    try {
      return realpathSync(each) === realpathSync(device);
    } catch {
      return false;
    }
  });
  return (link ?? device).slice(root.length);
}

/** What is known of the adapter, and what it says of itself where that says more. */
function nameOf(known: string | undefined, said: string): string {
  if (known === undefined) return said;
  const isSame = said === '' || known.toLowerCase().includes(said.toLowerCase());
  return isSame ? known : `${known} (${said})`;
}

function elsewhere(listed: readonly ListedPort[], platform: NodeJS.Platform): readonly SerialPortFound[] {
  return listed
    .filter(({ path }) => !/Bluetooth|debug-console|wlan-debug/i.test(path))
    .map((port): SerialPortFound => {
      const { manufacturer = '', friendlyName = '', vendorId, productId, serialNumber } = port;
      // A tty of macOS waits for a carrier that consoles do not give; its twin does not.
      const path = platform === 'darwin' ? port.path.replace(/^\/dev\/tty\./, '/dev/cu.') : port.path;
      const adapter = findAdapter(vendorId, productId);
      // Windows writes the port behind the name.
      const said = friendlyName.replace(/\s*\(COM\d+\)$/i, '') || manufacturer;
      return {
        path,
        device: path,
        name: nameOf(adapter?.name, said) || path,
        likely: adapter?.console ?? vendorId !== undefined,
        usb:
          vendorId === undefined
            ? null
            : {
                folder: `${vendorId}:${productId}:${serialNumber ?? path}`,
                vendorId: vendorId.toLowerCase(),
                productId: (productId ?? '').toLowerCase(),
                manufacturer: manufacturer || null,
                product: friendlyName || null,
                serialNumber: serialNumber ?? null,
              },
        problem: null,
      };
    });
}
