import type { Program } from '../instructions/program.ts';
import { type Cut, spreadCut } from './axes.ts';
import { isDense, type Linear, linears } from './draft.ts';
import { firstOf, withinBlocks } from './indices.ts';

/** Channels that shrink together: the outputs of all linear instructions that write into the same sums. */
export interface Stream {
  /** Weight that names it: the first member. */
  readonly weight: string;
  /** Outputs of that weight. */
  readonly extent: number;
  /** `keep` counts in steps of this: 1, or the width of an attention head where whole heads go. */
  readonly unit: number;
  /** Weights whose outputs shrink, in order. */
  readonly members: readonly string[];
  /** Weights whose inputs shrink, in order. */
  readonly readers: readonly string[];
}

/** Heads that can each be made narrower: the same channels of every one. */
export interface Heads {
  readonly weight: string;
  readonly heads: number;
  /** Channels of one head. */
  readonly width: number;
  readonly members: readonly string[];
}

/** All channels of a program that may be cut: residual streams, attention heads, and plain inner widths. */
export function widthsOf(program: Program): Stream[] {
  return surveyOf(program).streams;
}

/** The heads of a program that can be made narrower. */
export function headsOf(program: Program): Heads[] {
  return surveyOf(program).heads;
}

interface Survey {
  readonly streams: Stream[];
  readonly heads: Heads[];
}
const surveys = new WeakMap<Program, Survey>();

function surveyOf(program: Program): Survey {
  const known = surveys.get(program);
  if (known) return known;
  const survey = { streams: [] as Stream[], heads: [] as Heads[] };
  surveys.set(program, survey);
  const all = linears(program);
  const taken = new Set<string>();
  const takenHeads = new Set<string>();
  for (const linear of all) {
    if (!isDense(program, linear)) continue;
    const extent = linear.shape[linear.outAxis]!;
    const found = probe(program, linear);
    if (!found || extent < 2) continue;
    const members = sourcesOf(program, all, found.cut);
    if (!members.some((m) => taken.has(m)) && extent > found.unit)
      survey.streams.push({
        weight: linear.weight,
        extent,
        unit: found.unit,
        members,
        readers: all.flatMap((l) =>
          found.cut.get(l.leaf)?.has(l.inAxis) && isDense(program, l) ? [l.weight] : [],
        ),
      });
    for (const m of members) taken.add(m);
    if (!found.within || takenHeads.has(linear.weight)) continue;
    const sharers = sourcesOf(program, all, found.within.cut);
    for (const m of sharers) takenHeads.add(m);
    const { heads, width } = found.within;
    survey.heads.push({ weight: linear.weight, heads, width, members: sharers });
  }
  return survey;
}

interface Probe {
  readonly unit: number;
  readonly cut: Cut;
  readonly within: { readonly heads: number; readonly width: number; readonly cut: Cut } | null;
}

/** How the outputs of a linear instruction may be cut; null where they may not. */
function probe(program: Program, linear: Linear): Probe | null {
  const extent = linear.shape[linear.outAxis]!;
  const cutTo = (indices: readonly number[]) =>
    spreadCut(program, { id: linear.leaf, axis: linear.outAxis, indices });
  // One less than all is never whole along one of several axes, so that it tells where an axis is split.
  const plain = cutTo(firstOf(extent - 1));
  if (plain.ok) return { unit: 1, cut: plain.value, within: null };
  if (plain.error.kind !== 'split') return null;
  const heads = plain.error.factors[0]!;
  const unit = plain.error.factors.slice(1).reduce((a, d) => a * d, 1);
  if (heads * unit !== extent) return null;
  const narrower = unit > 1 ? cutTo(withinBlocks(heads, unit, firstOf(unit - 1))) : null;
  const within = narrower?.ok ? { heads, width: unit, cut: narrower.value } : null;
  const whole = heads > 1 ? cutTo(firstOf(extent - unit)) : null;
  if (!whole?.ok) return within ? { unit: extent, cut: within.cut, within } : null;
  return { unit, cut: whole.value, within };
}

/** The weights of dense linear instructions whose outputs are cut. */
export const sourcesOf = (program: Program, all: readonly Linear[], cut: Cut): string[] =>
  all.flatMap((l) => (isDense(program, l) && cut.get(l.leaf)?.has(l.outAxis) ? [l.weight] : []));
