import { type Instruction, type InstructionOf, type Program, readersOf } from './program.ts';
import type { Emitter } from './row.ts';

/** A run of instructions that one ONNX operator says better. */
export interface Pattern {
  /** Emits the operator; `name` gives the tensor of an instruction outside the pattern. */
  emit(e: Emitter, name: (id: number) => string, output: string): void;
}

/** A pattern, and the instructions inside it besides the last. */
export interface Match extends Pattern {
  readonly inner: readonly number[];
}

/** Who reads what, and typed access to the instructions. */
export class Graph {
  readonly program: Program;
  readonly opset: number;
  readonly #readers: readonly (readonly number[])[];

  constructor(program: Program, opset: number) {
    this.program = program;
    this.opset = opset;
    this.#readers = readersOf(program);
  }

  get(id: number): Instruction {
    return this.program.instructions[id]!;
  }

  is<K extends Instruction['op']>(id: number, op: K): InstructionOf<K> | null {
    const instruction = this.get(id);
    return instruction.op === op ? (instruction as InstructionOf<K>) : null;
  }

  /** True when nothing but `readers` sees the value. */
  private(id: number, ...readers: number[]): boolean {
    return !this.program.outputs.includes(id) && this.#readers[id]!.every((r) => readers.includes(r));
  }
}

/** The value of a constant of one element. */
export function scalarOf(graph: Graph, id: number): number | null {
  const constant = graph.is(id, 'constant');
  return constant?.attributes.values.length === 1 ? constant.attributes.values[0]! : null;
}
