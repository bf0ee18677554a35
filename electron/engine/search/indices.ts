/** 0 … count − 1. */
export const firstOf = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

/** The same places of every one of `count` blocks of a size: of heads, of groups. */
export const withinBlocks = (count: number, size: number, places: readonly number[]): number[] =>
  firstOf(count).flatMap((block) => places.map((i) => block * size + i));

/** All of some blocks of a size. */
export const wholeBlocks = (blocks: readonly number[], size: number): number[] =>
  blocks.flatMap((block) => firstOf(size).map((i) => block * size + i));
