import { arch, cpus, machine, release, totalmem, type } from 'node:os';
import type { BoardInventory } from './board-reading.ts';
import { coreNumbers, readClusters, readCpuFeatures, readOfflineCores } from './cpu.ts';
import { findPowerSensors } from './power.ts';
import { readStorage } from './storage.ts';
import type { SystemFiles } from './system-files.ts';

/** Every session is made with the default provider; see `loadModel`. */
export const providerUsed = 'cpu';

/**
 * Reads what the board is made of. `root` is the runner's folder, `providers` what the runtime says it has.
 * Nothing here fails: what cannot be read is null or empty.
 */
export function readInventory(
  files: SystemFiles,
  root: string,
  providers: readonly string[],
): BoardInventory {
  const offline = readOfflineCores(files);
  const listed = coreNumbers(files).length;
  return {
    model: readMachineModel(files),
    os: readPrettyOs(files),
    kernel: release(),
    kernelArch: machine(),
    userlandArch: arch(),
    libc: readLibc(files),
    clusters: readClusters(files, cpus()[0]?.model.trim() || arch()),
    cpuFeatures: readCpuFeatures(files),
    coresOnline: listed > 0 ? listed - offline.length : cpus().length,
    coresTotal: listed > 0 ? listed : cpus().length,
    coreLimit: readCoreLimit(files),
    memoryBytes: memoryTotal(files) ?? totalmem(),
    memoryLimitBytes: readMemoryLimit(files),
    storage: readStorage(files, root),
    providers,
    providerUsed,
    powerSensors: findPowerSensors(files).map(({ name, covers }) => ({ name, covers })),
  };
}

/** What the firmware calls the machine; null where it says nothing, or what makers leave in when they say nothing. */
export function readMachineModel(files: SystemFiles): string | null {
  const model = files.read('/proc/device-tree/model') ?? files.read('/sys/class/dmi/id/product_name');
  return model === null || /^(to be filled|default string|system product name)/i.test(model) ? null : model;
}

/** Name of the system for people. */
export function readPrettyOs(files: SystemFiles): string {
  return /^PRETTY_NAME="?([^"\n]+)"?/m.exec(files.read('/etc/os-release') ?? '')?.[1] ?? type();
}

/** The C library that this program runs with: the one that the runtime's binary must fit. */
function readLibc(files: SystemFiles): BoardInventory['libc'] {
  // Otherwise the report looks up the names of all peers on the network.
  Object.assign(process.report, { excludeNetwork: true });
  const report: unknown = process.report.getReport();
  const header =
    typeof report === 'object' && report && 'header' in report ? (report.header as object | null) : null;
  const version = header && 'glibcVersionRuntime' in header ? header.glibcVersionRuntime : null;
  if (typeof version === 'string') return { name: 'glibc', version };
  const loader = files.list('/lib', /^ld-musl-.*\.so\.1$/);
  return { name: loader.length > 0 ? 'musl' : 'unknown', version: null };
}

/** `cpu.max` of the group (v2), or the quota (v1). */
function readCoreLimit(files: SystemFiles): number | null {
  const [quota, period] = (files.read('/sys/fs/cgroup/cpu.max') ?? '').split(/\s+/).map(Number);
  const old = [
    files.readNumber('/sys/fs/cgroup/cpu/cpu.cfs_quota_us'),
    files.readNumber('/sys/fs/cgroup/cpu/cpu.cfs_period_us'),
  ] as const;
  return share(quota, period) ?? share(old[0] ?? undefined, old[1] ?? undefined);
}

const share = (quota: number | undefined, period: number | undefined): number | null =>
  quota && period && quota > 0 && period > 0 ? quota / period : null;

function readMemoryLimit(files: SystemFiles): number | null {
  const limit =
    files.readNumber('/sys/fs/cgroup/memory.max') ??
    files.readNumber('/sys/fs/cgroup/memory/memory.limit_in_bytes');
  // Without a limit the older groups tell a number near 2⁶³.
  return limit === null || limit <= 0 || limit > 2 ** 60 ? null : limit;
}

function memoryTotal(files: SystemFiles): number | null {
  const kibibytes = /^MemTotal:\s*(\d+) kB/m.exec(files.read('/proc/meminfo') ?? '')?.[1];
  return kibibytes === undefined ? null : Number(kibibytes) * 1024;
}
