import type { CpuCluster } from './board-reading.ts';
import type { SystemFiles } from './system-files.ts';

/** Part numbers of Arm's own cores (implementer 0x41); the kernel gives numbers, people know names. Source: the cores' manuals, MIDR_EL1. */
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
  '0xd40': 'Neoverse-V1',
  '0xd41': 'Cortex-A78',
  '0xd42': 'Cortex-A78AE',
  '0xd44': 'Cortex-X1',
  '0xd46': 'Cortex-A510',
  '0xd47': 'Cortex-A710',
  '0xd48': 'Cortex-X2',
  '0xd49': 'Neoverse-N2',
  '0xd4b': 'Cortex-A78C',
  '0xd4d': 'Cortex-A715',
};

/** Flags of /proc/cpuinfo that make inference faster, with the names that people use. */
const features: readonly (readonly [flag: string, name: string])[] = [
  ['asimd', 'neon'],
  ['neon', 'neon'],
  ['asimddp', 'dotprod'],
  ['asimdhp', 'fp16'],
  ['i8mm', 'i8mm'],
  ['bf16', 'bf16'],
  ['sve', 'sve'],
  ['sve2', 'sve2'],
  ['avx', 'avx'],
  ['f16c', 'f16c'],
  ['fma', 'fma'],
  ['avx2', 'avx2'],
  ['avx_vnni', 'avx-vnni'],
  ['avx512f', 'avx512f'],
  ['avx512_vnni', 'avx512-vnni'],
  ['avx512_bf16', 'avx512-bf16'],
  ['amx_tile', 'amx'],
  ['amx_int8', 'amx-int8'],
];

/** Where the kernel tells of each processor core. */
export const cpuFolder = '/sys/devices/system/cpu';

/** Name of an Arm core by its part number; null for an unknown one. */
export const armPartName = (part: string): string | null => armParts[part.toLowerCase()] ?? null;

/** Features of a processor that inference profits from: those that every core has. */
export function readCpuFeatures(files: SystemFiles): readonly string[] {
  const listed = [...(files.read('/proc/cpuinfo') ?? '').matchAll(/^(?:flags|Features)\s*:\s*(.*)$/gm)];
  const [first, ...rest] = listed.map((match) => new Set((match[1] ?? '').split(/\s+/)));
  if (!first) return [];
  const names = features
    .filter(([flag]) => first.has(flag) && rest.every((flags) => flags.has(flag)))
    .map(([, name]) => name);
  return [...new Set(names)];
}

/** The cores by their kind and highest clock, the slowest first. Without any file about them: one kind of `fallback`. */
export function readClusters(files: SystemFiles, fallback: string): readonly CpuCluster[] {
  const names = coreNames(files);
  const cores = coreNumbers(files);
  const numbers = cores.length > 0 ? cores : [...names.keys()].sort((a, b) => a - b);
  const clusters = new Map<string, { cores: number[]; name: string; maxClockMHz: number | null }>();
  for (const core of numbers) {
    const maxKHz = files.readNumber(`${cpuFolder}/cpu${core}/cpufreq/cpuinfo_max_freq`);
    const name = names.get(core) ?? fallback;
    const key = `${name} ${maxKHz}`;
    const cluster = clusters.get(key) ?? {
      cores: [],
      name,
      maxClockMHz: maxKHz === null ? null : Math.round(maxKHz / 1000),
    };
    cluster.cores.push(core);
    clusters.set(key, cluster);
  }
  return [...clusters.values()].sort((a, b) => (a.maxClockMHz ?? 0) - (b.maxClockMHz ?? 0));
}

/** Numbers of the cores that the kernel has folders for, online or not. */
export function coreNumbers(files: SystemFiles): readonly number[] {
  return files.list(cpuFolder, /^cpu\d+$/).map((folder) => Number(folder.slice(folder.lastIndexOf('u') + 1)));
}

/** Numbers of the cores that are present but switched off. */
export function readOfflineCores(files: SystemFiles): readonly number[] {
  const present = files.read(`${cpuFolder}/present`);
  const online = files.read(`${cpuFolder}/online`);
  if (present === null || online === null) return [];
  const on = new Set(parseCoreList(online));
  return parseCoreList(present).filter((core) => !on.has(core));
}

/** Reads the kernel's form of a list, such as `0-3,6`. */
export function parseCoreList(text: string): readonly number[] {
  return text.split(',').flatMap((part) => {
    const [, low, high] = /^\s*(\d+)(?:-(\d+))?\s*$/.exec(part) ?? [];
    if (low === undefined) return [];
    const from = Number(low);
    const to = high === undefined ? from : Number(high);
    // More cores than any board has are no list of cores.
    return to < from || to - from > 4_096 ? [] : Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

/** What /proc/cpuinfo calls each core; an offline one is not in it. */
function coreNames(files: SystemFiles): ReadonlyMap<number, string> {
  const names = new Map<number, string>();
  for (const block of (files.read('/proc/cpuinfo') ?? '').split(/\n\s*\n/)) {
    const core = /^processor\s*:\s*(\d+)/m.exec(block)?.[1];
    if (core === undefined) continue;
    const implementer = /^CPU implementer\s*:\s*(\S+)/m.exec(block)?.[1]?.toLowerCase();
    const part = /^CPU part\s*:\s*(\S+)/m.exec(block)?.[1];
    const armName = part && (implementer ?? '0x41') === '0x41' ? armPartName(part) : null;
    const name = armName ?? /^model name\s*:\s*(.+)$/m.exec(block)?.[1]?.trim();
    if (name) names.set(Number(core), name);
  }
  return names;
}
