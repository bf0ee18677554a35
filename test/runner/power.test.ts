import { describe, expect, it } from 'vitest';
import { findPowerSensors } from '../../electron/runner/power.ts';
import { integrate, meanStandstillMs } from '../../electron/runner/power-samples.ts';
import { fakeSystem } from './fake-system.ts';

const hwmon = '/sys/class/hwmon/hwmon0';
const sensorsOf = (contents: Readonly<Record<string, string | number>>) =>
  findPowerSensors(fakeSystem(contents).files).map(({ name, covers, unit, read }) => ({
    name,
    covers,
    unit,
    value: read(),
  }));

describe('sensors of power', () => {
  it('are none where there are none, or none that may be read', () => {
    expect(sensorsOf({})).toEqual([]);
    expect(sensorsOf({ [`${hwmon}/name`]: 'cpu_thermal', [`${hwmon}/temp1_input`]: 50_000 })).toEqual([]);
    expect(sensorsOf({ [`${hwmon}/name`]: 'ina226', [`${hwmon}/power1_input`]: 'N/A' })).toEqual([]);
  });

  it('are read in watts from a power register, its average before its moment', () => {
    expect(sensorsOf({ [`${hwmon}/name`]: 'ina226', [`${hwmon}/power1_input`]: 3_250_000 })).toEqual([
      { name: 'ina226', covers: 'board', unit: 'watts', value: 3.25 },
    ]);
    const both = { [`${hwmon}/power1_input`]: 9_000_000, [`${hwmon}/power1_average`]: 3_000_000 };
    expect(sensorsOf({ [`${hwmon}/name`]: 'ltc2945', ...both })).toMatchObject([{ value: 3 }]);
  });

  it('are voltage times current where a chip has no power register, with the input of the board first', () => {
    const sensors = sensorsOf({
      [`${hwmon}/name`]: 'ina3221',
      [`${hwmon}/in1_label`]: 'VDD_CPU_GPU_CV',
      [`${hwmon}/in1_input`]: 4_900,
      [`${hwmon}/curr1_input`]: 200,
      [`${hwmon}/in2_label`]: 'VDD_IN',
      [`${hwmon}/in2_input`]: 5_000,
      [`${hwmon}/curr2_input`]: 1_200,
      // A channel whose shunt alone is told.
      [`${hwmon}/in6_input`]: 2,
    });
    expect(sensors.map(({ name, covers }) => [name, covers])).toEqual([
      ['ina3221 VDD_IN', 'board'],
      ['ina3221 VDD_CPU_GPU_CV', 'rail'],
    ]);
    expect(sensors[0]?.value).toBeCloseTo(6, 9);
    expect(sensors[1]?.value).toBeCloseTo(0.98, 9);
  });

  it('are found under the older driver of Jetson boards', () => {
    const device = '/sys/bus/i2c/drivers/ina3221x/6-0040/iio:device0';
    expect(
      sensorsOf({ [`${device}/rail_name_0`]: 'POM_5V_IN', [`${device}/in_power0_input`]: 2_345 }),
    ).toEqual([{ name: 'ina3221 POM_5V_IN', covers: 'board', unit: 'watts', value: 2.345 }]);
  });

  it('do not take a graphics card or a chip without voltage for the board', () => {
    expect(sensorsOf({ [`${hwmon}/name`]: 'amdgpu', [`${hwmon}/power1_average`]: 9e6 })).toEqual([]);
    expect(sensorsOf({ [`${hwmon}/name`]: 'ina219', [`${hwmon}/curr1_input`]: 100 })).toEqual([]);
    const other = { [`${hwmon}/in1_input`]: 5_000, [`${hwmon}/curr1_input`]: 100 };
    expect(sensorsOf({ [`${hwmon}/name`]: 'BAT0', ...other })).toEqual([]);
  });

  it('are a battery while it feeds the board, and not while it is charged', () => {
    const battery = '/sys/class/power_supply/BAT0';
    const told = { [`${battery}/type`]: 'Battery', [`${battery}/power_now`]: 7_500_000 };
    expect(sensorsOf({ ...told, [`${battery}/status`]: 'Charging' })).toEqual([]);
    expect(sensorsOf({ ...told, [`${battery}/status`]: 'Discharging' })).toEqual([
      { name: 'BAT0', covers: 'battery', unit: 'watts', value: 7.5 },
    ]);
    const [byCurrent] = sensorsOf({
      [`${battery}/type`]: 'Battery',
      [`${battery}/status`]: 'Discharging',
      [`${battery}/voltage_now`]: 4_000_000,
      [`${battery}/current_now`]: -500_000,
    });
    expect(byCurrent?.value).toBeCloseTo(2, 9);
  });

  it('are the counters of an x86 processor, the whole platform before its packages, and grow past their range', () => {
    const zone = '/sys/class/powercap/intel-rapl:';
    const packages = {
      [`${zone}0/name`]: 'package-0',
      [`${zone}0/energy_uj`]: 9_000_000,
      [`${zone}0/max_energy_range_uj`]: 10_000_000,
      [`${zone}1/name`]: 'package-1',
      [`${zone}1/energy_uj`]: 1_000_000,
      [`${zone}1/max_energy_range_uj`]: 10_000_000,
    };
    const board = fakeSystem(packages);
    const [sensor] = findPowerSensors(board.files);
    expect(sensor).toMatchObject({ name: 'RAPL package-0 + package-1', covers: 'cpu', unit: 'joules' });
    expect(sensor?.read()).toBeCloseTo(10, 9);
    board.write({ [`${zone}0/energy_uj`]: 500_000 });
    expect(sensor?.read()).toBeCloseTo(11.5, 9);
    const whole = { ...packages, [`${zone}2/name`]: 'psys', [`${zone}2/energy_uj`]: 1 };
    expect(sensorsOf(whole)).toMatchObject([{ name: 'RAPL psys', covers: 'board' }]);
  });
});

describe('energy from samples of power', () => {
  const ramp = [0, 10, 20, 30].map((atMs) => ({ atMs, watts: atMs / 10 }));

  it('is the area under straight lines between them, cut at both ends', () => {
    expect(integrate(ramp, 0, 30)).toBeCloseTo(0.045, 9);
    expect(integrate(ramp, 5, 15)).toBeCloseTo(0.01, 9);
  });

  it('is not made up where the samples do not reach', () => {
    expect(integrate(ramp, 5, 31)).toBeNull();
    expect(integrate(ramp, -1, 15)).toBeNull();
    expect(integrate([], 0, 1)).toBeNull();
    expect(integrate(ramp, 10, 10)).toBeNull();
  });

  it('is told to rest on few values where the sensor stands still', () => {
    expect(meanStandstillMs(ramp)).toBe(10);
    expect(meanStandstillMs(ramp.map(({ atMs }) => ({ atMs, watts: 2 })))).toBe(Number.POSITIVE_INFINITY);
  });
});
