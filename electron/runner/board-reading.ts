// What the runner tells of a board: what it is, in which state it is, and how much energy a model takes there.
// Whatever cannot be read is null; nothing here is guessed.

/** What a board is made of; it stays the same while the runner lives. */
export interface BoardInventory {
  /** As the device tree or the DMI names the machine. */
  readonly model: string | null;
  readonly os: string;
  readonly kernel: string;
  /** Architecture of the kernel (`aarch64`); the userland may be of another. */
  readonly kernelArch: string;
  /** Architecture of the userland, as Node names it (`arm64`). */
  readonly userlandArch: string;
  readonly libc: { readonly name: 'glibc' | 'musl' | 'unknown'; readonly version: string | null };
  /** Cores of one kind each, the slowest first. */
  readonly clusters: readonly CpuCluster[];
  /** Of those that make inference faster: `dotprod`, `i8mm`, `fp16`, `avx2`, … */
  readonly cpuFeatures: readonly string[];
  readonly coresOnline: number;
  readonly coresTotal: number;
  /** Cores' worth of time that the control group grants; null without a limit. */
  readonly coreLimit: number | null;
  readonly memoryBytes: number;
  /** What the control group grants; null without a limit. */
  readonly memoryLimitBytes: number | null;
  /** Storage of the runner's folder. */
  readonly storage: { readonly kind: StorageKind; readonly fileSystem: string } | null;
  /** Execution providers that the installed runtime has. */
  readonly providers: readonly string[];
  /** The one that everything is measured with. */
  readonly providerUsed: string;
  /** Sensors of power, the one in use first. */
  readonly powerSensors: readonly PowerSensorInfo[];
}

/** Cores that are alike. */
export interface CpuCluster {
  /** Numbers of the cores, such as `[4, 5, 6, 7]`. */
  readonly cores: readonly number[];
  readonly name: string;
  readonly maxClockMHz: number | null;
}

export type StorageKind =
  | 'sdCard'
  | 'emmc'
  | 'nvme'
  | 'usb'
  | 'ssd'
  | 'hdd'
  | 'network'
  | 'memory'
  | 'virtual'
  | 'unknown';

/** A sensor of power, and what flows through it. */
export interface PowerSensorInfo {
  /** As the kernel names it, with its label: `ina3221 VDD_IN`. */
  readonly name: string;
  readonly covers: 'board' | 'rail' | 'battery' | 'cpu';
}

/** The state of a board at one moment. */
export interface BoardReading {
  readonly governors: readonly { readonly cores: readonly number[]; readonly governor: string }[];
  readonly clocks: readonly {
    readonly cores: readonly number[];
    readonly nowMHz: number | null;
    readonly maxMHz: number | null;
  }[];
  /** The clock may rise above its nominal one for a while; null where the board has no such switch. */
  readonly turbo: { readonly on: boolean; readonly switchFile: string; readonly offValue: string } | null;
  readonly offlineCores: readonly number[];
  /** The hottest first. */
  readonly temperatures: readonly {
    readonly name: string;
    readonly temperatureC: number;
    readonly tripPoints: readonly { readonly type: string; readonly temperatureC: number }[];
  }[];
  readonly throttledNow: boolean | null;
  readonly throttledSinceBoot: boolean | null;
  /** Null where no firmware tells of it. */
  readonly undervoltage: { readonly now: boolean; readonly sinceBoot: boolean } | null;
  readonly load1: number;
  /** The program, other than the runner, that took the most time over a moment, in cores. */
  readonly busiest: { readonly name: string; readonly cores: number } | null;
  readonly memoryAvailableBytes: number | null;
  readonly swapTotalBytes: number | null;
  readonly swapUsedBytes: number | null;
  /** Share of the last ten seconds in which something waited for memory, percent. */
  readonly memoryPressure: number | null;
  readonly disk: {
    readonly folder: string;
    readonly freeBytes: number;
    readonly totalBytes: number;
  } | null;
  /** True when it runs on its battery; null where it has none. */
  readonly onBattery: boolean | null;
}

/**
 * Measures the energy of models: all sessions resident, then rounds; in a round each model is called again and
 * again for a stretch, in a seeded random order, then again in the reverse order (ABBA). Idle before and after.
 */
export interface EnergyRequest {
  readonly sha256s: readonly string[];
  readonly settings: {
    readonly threads: number;
    readonly level: 'disabled' | 'basic' | 'extended' | 'all';
  };
  /** Time that each model is called for, over all its stretches. */
  readonly seconds: number;
  readonly seed: number;
}

export type EnergyReply =
  | { readonly kind: 'measured'; readonly energy: MeasuredEnergy }
  /** No sensor is there, or none that this user may read. */
  | { readonly kind: 'noSensor' }
  /** The sensor's value does not change often enough to tell one stretch from the next. */
  | { readonly kind: 'sensorTooSlow'; readonly sensor: PowerSensorInfo }
  | { readonly kind: 'sensorFailed'; readonly sensor: PowerSensorInfo }
  | { readonly kind: 'modelFailed'; readonly model: number; readonly reason: string };

export interface MeasuredEnergy {
  readonly sensor: PowerSensorInfo;
  /** Mean power while nothing was called, before and after. */
  readonly idleWatts: number;
  /** For every round, and in it for every model, its two stretches together. */
  readonly rounds: readonly (readonly EnergyStretch[])[];
}

/** What was spent on calls of one model. */
export interface EnergyStretch {
  readonly calls: number;
  readonly seconds: number;
  readonly joules: number;
}
