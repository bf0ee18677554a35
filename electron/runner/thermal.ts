import type { SystemFiles } from './system-files.ts';

/** A temperature that can be read again and again. */
export interface ThermalSensor {
  /** As the kernel names it: type of the zone, or hwmon's chip with its label. */
  readonly name: string;
  /** Temperatures at which the kernel acts, °C; empty where none is told. */
  readonly tripPoints: readonly { readonly type: string; readonly temperatureC: number }[];
  /** °C; null when it cannot be read or is not connected. */
  read(): number | null;
}

/** Finds the temperatures of a board: thermal zones, or hwmon's chips where it has no zone. */
export function findThermalSensors(files: SystemFiles): readonly ThermalSensor[] {
  const zones = files
    .list('/sys/class/thermal', /^thermal_zone\d+$/)
    .map(
      (zone): ThermalSensor => ({
        name: files.read(`${zone}/type`) ?? zone.slice(zone.lastIndexOf('/') + 1),
        tripPoints: tripPointsOf(files, zone),
        read: () => believable(files.readNumber(`${zone}/temp`)),
      }),
    )
    .filter((sensor) => sensor.read() !== null);
  if (zones.length > 0) return zones;
  return files
    .list('/sys/class/hwmon', /^hwmon\d+$/)
    .flatMap((chip) => files.list(chip, /^temp\d+_input$/).map((path) => ({ chip, path })))
    .map(({ chip, path }): ThermalSensor => {
      const label = files.read(path.replace(/_input$/, '_label'));
      const chipName = files.read(`${chip}/name`) ?? 'hwmon';
      return {
        name: label === null ? chipName : `${chipName} ${label}`,
        tripPoints: [],
        read: () => believable(files.readNumber(path)),
      };
    })
    .filter((sensor) => sensor.read() !== null);
}

/** Zones list many points in no order; those that hold the clock down or switch the board off are worth telling. */
function tripPointsOf(files: SystemFiles, zone: string): ThermalSensor['tripPoints'] {
  return files
    .list(zone, /^trip_point_\d+_temp$/)
    .flatMap((path) => {
      const temperatureC = believable(files.readNumber(path));
      const type = files.read(path.replace(/_temp$/, '_type'));
      return temperatureC === null || type === null ? [] : [{ type, temperatureC }];
    })
    .sort((a, b) => a.temperatureC - b.temperatureC);
}

/** Sensors that are not connected report 0 or absurd values. */
function believable(milliC: number | null): number | null {
  if (milliC === null) return null;
  const value = milliC / 1000;
  return value > 0 && value < 150 ? value : null;
}
