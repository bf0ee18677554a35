import { statfsSync } from 'node:fs';
import type { BoardReading, StorageKind } from './board-reading.ts';
import type { SystemFiles } from './system-files.ts';

/** A mounted file system. */
interface Mount {
  /** `major:minor`. */
  readonly device: string;
  readonly folder: string;
  readonly fileSystem: string;
  readonly source: string;
}

const networkFileSystems = /^(nfs\d?|cifs|smb3?|9p|fuse\.sshfs|ceph|glusterfs)$/;
const memoryFileSystems = /^(tmpfs|ramfs|zram)$/;
/** The kernel writes blanks and the like in mount points as `\040`. */
const octalEscape = /\\([0-7]{3})/g;

/** On what kind of storage a folder lies; null when the kernel does not tell. */
export function readStorage(
  files: SystemFiles,
  folder: string,
): { readonly kind: StorageKind; readonly fileSystem: string } | null {
  const mount = mountOf(files, folder);
  return mount && { kind: kindOf(files, mount), fileSystem: mount.fileSystem };
}

/** How much room a folder's file system has for a user without privileges; null when it cannot be read. */
export function readDisk(folder: string): BoardReading['disk'] {
  try {
    const { bavail, blocks, bsize } = statfsSync(folder);
    return blocks === 0 ? null : { folder, freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return null;
  }
}

function mountOf(files: SystemFiles, folder: string): Mount | null {
  const mounts = (files.read('/proc/self/mountinfo') ?? '').split('\n').flatMap((line): Mount[] => {
    const [left, right] = line.split(' - ');
    const device = left?.split(' ')[2];
    const point = left?.split(' ')[4];
    const [fileSystem, source] = right?.split(' ') ?? [];
    if (!device || !point || !fileSystem) return [];
    const decoded = point.replace(octalEscape, (_, digits: string) =>
      String.fromCharCode(Number.parseInt(digits, 8)),
    );
    return [{ device, folder: decoded, fileSystem, source: source ?? '' }];
  });
  const holds = (mount: Mount): boolean =>
    mount.folder === '/' || folder === mount.folder || folder.startsWith(`${mount.folder}/`);
  // Of two mounts on one folder the later one is seen.
  return mounts.filter(holds).reduce<Mount | null>((best, mount) => {
    return best === null || mount.folder.length >= best.folder.length ? mount : best;
  }, null);
}

function kindOf(files: SystemFiles, { device, fileSystem, source }: Mount): StorageKind {
  if (networkFileSystems.test(fileSystem)) return 'network';
  if (memoryFileSystems.test(fileSystem)) return 'memory';
  const name = diskName(files, device, source);
  if (name === null) return 'unknown';
  if (/^mmcblk\d/.test(name)) {
    const type = files.read(`/sys/block/${name}/device/type`);
    return type === 'SD' ? 'sdCard' : type === 'MMC' ? 'emmc' : 'unknown';
  }
  if (/^nvme\d/.test(name)) return 'nvme';
  if (/^(vd|xvd)[a-z]/.test(name)) return 'virtual';
  if (/^sd[a-z]/.test(name)) {
    if (files.readNumber(`/sys/block/${name}/removable`) === 1) return 'usb';
    const rotational = files.readNumber(`/sys/block/${name}/queue/rotational`);
    return rotational === 1 ? 'hdd' : rotational === 0 ? 'ssd' : 'unknown';
  }
  return 'unknown';
}

/** Name of the whole disk behind a device: from its number, or from the path that was mounted. */
function diskName(files: SystemFiles, device: string, source: string): string | null {
  const listed = /^DEVNAME=(\S+)$/m.exec(files.read(`/sys/dev/block/${device}/uevent`) ?? '')?.[1];
  const partition = listed ?? /^\/dev\/([\w-]+)$/.exec(source)?.[1];
  if (partition === undefined) return null;
  return /^(mmcblk\d+|nvme\d+n\d+)p\d+$/.exec(partition)?.[1] ?? partition.replace(/^([a-z]+)\d+$/, '$1');
}
