import { contractions } from './contractions.ts';
import { elementwise } from './elementwise.ts';
import { leaves } from './leaves.ts';
import { movement } from './movement.ts';
import type { InstructionName } from './program.ts';
import { quantization } from './quantization.ts';
import { reductions } from './reductions.ts';
import type { Row } from './row.ts';
import { windows } from './windows.ts';

/** The closed table of instructions. */
export const table = {
  ...leaves,
  ...elementwise,
  ...reductions,
  ...contractions,
  ...windows,
  ...movement,
  ...quantization,
} satisfies { readonly [K in InstructionName]: Row<K> };

/** The row of an instruction, with the types of inputs and attributes tied together by `op`. */
export function rowOf<K extends InstructionName>(op: K): Row<K> {
  // The table is typed row by row above; indexing by a generic key loses that, not its truth.
  return table[op] as unknown as Row<K>;
}

/** The names of all instructions, in the order of the table. */
export const instructionNames = Object.keys(table) as InstructionName[];
