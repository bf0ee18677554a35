import type { PowerSensorInfo } from './board-reading.ts';
import type { SystemFiles } from './system-files.ts';

/** A sensor of power that can be read again and again. */
export interface PowerSensor extends PowerSensorInfo {
  /** `watts`: the power at this moment; `joules`: energy since some moment, which only ever grows. */
  readonly unit: 'watts' | 'joules';
  /** In its unit; null when it cannot be read now. */
  read(): number | null;
}

/** Labels under which boards measure all that flows in (Jetson: VDD_IN, POM_5V_IN, VIN_SYS_5V0). */
const inputLabel = /(^|_)(V?IN|5V_IN|SYS_5V0?|TOTAL|MODULE|BOARD)($|_)|^VDD_IN|^VIN/i;
/** Chips that measure a graphics card, a disk or a power supply of its own: not what an inference on the CPU takes. */
const foreignChips = /^(amdgpu|nouveau|radeon|i915|xe|nvme|corsair|iwlwifi)/i;

/**
 * Finds the sensors of power, those that cover the whole board first: hwmon (`power*`; INA chips also as
 * voltage × current), the older driver of Jetson boards, a battery or supply, and the energy counters of x86.
 * Source: the kernel's hwmon/sysfs-interface, ABI/testing/sysfs-class-power and power/powercap.
 */
export function findPowerSensors(files: SystemFiles): readonly PowerSensor[] {
  const found = [
    ...hwmonSensors(files),
    ...jetsonSensors(files),
    ...supplySensors(files),
    ...counterSensors(files),
  ];
  return found.filter((sensor) => sensor.read() !== null).sort((a, b) => rank[a.covers] - rank[b.covers]);
}

const rank: Readonly<Record<PowerSensorInfo['covers'], number>> = { board: 0, battery: 1, rail: 2, cpu: 3 };

function hwmonSensors(files: SystemFiles): readonly PowerSensor[] {
  return files.list('/sys/class/hwmon', /^hwmon\d+$/).flatMap((chip) => {
    const name = files.read(`${chip}/name`) ?? 'hwmon';
    if (foreignChips.test(name)) return [];
    const powers = files.list(chip, /^power\d+_(input|average)$/);
    const numbers = [...new Set(powers.map((path) => /power(\d+)_/.exec(path)?.[1] ?? ''))];
    const direct = numbers.map((number): PowerSensor => {
      const average = `${chip}/power${number}_average`;
      const path = powers.includes(average) ? average : `${chip}/power${number}_input`;
      const label = files.read(`${chip}/power${number}_label`);
      return sensorOf(name, label, numbers.length === 1, 'watts', () => scaled(files.readNumber(path), 1e-6));
    });
    return direct.length > 0 ? direct : voltageTimesCurrent(files, chip, name);
  });
}

/** INA chips without a power register: bus voltage `in<n>` (mV) and current `curr<n>` (mA) of channel n. */
function voltageTimesCurrent(files: SystemFiles, chip: string, name: string): readonly PowerSensor[] {
  if (!/^ina\d/i.test(name)) return [];
  const channels = files
    .list(chip, /^curr\d+_input$/)
    .map((path) => /curr(\d+)_/.exec(path)?.[1] ?? '')
    .filter((channel) => files.readNumber(`${chip}/in${channel}_input`) !== null);
  return channels.map((channel) => {
    const label = files.read(`${chip}/in${channel}_label`) ?? files.read(`${chip}/curr${channel}_label`);
    return sensorOf(name, label ?? `channel ${channel}`, channels.length === 1, 'watts', () =>
      product(
        scaled(files.readNumber(`${chip}/in${channel}_input`), 1e-3),
        scaled(files.readNumber(`${chip}/curr${channel}_input`), 1e-3),
      ),
    );
  });
}

/** NVIDIA's own driver of the INA3221 before JetPack 5: `rail_name_<n>` and `in_power<n>_input`, mW. */
function jetsonSensors(files: SystemFiles): readonly PowerSensor[] {
  return files
    .list('/sys/bus/i2c/drivers/ina3221x', /^\d+-[\da-f]+$/)
    .flatMap((device) => files.list(device, /^iio:device\d+$/))
    .flatMap((device) =>
      files.list(device, /^in_power\d+_input$/).map((path) => {
        const channel = /in_power(\d+)_/.exec(path)?.[1] ?? '';
        const label = files.read(`${device}/rail_name_${channel}`) ?? `channel ${channel}`;
        return sensorOf('ina3221', label, false, 'watts', () => scaled(files.readNumber(path), 1e-3));
      }),
    );
}

/** A battery tells what the board takes only while it is discharging. */
function supplySensors(files: SystemFiles): readonly PowerSensor[] {
  return files.list('/sys/class/power_supply', /./).flatMap((supply): readonly PowerSensor[] => {
    const isBattery = files.read(`${supply}/type`) === 'Battery';
    const feeds = isBattery
      ? files.read(`${supply}/status`) === 'Discharging'
      : files.readNumber(`${supply}/online`) === 1;
    if (!feeds) return [];
    const read = (): number | null => {
      const power = files.readNumber(`${supply}/power_now`);
      const watts =
        power !== null
          ? power * 1e-6
          : product(
              scaled(files.readNumber(`${supply}/voltage_now`), 1e-6),
              scaled(files.readNumber(`${supply}/current_now`), 1e-6),
            );
      // Some drivers tell a discharging current as a negative one; a supply that tells 0 does not measure.
      return watts === null || watts === 0 ? null : Math.abs(watts);
    };
    const name = supply.slice(supply.lastIndexOf('/') + 1);
    return [{ name, covers: isBattery ? 'battery' : 'board', unit: 'watts', read }];
  });
}

/** Running average power limit (x86): counters in µJ that start again at their range. Readable by root alone as a rule. */
function counterSensors(files: SystemFiles): readonly PowerSensor[] {
  const zones = files
    .list('/sys/class/powercap', /^(intel|amd)-rapl:\d+$/)
    .filter((zone) => files.readNumber(`${zone}/energy_uj`) !== null)
    .map((zone) => ({ zone, name: files.read(`${zone}/name`) ?? '' }));
  const platform = zones.find(({ name }) => name === 'psys');
  if (platform) return [{ name: 'RAPL psys', covers: 'board', ...growing(files, [platform.zone]) }];
  const packages = zones.filter(({ name }) => name.startsWith('package'));
  if (packages.length === 0) return [];
  const counters = growing(
    files,
    packages.map(({ zone }) => zone),
  );
  return [{ name: `RAPL ${packages.map(({ name }) => name).join(' + ')}`, covers: 'cpu', ...counters }];
}

/** The sum of counters, in joules, that goes on growing where one of them starts again. */
function growing(files: SystemFiles, zones: readonly string[]): Pick<PowerSensor, 'unit' | 'read'> {
  const seen = zones.map((zone) => ({
    zone,
    rangeUj: files.readNumber(`${zone}/max_energy_range_uj`) ?? 0,
    lastUj: 0,
    turnsUj: 0,
  }));
  return {
    unit: 'joules',
    read() {
      let sumUj = 0;
      for (const counter of seen) {
        const nowUj = files.readNumber(`${counter.zone}/energy_uj`);
        if (nowUj === null) return null;
        if (nowUj < counter.lastUj) counter.turnsUj += counter.rangeUj;
        counter.lastUj = nowUj;
        sumUj += counter.turnsUj + nowUj;
      }
      return sumUj * 1e-6;
    },
  };
}

function sensorOf(
  chip: string,
  label: string | null,
  isOnlyOne: boolean,
  unit: PowerSensor['unit'],
  read: () => number | null,
): PowerSensor {
  // A chip that measures one thing alone sits, on the boards that have one, in the board's supply.
  const covers = label === null ? (isOnlyOne ? 'board' : 'rail') : inputLabel.test(label) ? 'board' : 'rail';
  return { name: label === null ? chip : `${chip} ${label}`, covers, unit, read };
}

const scaled = (value: number | null, factor: number): number | null =>
  value === null ? null : value * factor;

const product = (a: number | null, b: number | null): number | null =>
  a === null || b === null ? null : a * b;
