import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { readSystemFile } from '../../runner/system-files.ts';

/** A USB device as the kernel tells of it. */
export interface UsbDevice {
  /** Its folder below /sys; the same for all interfaces of one device. */
  readonly folder: string;
  /** Lower-case hexadecimal, four digits. */
  readonly vendorId: string;
  readonly productId: string;
  readonly manufacturer: string | null;
  readonly product: string | null;
  readonly serialNumber: string | null;
}

/** The USB device that a folder of /sys belongs to; null for what is no USB device. */
export function findUsbDevice(deviceLink: string): UsbDevice | null {
  let folder: string;
  try {
    folder = realpathSync(deviceLink);
  } catch {
    return null;
  }
  // From the interface up to the device, which is at most a port and a tty further down.
  for (let up = 0; up < 5 && folder !== '/'; up++, folder = dirname(folder)) {
    if (existsSync(`${folder}/idVendor`)) return readUsbDevice(folder);
  }
  return null;
}

/** Reads the folder of a USB device. */
export function readUsbDevice(folder: string): UsbDevice {
  const read = (name: string): string | null => readSystemFile(`${folder}/${name}`);
  return {
    folder,
    vendorId: read('idVendor')?.toLowerCase() ?? '',
    productId: read('idProduct')?.toLowerCase() ?? '',
    manufacturer: read('manufacturer'),
    product: read('product'),
    serialNumber: read('serial'),
  };
}

/** Name of the driver that a folder of /sys is bound to. */
export function driverOf(folder: string): string | null {
  try {
    return basename(realpathSync(`${folder}/driver`));
  } catch {
    return null;
  }
}

/** Paths of what is in a folder, by name; empty when it cannot be read. */
export function listFolder(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }))
      .map((name) => `${folder}/${name}`);
  } catch {
    return [];
  }
}
