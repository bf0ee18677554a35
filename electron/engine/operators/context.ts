import type { ProgramBuilder } from '../instructions/builder.ts';
import type { Shape } from '../instructions/program.ts';
import type { OnnxNode, Tensor } from '../onnx/model.ts';

/** Whole numbers known while the model is read: shapes and what is computed from them; −k stands for k·N. */
export interface Integers {
  readonly shape: readonly number[];
  readonly values: readonly number[];
}

/** Why an operator has no definition here; it stays opaque. */
export class Undefined extends Error {}

/** What a definition sees of its node. */
export interface DefineContext {
  readonly b: ProgramBuilder;
  readonly node: OnnxNode;
  readonly opset: number;
  has(index: number): boolean;
  /** Instruction of a tensor operand; an initializer becomes a parameter, or a constant where it is one number. */
  input(index: number): number;
  shape(index: number): Shape;
  /** The operand's whole numbers, where they are known. */
  integers(index: number): Integers | undefined;
  /** A float initializer, untouched. */
  floats(index: number): Extract<Tensor, { type: 'float32' }> | undefined;
}

/** Gives the instruction of each output. @throws Undefined, ShapeMismatch */
export type Definition = (c: DefineContext) => readonly number[];

/** Attribute readers with ONNX's defaults. */
export function intAttribute(node: OnnxNode, name: string, missing: number): number {
  const a = node.attributes[name];
  return a?.kind === 'int' ? a.value : missing;
}

export function floatAttribute(node: OnnxNode, name: string, missing: number): number {
  const a = node.attributes[name];
  return a?.kind === 'float' ? a.value : missing;
}

export function intsAttribute(node: OnnxNode, name: string): readonly number[] | undefined {
  const a = node.attributes[name];
  return a?.kind === 'ints' ? a.value : undefined;
}

export function textAttribute(node: OnnxNode, name: string, missing: string): string {
  const a = node.attributes[name];
  return a?.kind === 'string' ? a.value : missing;
}

/** Whole numbers from an attribute (older opsets) or an operand (newer ones). */
export function intsFrom(c: DefineContext, name: string, index: number): readonly number[] | undefined {
  const attribute = intsAttribute(c.node, name);
  if (attribute) return attribute;
  if (!c.has(index)) return undefined;
  const known = c.integers(index);
  if (!known) throw new Undefined(`its ${name} are only known when it runs`);
  return known.values;
}

/** The axis counted from the front. */
export const fromFront = (axis: number, rank: number): number => (axis < 0 ? axis + rank : axis);
