import type { Result } from '../../contract/result.ts';
import { fail, ok } from '../../contract/result.ts';
import type { Program, Shape } from './program.ts';
import { ShapeMismatch } from './row.ts';
import { sameShape, show } from './shapes.ts';
import { rowOf, table } from './table.ts';

/** What a program must look like from outside: its inputs by name, and the shapes of its outputs. */
export interface Signature {
  readonly inputs: ReadonlyMap<string, Shape>;
  readonly outputs: readonly Shape[];
}

/** The signature that a program has. */
export function signatureOf(program: Program): Signature {
  const inputs = new Map<string, Shape>();
  for (const i of program.instructions)
    if (i.op === 'input') inputs.set(i.attributes.name, i.attributes.shape);
  return { inputs, outputs: program.outputs.map((o) => program.instructions[o]!.shape) };
}

/**
 * Checks a program from the ground up: every instruction is in the table, its operands come before it, its
 * shape is the one the table infers, parameters are named once, what is quantized is read by its own
 * `dequantize` only, and the whole fits `signature`. The error is the first reason found.
 */
export function checkProgram(program: Program, signature?: Signature): Result<void, string> {
  const names = new Set<string>();
  for (const [index, instruction] of program.instructions.entries()) {
    const { op, inputs } = instruction;
    if (!Object.hasOwn(table, op)) return fail(`instruction ${index}: no instruction ${op}`);
    const row = rowOf(op);
    if (row.arity !== 'many' && row.arity !== inputs.length)
      return fail(`instruction ${index}: ${op} takes ${row.arity} operands`);
    if (row.arity === 'many' && inputs.length === 0) return fail(`instruction ${index}: ${op} of nothing`);
    if (inputs.some((i) => !Number.isInteger(i) || i < 0 || i >= index))
      return fail(`instruction ${index}: operand from later on`);
    if (instruction.op === 'input' || instruction.op === 'parameter') {
      const key = `${instruction.op} ${instruction.attributes.name}`;
      if (names.has(key)) return fail(`${key} stands twice`);
      names.add(key);
    }
    try {
      const shape = row.infer(
        inputs.map((i) => program.instructions[i]!.shape),
        instruction.attributes as never,
      );
      if (!sameShape(shape, instruction.shape))
        return fail(`instruction ${index}: ${op} gives ${show(shape)}, not ${show(instruction.shape)}`);
      if (shape.some((d) => d === 0 || !Number.isInteger(d)))
        return fail(`instruction ${index}: ${op} gives an empty tensor`);
    } catch (error) {
      if (error instanceof ShapeMismatch) return fail(`instruction ${index}: ${error.message}`);
      throw error;
    }
  }
  if (program.outputs.some((o) => program.instructions[o] === undefined)) return fail('an output is missing');
  const quantized = checkQuantized(program);
  if (!quantized.ok) return quantized;
  return signature ? checkSignature(signatureOf(program), signature) : ok(undefined);
}

/** Quantized tensors are bytes: nothing but `dequantize` of the same signedness can read one, and it reads nothing else. */
function checkQuantized({ instructions, outputs }: Program): Result<void, string> {
  for (const [index, reader] of instructions.entries())
    for (const id of reader.inputs) {
      const read = instructions[id]!;
      if (read.op === 'quantize' && reader.op !== 'dequantize')
        return fail(`instruction ${index} reads a quantized tensor`);
      if (reader.op !== 'dequantize') continue;
      if (read.op !== 'quantize') return fail(`instruction ${index} dequantizes what is not quantized`);
      if (read.attributes.signed !== reader.attributes.signed)
        return fail(`instruction ${index} reads signed bytes as unsigned, or the reverse`);
    }
  if (outputs.some((id) => instructions[id]!.op === 'quantize')) return fail('an output is quantized');
  return ok(undefined);
}

function checkSignature(own: Signature, wanted: Signature): Result<void, string> {
  for (const [name, shape] of own.inputs) {
    const other = wanted.inputs.get(name);
    if (!other || !sameShape(other, shape)) return fail(`input ${name} ${show(shape)} is not wanted`);
  }
  if (own.outputs.length !== wanted.outputs.length)
    return fail(`${own.outputs.length} outputs, not ${wanted.outputs.length}`);
  const wrong = own.outputs.findIndex((shape, i) => !sameShape(shape, wanted.outputs[i]!));
  if (wrong >= 0) return fail(`output ${show(own.outputs[wrong]!)}, not ${show(wanted.outputs[wrong]!)}`);
  return ok(undefined);
}
