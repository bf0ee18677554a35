import { elementwise } from '../instructions/elementwise.ts';
import { type Instruction, type Program, readersOf, soleReader } from '../instructions/program.ts';
import { sameShape } from '../instructions/shapes.ts';
import { type Draft, linears, rebuild, valuesFor } from './draft.ts';

/** What a dear activation may become: `relu`, or x · clip(x/6 + ½, 0, 1), which the runtime calls HardSwish. */
export type CheapActivation = 'relu' | 'hardSwish';

/** The activation behind a linear instruction: what it reads and what it makes. */
export interface Activation {
  readonly weight: string;
  readonly from: number;
  readonly to: number;
}

/** Instructions that make an activation dear: from GELU upward. HardSwish and Sigmoid are all but free after a convolution. */
const dear = new Set<Instruction['op']>(['erf', 'exp', 'log', 'pow', 'tanh', 'where', 'min']);
/** The dear activations of a program (GELU, Elu, PRelu, Softplus, Mish, Pow), each named by the weight before it. */
export function activationsOf(program: Program): Activation[] {
  const readers = readersOf(program);
  return linears(program).flatMap(({ id, weight }): Activation[] => {
    const from = withBias(program, readers, id);
    const region = regionFrom(program, readers, from);
    const to = region && exitOf(program, readers, from, region);
    if (to === null || !sameShape(program.instructions[to]!.shape, program.instructions[from]!.shape))
      return [];
    return [{ weight, from, to }];
  });
}

/** Puts a cheap activation in the place of the dear one behind this weight; null where there is none. */
export function replaceActivation(draft: Draft, weight: string, as: CheapActivation): Draft | null {
  const found = activationsOf(draft.program).find((a) => a.weight === weight);
  if (!found) return null;
  const program = rebuild(draft.program, (id, b, ids) => {
    if (id !== found.to) return undefined;
    const x = ids[found.from]!;
    if (as === 'relu') return b.add('relu', [x], {});
    const scaled = b.add('add', [b.add('div', [x, b.constant(6)], {}), b.constant(0.5)], {});
    return b.add('mul', [x, b.add('clip', [scaled], { min: 0, max: 1 })], {});
  });
  return { program, parameters: valuesFor(program, draft.parameters), refits: draft.refits };
}

/** For each instruction those that read it. */
type Readers = readonly (readonly number[])[];

/** The sum with what only depends on parameters, where that is all that reads the result; else the instruction itself. */
export function withBias(program: Program, readers: Readers, id: number): number {
  const reader = soleReader(program, readers, id);
  const sum = program.instructions[reader ?? -1];
  if (reader === undefined || sum?.op !== 'add') return id;
  const other = sum.inputs.find((i) => i !== id);
  return other !== undefined && isFixed(program, other) ? reader : id;
}

/** True for constants, parameters and what is only reshaped from them. */
function isFixed(program: Program, id: number): boolean {
  const { op, inputs } = program.instructions[id]!;
  if (op === 'constant' || op === 'parameter') return true;
  return (op === 'reshape' || op === 'transpose' || op === 'expand') && isFixed(program, inputs[0]!);
}

/** All that works element by element on `from` and fixed values alone; null where `from` itself is a result. */
function regionFrom(program: Program, readers: Readers, from: number): Set<number> | null {
  if (program.outputs.includes(from)) return null;
  const region = new Set<number>();
  const isOwn = (i: number) => i === from || region.has(i);
  const queue = [...readers[from]!];
  for (let id = queue.shift(); id !== undefined; id = queue.shift()) {
    const { op, inputs } = program.instructions[id]!;
    if (region.has(id) || !(op in elementwise)) continue;
    if (!inputs.every((i) => isOwn(i) || isFixed(program, i))) continue;
    region.add(id);
    queue.push(...readers[id]!);
  }
  return region;
}

/**
 * The first of the region through which all of it leaves, with the numbers that scale and move it afterwards; null
 * where it leaves in several places.
 */
function exitOf(
  program: Program,
  readers: Readers,
  from: number,
  region: ReadonlySet<number>,
): number | null {
  const ids = [...region].sort((a, b) => a - b);
  const isDear = (i: number) => dear.has(program.instructions[i]!.op);
  let exit = ids.find((id) => {
    const inside = ids.filter((i) => i < id);
    const closed = [from, ...inside].every(
      (i) => !program.outputs.includes(i) && readers[i]!.every((r) => r === id || inside.includes(r)),
    );
    return closed && [...inside, id].some(isDear);
  });
  if (exit === undefined) return null;
  const next = (id: number): number | undefined => {
    const reader = soleReader(program, readers, id);
    if (reader === undefined || !region.has(reader)) return undefined;
    return program.instructions[reader]!.inputs.every((i) => i === id || isNumber(program.instructions[i]!))
      ? reader
      : undefined;
  };
  for (let after = next(exit); after !== undefined; after = next(exit)) exit = after;
  return exit;
}

const isNumber = (i: Instruction): boolean => i.op === 'constant' && i.attributes.values.length === 1;
