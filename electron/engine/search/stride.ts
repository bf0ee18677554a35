import { elementwise } from '../instructions/elementwise.ts';
import { type InstructionOf, type Program, readersOf, soleReader } from '../instructions/program.ts';
import { type Draft, linears, rebuild, valuesFor } from './draft.ts';

/** A convolution with a stride, and the one before it that could take the stride over. */
export interface StridePair {
  /** Weight of the convolution with the stride. */
  readonly weight: string;
  /** Weight of the one that could take it. */
  readonly taker: string;
  readonly from: number;
  readonly to: number;
}

/** The strides of a program that could be taken one convolution earlier, with only elementwise instructions between. */
export function earlierStrides(program: Program): StridePair[] {
  const readers = readersOf(program);
  const only = (id: number) => soleReader(program, readers, id) !== undefined;
  const all = linears(program);
  return all.flatMap(({ id, weight }): StridePair[] => {
    const conv = program.instructions[id]!;
    if (conv.op !== 'conv' || conv.attributes.strides.every((s) => s === 1)) return [];
    let at = conv.inputs[0]!;
    while (only(at) && program.instructions[at]!.op in elementwise) {
      const { shape, inputs } = program.instructions[at]!;
      // What else is read must not have a resolution of its own.
      const wide = inputs.filter(
        (i) => program.instructions[i]!.shape.slice(2).join() === shape.slice(2).join(),
      );
      if (wide.length !== 1 || wide[0] === undefined) return [];
      at = wide[0];
    }
    const taker = all.find((l) => l.id === at && l.kind === 'conv');
    return taker && only(at) ? [{ weight, taker: taker.weight, from: at, to: id }] : [];
  });
}

/**
 * The resolution is lowered `steps` convolutions earlier: that one takes the stride over, and those behind it keep
 * their kernels at stride 1, padded so that their results are as large as before. Null where there is no such pair
 * or no such padding.
 */
export function strideEarly(draft: Draft, weight: string, steps: number): Draft | null {
  let result: Draft | null = draft;
  let holder: string | undefined = weight;
  for (let i = 0; i < steps && result; i++) {
    const pair: StridePair | undefined = earlierStrides(result.program).find((p) => p.weight === holder);
    holder = pair?.taker;
    result = pair ? moveStride(result, pair) : null;
  }
  return result;
}

function moveStride(draft: Draft, pair: StridePair): Draft | null {
  const { program } = draft;
  const [first, second] = [pair.from, pair.to].map((id) => program.instructions[id] as InstructionOf<'conv'>);
  const { strides, dilations } = second!.attributes;
  const kernel = program.instructions[second!.inputs[1]!]!.shape.slice(2);
  let fits = true;
  const moved = rebuild(program, (id, b, ids) => {
    if (id === pair.from) {
      const taken = first!.attributes.strides.map((s, i) => s * strides[i]!);
      return b.add(
        'conv',
        first!.inputs.map((i) => ids[i]!),
        { ...first!.attributes, strides: taken },
      );
    }
    if (id !== pair.to) return undefined;
    const inputs = second!.inputs.map((i) => ids[i]!);
    const wanted = second!.shape.slice(2);
    const total = b
      .shape(inputs[0]!)
      .slice(2)
      .map((extent, i) => wanted[i]! - 1 + dilations[i]! * (kernel[i]! - 1) + 1 - extent);
    fits = total.every((t, i) => t >= 0 && t <= 2 * dilations[i]! * (kernel[i]! - 1));
    if (!fits) return ids[second!.inputs[0]!]!;
    const pads = [...total.map((t) => Math.floor(t / 2)), ...total.map((t) => Math.ceil(t / 2))];
    return b.add('conv', inputs, { ...second!.attributes, strides: strides.map(() => 1), pads });
  });
  if (!fits) return null;
  return { program: moved, parameters: valuesFor(moved, draft.parameters), refits: draft.refits };
}
