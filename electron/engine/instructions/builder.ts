import type { AttributesOf, Instruction, InstructionName, Program, Shape } from './program.ts';
import { type Builder, ShapeMismatch } from './row.ts';
import { rowOf } from './table.ts';

/** Builds a program; equal instructions are kept once. @throws ShapeMismatch from `add` */
export class ProgramBuilder implements Builder {
  readonly instructions: Instruction[] = [];
  readonly #known = new Map<string, number>();

  add<K extends InstructionName>(op: K, inputs: readonly number[], attributes: AttributesOf[K]): number {
    const row = rowOf(op);
    if (row.arity !== 'many' && inputs.length !== row.arity)
      throw new ShapeMismatch(`${op} takes ${row.arity} operands`);
    const key = `${op} ${inputs.join(',')} ${keyOf(attributes)}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const shape = row.infer(
      inputs.map((id) => this.shape(id)),
      attributes,
    );
    if (shape.some((d) => d === 0 || !Number.isInteger(d)))
      throw new ShapeMismatch(`${op} gives an empty tensor`);
    const id = this.instructions.length;
    // `op` and `attributes` agree by the signature; the union cannot express it for a generic key.
    this.instructions.push({ op, inputs, attributes, shape } as unknown as Instruction);
    this.#known.set(key, id);
    return id;
  }

  shape(id: number): Shape {
    const instruction = this.instructions[id];
    if (!instruction) throw new Error(`No instruction ${id}`);
    return instruction.shape;
  }

  constant(value: number, shape: Shape = []): number {
    return this.add('constant', [], { shape, values: [value] });
  }

  isConstant(id: number): boolean {
    return this.instructions[id]?.op === 'constant';
  }

  input(name: string, shape: Shape): number {
    return this.add('input', [], { name, shape });
  }

  parameter(name: string, shape: Shape): number {
    return this.add('parameter', [], { name, shape });
  }

  /** Copies another program in, its inputs bound to `inputs` by name; returns the ids of its outputs. */
  include(
    program: Program,
    inputs: ReadonlyMap<string, number>,
    rename: (parameter: string) => string = (n) => n,
  ): number[] {
    const ids: number[] = [];
    for (const instruction of program.instructions) {
      if (instruction.op === 'input') {
        const bound = inputs.get(instruction.attributes.name);
        if (bound === undefined) throw new Error(`Input ${instruction.attributes.name} is not bound`);
        ids.push(bound);
      } else if (instruction.op === 'parameter') {
        ids.push(this.parameter(rename(instruction.attributes.name), instruction.attributes.shape));
      } else {
        ids.push(
          this.add(
            instruction.op,
            instruction.inputs.map((i) => ids[i]!),
            instruction.attributes,
          ),
        );
      }
    }
    return program.outputs.map((o) => ids[o]!);
  }

  /** Copies another program in with inputs of the same names; returns the ids of its outputs. */
  takeIn(program: Program): number[] {
    const inputs = new Map<string, number>();
    for (const { op, attributes } of program.instructions)
      if (op === 'input') inputs.set(attributes.name, this.input(attributes.name, attributes.shape));
    return this.include(program, inputs);
  }

  /** The program that computes `outputs`, without what they do not need. */
  build(outputs: readonly number[]): Program {
    return prune({ instructions: this.instructions, outputs });
  }
}

/** Drops instructions that no output needs. Inputs stay, so that a program keeps its signature. */
export function prune(program: Program): Program {
  const needed = new Set<number>();
  const visit = [...program.outputs];
  while (visit.length > 0) {
    const id = visit.pop()!;
    if (needed.has(id)) continue;
    needed.add(id);
    visit.push(...program.instructions[id]!.inputs);
  }
  const renumbered = new Map<number, number>();
  const instructions: Instruction[] = [];
  program.instructions.forEach((instruction, id) => {
    if (!needed.has(id) && instruction.op !== 'input') return;
    renumbered.set(id, instructions.length);
    instructions.push({
      ...instruction,
      inputs: instruction.inputs.map((i) => renumbered.get(i)!),
    } as Instruction);
  });
  return { instructions, outputs: program.outputs.map((o) => renumbered.get(o)!) };
}

/** Long constants are told apart by identity of their array: comparing them would cost more than a copy. */
const arrayIds = new WeakMap<object, number>();
let nextArrayId = 0;

function keyOf(attributes: object): string {
  return JSON.stringify(attributes, (_key, value: unknown) => {
    // JSON has one word, null, for all of them.
    if (typeof value === 'number' && !Number.isFinite(value)) return String(value);
    const isLong =
      value !== null && typeof value === 'object' && 'length' in value && Number(value.length) > 64;
    if (!isLong) return ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value;
    let id = arrayIds.get(value as object);
    if (id === undefined) {
      id = nextArrayId++;
      arrayIds.set(value as object, id);
    }
    return `array ${id}`;
  });
}
