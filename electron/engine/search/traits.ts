import { costOf } from '../instructions/cost.ts';
import type { Program } from '../instructions/program.ts';
import { rowOf } from '../instructions/table.ts';
import { isMadeOf, linears } from './draft.ts';
import type { Edit } from './edits.ts';
import type { Traits } from './surrogate.ts';

/** What is left out counts like this many halvings. */
const mostHalvings = 6;

/**
 * What a program is like beside the one that it was made from by edits: for each contraction the halvings of its
 * multiply-adds and how many stand in its place, the same of the whole, and the edits by kind.
 */
export function traitsOf(base: Program, program: Program, edits: readonly Edit[]): Traits {
  const traits: Record<string, number> = {};
  const left = workOf(program);
  for (const { weight, multiplyAdds } of workOf(base)) {
    const own = left.filter((l) => isMadeOf(l.weight, weight));
    const sum = own.reduce((all, l) => all + l.multiplyAdds, 0);
    traits[`work ${weight}`] = halvings(multiplyAdds, sum);
    traits[`pieces ${weight}`] = own.length - 1;
  }
  const [before, after] = [costOf(base), costOf(program)];
  traits['all multiply-adds'] = halvings(before.multiplyAdds, after.multiplyAdds);
  traits['all bytes'] = halvings(before.bytes, after.bytes);
  traits['all instructions'] = halvings(base.instructions.length, program.instructions.length);
  for (const edit of edits) {
    const name = edit.kind === 'replace' ? `${edit.form.name} ${edit.weight}` : edit.kind;
    traits[name] = (traits[name] ?? 0) + 1;
  }
  return traits;
}

const halvings = (before: number, after: number): number =>
  Math.min(mostHalvings, Math.log2(Math.max(1, before) / Math.max(1, after)));

function workOf(program: Program): { readonly weight: string; readonly multiplyAdds: number }[] {
  return linears(program).map(({ weight, id }) => {
    const { op, inputs, attributes, shape } = program.instructions[id]!;
    const operands = inputs.map((i) => program.instructions[i]!.shape);
    return { weight, multiplyAdds: rowOf(op).cost(operands, attributes as never, shape).multiplyAdds };
  });
}
