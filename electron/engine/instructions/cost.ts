import type { Program } from './program.ts';
import { sizeOf } from './program.ts';
import type { Cost } from './row.ts';
import { rowOf } from './table.ts';

/** Multiply-adds and bytes of a whole program at batch 1; parameters count once for their own bytes. */
export function costOf(program: Program): Cost & { readonly parameters: number } {
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
  return { multiplyAdds, bytes, parameters };
}
