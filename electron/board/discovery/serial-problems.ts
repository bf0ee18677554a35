import {
  accessSync,
  constants,
  existsSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  statSync,
} from 'node:fs';
import { userInfo } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { DiscoveryProblem } from '../../contract/found-boards.ts';
import { readSystemFile } from '../../runner/system-files.ts';
import { quoteForShell } from '../shell.ts';
import { findAdapter } from './usb-adapters.ts';
import { driverOf, listFolder, readUsbDevice } from './usb-device.ts';

/** The rule that comes with the app; in a package it lies outside the archive. */
export const udevRuleFile = fileURLToPath(
  new URL('../../../resources/udev/60-fieldtune.rules', import.meta.url),
);

const installedRule = '/etc/udev/rules.d/60-fieldtune.rules';

/** Read as the person, for in an AppImage nobody else can; written as root. */
export const udevRuleCommand = `cat ${quoteForShell(udevRuleFile)} | sudo tee ${installedRule} >/dev/null && sudo udevadm control --reload && sudo udevadm trigger --subsystem-match=tty`;

/** The person who asks, as far as ports are concerned. */
export interface PortUser {
  readonly name: string;
  /** Whether this process may read and write a file. */
  mayOpen(path: string): boolean;
}

/** Who runs this process. */
export const thisUser = (): PortUser => ({ name: userInfo().username, mayOpen });

function mayOpen(path: string): boolean {
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** What keeps this person from using a port of Linux, found without opening it: opening may reset what is behind it. */
export function findPortProblem(root: string, device: string, user: PortUser): DiscoveryProblem | null {
  const path = device.slice(root.length);
  if (!user.mayOpen(device)) return deniedProblem(root, device, path, user.name);
  const holder = findHolder(root, device);
  if (holder) return { kind: 'serialBusy', path, ...holder };
  const probed = basename(device).startsWith('ttyACM') && !existsSync(root + installedRule);
  return probed && findProcess(root, 'ModemManager') !== null
    ? { kind: 'modemManager', path, command: udevRuleCommand }
    : null;
}

function deniedProblem(root: string, device: string, path: string, user: string): DiscoveryProblem {
  const groups = readGroups(root);
  const own = groups.find(({ id }) => id === groupIdOf(device));
  // Distributions call it dialout, uucp or tty; a port of root alone is opened to no group.
  const group = own && own.name !== 'root' ? own.name : 'dialout';
  return {
    kind: 'serialDenied',
    path,
    group,
    relogin: groups.find(({ name }) => name === group)?.members.includes(user) ?? false,
    command: `sudo usermod -aG ${quoteIfNeeded(group)} ${quoteIfNeeded(user)}`,
    ruleCommand: udevRuleCommand,
  };
}

const quoteIfNeeded = (word: string): string => (/^[\w.-]+$/.test(word) ? word : quoteForShell(word));

function groupIdOf(file: string): number | null {
  try {
    return statSync(file).gid;
  } catch {
    return null;
  }
}

interface Group {
  readonly name: string;
  readonly id: number;
  readonly members: readonly string[];
}

function readGroups(root: string): readonly Group[] {
  return (readSystemFile(`${root}/etc/group`) ?? '').split('\n').flatMap((line) => {
    const [name, , id, members = ''] = line.split(':');
    return name && id ? [{ name, id: Number(id), members: members.split(',').filter(Boolean) }] : [];
  });
}

interface Holder {
  readonly program: string;
  readonly pid: number;
}

/** Who has a port open: by the lock file of terminal programs, or by what the processes of this person have open. */
function findHolder(root: string, device: string): Holder | null {
  for (const folder of ['/run/lock', '/var/lock']) {
    const pid = Number(readText(`${root}${folder}/LCK..${basename(device)}`));
    const program = pid > 0 ? nameOfProcess(root, pid) : null;
    // A lock whose process is gone is none.
    if (program !== null) return { program, pid };
  }
  for (const folder of processFolders(root)) {
    if (!listFolder(`${folder}/fd`).some((fd) => leadsTo(fd, device))) continue;
    const pid = Number(basename(folder));
    return { program: nameOfProcess(root, pid) ?? '?', pid };
  }
  return null;
}

function leadsTo(link: string, device: string): boolean {
  try {
    return readlinkSync(link) === device;
  } catch {
    return false;
  }
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch {
    return null;
  }
}

const nameOfProcess = (root: string, pid: number): string | null =>
  readSystemFile(`${root}/proc/${pid}/comm`);

const processFolders = (root: string): readonly string[] =>
  listFolder(`${root}/proc`).filter((folder) => /^\d+$/.test(basename(folder)));

function findProcess(root: string, name: string): number | null {
  const folder = processFolders(root).find((each) => readSystemFile(`${each}/comm`) === name);
  return folder === undefined ? null : Number(basename(folder));
}

/** Serial adapters that are plugged in and have no port, with what mends it. */
export function findDriverProblems(root: string): readonly DiscoveryProblem[] {
  return listFolder(`${root}/sys/bus/usb/devices`).flatMap((link): DiscoveryProblem[] => {
    const folder = realPathOf(link);
    if (folder === null) return [];
    const { vendorId, productId } = readUsbDevice(folder);
    const adapter = findAdapter(vendorId, productId);
    // A device of a class may well be something without a port; an adapter of a maker's own is for nothing else.
    if (!adapter?.console || adapter.driver === 'cdc_acm') return [];
    const interfaces = listFolder(folder).filter((each) => basename(each).includes(':'));
    if (interfaces.length === 0 || interfaces.some(hasPort)) return [];
    const taken = interfaces.some((each) => driverOf(each) === 'usbfs');
    const culprit = taken && findProcess(root, 'brltty') !== null ? 'brltty' : null;
    const command = culprit ? 'sudo apt remove brltty' : `sudo modprobe ${adapter.driver}`;
    return [{ kind: 'serialDriverMissing', adapter: adapter.name, culprit, command }];
  });
}

const hasPort = (folder: string): boolean => listFolder(folder).some((each) => /^tty/.test(basename(each)));

function realPathOf(link: string): string | null {
  try {
    return realpathSync(link);
  } catch {
    return null;
  }
}
