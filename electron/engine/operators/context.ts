import type { ProgramBuilder } from '../instructions/builder.ts';
import type { Shape } from '../instructions/program.ts';
import { axisOf } from '../instructions/shapes.ts';
import type { OnnxNode } from '../onnx/model.ts';
import { intsOf } from './attributes.ts';
import type { Affine, Numbers } from './symbolic.ts';

/** Raised by a definition that does not cover a node; the import turns it into the reason of an opaque operator. */
export class Refused extends Error {}

/** Stops a definition: `reason` says what it does not cover. @throws Refused */
export function refuse(reason: string): never {
  throw new Refused(reason);
}

/** Where a definition gets its operands from. */
export interface Operands {
  /** Id of a tensor's value in the program. @throws Refused where it has none */
  id(tensor: string): number;
  /** The tensor as numbers known before anything runs; null where it is none. */
  numbers(tensor: string): Numbers | null;
  /** Values of a constant float tensor of any length; null where it is none. */
  floats(tensor: string): ArrayLike<number> | null;
}

/** What a definition sees of the node it defines, and builds with. */
export class OperatorContext {
  readonly b: ProgramBuilder;
  readonly node: OnnxNode;
  readonly opset: number;
  /** True for a model written for one sample: a 1 in the place of the batch then means the batch. */
  readonly isBatchOne: boolean;
  readonly #operands: Operands;

  constructor(b: ProgramBuilder, node: OnnxNode, opset: number, isBatchOne: boolean, operands: Operands) {
    this.b = b;
    this.node = node;
    this.opset = opset;
    this.isBatchOne = isBatchOne;
    this.#operands = operands;
  }

  /** True when the node has its `index`-th input. */
  has(index: number): boolean {
    return (this.node.inputs[index] ?? '') !== '';
  }

  /** Id of the `index`-th input. @throws Refused */
  id(index: number): number {
    const name = this.node.inputs[index] ?? '';
    return name === '' ? refuse(`it lacks input ${index}`) : this.#operands.id(name);
  }

  /** Ids of all inputs. @throws Refused */
  ids(): number[] {
    return this.node.inputs.map((_, i) => this.id(i));
  }

  /** Shape of the `index`-th input. @throws Refused */
  shape(index: number): Shape {
    return this.b.shape(this.id(index));
  }

  /** The `index`-th input as numbers that may depend on the batch; undefined where it is absent. @throws Refused */
  affines(index: number): readonly Affine[] | undefined {
    const name = this.node.inputs[index] ?? '';
    if (name === '') return undefined;
    return this.#operands.numbers(name)?.values ?? refuse(`input ${index} is not known before it runs`);
  }

  /** Values of the `index`-th input, a constant float tensor of any length. @throws Refused */
  floats(index: number): ArrayLike<number> {
    return this.#operands.floats(this.node.inputs[index] ?? '') ?? refuse(`input ${index} is not constant`);
  }

  /** As `affines`, where the batch must not matter. @throws Refused */
  numbers(index: number): readonly number[] | undefined {
    return this.affines(index)?.map(({ fixed, perSample }) =>
      perSample === 0 ? fixed : refuse(`input ${index} depends on the batch`),
    );
  }

  /** Dimensions of the `index`-th input where it is a known constant. @throws Refused */
  numbersShape(index: number): readonly number[] {
    const name = this.node.inputs[index] ?? '';
    return this.#operands.numbers(name)?.shape ?? refuse(`input ${index} is not known before it runs`);
  }

  /** Axes from the attribute or, in newer operator sets, from an input; non-negative; undefined where none are given. */
  axes(rank: number, input: number): number[] | undefined {
    const raw = intsOf(this.node, 'axes') ?? this.numbers(input);
    return raw?.map((axis) => axisOf(axis, rank));
  }

  /** A vector [C] as [1,C,1,…], to be broadcast over a tensor of `rank` whose axis 1 are the channels. */
  perChannel(id: number, rank: number): number {
    const [channels = 1] = this.b.shape(id);
    if (this.b.shape(id).length !== 1) refuse('a value per channel is not a vector');
    const shape = Array.from({ length: rank }, (_, axis) => (axis === 1 ? channels : 1));
    return this.b.add('reshape', [id], { shape });
  }
}

/** An operator as a program: adds instructions and returns the ids of the outputs. @throws Refused, ShapeMismatch */
export type Definition = (c: OperatorContext) => number | readonly number[];
