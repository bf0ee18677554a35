import type { AttributeValue, OnnxModel, OnnxNode, Tensor } from '../onnx/model.ts';
import { blockedDomain, inBlocks } from './blocked-layout.ts';
import { elementwise } from './elementwise.ts';
import { matchPatterns } from './patterns.ts';
import type { Program, Shape } from './program.ts';
import { bind, sizeOf } from './program.ts';
import { type Emitter, int } from './row.ts';
import { broadcast, sameShape } from './shapes.ts';
import { rowOf } from './table.ts';

/** How to lower a program. */
export interface LowerOptions {
  readonly opset: number;
  /** Binds N; null leaves it open where ONNX can say so. */
  readonly batch: number | null;
  /** Begins the names of all new tensors and nodes. */
  readonly prefix: string;
  /** Tensor of each program input. */
  readonly inputs: ReadonlyMap<string, string>;
  /** Tensors of the results, in order. */
  readonly outputs: readonly string[];
  /** Tensor of each parameter; one without a name here is named after itself. */
  readonly parameters?: ReadonlyMap<string, string>;
}

/** ONNX nodes for a program; `initializers` are its constants, parameters are left to the caller. */
export interface Lowered {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /** The shapes of the tensors that stand for values of the program. */
  shapes(batch: number): ReadonlyMap<string, readonly number[]>;
}

/** Lowers a program to the best ONNX operators of the opset. A program that cannot be said in it throws. */
export function lower(program: Program, options: LowerOptions): Lowered {
  const emitter = new NodeEmitter(options, program);
  const names = new Map<number, string>();
  const wanted = new Map<number, string>();
  program.outputs.forEach((id, n) => {
    if (!wanted.has(id)) wanted.set(id, options.outputs[n]!);
  });
  const { fused, absorbed } = matchPatterns(program, options.opset);
  program.instructions.forEach((instruction, id) => {
    if (instruction.op === 'input') {
      names.set(id, options.inputs.get(instruction.attributes.name) ?? instruction.attributes.name);
    } else if (instruction.op === 'parameter') {
      const { name } = instruction.attributes;
      names.set(id, options.parameters?.get(name) ?? name);
    } else if (instruction.op === 'constant' && !wanted.has(id)) {
      const { shape, values } = instruction.attributes;
      if (!absorbed.has(id)) names.set(id, emitter.constant(shape, values, broadcasts(program, id)));
    } else if (!absorbed.has(id)) {
      const output = wanted.get(id) ?? emitter.fresh(instruction.op);
      const pattern = fused.get(id);
      if (pattern) {
        pattern.emit(emitter, (n) => names.get(n)!, output);
      } else {
        const inputs = instruction.inputs.map((i) => names.get(i)!);
        const shapes = {
          inputs: instruction.inputs.map((i) => program.instructions[i]!.shape),
          output: instruction.shape,
        };
        rowOf(instruction.op).lower(emitter, inputs, instruction.attributes as never, shapes, output);
      }
      names.set(id, output);
    }
  });
  // A result that is an input, a parameter or another result still needs its own tensor.
  program.outputs.forEach((id, n) => {
    if (names.get(id) !== options.outputs[n])
      emitter.node('Identity', [names.get(id)!], {}, options.outputs[n]!);
  });
  const used = new Set(emitter.nodes.flatMap((node) => node.inputs));
  const initializers = new Map([...emitter.initializers].filter(([name]) => used.has(name)));
  return {
    nodes: emitter.nodes,
    initializers,
    shapes: (batch) =>
      new Map([...names].map(([id, name]) => [name, bind(program.instructions[id]!.shape, batch)])),
  };
}

/** How a whole model is lowered. */
export interface ModelOptions {
  readonly opset: number;
  readonly batch: number | null;
  readonly outputs?: readonly string[];
  /** Channels in a block of the runtime's own layout, for a model that only this runtime reads; the batch is bound. */
  readonly block?: number | null;
}

/** A whole model out of a program; parameters become initializers where `values` has them, else graph inputs. */
export function lowerToModel(
  program: Program,
  values: ReadonlyMap<string, { readonly shape: readonly number[]; readonly data: Float32Array }>,
  options: ModelOptions,
): OnnxModel {
  const { block = null, batch } = options;
  const outputs = options.outputs ?? program.outputs.map((_, n) => `output_${n}`);
  const plain = lower(program, { ...options, prefix: freePrefix(program), inputs: new Map(), outputs });
  const lowered =
    block === null || batch === null ? plain : inBlocks(plain, plain.shapes(batch), outputs, block);
  const initializers = new Map(lowered.initializers);
  const dimension = (d: number) =>
    d < 0 ? (options.batch === null ? (d === -1 ? 'N' : `${-d}N`) : -d * options.batch) : d;
  const info = (name: string, shape: Shape) => ({
    name,
    type: 'float32' as const,
    shape: shape.map(dimension),
  });
  const inputs = program.instructions.flatMap((instruction) => {
    if (instruction.op !== 'input' && instruction.op !== 'parameter') return [];
    const { name, shape } = instruction.attributes;
    const value = instruction.op === 'parameter' ? values.get(name) : undefined;
    if (!value) return [info(name, shape)];
    initializers.set(name, { type: 'float32', shape, data: value.data });
    return [];
  });
  return {
    irVersion: 8,
    opsets: { '': options.opset, ...(block === null ? {} : { [blockedDomain]: 1 }) },
    producer: 'fieldtune',
    graphName: 'program',
    inputs,
    outputs: program.outputs.map((id, n) => info(outputs[n]!, program.instructions[id]!.shape)),
    nodes: lowered.nodes,
    initializers,
    metadata: {},
  };
}

/** A beginning of names that no input or parameter has: a model that was lowered before has those of then. */
function freePrefix(program: Program): string {
  const names = program.instructions.flatMap((i) =>
    i.op === 'input' || i.op === 'parameter' ? [i.attributes.name] : [],
  );
  let prefix = 'p';
  while (names.some((name) => name.startsWith(`${prefix}/`))) prefix += '_';
  return prefix;
}

/** True when every reader of a constant gets its whole shape from its other operands. */
function broadcasts(program: Program, id: number): boolean {
  return program.instructions.every(({ op, inputs, shape }) => {
    if (!inputs.includes(id)) return true;
    const others = inputs.flatMap((i) => {
      const other = program.instructions[i]!;
      return other.op === 'constant' ? [] : [other.shape];
    });
    return op in elementwise && sameShape(others.reduce(broadcast, []), shape);
  });
}

/** The oldest opset that has an operator, where that is not older than any supported one. */
const since: Readonly<Record<string, number>> = {
  Where: 9,
  Erf: 9,
  QuantizeLinear: 10,
  DequantizeLinear: 10,
};

class NodeEmitter implements Emitter {
  readonly nodes: OnnxNode[] = [];
  readonly initializers = new Map<string, Tensor>();
  readonly opset: number;
  readonly #options: LowerOptions;
  readonly #program: Program;
  readonly #shared = new Map<string, string>();
  #next = 0;
  #batch: string | null = null;

  constructor(options: LowerOptions, program: Program) {
    this.#options = options;
    this.#program = program;
    this.opset = options.opset;
  }

  fresh(kind: string): string {
    return `${this.#options.prefix}/${kind}_${this.#next++}`;
  }

  node(
    type: string,
    inputs: readonly string[],
    attributes: Readonly<Record<string, AttributeValue>> = {},
    output?: string,
  ): string {
    if (this.opset < (since[type] ?? 0))
      throw new Error(`${type} needs opset ${since[type]}, not ${this.opset}`);
    const result = output ?? this.fresh(type);
    const name = `${this.#options.prefix}/${type}_${this.#next++}`;
    this.nodes.push({ name, type, domain: '', inputs, outputs: [result], attributes });
    return result;
  }

  floats(shape: readonly number[], values: ArrayLike<number>): string {
    const make = (): Tensor => ({ type: 'float32', shape, data: Float32Array.from(values) });
    return values.length > 64
      ? this.#keep(make())
      : this.#share(`f ${shape.join()} ${Array.from(values).join()}`, make);
  }

  ints(values: readonly number[]): string {
    return this.#share(`i ${values.join()}`, () => ({ type: 'int64', shape: [values.length], data: values }));
  }

  bytes(values: readonly number[], shape: readonly number[], signed: boolean): string {
    const data = Uint8Array.from(values, (v) => v & 0xff);
    return this.#share(`b ${signed} ${shape.join()} ${values.join()}`, () => ({
      type: signed ? 'int8' : 'uint8',
      shape,
      data,
    }));
  }

  bind(shape: Shape): number[] {
    const { batch } = this.#options;
    if (batch !== null) return shape.map((d) => (d < 0 ? -d * batch : d));
    if (shape.filter((d) => d < 0).length > 1) throw new Error('Two dimensions depend on the batch');
    return shape.map((d) => (d < 0 ? -1 : d));
  }

  extents(shape: Shape): string {
    const { batch } = this.#options;
    if (batch !== null || shape.every((d) => d >= 0)) return this.ints(this.bind(shape));
    const parts = shape.map((d) => {
      if (d >= 0) return this.ints([d]);
      return d === -1 ? this.#batchSize() : this.node('Mul', [this.#batchSize(), this.ints([-d])]);
    });
    return this.node('Concat', parts, { axis: int(0) });
  }

  /** N as a tensor [1], read from the first input that has it. */
  #batchSize(): string {
    if (this.#batch !== null) return this.#batch;
    for (const instruction of this.#program.instructions) {
      if (instruction.op !== 'input') continue;
      const { name, shape } = instruction.attributes;
      const axis = shape.findIndex((d) => d < 0);
      if (axis < 0) continue;
      const whole = this.node('Shape', [this.#options.inputs.get(name) ?? name]);
      const extent = this.node('Gather', [whole, this.ints([axis])], { axis: int(0) });
      const multiple = -shape[axis]!;
      this.#batch = multiple === 1 ? extent : this.node('Div', [extent, this.ints([multiple])]);
      return this.#batch;
    }
    throw new Error('No input says how large the batch is');
  }

  /** A constant; where all readers broadcast it, one value for a whole batch stays one value. */
  constant(shape: Shape, values: ArrayLike<number>, isBroadcast: boolean): string {
    if (values.length !== 1) return this.floats(shape, values);
    const isOpen = shape.some((d) => d < 0);
    if (isOpen && isBroadcast) return this.floats([], values);
    if (isOpen && this.#options.batch === null)
      return this.node('Expand', [this.floats([], values), this.extents(shape)]);
    const bound = this.bind(shape);
    return this.floats(bound, new Float32Array(sizeOf(bound)).fill(values[0]!));
  }

  #share(key: string, make: () => Tensor): string {
    const known = this.#shared.get(key);
    if (known !== undefined) return known;
    const name = this.#keep(make());
    this.#shared.set(key, name);
    return name;
  }

  #keep(tensor: Tensor): string {
    const name = this.fresh('constant');
    this.initializers.set(name, tensor);
    return name;
  }
}
