import type { Program } from '../instructions/program.ts';
import { sameShape } from '../instructions/shapes.ts';
import { linears } from './draft.ts';

/** One side of a residual sum that can be left out, so that the other side takes the sum's place. */
export interface Branch {
  /** Its first weight, which names it. */
  readonly weight: string;
  /** All weights that go with it, in order. */
  readonly weights: readonly string[];
  readonly sum: number;
  /** The side that stays. */
  readonly other: number;
}

const known = new WeakMap<Program, readonly Branch[]>();

/** The branches of a program in the order of their sums; each is named by a weight of its own. */
export function branchesOf(program: Program): readonly Branch[] {
  const before = known.get(program);
  if (before) return before;
  const all = linears(program);
  const below = ancestors(program.instructions.map((i) => i.inputs));
  const found: Branch[] = [];
  const named = new Set<string>();
  program.instructions.forEach((sum, id) => {
    if (sum.op !== 'add') return;
    const [a, b] = [sum.inputs[0]!, sum.inputs[1]!];
    const isResidual = [a, b].every((i) => sameShape(program.instructions[i]!.shape, sum.shape));
    if (!isResidual || a === b) return;
    for (const [branch, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const own = all.filter(
        (l) => (l.id === branch || below[branch]!.has(l.id)) && l.id !== other && !below[other]!.has(l.id),
      );
      // The nearest sum is the branch's own: further out it would take more than itself along.
      if (own.length === 0 || named.has(own[0]!.weight)) continue;
      named.add(own[0]!.weight);
      found.push({ weight: own[0]!.weight, weights: own.map((l) => l.weight), sum: id, other });
    }
  });
  known.set(program, found);
  return found;
}

function ancestors(inputs: readonly (readonly number[])[]): Set<number>[] {
  const all: Set<number>[] = [];
  for (const operands of inputs) {
    const own = new Set<number>(operands);
    for (const o of operands) for (const a of all[o]!) own.add(a);
    all.push(own);
  }
  return all;
}
