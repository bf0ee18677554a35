import type { Dense } from '../tuning/runtime.ts';
import { cosineOf } from './agreement.ts';
import { detectorOutputs, matchBoxes } from './boxes.ts';

/** What a detector loses with all its boxes; one box in twenty counts like a cosine of 0.99. */
const boxWeight = 0.2;

/**
 * How alike the plain values of two models are, 1 for equal ones: for each output the cosine of every sample; of a
 * detector's scores and boxes also, for every sample in which there is a box, the part of the boxes that both find.
 * Each measure is a list of its own.
 */
export function likenessOf(a: readonly Dense[], b: readonly Dense[]): number[][] {
  const cosines = a.map(({ shape, data }, n) => {
    const size = data.length / shape[0]!;
    return Array.from({ length: shape[0]! }, (_, s) =>
      cosineOf(data.subarray(s * size, (s + 1) * size), b[n]!.data.subarray(s * size, (s + 1) * size)),
    );
  });
  const places = detectorOutputs(a);
  if (!places) return cosines;
  const found = matchBoxes(a, b, places).flatMap(({ ofA, ofB, matched }) => {
    const most = Math.max(ofA, ofB);
    return most === 0 ? [] : [1 - boxWeight * (1 - matched / most)];
  });
  return found.length > 0 ? [...cosines, found] : cosines;
}

/** The mean of some values. */
export const meanOf = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;
