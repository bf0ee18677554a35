import { uniformInt } from 'pure-rand/distribution/uniformInt';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { Draft, Linear } from './draft.ts';
import { linears } from './draft.ts';
import type { Edit } from './edits.ts';
import type { Form } from './replace.ts';

/** A set of edits of one operator group, and where it came from. */
export interface Proposal {
  readonly edits: readonly Edit[];
  /** `seed`, `mutation` or `crossover`. */
  readonly origin: 'seed' | 'mutation' | 'crossover';
  /** Places of the parents among the group's proposals. */
  readonly parents: readonly number[];
}

/** Widths are kept to whole vectors of 8 where there is room: odd ones fall off the runtime's fast paths. */
const roundWidth = (width: number): number =>
  width >= 12 ? Math.round(width / 8) * 8 : Math.max(2, Math.round(width));

const draw = (rng: RandomGenerator, below: number): number => uniformInt(rng, 0, below - 1);
const pick = <T>(rng: RandomGenerator, from: readonly T[]): T => from[draw(rng, from.length)]!;

/** The known good forms for one linear instruction. */
export function formsFor(linear: Linear): Form[] {
  const outputs = linear.shape[linear.outAxis]!;
  const inputs = linear.shape[linear.inAxis]!;
  const smaller = Math.min(outputs, inputs);
  const ranks = [1 / 2, 1 / 4, 1 / 8]
    .map((f) => roundWidth(smaller * f))
    .filter((r, i, all) => r >= 2 && all.indexOf(r) === i);
  const lowRank = ranks.map((rank): Form => ({ name: 'lowRank', rank }));
  if (linear.kind === 'matmul' || linear.shape.slice(2).every((k) => k === 1)) return lowRank;
  const kernel = Math.max(...linear.shape.slice(2));
  return [
    { name: 'depthwise', kernel },
    ...(kernel > 3 ? [{ name: 'depthwise', kernel: 3 } as const] : []),
    { name: 'pointwise' },
    { name: 'average' },
    { name: 'grouped', groups: 2 },
    { name: 'grouped', groups: 4 },
    ...lowRank,
    ...ranks.map((rank): Form => ({ name: 'separable', rank })),
    { name: 'pooled' },
  ];
}

const shares = [3 / 4, 1 / 2, 1 / 3, 1 / 4] as const;

/** Seeds of a group: every known form alone, all operators in the same form, narrower in step, branches left out. */
export function seedsOf(draft: Draft): Edit[][] {
  const all = linears(draft.program);
  const seeds: Edit[][] = [];
  for (const { weight } of all) seeds.push([{ kind: 'dropBranch', weight }]);
  if (all.length === 1) {
    const linear = all[0]!;
    for (const form of formsFor(linear)) seeds.push([{ kind: 'replace', weight: linear.weight, form }]);
    seeds.push([{ kind: 'skip', weight: linear.weight }]);
    return seeds;
  }
  for (const share of shares) seeds.push(all.slice(0, -1).map((l) => narrowTo(l, share)));
  for (const share of shares.slice(0, 3)) for (const l of all.slice(0, -1)) seeds.push([narrowTo(l, share)]);
  const spatial = all.filter((l) => l.kind === 'conv' && l.shape.slice(2).some((k) => k > 1));
  if (spatial.length > 1)
    for (const name of ['depthwise', 'pointwise', 'average'] as const) {
      const kernel = Math.max(...spatial[0]!.shape.slice(2));
      const form: Form = name === 'depthwise' ? { name, kernel } : { name };
      seeds.push(spatial.map(({ weight }) => ({ kind: 'replace', weight, form })));
    }
  for (const share of [1 / 2] as const)
    for (const l of spatial.slice(1))
      seeds.push([...all.slice(0, -1).map((n) => narrowTo(n, share)), depthwise(l)]);
  for (const l of all.slice(1)) seeds.push([{ kind: 'skip', weight: l.weight }]);
  return seeds;
}

const narrowTo = (l: Linear, share: number): Edit => ({
  kind: 'narrow',
  weight: l.weight,
  keep: roundWidth(l.shape[l.outAxis]! * share),
});

const depthwise = (l: Linear): Edit => ({
  kind: 'replace',
  weight: l.weight,
  form: { name: 'depthwise', kernel: Math.max(...l.shape.slice(2)) },
});

/** One random change: mostly of a number, sometimes an edit more or less. */
export function mutate(draft: Draft, edits: readonly Edit[], rng: RandomGenerator): Edit[] {
  const all = linears(draft.program);
  const roll = draw(rng, 100);
  if (edits.length > 0 && roll < 60) {
    const at = draw(rng, edits.length);
    return edits.map((edit, i) => (i === at ? turn(edit, all, rng) : edit));
  }
  if (edits.length > 1 && roll < 75) {
    const at = draw(rng, edits.length);
    return edits.filter((_, i) => i !== at);
  }
  const linear = pick(rng, all);
  const kind = draw(rng, 3);
  const extra: Edit =
    kind === 0 && all.length > 1
      ? narrowTo(linear, pick(rng, shares))
      : kind === 1
        ? { kind: 'skip', weight: linear.weight }
        : { kind: 'replace', weight: linear.weight, form: pick(rng, formsFor(linear)) };
  return [...edits.filter((e) => e.weight !== linear.weight || e.kind !== extra.kind), extra];
}

function turn(edit: Edit, all: readonly Linear[], rng: RandomGenerator): Edit {
  const linear = all.find((l) => l.weight === edit.weight);
  if (!linear) return edit;
  if (edit.kind === 'narrow') {
    const step = 8 * (1 + draw(rng, 2)) * (draw(rng, 2) === 0 ? -1 : 1);
    return { ...edit, keep: Math.max(2, Math.min(linear.shape[linear.outAxis]! - 1, edit.keep + step)) };
  }
  if (edit.kind !== 'replace')
    return { kind: 'replace', weight: edit.weight, form: pick(rng, formsFor(linear)) };
  const { form } = edit;
  if ('rank' in form)
    return { ...edit, form: { ...form, rank: Math.max(2, form.rank + 8 * (draw(rng, 2) === 0 ? -1 : 1)) } };
  return { ...edit, form: pick(rng, formsFor(linear)) };
}

/** Splices two parents: for each operator the edits of one or the other, and at least one of each. */
export function crossover(a: readonly Edit[], b: readonly Edit[], rng: RandomGenerator): Edit[] {
  const weights = [...new Set([...a, ...b].map((e) => e.weight))];
  return weights.flatMap((weight) => (draw(rng, 2) === 0 ? a : b).filter((e) => e.weight === weight));
}

/**
 * The proposals of one group, in order: its seeds, then `extra` mutations and crossovers of what came before.
 * Nothing measured takes part, so the same seed gives the same list.
 */
export function propose(draft: Draft, extra: number, rng: RandomGenerator): Proposal[] {
  const proposals: Proposal[] = seedsOf(draft).map((edits) => ({ edits, origin: 'seed', parents: [] }));
  const seen = new Set(proposals.map((p) => keyOf(p.edits)));
  for (let tries = 0, made = 0; made < extra && tries < extra * 8 && proposals.length > 0; tries++) {
    const [i, j] = [draw(rng, proposals.length), draw(rng, proposals.length)];
    const crosses = i !== j && draw(rng, 3) === 0;
    const edits = crosses
      ? crossover(proposals[i]!.edits, proposals[j]!.edits, rng)
      : mutate(draft, proposals[i]!.edits, rng);
    const key = keyOf(edits);
    if (edits.length === 0 || seen.has(key)) continue;
    seen.add(key);
    proposals.push({ edits, origin: crosses ? 'crossover' : 'mutation', parents: crosses ? [i, j] : [i] });
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
