import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { Draft, Linear } from './draft.ts';
import type { Edit } from './edits.ts';
import type { Form } from './forms/form.ts';
import { formsFor } from './forms/known.ts';
import { mutate } from './mutate.ts';
import { draw, drawWeighted } from './random.ts';
import { headsTo, roomOf, widthsTo } from './room.ts';

/** A set of edits of one operator group, and where it came from. */
export interface Proposal {
  readonly edits: readonly Edit[];
  /** `seed`, `mutation` or `crossover`. */
  readonly origin: 'seed' | 'mutation' | 'crossover';
  /** Places of the parents among the group's proposals. */
  readonly parents: readonly number[];
}

const shares = [3 / 4, 1 / 2, 1 / 3, 1 / 4] as const;

/** Seeds of a group: every known form alone, all operators in the same form, narrower in step, branches left out. */
function seedsOf(draft: Draft): Edit[][] {
  const room = roomOf(draft.program);
  const all = room.linears;
  const seeds: Edit[][] = [
    ...room.branches.map(({ weight }): Edit[] => [{ kind: 'dropBranch', weight }]),
    ...room.attentions.map((weight): Edit[] => [{ kind: 'mixTokens', weight }]),
    ...room.strides.map((weight): Edit[] => [{ kind: 'strideEarly', weight, steps: 1 }]),
    ...room.coarsenings.map((c): Edit[] => [{ kind: 'coarsen', ...c }]),
    ...(['relu', 'hardSwish'] as const).map((as) =>
      room.activations.map((weight): Edit => ({ kind: 'activation', weight, as })),
    ),
  ];
  if (all.length === 1) {
    const linear = all[0]!;
    for (const form of formsFor(linear)) seeds.push([{ kind: 'replace', weight: linear.weight, form }]);
    seeds.push([{ kind: 'skip', weight: linear.weight }]);
    return distinct(seeds);
  }
  for (const share of shares) seeds.push(widthsTo(room.widths, share));
  if (room.widths.length > 1)
    for (const share of shares.slice(0, 3))
      for (const width of room.widths) seeds.push(widthsTo([width], share));
  for (const share of shares.slice(1, 3)) seeds.push(room.heads.flatMap((h) => headsTo(h, share) ?? []));
  const spatial = all.filter((l) => l.kind === 'conv' && l.shape.slice(2).some((k) => k > 1));
  if (spatial.length > 1)
    for (const name of ['depthwise', 'pointwise', 'average'] as const) {
      const kernel = Math.max(...spatial[0]!.shape.slice(2));
      const form: Form = name === 'depthwise' ? { name, kernel } : { name };
      seeds.push(spatial.map(({ weight }) => ({ kind: 'replace', weight, form })));
    }
  for (const l of spatial.slice(1)) seeds.push([...widthsTo(room.widths, 1 / 2), depthwise(l)]);
  for (const l of all.slice(1)) seeds.push([{ kind: 'skip', weight: l.weight }]);
  return distinct(seeds);
}

/** A spatial convolution as a depthwise one with as large a kernel. */
export const depthwise = (l: Linear): Edit => ({
  kind: 'replace',
  weight: l.weight,
  form: { name: 'depthwise', kernel: Math.max(...l.shape.slice(2)) },
});

/** Splices two parents: for each operator the edits of one or the other, and at least one of each. */
export function crossover(a: readonly Edit[], b: readonly Edit[], rng: RandomGenerator): Edit[] {
  const weights = [...new Set([...a, ...b].map((e) => e.weight))];
  return weights.flatMap((weight) => (draw(rng, 2) === 0 ? a : b).filter((e) => e.weight === weight));
}

/** Mutants among which the weights choose one. */
const litter = 3;

/**
 * The proposals of one group, in order: its seeds, then `extra` mutations and crossovers of what came before.
 * `weigh` says how much is hoped of some edits, from what was tried before (≥ 0): parents and mutants are drawn
 * in proportion; all alike without it. Nothing measured now takes part, so the same seed gives the same list.
 */
export function propose(
  draft: Draft,
  extra: number,
  rng: RandomGenerator,
  weigh: (edits: readonly Edit[]) => number = () => 1,
): Proposal[] {
  const proposals: Proposal[] = seedsOf(draft).map((edits) => ({ edits, origin: 'seed', parents: [] }));
  const hopes = proposals.map((p) => weigh(p.edits));
  const seen = new Set(proposals.map((p) => keyOf(p.edits)));
  for (let tries = 0, made = 0; made < extra && tries < extra * 8 && proposals.length > 0; tries++) {
    const [i, j] = [drawWeighted(rng, hopes), drawWeighted(rng, hopes)];
    const crosses = i !== j && draw(rng, 3) === 0;
    const young = crosses
      ? [crossover(proposals[i]!.edits, proposals[j]!.edits, rng)]
      : Array.from({ length: litter }, () => mutate(draft, proposals[i]!.edits, rng));
    const edits = young[drawWeighted(rng, young.map(weigh))]!;
    const key = keyOf(edits);
    if (edits.length === 0 || seen.has(key)) continue;
    seen.add(key);
    proposals.push({ edits, origin: crosses ? 'crossover' : 'mutation', parents: crosses ? [i, j] : [i] });
    hopes.push(weigh(edits));
    made++;
  }
  return proposals;
}

/** Equal for equal sets of edits. */
export const keyOf = (edits: readonly Edit[]): string =>
  edits
    .map((e) => JSON.stringify(e))
    .sort()
    .join('\n');

/** Each set of edits once, empty ones left out. */
export function distinct(lists: readonly (readonly Edit[])[]): Edit[][] {
  const seen = new Set<string>();
  return lists.flatMap((edits) => {
    const key = keyOf(edits);
    if (edits.length === 0 || seen.has(key)) return [];
    seen.add(key);
    return [[...edits]];
  });
}
