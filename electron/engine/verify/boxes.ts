import type { Dense } from '../tuning/runtime.ts';

/** A box by its corners, with the class that it was found as and its score. */
export interface Box {
  readonly corners: readonly [x1: number, y1: number, x2: number, y2: number];
  readonly label: number;
  readonly score: number;
}

/** What of a detector's outputs on one sample is read: `scores` [M,C], `boxes` [M,4]. */
export interface Detection {
  readonly scores: ArrayLike<number>;
  readonly boxes: ArrayLike<number>;
  readonly classes: number;
}

/** Part of the union of two boxes that they share, 0 to 1. */
export function overlapOf({ corners: a }: Box, { corners: b }: Box): number {
  const side = (low: number, high: number): number =>
    Math.max(0, Math.min(a[high]!, b[high]!) - Math.max(a[low]!, b[low]!));
  const areaOf = (c: Box['corners']): number => Math.max(0, c[2] - c[0]) * Math.max(0, c[3] - c[1]);
  const shared = side(0, 2) * side(1, 3);
  const union = areaOf(a) + areaOf(b) - shared;
  return union > 0 ? shared / union : 0;
}

/** What a detector's boxes are usually read with: the least score, and the overlaps to suppress and to match by. */
export const usualBounds = { minScore: 0.7, maxOverlap: 0.5, minOverlap: 0.5 } as const;

/** Which of a detector's two outputs is which. */
export interface DetectorOutputs {
  readonly scores: number;
  readonly boxes: number;
}

/**
 * Places of the two outputs [N,M,C] scores and [N,M,4] corners of a detector; null where the outputs are not these, as
 * with distances from anchors that the model does not know of.
 */
export function detectorOutputs(outputs: readonly Dense[]): DetectorOutputs | null {
  if (outputs.length !== 2 || outputs.some(({ shape }) => shape.length !== 3)) return null;
  const [a, b] = outputs.map(({ shape }) => shape) as [readonly number[], readonly number[]];
  if (a[0] !== b[0] || a[1] !== b[1]) return null;
  const places = [
    { scores: 0, boxes: 1 },
    { scores: 1, boxes: 0 },
  ].filter(
    ({ scores, boxes }) =>
      outputs[boxes]!.shape[2] === 4 && areShares(outputs[scores]!.data) && areCorners(outputs[boxes]!.data),
  );
  // Two outputs of four could be either.
  return places.length === 1 ? places[0]! : null;
}

/** Whether nearly all of [M,4] have their second corner behind the first. */
function areCorners(values: ArrayLike<number>): boolean {
  let proper = 0;
  for (let i = 0; i < values.length; i += 4)
    if (values[i + 2]! >= values[i]! && values[i + 3]! >= values[i + 1]!) proper++;
  return proper >= 0.99 * (values.length / 4);
}

const areShares = (values: Float32Array): boolean =>
  values.length > 0 && values.every((value) => value >= -1e-3 && value <= 1 + 1e-3);

/**
 * Boxes of at least `minScore`, the likelier of two of a class that overlap by more than `maxOverlap` kept. Of several
 * classes the first is the background, as detectors have it whose scores add up to 1.
 */
export function suppress(
  { scores, boxes, classes }: Detection,
  { minScore, maxOverlap }: { readonly minScore: number; readonly maxOverlap: number },
): Box[] {
  const found: Box[] = [];
  for (let i = 0; i * 4 < boxes.length; i++)
    for (let label = classes > 1 ? 1 : 0; label < classes; label++) {
      const score = scores[i * classes + label]!;
      if (!(score >= minScore)) continue;
      found.push({
        label,
        score,
        corners: [boxes[4 * i]!, boxes[4 * i + 1]!, boxes[4 * i + 2]!, boxes[4 * i + 3]!],
      });
    }
  found.sort((one, other) => other.score - one.score);
  const kept: Box[] = [];
  for (const box of found)
    if (!kept.some((other) => other.label === box.label && overlapOf(other, box) > maxOverlap))
      kept.push(box);
  return kept;
}

/** How many boxes of `a` have one of `b` of their class at an overlap of `minOverlap`; none of `b` serves twice. */
export function countMatched(a: readonly Box[], b: readonly Box[], minOverlap: number): number {
  const pairs = a
    .flatMap((ofA, i) =>
      b.flatMap((ofB, j) => (ofA.label === ofB.label ? [{ i, j, overlap: overlapOf(ofA, ofB) }] : [])),
    )
    .filter(({ overlap }) => overlap >= minOverlap)
    .sort((one, other) => other.overlap - one.overlap);
  const [usedA, usedB] = [new Set<number>(), new Set<number>()];
  for (const { i, j } of pairs) {
    if (usedA.has(i) || usedB.has(j)) continue;
    usedA.add(i);
    usedB.add(j);
  }
  return usedA.size;
}

/** Boxes of two detectors on one sample. */
export interface MatchedBoxes {
  readonly ofA: number;
  readonly ofB: number;
  readonly matched: number;
}

/** For each sample, how many of A's boxes B finds too, and how many both have, by the usual bounds. */
export function matchBoxes(
  a: readonly Dense[],
  b: readonly Dense[],
  places: DetectorOutputs,
): MatchedBoxes[] {
  const samples = a[places.scores]!.shape[0]!;
  return Array.from({ length: samples }, (_, sample) => {
    const [ofA, ofB] = [boxesOf(a, places, sample), boxesOf(b, places, sample)];
    return {
      ofA: ofA.length,
      ofB: ofB.length,
      matched: countMatched(ofA, ofB, usualBounds.minOverlap),
    };
  });
}

function boxesOf(outputs: readonly Dense[], places: DetectorOutputs, sample: number): Box[] {
  const of = ({ shape, data }: Dense): Float32Array => {
    const size = data.length / shape[0]!;
    return data.subarray(sample * size, (sample + 1) * size);
  };
  const scores = outputs[places.scores]!;
  const detection = { scores: of(scores), boxes: of(outputs[places.boxes]!), classes: scores.shape[2]! };
  return suppress(detection, usualBounds);
}
