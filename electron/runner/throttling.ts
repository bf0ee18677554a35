import type { SystemFiles } from './system-files.ts';

/** What a board tells of its clock being held down. Null everywhere: it does not tell. */
export interface Throttling {
  /** The firmware says that it is holding the clock down right now. */
  readNow(): boolean | null;
  /** Events since boot, over all cores (x86). */
  readCount(): number | null;
  /** It was held down at some time since boot. */
  readSinceBoot(): boolean | null;
  /** The supply voltage is too low: now, or at some time since boot (Raspberry Pi). */
  readUndervoltage(): { readonly now: boolean; readonly sinceBoot: boolean } | null;
}

/**
 * Flags of the Raspberry Pi's firmware (`vcgencmd get_throttled`): bit 0 under-voltage, 1 frequency capped,
 * 2 throttled, 3 soft temperature limit, each meaning now; the same 16 higher: since boot.
 */
const throttledBits = 0b1110;
const undervoltageBit = 0b0001;
const sinceBootShift = 16;

/** Looks for the firmware's flags and the kernel's counters of a board. */
export function findThrottling(files: SystemFiles): Throttling {
  const flagFiles = files
    .list('/sys/devices/platform', /^soc(@[\da-f]+)?$/)
    .flatMap((soc) => files.list(soc, /^soc(@[\da-f]+)?:firmware$/))
    .map((firmware) => `${firmware}/get_throttled`)
    .filter((path) => files.read(path) !== null);
  const countFiles = files
    .list('/sys/devices/system/cpu', /^cpu\d+$/)
    .map((folder) => `${folder}/thermal_throttle/core_throttle_count`)
    .filter((path) => files.read(path) !== null);
  const voltageAlarms = files
    .list('/sys/class/hwmon', /^hwmon\d+$/)
    .filter((chip) => files.read(`${chip}/name`) === 'rpi_volt')
    .map((chip) => `${chip}/in0_lcrit_alarm`);

  const readFlags = (): number | null => {
    const flags = flagFiles.flatMap((path) => {
      const value = Number.parseInt(files.read(path) ?? '', 16);
      return Number.isNaN(value) ? [] : [value];
    });
    return flags.length > 0 ? flags.reduce((all, value) => all | value, 0) : null;
  };
  const readCount = (): number | null => {
    const counts = countFiles.map(files.readNumber).filter((value) => value !== null);
    return counts.length > 0 ? counts.reduce((sum, count) => sum + count, 0) : null;
  };
  return {
    readNow() {
      const flags = readFlags();
      return flags === null ? null : (flags & throttledBits) !== 0;
    },
    readCount,
    readSinceBoot() {
      const flags = readFlags();
      if (flags !== null) return ((flags >>> sinceBootShift) & throttledBits) !== 0;
      const count = readCount();
      return count === null ? null : count > 0;
    },
    readUndervoltage() {
      const flags = readFlags();
      if (flags !== null) {
        return {
          now: (flags & undervoltageBit) !== 0,
          sinceBoot: ((flags >>> sinceBootShift) & undervoltageBit) !== 0,
        };
      }
      const alarms = voltageAlarms.map(files.readNumber).filter((value) => value !== null);
      if (alarms.length === 0) return null;
      const now = alarms.some((value) => value !== 0);
      return { now, sinceBoot: now };
    },
  };
}
