import type { Program } from './program.ts';
import { sizeOf } from './program.ts';
import type { Cost } from './row.ts';
import { rowOf } from './table.ts';

/** What a whole program costs at batch 1. */
export interface ProgramCost extends Cost {
  /** Number of elements of all parameters. */
  readonly parameters: number;
  /** Most bytes of activations that are alive at once. */
  readonly peakBytes: number;
}

/** Multiply-adds and bytes of a whole program at batch 1; parameters count once for their own bytes. */
export function costOf(program: Program): ProgramCost {
  let multiplyAdds = 0;
  let bytes = 0;
  let parameters = 0;
  for (const instruction of program.instructions) {
    const operands = instruction.inputs.map((i) => program.instructions[i]!.shape);
    const cost = rowOf(instruction.op).cost(operands, instruction.attributes as never, instruction.shape);
    multiplyAdds += cost.multiplyAdds;
    bytes += cost.bytes;
    if (instruction.op === 'parameter') parameters += sizeOf(instruction.shape);
  }
  return { multiplyAdds, bytes, parameters, peakBytes: peakBytesOf(program) };
}

/** Bytes of the values that are alive at once, at most: from where each is made to where it is read last. */
function peakBytesOf({ instructions, outputs }: Program): number {
  const isActivation = instructions.map(({ op }) => op !== 'parameter' && op !== 'constant');
  const lastRead = instructions.map((_, id) => (outputs.includes(id) ? instructions.length : id));
  instructions.forEach(({ inputs }, id) => {
    for (const i of inputs) lastRead[i] = Math.max(lastRead[i]!, id);
  });
  const endsAt = new Map<number, number[]>();
  for (const [id, at] of lastRead.entries()) endsAt.set(at, [...(endsAt.get(at) ?? []), id]);
  const bytesOf = (id: number) => (isActivation[id] ? 4 * sizeOf(instructions[id]!.shape) : 0);
  let [alive, peak] = [0, 0];
  instructions.forEach((_, id) => {
    alive += bytesOf(id);
    peak = Math.max(peak, alive);
    for (const ended of endsAt.get(id) ?? []) alive -= bytesOf(ended);
  });
  return peak;
}
