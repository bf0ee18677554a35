import { ProgramBuilder, prune } from '../instructions/builder.ts';
import type { Parameters, Program } from '../instructions/program.ts';
import { ShapeMismatch } from '../instructions/row.ts';

/** A program with values for its parameters, on its way from an operator group to a candidate. */
export interface Draft {
  readonly program: Program;
  readonly parameters: Parameters;
  /** Linear instructions to be fitted anew in closed form, in order of application. */
  readonly refits: readonly Refit[];
}

/** The weight to fit by least squares so that its instruction's output follows the teacher's tensor. */
export interface Refit {
  /** Parameter of the draft. */
  readonly weight: string;
  /** Weight of the teacher's linear instruction whose output is the target. */
  readonly target: string;
}

/** A linear instruction: a convolution, or a matrix product with a weight matrix. */
export interface Linear {
  readonly id: number;
  readonly kind: 'conv' | 'matmul';
  /** True where the weight [out,in] is transposed before the product. */
  readonly transposed: boolean;
  readonly weight: string;
  /** The weight's instruction. */
  readonly leaf: number;
  readonly shape: readonly number[];
  /** Axis of the weight that holds the outputs, and that of the inputs. */
  readonly outAxis: number;
  readonly inAxis: number;
}

/** The linear instructions of a program with a weight of their own, in order. */
export function linears(program: Program): Linear[] {
  const found: Linear[] = [];
  const uses = new Map<number, number>();
  for (const { inputs } of program.instructions) for (const i of inputs) uses.set(i, (uses.get(i) ?? 0) + 1);
  program.instructions.forEach(({ op, inputs }, id) => {
    if (op !== 'conv' && op !== 'matmul') return;
    const direct = program.instructions[inputs[1]!]!;
    const transposed = op === 'matmul' && direct.op === 'transpose';
    const weightId = transposed ? direct.inputs[0]! : inputs[1]!;
    const leaf = program.instructions[weightId]!;
    if (leaf.op !== 'parameter' || uses.get(weightId) !== 1) return;
    if (op === 'matmul' && leaf.shape.length !== 2) return;
    const outAxis = op === 'conv' || transposed ? 0 : 1;
    const { name: weight } = leaf.attributes;
    found.push({
      id,
      kind: op,
      transposed,
      weight,
      leaf: weightId,
      shape: leaf.shape,
      outAxis,
      inAxis: 1 - outAxis,
    });
  });
  return found;
}

/** Whether a weight is one of A, or made of it: such have its name, a colon, and one of their own. */
export const isMadeOf = (weight: string, original: string): boolean =>
  weight === original || weight.startsWith(`${original}:`);

/** True where each output reads all inputs: what a linear instruction makes is its own choice of channels. */
export function isDense(program: Program, linear: Linear): boolean {
  const instruction = program.instructions[linear.id]!;
  return instruction.op !== 'conv' || instruction.attributes.groups === 1;
}

/** What a rewrite may put in place of an instruction: an id of the new program, or undefined to copy it. */
export type Substitute = (id: number, b: ProgramBuilder, ids: readonly number[]) => number | undefined;

/** Copies a program instruction by instruction, letting `substitute` replace some. @throws ShapeMismatch */
export function rebuild(program: Program, substitute: Substitute): Program {
  const b = new ProgramBuilder();
  const ids: number[] = [];
  program.instructions.forEach(({ op, inputs, attributes }, id) => {
    const other = substitute(id, b, ids);
    ids.push(
      other ??
        b.add(
          op,
          inputs.map((i) => ids[i]!),
          attributes as never,
        ),
    );
  });
  return prune({ instructions: b.instructions, outputs: program.outputs.map((o) => ids[o]!) });
}

/** What `make` gives; null where the shapes do not allow it. */
export function whereShapesFit<T>(make: () => T): T | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof ShapeMismatch) return null;
    throw error;
  }
}

/** Keeps only the values that the program still names; the sizes must fit. */
export function valuesFor(program: Program, parameters: Parameters): Parameters {
  const kept = new Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>();
  for (const instruction of program.instructions) {
    if (instruction.op !== 'parameter') continue;
    const { name, shape } = instruction.attributes;
    const value = parameters.get(name);
    if (!value || value.data.length !== shape.reduce((a, d) => a * d, 1))
      throw new Error(`No value for ${name}`);
    kept.set(name, { shape, data: value.data });
  }
  return kept;
}

/** Picks `indices` along one axis of a dense tensor. */
export function gatherValues(
  value: { readonly shape: readonly number[]; readonly data: Float32Array },
  axis: number,
  indices: readonly number[],
): { shape: number[]; data: Float32Array } {
  const outer = value.shape.slice(0, axis).reduce((a, d) => a * d, 1);
  const inner = value.shape.slice(axis + 1).reduce((a, d) => a * d, 1);
  const extent = value.shape[axis]!;
  const data = new Float32Array(outer * indices.length * inner);
  for (let o = 0; o < outer; o++)
    indices.forEach((index, n) => {
      const from = (o * extent + index) * inner;
      data.set(value.data.subarray(from, from + inner), (o * indices.length + n) * inner);
    });
  return { shape: value.shape.map((d, i) => (i === axis ? indices.length : d)), data };
}
