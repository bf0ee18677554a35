import type { EnergyComparison, ModelEnergy } from '../../contract/energy.ts';
import type { EnergyStretch, MeasuredEnergy } from '../../runner/board-reading.ts';
import { meanInterval95, pooledSpread } from '../complexity/intervals.ts';

/**
 * Energy per inference of two models, A first, from what was spent in rounds of A B B A. Every round is one
 * observation, so the intervals (Student's t over the rounds) hold the drift of the board, not just the sensor's noise;
 * the ratio is taken round by round and averaged as a logarithm, so that drift falls out of it.
 */
export function compareEnergy({ sensor, idleWatts, rounds }: MeasuredEnergy): EnergyComparison {
  const of = (model: number): readonly EnergyStretch[] => rounds.map((round) => round[model]!);
  const [a, b] = [of(0), of(1)];
  const logRatios = a.map((stretch, round) => Math.log(perCall(stretch) / perCall(b[round]!)));
  const [low, high] = meanInterval95(logRatios, pooledSpread([logRatios]));
  return {
    sensor: sensor.name,
    covers: sensor.covers,
    idleWatts,
    rounds: rounds.length,
    a: modelEnergyOf(a, idleWatts),
    b: modelEnergyOf(b, idleWatts),
    ratio: Math.exp(meanOf(logRatios)),
    ratioInterval95: [Math.exp(low), Math.exp(high)],
  };
}

function modelEnergyOf(stretches: readonly EnergyStretch[], idleWatts: number): ModelEnergy {
  const amount = (values: readonly number[]): ModelEnergy['total'] => {
    const [low, high] = meanInterval95(values, pooledSpread([values]));
    return { millijoules: meanOf(values), interval95: [low, high] };
  };
  return {
    total: amount(stretches.map(perCall)),
    aboveIdle: amount(
      stretches.map((stretch) => perCall(stretch) - (1000 * idleWatts * stretch.seconds) / stretch.calls),
    ),
    calls: stretches.reduce((sum, { calls }) => sum + calls, 0),
  };
}

/** Millijoules a call. */
const perCall = ({ joules, calls }: EnergyStretch): number => (1000 * joules) / calls;

const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
