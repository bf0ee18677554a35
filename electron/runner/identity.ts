import { createRequire } from 'node:module';
import { arch, cpus, hostname, networkInterfaces, release, totalmem, type } from 'node:os';
import { boardIdOf, tellsApart } from './board-id.ts';
import type { BoardIdentity } from './protocol.ts';
import { readSystemFile } from './system-files.ts';

/** Arm part numbers that boards of this class carry; the kernel gives numbers, people know names. */
const armParts: Readonly<Record<string, string>> = {
  '0xd03': 'Cortex-A53',
  '0xd04': 'Cortex-A35',
  '0xd05': 'Cortex-A55',
  '0xd07': 'Cortex-A57',
  '0xd08': 'Cortex-A72',
  '0xd09': 'Cortex-A73',
  '0xd0a': 'Cortex-A75',
  '0xd0b': 'Cortex-A76',
  '0xd0c': 'Neoverse-N1',
  '0xd0d': 'Cortex-A77',
  '0xd41': 'Cortex-A78',
  '0xd42': 'Cortex-A78AE',
  '0xd46': 'Cortex-A510',
  '0xd47': 'Cortex-A710',
};

/** Reads who this board is; every field has a fallback, so nothing here fails. `root` stands before the system's files. */
export function readIdentity(root = ''): BoardIdentity {
  const burntIn = readSystemFile(`${root}/proc/device-tree/serial-number`);
  const serialNumber = burntIn ?? readSystemFile(`${root}/sys/class/dmi/id/product_serial`);
  const model = readSystemFile(`${root}/proc/device-tree/model`);
  return {
    id: readId(root, burntIn, serialNumber),
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
  const armName = part ? armParts[part] : undefined;
  const listed = cpus()[0]?.model.trim();
  if (armName) return armName;
  return listed && listed !== 'unknown' ? listed : arch();
}

function readOs(): string {
  const pretty = /^PRETTY_NAME="?([^"\n]+)"?/m.exec(readSystemFile('/etc/os-release') ?? '')?.[1];
  return `${pretty ?? type()}, kernel ${release()}`;
}

function readRuntimeVersion(): string {
  const manifest: unknown = createRequire(import.meta.url)('onnxruntime-node/package.json');
  const version = typeof manifest === 'object' && manifest && 'version' in manifest ? manifest.version : null;
  return typeof version === 'string' ? version : 'unknown';
}
