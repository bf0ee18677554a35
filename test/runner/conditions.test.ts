import { describe, expect, it } from 'vitest';
import { openConditions } from '../../electron/runner/conditions.ts';
import { startConditionsLog } from '../../electron/runner/conditions-log.ts';
import { findThermalSensors } from '../../electron/runner/thermal.ts';
import { findThrottling } from '../../electron/runner/throttling.ts';
import { fakeSystem } from './fake-system.ts';

const cpu = '/sys/devices/system/cpu';
const zone = '/sys/class/thermal/thermal_zone';
const firmware = '/sys/devices/platform/soc/soc:firmware/get_throttled';

describe('conditions around a block', () => {
  it('are the highest clock, the hottest sensor, and what the firmware says', () => {
    const board = fakeSystem({
      [`${cpu}/cpu0/cpufreq/scaling_cur_freq`]: 1_500_000,
      [`${cpu}/cpu1/cpufreq/scaling_cur_freq`]: 1_800_000,
      [`${zone}0/temp`]: 48_312,
      [`${zone}0/type`]: 'cpu-thermal',
      [`${zone}1/temp`]: 61_000,
      [firmware]: '0',
    });
    const conditions = openConditions(board.files);
    expect(conditions.readBlock()).toEqual({
      clockMHz: 1800,
      temperatureC: 61,
      throttledNow: false,
      throttleCount: null,
    });
    board.write({ [`${zone}1/temp`]: 83_500, [firmware]: '4' });
    expect(conditions.readBlock()).toMatchObject({ temperatureC: 83.5, throttledNow: true });
    expect(conditions.readAll()).toMatchObject({
      clockMHz: [1500, 1800],
      temperatureC: 83.5,
      throttled: true,
    });
  });

  it('are null where nothing can be read, and do not invent a temperature', () => {
    const board = fakeSystem({ [`${zone}0/temp`]: 0, [`${zone}1/temp`]: 200_000, [`${zone}2/temp`]: 'N/A' });
    expect(openConditions(board.files).readBlock()).toEqual({
      clockMHz: null,
      temperatureC: null,
      throttledNow: null,
      throttleCount: null,
    });
  });

  it('count the throttling events of all cores', () => {
    const board = fakeSystem({
      [`${cpu}/cpu0/thermal_throttle/core_throttle_count`]: 3,
      [`${cpu}/cpu1/thermal_throttle/core_throttle_count`]: 4,
    });
    expect(openConditions(board.files).readBlock().throttleCount).toBe(7);
    expect(findThrottling(board.files).readSinceBoot()).toBe(true);
  });
});

describe('temperatures', () => {
  it('have the name of their zone and the points at which the kernel acts', () => {
    const board = fakeSystem({
      [`${zone}0/temp`]: 50_000,
      [`${zone}0/type`]: 'cpu-thermal',
      [`${zone}0/trip_point_0_temp`]: 110_000,
      [`${zone}0/trip_point_0_type`]: 'critical',
      [`${zone}0/trip_point_1_temp`]: 80_000,
      [`${zone}0/trip_point_1_type`]: 'passive',
    });
    expect(findThermalSensors(board.files)).toMatchObject([
      {
        name: 'cpu-thermal',
        tripPoints: [
          { type: 'passive', temperatureC: 80 },
          { type: 'critical', temperatureC: 110 },
        ],
      },
    ]);
  });

  it('come from the chips of hwmon where there are no zones', () => {
    const board = fakeSystem({
      '/sys/class/hwmon/hwmon0/name': 'coretemp',
      '/sys/class/hwmon/hwmon0/temp1_input': 44_000,
      '/sys/class/hwmon/hwmon0/temp1_label': 'Package id 0',
    });
    const [sensor] = findThermalSensors(board.files);
    expect(sensor?.name).toBe('coretemp Package id 0');
    expect(sensor?.read()).toBe(44);
  });
});

describe('the flags of a Raspberry Pi', () => {
  it('tell throttling and under-voltage apart, now and since boot', () => {
    const board = fakeSystem({ [firmware]: '50000' });
    const throttling = findThrottling(board.files);
    expect(throttling.readNow()).toBe(false);
    expect(throttling.readSinceBoot()).toBe(true);
    expect(throttling.readUndervoltage()).toEqual({ now: false, sinceBoot: true });
    board.write({ [firmware]: '1' });
    expect(throttling.readNow()).toBe(false);
    expect(throttling.readUndervoltage()).toEqual({ now: true, sinceBoot: false });
    board.write({ [firmware]: 'no number' });
    expect(throttling.readNow()).toBeNull();
    expect(throttling.readUndervoltage()).toBeNull();
  });

  it('are found under the address of the chip too, and the alarm of the supply where they are missing', () => {
    const newer = '/sys/devices/platform/soc@107c000000/soc@107c000000:firmware/get_throttled';
    expect(findThrottling(fakeSystem({ [newer]: '2' }).files).readNow()).toBe(true);
    const alarm = {
      '/sys/class/hwmon/hwmon2/name': 'rpi_volt',
      '/sys/class/hwmon/hwmon2/in0_lcrit_alarm': 1,
    };
    expect(findThrottling(fakeSystem(alarm).files).readUndervoltage()).toMatchObject({ now: true });
  });
});

describe('the log of a long measurement', () => {
  const reading = { clockMHz: 1500, temperatureC: 60, throttledNow: false, throttleCount: null };

  it('keeps a distance between its samples', () => {
    const log = startConditionsLog(1_000, 1_000);
    for (const atMs of [1_000, 1_400, 1_999, 2_000, 2_500, 3_700])
      log.note(atMs, { ...reading, temperatureC: atMs });
    expect(log.samples().map(({ seconds }) => seconds)).toEqual([0, 1, 2.7]);
    expect(log.samples()[1]).toEqual({ seconds: 1, clockMHz: 1500, temperatureC: 2_000, throttled: false });
  });

  it('stays of bounded length, over the whole time, however long that is', () => {
    const log = startConditionsLog(0, 1_000, 100);
    for (let second = 0; second < 36_000; second++) log.note(second * 1_000, reading);
    const samples = log.samples();
    expect(samples.length).toBeLessThanOrEqual(100);
    expect(samples.length).toBeGreaterThan(40);
    expect(samples[0]?.seconds).toBe(0);
    expect(samples.at(-1)?.seconds).toBeGreaterThan(35_000);
    const gaps = samples.slice(1).map(({ seconds }, i) => seconds - (samples[i]?.seconds ?? 0));
    expect(Math.max(...gaps)).toBeLessThanOrEqual(2 * Math.min(...gaps));
  });
});
