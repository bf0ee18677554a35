import { readFileSync, realpathSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeFilesAtomically } from '../../store/atomic-file.ts';
import { listSerialPorts, type SerialPortFound } from '../discovery/serial-ports.ts';

/** The ports of this computer as they are now. */
export type ListPorts = () => Promise<readonly SerialPortFound[]>;

/** Which USB device was met at a port: a port's name goes to whatever is plugged in first. */
export interface KnownPorts {
  /**
   * What to open for a port that was asked for: where the device is now that was met there last, under whatever name
   * it came back; the port itself when that device is not plugged in, or has no serial number to be known by.
   */
  find(port: string): Promise<string>;
  /** Keeps which device is at the port that was opened for `port`. */
  remember(port: string, opened: string): Promise<void>;
}

const fileSchema = z.record(z.string(), z.string());

/** Opens the list that is kept in the state folder; one that cannot be read is begun anew. */
export function openKnownPorts(stateFolder: string, list: ListPorts = listPorts): KnownPorts {
  const file = join(stateFolder, 'serial-ports.json');
  const read = (): Record<string, string> => {
    try {
      return fileSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
    } catch {
      return {};
    }
  };
  return {
    async find(port) {
      const device = read()[port];
      if (device === undefined) return port;
      const there = (await list()).find((one) => deviceOf(one) === device);
      return there?.device ?? port;
    },
    async remember(port, opened) {
      const real = realPath(opened);
      const found = (await list()).find((one) => one.device === real || one.path === opened);
      const device = found === undefined ? null : deviceOf(found);
      const known = read();
      if (device === null || known[port] === device) return;
      // A list that cannot be written costs a search by name only.
      writeFilesAtomically(new Map([[file, `${JSON.stringify({ ...known, [port]: device }, null, 2)}\n`]]));
    },
  };
}

async function listPorts(): Promise<readonly SerialPortFound[]> {
  return (await listSerialPorts()).ports;
}

/** What a USB device is known by wherever it is plugged in; many adapters have no number of their own. */
function deviceOf({ usb }: SerialPortFound): string | null {
  return usb?.serialNumber ? `${usb.vendorId}:${usb.productId}:${usb.serialNumber}` : null;
}

function realPath(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    return path;
  }
}
