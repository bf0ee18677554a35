import type { Program } from '../instructions/program.ts';
import { sameShape } from '../instructions/shapes.ts';
import { activationsOf } from './activation.ts';
import { attentionsOf } from './attention.ts';
import { type Branch, branchesOf } from './branches.ts';
import { type Coarsening, coarseningsOf } from './coarsen.ts';
import { isDense, type Linear, linears } from './draft.ts';
import type { Edit } from './edits.ts';
import { type Heads, headsOf, type Stream, widthsOf } from './streams.ts';
import { earlierStrides } from './stride.ts';

/** All that may be changed in a program. */
export interface Room {
  readonly linears: readonly Linear[];
  readonly widths: readonly Stream[];
  readonly heads: readonly Heads[];
  readonly branches: readonly Branch[];
  /** Weights whose attention may become a fixed mixture of tokens. */
  readonly attentions: readonly string[];
  /** Weights before activations that may become cheaper. */
  readonly activations: readonly string[];
  /** Weights of convolutions whose stride may be taken earlier. */
  readonly strides: readonly string[];
  /** Convolutions from which on the resolution may be lower. */
  readonly coarsenings: readonly Coarsening[];
  /** Runs of linear instructions that each keep the shape, outside of all branches: blocks that can be skipped. */
  readonly blocks: readonly (readonly string[])[];
}

const known = new WeakMap<Program, Room>();

/** Looks through a program once. */
export function roomOf(program: Program): Room {
  const before = known.get(program);
  if (before) return before;
  const all = linears(program);
  const branches = branchesOf(program);
  const room: Room = {
    linears: all,
    widths: widthsOf(program),
    heads: headsOf(program),
    branches,
    attentions: attentionsOf(program).map((a) => a.weight),
    activations: activationsOf(program).map((a) => a.weight),
    strides: earlierStrides(program).map((p) => p.weight),
    coarsenings: coarseningsOf(program),
    blocks: blocksOf(program, all, new Set(branches.flatMap((b) => b.weights))),
  };
  known.set(program, room);
  return room;
}

/** A dense instruction that keeps the shape, with the depthwise one right before it where that does so too. */
function blocksOf(program: Program, all: readonly Linear[], inBranch: ReadonlySet<string>): string[][] {
  const keeps = (l: Linear) => {
    const instruction = program.instructions[l.id]!;
    const x = program.instructions[instruction.inputs[0]!]!;
    return sameShape(x.shape, instruction.shape) && !inBranch.has(l.weight);
  };
  return all.flatMap((l, i) => {
    if (!isDense(program, l) || !keeps(l)) return [];
    const previous = all[i - 1];
    const leads = previous && !isDense(program, previous) && keeps(previous);
    return [leads ? [previous.weight, l.weight] : [l.weight]];
  });
}

/** Widths are kept to whole vectors of 8 where there is room: what is left of one costs as much as all of it. */
export const roundWidth = (width: number): number =>
  width >= 6 ? Math.max(8, Math.round(width / 8) * 8) : Math.max(2, Math.round(width / 2) * 2);

/** The edit that keeps about `share` of a width; null where that is all of it. */
export function widthTo(stream: Stream, share: number): Edit | null {
  const { unit, extent, weight } = stream;
  const keep =
    unit === 1 ? roundWidth(extent * share) : Math.max(1, Math.round((extent / unit) * share)) * unit;
  if (keep >= extent) return null;
  const isInner = unit === 1 && stream.members.length === 1;
  return { kind: isInner ? 'narrow' : 'narrowStream', weight, keep };
}

/** The edits that keep about `share` of each width; none for one of which that is all. */
export const widthsTo = (streams: readonly Stream[], share: number): Edit[] =>
  streams.flatMap((stream) => widthTo(stream, share) ?? []);

/** The edit that keeps about `share` of the width of attention heads; null where that is all of it. */
export function headsTo({ weight, width }: Heads, share: number): Edit | null {
  const keep = Math.max(
    1,
    width * share >= 8 ? Math.round((width * share) / 4) * 4 : Math.round(width * share),
  );
  return keep < width ? { kind: 'narrowHeads', weight, keep } : null;
}
