import type { SearchStrategy } from '../../electron/contract/api.ts';

/** What a search with one seed came to, by one strategy. */
interface Searched {
  readonly model: string;
  readonly seed: number;
  readonly strategy: SearchStrategy;
}

const both = ['evolution', 'random'] as const;

/** Both strategies at each seed; each goes first as often as the other, so that a machine that slows down favours neither. */
export const bothInTurns = (seeds: readonly number[]): Pick<Searched, 'seed' | 'strategy'>[] =>
  seeds.flatMap((seed, index) =>
    (index % 2 === 0 ? both : both.toReversed()).map((strategy) => ({ seed, strategy })),
  );

/** For each model the rows of evolution, each with that of random proposals at the same seed. */
export function pairsByModel<T extends Searched>(
  rows: readonly T[],
): { readonly model: string; readonly pairs: readonly (readonly [evolved: T, random: T])[] }[] {
  return [...new Set(rows.map(({ model }) => model))].map((model) => {
    const of = (strategy: SearchStrategy): T[] =>
      rows.filter((row) => row.model === model && row.strategy === strategy);
    const pairs = of('evolution').flatMap((evolved) => {
      const random = of('random').find(({ seed }) => seed === evolved.seed);
      return random ? [[evolved, random] as const] : [];
    });
    return { model, pairs };
  });
}

/** At how many seeds evolution is ahead in a figure. */
export const winsOf = <T>(pairs: readonly (readonly [T, T])[], figure: (row: T) => number): number =>
  pairs.filter(([evolved, random]) => figure(evolved) > figure(random)).length;
