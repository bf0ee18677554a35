import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import { undominated } from './pareto.ts';
import { draw, pick } from './random.ts';

/** A fitted candidate as the choice sees it: the operators it takes, what it saves and what it costs. */
export interface Gene {
  readonly ordinal: number;
  /** Weights of the operators it replaces, all of them in one stretch of the network. */
  readonly weights: readonly string[];
  /** Microseconds. */
  readonly savedUs: number;
  /** KL divergence of the whole model with this gene alone, nats. */
  readonly damage: number;
}

/** Genes that share no operator: a proposal for the whole network. */
export type Specification = readonly Gene[];

/**
 * The best specification at a price of `lambda` nats a microsecond: a multiple-choice knapsack over the
 * network's order, solved exactly by dynamic programming, since each gene is an interval of operators.
 */
export function knapsack(genes: readonly Gene[], order: readonly string[], lambda: number): Specification {
  const place = new Map(order.map((weight, i) => [weight, i]));
  const intervals = genes.flatMap((gene) => {
    const at = gene.weights.map((w) => place.get(w) ?? -1);
    return at.includes(-1) ? [] : [{ gene, from: Math.min(...at), to: Math.max(...at) + 1 }];
  });
  const best: { value: number; genes: Gene[] }[] = [{ value: 0, genes: [] }];
  for (let end = 1; end <= order.length; end++) {
    let top = best[end - 1]!;
    for (const { gene, from, to } of intervals) {
      if (to !== end) continue;
      const value = best[from]!.value + gene.savedUs * lambda - gene.damage;
      if (value > top.value) top = { value, genes: [...best[from]!.genes, gene] };
    }
    best[end] = top;
  }
  return best[order.length]!.genes;
}

/** Equal for equal sets of genes. */
export const specificationKey = (s: Specification): string =>
  s
    .map((g) => g.ordinal)
    .sort((a, b) => a - b)
    .join('+');

const overlaps = (a: Gene, b: Gene): boolean => a.weights.some((w) => b.weights.includes(w));

/**
 * A population of specifications: knapsacks over a range of prices, then crossovers (genes of one parent, then
 * those of the other that still fit) and mutations (a gene less, or another one that fits). Different ones only.
 */
export function breed(
  genes: readonly Gene[],
  order: readonly string[],
  size: number,
  rng: RandomGenerator,
): Specification[] {
  const population: Specification[] = [];
  const seen = new Set<string>();
  const admit = (s: Specification): void => {
    const key = specificationKey(s);
    if (s.length === 0 || seen.has(key)) return;
    seen.add(key);
    population.push(s);
  };
  const largest = Math.max(1e-9, ...genes.map((g) => g.damage / Math.max(g.savedUs, 1e-9)));
  const smallest = Math.max(
    1e-9,
    Math.min(largest, ...genes.map((g) => Math.max(g.damage, 1e-6) / Math.max(g.savedUs, 1e-9))),
  );
  const steps = 14;
  for (let i = 0; i <= steps; i++)
    admit(knapsack(genes, order, smallest * 0.8 * (largest / smallest) ** (i / steps) * 1.6));
  if (population.length === 0) return population;
  for (let tries = 0; population.length < size && tries < 20 * size; tries++) {
    const a = pick(rng, population);
    const b = pick(rng, population);
    const roll = draw(rng, 3);
    if (roll === 0) {
      const cut = a.filter(() => draw(rng, 2) === 0);
      admit([...cut, ...b.filter((g) => cut.every((own) => !overlaps(own, g)))]);
    } else if (roll === 1) {
      const without = draw(rng, a.length);
      admit(a.filter((_, i) => i !== without));
    } else {
      const extra = pick(rng, genes);
      admit([...a.filter((g) => !overlaps(g, extra)), extra]);
    }
  }
  return population;
}

/**
 * At most `count` of the measured specifications, at different speeds up to `boldest`, closer together where they are
 * gentle: the least damaged of each stretch of the front.
 */
export function spreadOverFront<T extends { readonly speedup: number; readonly damage: number }>(
  measured: readonly T[],
  count: number,
  boldest: number,
): T[] {
  const front = undominated(measured, (m) => [-m.speedup, m.damage]);
  const sorted = front.sort((a, b) => a.speedup - b.speedup);
  if (sorted.length <= count) return sorted;
  const low = Math.log(sorted[0]!.speedup);
  const high = Math.max(low, Math.log(Math.min(boldest, sorted[sorted.length - 1]!.speedup)));
  const chosen = new Set<T>();
  for (let i = 0; i < count; i++) {
    const wanted = low + (high - low) * (i / Math.max(1, count - 1)) ** 1.3;
    const distance = (s: T) => Math.abs(Math.log(s.speedup) - wanted);
    chosen.add(
      sorted.filter((s) => !chosen.has(s)).reduce((best, s) => (distance(s) < distance(best) ? s : best)),
    );
  }
  return sorted.filter((s) => chosen.has(s));
}
