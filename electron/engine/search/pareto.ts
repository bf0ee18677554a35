import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { draw } from './random.ts';

/** What an individual is judged by; all to be small. */
export type Objectives = readonly number[];

/** True when `a` is nowhere worse than `b` and somewhere better. */
export const dominates = (a: Objectives, b: Objectives): boolean =>
  a.every((v, i) => v <= b[i]!) && a.some((v, i) => v < b[i]!);

/** Those that no other dominates. */
export function undominated<T>(all: readonly T[], objectivesOf: (individual: T) => Objectives): T[] {
  const points = all.map(objectivesOf);
  return all.filter((_, i) => !points.some((other) => dominates(other, points[i]!)));
}

/** Places of the points by front: the undominated, those undominated without them, and so on. */
export function fronts(points: readonly Objectives[]): number[][] {
  const left = new Set(points.keys());
  const found: number[][] = [];
  while (left.size > 0) {
    const front = [...left].filter((i) => ![...left].some((j) => dominates(points[j]!, points[i]!)));
    for (const i of front) left.delete(i);
    found.push(front);
  }
  return found;
}

/** For each point of a front how far its neighbours lie apart, over all objectives; infinite at the ends. */
export function crowding(points: readonly Objectives[]): number[] {
  const distances = new Array<number>(points.length).fill(0);
  for (let m = 0; m < (points[0]?.length ?? 0); m++) {
    const order = [...points.keys()].sort((a, b) => points[a]![m]! - points[b]![m]!);
    const [first, last] = [order[0]!, order.at(-1)!];
    const span = points[last]![m]! - points[first]![m]!;
    distances[first] = distances[last] = Number.POSITIVE_INFINITY;
    if (span === 0) continue;
    for (let k = 1; k < order.length - 1; k++)
      distances[order[k]!]! += (points[order[k + 1]!]![m]! - points[order[k - 1]!]![m]!) / span;
  }
  return distances;
}

/**
 * The individuals that live on: whole fronts while there is room, then the loneliest of the next one (NSGA-II, Deb et
 * al., 2002). The best come first, so that a place in the list is a rank.
 */
export function survivors<T>(
  all: readonly T[],
  size: number,
  objectivesOf: (individual: T) => Objectives,
): T[] {
  const points = all.map(objectivesOf);
  const kept: T[] = [];
  for (const front of fronts(points)) {
    const distances = crowding(front.map((i) => points[i]!));
    const order = [...front.keys()].sort((a, b) => distances[b]! - distances[a]! || front[a]! - front[b]!);
    kept.push(...order.slice(0, size - kept.length).map((k) => all[front[k]!]!));
    if (kept.length >= size) break;
  }
  return kept;
}

/** The better of two drawn from a list in which the best come first. */
export function tournament<T>(ranked: readonly T[], rng: RandomGenerator): T {
  return ranked[Math.min(draw(rng, ranked.length), draw(rng, ranked.length))]!;
}

/**
 * Area that corners dominate from 0 on, both axes upward. Source: E. Zitzler, L. Thiele, Multiobjective Optimization
 * Using Evolutionary Algorithms (1998).
 */
export function areaUnder(corners: readonly { readonly x: number; readonly y: number }[]): number {
  const inside = corners.filter(({ x, y }) => x > 0 && y > 0).sort((one, other) => other.x - one.x);
  let area = 0;
  let top = 0;
  // From the farthest on, each adds the strip by which it rises above all beyond it.
  for (const { x, y } of inside) {
    area += x * Math.max(0, y - top);
    top = Math.max(top, y);
  }
  return area;
}
