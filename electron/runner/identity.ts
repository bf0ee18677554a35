import { createRequire } from 'node:module';
import { arch, cpus, hostname, networkInterfaces, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { boardIdOf, tellsApart } from './board-id.ts';
import { armPartName } from './cpu.ts';
import { readPrettyOs } from './inventory.ts';
import type { BoardIdentity } from './protocol.ts';
import { ownSystemFiles, readSystemFile } from './system-files.ts';

/**
 * Reads who this board is; every field has a fallback, so nothing here fails. `root` stands before the system's files.
 * A file `board-id` in the runner's folder has the last word: where there is no serial number, boards cloned from one
 * image are told apart by it.
 */
export function readIdentity(root = '', runnerFolder: string | null = null): BoardIdentity {
  const burntIn = readSystemFile(`${root}/proc/device-tree/serial-number`);
  const serialNumber = burntIn ?? readSystemFile(`${root}/sys/class/dmi/id/product_serial`);
  const given = runnerFolder === null ? null : readSystemFile(join(runnerFolder, 'board-id'));
  const model = readSystemFile(`${root}/proc/device-tree/model`);
  return {
    id: given === null ? readId(root, burntIn, serialNumber) : boardIdOf(given),
    name: model ? `${hostname()} (${model})` : hostname(),
    arch: arch(),
    cpu: readCpu(),
    cores: cpus().length,
    memoryBytes: totalmem(),
    os: readOs(),
    nodeVersion: process.versions.node,
    runtimeVersion: readRuntimeVersion(),
    serialNumber,
  };
}

/**
 * The serial number in the device tree is the chip's, while cloned SD cards share a machine-id. The one of a PC's
 * firmware comes after the machine-id: only root may read it, so it would make two boards of one.
 */
function readId(root: string, burntIn: string | null, serialNumber: string | null): string {
  if (burntIn !== null && tellsApart(burntIn)) return boardIdOf(burntIn);
  const machineId =
    readSystemFile(`${root}/etc/machine-id`) ?? readSystemFile(`${root}/var/lib/dbus/machine-id`);
  const addresses = Object.values(networkInterfaces())
    .flatMap((list) => list ?? [])
    .filter((entry) => !entry.internal)
    .map((entry) => entry.mac)
    .sort();
  return boardIdOf(machineId ?? serialNumber ?? addresses[0] ?? hostname());
}

function readCpu(): string {
  const info = readSystemFile('/proc/cpuinfo') ?? '';
  const part = /^CPU part\s*:\s*(\S+)/m.exec(info)?.[1]?.toLowerCase();
  const armName = part ? armPartName(part) : null;
  const listed = cpus()[0]?.model.trim();
  if (armName) return armName;
  return listed && listed !== 'unknown' ? listed : arch();
}

const readOs = (): string => `${readPrettyOs(ownSystemFiles)}, kernel ${release()}`;

function readRuntimeVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('onnxruntime-node/package.json');
  const version = typeof manifest === 'object' && manifest && 'version' in manifest ? manifest.version : null;
  return typeof version === 'string' ? version : 'unknown';
}
