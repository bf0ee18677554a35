import type { EnergyComparison, EnergyFindings, ModelEnergy } from '../../contract/energy.ts';
import { oneLine } from '../one-line.ts';
import { formatEnergy, formatRatioInterval } from '../quantities.ts';

const notMeasured = 'not measured';

const whyNot: Readonly<Record<Extract<EnergyFindings, { kind: 'notMeasured' }>['reason'], string>> = {
  noSensor: 'the board has no sensor of power that can be read',
  sensorTooSlow: 'the sensor changes too seldom to tell the models apart',
  sensorFailed: 'the sensor could not be read throughout',
  modelFailed: 'a model failed while its energy was measured',
};

/** What a sensor of power measures, in words. */
export const covered: Readonly<Record<EnergyComparison['covers'], string>> = {
  board: 'the whole board',
  rail: 'one rail of the board',
  battery: 'the battery',
  cpu: 'the CPU alone',
};

/** Rows of a table with a title, A and B; null: not measured. */
export function energyRows(energy: EnergyComparison | null): string[][] {
  if (energy === null) return [['Energy per inference', notMeasured, notMeasured]];
  return [
    ['Energy per inference', amountText(energy.a.total), amountText(energy.b.total)],
    ['  above idle', amountText(energy.a.aboveIdle), amountText(energy.b.aboveIdle)],
  ];
}

/** Lines about what the energy was measured with, and how A stands to B. */
export const energyLines = (energy: EnergyComparison): string[] => [
  `Energy, A over B ${formatRatioInterval(energy.ratio, energy.ratioInterval95)} in total, by ${oneLine(energy.sensor)} (${covered[energy.covers]}), ${energy.rounds} rounds; idle ${energy.idleWatts.toFixed(2)} W`,
];

/** Why energy was not measured, in one line. */
export const energyReason = ({ reason, sensor }: Extract<EnergyFindings, { kind: 'notMeasured' }>): string =>
  `Energy was not measured: ${whyNot[reason]}${sensor === null ? '' : ` (${oneLine(sensor)})`}`;

const amountText = ({ millijoules, interval95 }: ModelEnergy['total']): string =>
  `${formatEnergy(millijoules)} [${interval95.map((bound) => formatEnergy(bound)).join(', ')}]`;
