import { type InstructionOf, type Program, readersOf, soleReader } from '../instructions/program.ts';
import { type Draft, type Linear, linears, rebuild, valuesFor } from './draft.ts';

/** Scaled dot-product attention: softmax(query · key) · value. */
export interface Attention {
  /** The weight that makes the query, or what else comes first; it names the attention. */
  readonly weight: string;
  /** softmax(query · key): [..., queries, keys]. */
  readonly share: number;
  /** share · value */
  readonly mix: number;
  readonly queries: number;
  readonly keys: number;
}

/** The attentions of a program whose number of tokens is fixed, in order. */
export function attentionsOf(program: Program): Attention[] {
  const all = linears(program);
  return program.instructions.flatMap((mix, id): Attention[] => {
    if (mix.op !== 'matmul') return [];
    const share = mix.inputs[0]!;
    const scores = softmaxInput(program, share);
    const product = scores === null ? null : productBehind(program, scores);
    if (product === null || program.instructions[share]!.shape.some((d, i) => i > 0 && d < 0)) return [];
    const weight = firstMaker(program, all, product);
    const [queries, keys] = program.instructions[share]!.shape.slice(-2) as [number, number];
    return weight === null || queries < 0 ? [] : [{ weight, share, mix: id, queries, keys }];
  });
}

/** x of e^x / Σ e^x over the last axis, with or without the maximum taken off first. */
function softmaxInput(program: Program, id: number): number | null {
  const quotient = program.instructions[id]!;
  if (quotient.op !== 'div') return null;
  const [raised, sum] = [
    program.instructions[quotient.inputs[0]!]!,
    program.instructions[quotient.inputs[1]!]!,
  ];
  if (raised.op !== 'exp' || sum.op !== 'sum' || sum.inputs[0] !== quotient.inputs[0]) return null;
  if (sum.attributes.axes.join() !== String(quotient.shape.length - 1)) return null;
  return raised.inputs[0]!;
}

/** The product of two computed tensors behind scaling, a mask or the maximum taken off. */
function productBehind(program: Program, id: number): number | null {
  const { op, inputs } = program.instructions[id]!;
  if (op === 'matmul') return id;
  return ['mul', 'div', 'sub', 'add'].includes(op) ? productBehind(program, inputs[0]!) : null;
}

/** The nearest linear instruction that the first operand of a product comes from. */
function firstMaker(program: Program, all: readonly Linear[], product: number): string | null {
  for (let id: number | undefined = program.instructions[product]!.inputs[0]; id !== undefined; ) {
    const own = all.find((l) => l.id === id);
    if (own) return own.weight;
    const operands: readonly number[] = program.instructions[id]!.inputs;
    id = operands.find(
      (i) => program.instructions[i]!.op !== 'parameter' && program.instructions[i]!.op !== 'constant',
    );
  }
  return null;
}

/**
 * A fixed mixture of tokens in the place of the shares that attention computes: one parameter [queries, keys], at
 * first the mean, which query and key go with (in the spirit of Tolstikhin et al., 2021; Yu et al., 2022). Heads
 * then mix alike, so splitting and joining them goes too where nothing else needs it. Null where there is none.
 */
export function mixTokens(draft: Draft, weight: string): Draft | null {
  const { program } = draft;
  const found = attentionsOf(program).find((a) => a.weight === weight);
  if (!found) return null;
  const name = `${weight}:mixture`;
  const shape = [found.queries, found.keys];
  const data = new Float32Array(found.queries * found.keys).fill(1 / found.keys);
  const heads = headsAround(program, found.mix);
  const mixed = rebuild(program, (id, b, ids) => {
    if (id !== (heads?.joined ?? found.mix)) return undefined;
    const values = heads?.values ?? program.instructions[found.mix]!.inputs[1]!;
    return b.add('matmul', [b.parameter(name, shape), ids[values]!], {});
  });
  const parameters = valuesFor(mixed, new Map([...draft.parameters, [name, { shape, data }]]));
  return { program: mixed, parameters, refits: draft.refits };
}

/** [N,T,D] → heads [N,H,T,d] → mixed → [N,T',D]: where values go in and come out, if that is all that happens. */
function headsAround(
  program: Program,
  mix: number,
): { readonly values: number; readonly joined: number } | null {
  const readers = readersOf(program);
  const only = (id: number) => soleReader(program, readers, id) ?? -1;
  const is = <K extends 'transpose' | 'reshape'>(id: number, op: K): InstructionOf<K> | null => {
    const instruction = program.instructions[id];
    return instruction?.op === op ? (instruction as InstructionOf<K>) : null;
  };
  const turned = is(program.instructions[mix]!.inputs[1]!, 'transpose');
  const split = turned && is(turned.inputs[0]!, 'reshape');
  const back = is(only(mix), 'transpose');
  const joined = back && only(only(mix));
  if (!split || !back || joined === null || !is(joined, 'reshape')) return null;
  const isSwap = [turned, back].every((t) => t.attributes.permutation.join() === '0,2,1,3');
  const [values, result] = [
    program.instructions[split.inputs[0]!]!.shape,
    program.instructions[joined]!.shape,
  ];
  const fits = isSwap && values.length === 3 && result.length === 3 && values[2] === result[2];
  return fits && split.shape[1] === values[1] ? { values: split.inputs[0]!, joined } : null;
}
