import { sameShape } from '../instructions/shapes.ts';
import { type CheapActivation, replaceActivation } from './activation.ts';
import { mixTokens } from './attention.ts';
import { branchesOf } from './branches.ts';
import { coarsen } from './coarsen.ts';
import { type Draft, linears, rebuild, valuesFor, whereShapesFit } from './draft.ts';
import type { Form } from './forms/form.ts';
import { firstOf } from './indices.ts';
import { narrow, narrowHeads, narrowStream } from './narrow.ts';
import { replaceLinear } from './replace.ts';
import { strideEarly } from './stride.ts';

/**
 * One change of a program, named by the weight of the linear instruction it is about, so that the same edit
 * means the same in an operator group and in the whole model.
 */
export type Edit =
  | { readonly kind: 'replace'; readonly weight: string; readonly form: Form }
  /** Keeps `keep` of the outputs. */
  | { readonly kind: 'narrow'; readonly weight: string; readonly keep: number }
  /** Keeps `keep` of the outputs of everything that is added to this weight's outputs; of heads, whole ones. */
  | { readonly kind: 'narrowStream'; readonly weight: string; readonly keep: number }
  /** Keeps `keep` channels of every attention head that this weight's outputs are read as. */
  | { readonly kind: 'narrowHeads'; readonly weight: string; readonly keep: number }
  /** A cheap activation in the place of the dear one that follows. */
  | { readonly kind: 'activation'; readonly weight: string; readonly as: CheapActivation }
  /** A fixed mixture of tokens in the place of the attention whose query this weight makes. */
  | { readonly kind: 'mixTokens'; readonly weight: string }
  /** The stride of this convolution is taken by the one `steps` before it. */
  | { readonly kind: 'strideEarly'; readonly weight: string; readonly steps: number }
  /** From this convolution on there are fewer positions, by a factor for each spatial axis. */
  | { readonly kind: 'coarsen'; readonly weight: string; readonly factors: readonly number[] }
  /** Leaves out the instruction; its input takes the place of its output. */
  | { readonly kind: 'skip'; readonly weight: string }
  /** Leaves out the branch of a residual sum that starts with this weight. */
  | { readonly kind: 'dropBranch'; readonly weight: string };

/** Says which outputs of a linear instruction matter most: the indices to keep, ascending. */
export type ChooseChannels = (weight: string, keep: number, of: number) => readonly number[];

/** The first channels: good enough for timing, where only shapes count. */
export const firstChannels: ChooseChannels = (_weight, keep) => firstOf(keep);

/** Applies one edit; null where it does not fit the program as it now is. */
export const applyEdit = (draft: Draft, edit: Edit, choose: ChooseChannels): Draft | null =>
  whereShapesFit(() => applied(draft, edit, choose));

function applied(draft: Draft, edit: Edit, choose: ChooseChannels): Draft | null {
  switch (edit.kind) {
    case 'replace':
      return replaceLinear(draft, edit.weight, edit.form);
    case 'narrow': {
      const linear = linears(draft.program).find((l) => l.weight === edit.weight);
      if (!linear) return null;
      const outputs = linear.shape[linear.outAxis]!;
      if (edit.keep < 1 || edit.keep >= outputs) return null;
      return narrow(draft, edit.weight, choose(edit.weight, edit.keep, outputs));
    }
    case 'narrowStream':
      return narrowStream(draft, edit.weight, edit.keep, choose);
    case 'narrowHeads':
      return narrowHeads(draft, edit.weight, edit.keep, choose);
    case 'activation':
      return replaceActivation(draft, edit.weight, edit.as);
    case 'mixTokens':
      return mixTokens(draft, edit.weight);
    case 'strideEarly':
      return strideEarly(draft, edit.weight, edit.steps);
    case 'coarsen':
      return coarsen(draft, edit.weight, edit.factors);
    case 'skip':
      return skip(draft, edit.weight);
    case 'dropBranch':
      return dropBranch(draft, edit.weight);
  }
}

/**
 * Applies edits: streams first, so that a branch that is left out afterwards cannot take the name of one along;
 * then branches, channels, and forms of what is left. Null where one does not fit.
 */
export function applyEdits(draft: Draft, edits: readonly Edit[], choose: ChooseChannels): Draft | null {
  let result: Draft | null = draft;
  for (const edit of inOrder(edits)) result = result && applyEdit(result, edit, choose);
  return result;
}

const rank: Record<Edit['kind'], number> = {
  narrowStream: 0,
  narrowHeads: 0,
  dropBranch: 1,
  skip: 2,
  mixTokens: 3,
  strideEarly: 3,
  coarsen: 3,
  activation: 3,
  narrow: 4,
  replace: 5,
};

/** The one order in which edits are applied, so that equal sets give equal programs. */
export const inOrder = (edits: readonly Edit[]): Edit[] =>
  edits
    .map((edit, i) => ({ edit, i }))
    .sort((a, b) => rank[a.edit.kind] - rank[b.edit.kind] || a.i - b.i)
    .map(({ edit }) => edit);

/** A short name of an edit, e.g. `depthwise 3 conv1.weight`. */
export function describeEdit(edit: Edit): string {
  const name = edit.weight.split('/').at(-1)!;
  if (edit.kind === 'narrow') return `${edit.keep} channels of ${name}`;
  if (edit.kind === 'narrowStream') return `${edit.keep} channels of all that is added to ${name}`;
  if (edit.kind === 'narrowHeads') return `${edit.keep} channels in each head of ${name}`;
  if (edit.kind === 'skip') return `without ${name}`;
  if (edit.kind === 'dropBranch') return `without the branch of ${name}`;
  if (edit.kind === 'activation') return `${edit.as} after ${name}`;
  if (edit.kind === 'mixTokens') return `fixed mixture of tokens for ${name}`;
  if (edit.kind === 'strideEarly') return `stride of ${name} taken ${edit.steps} before it`;
  if (edit.kind === 'coarsen') return `resolution lower by ${edit.factors.join('×')} from ${name} on`;
  const { name: form, ...numbers } = edit.form;
  return [form, ...Object.values(numbers), name].join(' ');
}

function skip(draft: Draft, weight: string): Draft | null {
  const linear = linears(draft.program).find((l) => l.weight === weight);
  if (!linear) return null;
  const instruction = draft.program.instructions[linear.id]!;
  const x = instruction.inputs[0]!;
  if (!sameShape(draft.program.instructions[x]!.shape, instruction.shape)) return null;
  const program = rebuild(draft.program, (id, _b, ids) => (id === linear.id ? ids[x]! : undefined));
  return { program, parameters: valuesFor(program, draft.parameters), refits: remaining(draft, weight) };
}

function dropBranch(draft: Draft, weight: string): Draft | null {
  const branch = branchesOf(draft.program).find((b) => b.weight === weight);
  if (!branch) return null;
  const program = rebuild(draft.program, (id, _b, ids) =>
    id === branch.sum ? ids[branch.other]! : undefined,
  );
  return { program, parameters: valuesFor(program, draft.parameters), refits: remaining(draft, weight) };
}

const remaining = (draft: Draft, weight: string) => draft.refits.filter((r) => r.weight !== weight);
