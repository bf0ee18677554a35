import type { AttributeValue } from '../onnx/model.ts';
import type { InputForm } from './input-gradients.ts';
import type { AttributesOf, Convolution, InstructionName, Shape } from './program.ts';
import type { WeightForm } from './weight-gradients.ts';

/** A dense array of the reference interpreter, row-major, in double precision. */
export interface Values {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

/** Multiply-adds (one fused multiply and add counts 1) and bytes read and written, at batch 1. */
export interface Cost {
  readonly multiplyAdds: number;
  readonly bytes: number;
}

/** Raised by `infer` when operands do not fit; the checker turns it into a reason. */
export class ShapeMismatch extends Error {}

/** What a gradient rule builds with; `ProgramBuilder` is the one implementation. */
export interface Builder {
  add<K extends InstructionName>(op: K, inputs: readonly number[], attributes: AttributesOf[K]): number;
  shape(id: number): Shape;
  constant(value: number, shape?: Shape): number;
  isConstant(id: number): boolean;
}

/** What a lowering rule emits into: nodes of one opset. */
export interface Emitter {
  readonly opset: number;
  /** Emits a node and returns its output tensor; `output` names it, else a fresh name is made. */
  node(
    type: string,
    inputs: readonly string[],
    attributes?: Readonly<Record<string, AttributeValue>>,
    output?: string,
  ): string;
  floats(shape: readonly number[], values: ArrayLike<number>): string;
  ints(values: readonly number[]): string;
  bytes(values: readonly number[], shape: readonly number[], signed: boolean): string;
  /** The shape as ONNX wants it: the batch bound, or −1 in its place (once). */
  bind(shape: Shape): number[];
  /** The whole shape as an int64 tensor; an open batch is read from an input while the model runs. */
  extents(shape: Shape): string;
}

/** Where an instruction stands when it is differentiated. */
export interface Site<K extends InstructionName> {
  readonly inputs: readonly number[];
  readonly output: number;
  readonly attributes: AttributesOf[K];
}

/** A convolution as its gradients see it: large side [N,C,H,W], small side [N,K,H',W'], weight [K,C/groups,kH,kW]. */
export interface ConvolutionSite {
  readonly large: Shape;
  readonly small: Shape;
  readonly weight: Shape;
  readonly convolution: Convolution;
}

/** Says in which form a convolution's gradients are built; the forms are equal and differ in cost alone. */
export interface GradientForms {
  weight(site: ConvolutionSite): WeightForm;
  input(site: ConvolutionSite): InputForm;
}

/** One row of the table: every reading of one instruction. */
export interface Row<K extends InstructionName> {
  readonly arity: number | 'many';
  /** Shape of the result. @throws ShapeMismatch */
  infer(inputs: readonly Shape[], attributes: AttributesOf[K]): Shape;
  /** Reference values; `shape` is the bound result shape. */
  evaluate(inputs: readonly Values[], attributes: AttributesOf[K], shape: readonly number[]): Float64Array;
  /** For each input the gradient of the loss, given `g`, that of the output; null where there is none. */
  gradient(b: Builder, site: Site<K>, g: number, forms?: GradientForms): readonly (number | null)[];
  /** Emits ONNX for the instruction and names the result `output`. */
  lower(
    e: Emitter,
    inputs: readonly string[],
    attributes: AttributesOf[K],
    shapes: { readonly inputs: readonly Shape[]; readonly output: Shape },
    output: string,
  ): void;
  cost(inputs: readonly Shape[], attributes: AttributesOf[K], output: Shape): Cost;
}

/** An integer attribute. */
export const int = (value: number): AttributeValue => ({ kind: 'int', value });
/** A list of integers as an attribute. */
export const ints = (value: readonly number[]): AttributeValue => ({ kind: 'ints', value });
/** A float attribute. */
export const float = (value: number): AttributeValue => ({ kind: 'float', value });
/** A string attribute. */
export const text = (value: string): AttributeValue => ({ kind: 'string', value });
