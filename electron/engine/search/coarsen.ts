import type { InstructionOf, Program } from '../instructions/program.ts';
import { sameShape } from '../instructions/shapes.ts';
import { type Draft, type Linear, linears, rebuild, valuesFor, whereShapesFit } from './draft.ts';

/** A convolution from which on the resolution may be lower, and by how much on each spatial axis. */
export interface Coarsening {
  readonly weight: string;
  readonly factors: readonly number[];
}

/** Below this many positions along an axis there is too little left to halve. */
const fewestPositions = 4;

/**
 * Where a program may go on at a lower resolution without another shape of its outputs: convolutions behind which
 * all ends in means or maxima over space.
 */
export function coarseningsOf(program: Program): Coarsening[] {
  return linears(program).flatMap((linear) => {
    const conv = program.instructions[linear.id]!;
    if (conv.op !== 'conv' || conv.attributes.strides.some((s) => s !== 1)) return [];
    const extents = program.instructions[conv.inputs[0]!]!.shape.slice(2);
    return halvings(extents)
      .filter((factors) => coarser(program, linear, conv, factors) !== null)
      .map((factors) => ({ weight: linear.weight, factors }));
  });
}

/** All axes together, then each alone. */
function halvings(extents: readonly number[]): number[][] {
  const can = extents.map((extent) => extent >= fewestPositions);
  const alone = can.flatMap((c, axis) => (c ? [can.map((_, i) => (i === axis ? 2 : 1))] : []));
  return alone.length > 1 ? [can.map((c) => (c ? 2 : 1)), ...alone] : alone;
}

/**
 * From the convolution of `weight` on, the resolution is lower by `factors`. A spatial one that is the only reader of
 * its input leaves positions out; before any other the input is averaged for all its readers. Null where the shapes
 * behind it do not allow it.
 */
export function coarsen(draft: Draft, weight: string, factors: readonly number[]): Draft | null {
  const linear = linears(draft.program).find((l) => l.weight === weight);
  const conv = linear && draft.program.instructions[linear.id]!;
  if (!linear || conv?.op !== 'conv' || conv.attributes.strides.length !== factors.length) return null;
  const program = coarser(draft.program, linear, conv, factors);
  return program && { program, parameters: valuesFor(program, draft.parameters), refits: draft.refits };
}

function coarser(
  program: Program,
  linear: Linear,
  conv: InstructionOf<'conv'>,
  factors: readonly number[],
): Program | null {
  const x = conv.inputs[0]!;
  const isAlone = program.instructions.every(({ inputs }, id) => id === linear.id || !inputs.includes(x));
  const strides = isAlone && linear.shape.slice(2).some((k) => k > 1) && !program.outputs.includes(x);
  let isWhole = true;
  const result = whereShapesFit(() =>
    rebuild(program, (id, b, ids) => {
      const { op, inputs, attributes, shape } = program.instructions[id]!;
      const own = inputs.map((i) => ids[i]!);
      if (id === linear.id && strides)
        return b.add('conv', own, { ...conv.attributes, strides: [...factors] });
      if (id === x && !strides) {
        const value = b.add(op, own, attributes as never);
        const pads = [...factors, ...factors].map(() => 0);
        return b.add('averagePool', [value], {
          kernel: [...factors],
          strides: [...factors],
          pads,
          countIncludePad: false,
        });
      }
      const read = inputs.map((i) => program.instructions[i]!.shape);
      if (own.every((i, n) => sameShape(b.shape(i), read[n]!))) return undefined;
      // A sum over fewer positions is another number.
      if (op === 'sum') isWhole &&= attributes.axes.every((a) => read[0]!.at(a) === b.shape(own[0]!).at(a));
      if ((op === 'averagePool' || op === 'maxPool') && shape.slice(2).every((d) => d === 1)) {
        const all = b.shape(own[0]!).slice(2);
        return b.add(op, own, { ...attributes, kernel: all, strides: all } as never);
      }
      return undefined;
    }),
  );
  const isSame = (o: number, n: number) =>
    sameShape(result!.instructions[o]!.shape, program.instructions[program.outputs[n]!]!.shape);
  return result && isWhole && result.outputs.every(isSame) ? result : null;
}
