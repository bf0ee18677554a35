import type { Program } from './program.ts';
import { bind } from './program.ts';
import type { Values } from './row.ts';
import { rowOf } from './table.ts';

/**
 * Runs a program with the reference interpreter, in double precision: slow, and right. `batch` binds N.
 * An input or parameter that is not given is a bug and throws.
 */
export function evaluate(
  program: Program,
  inputs: ReadonlyMap<string, Values>,
  parameters: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: ArrayLike<number> }>,
  batch: number,
): Values[] {
  const results: Values[] = [];
  for (const instruction of program.instructions) {
    const shape = bind(instruction.shape, batch);
    results.push({ shape, data: valuesFor(instruction, shape) });
  }
  return program.outputs.map((id) => results[id]!);

  function valuesFor(instruction: Program['instructions'][number], shape: readonly number[]): Float64Array {
    if (instruction.op === 'input' || instruction.op === 'parameter') {
      const { name } = instruction.attributes;
      const bound = (instruction.op === 'input' ? inputs : parameters).get(name);
      if (!bound) throw new Error(`${instruction.op} ${name} is not bound`);
      if (bound.data.length !== shape.reduce((a, d) => a * d, 1))
        throw new Error(`${name} has the wrong size`);
      return Float64Array.from(bound.data);
    }
    const operands = instruction.inputs.map((id) => results[id]!);
    return rowOf(instruction.op).evaluate(operands, instruction.attributes, shape);
  }
}
