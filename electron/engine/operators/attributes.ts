import type { OnnxNode } from '../onnx/model.ts';

/** The integer attribute, or `fallback` where the node has none. */
export function intOf(node: OnnxNode, name: string, fallback: number): number {
  const value = node.attributes[name];
  return value?.kind === 'int' ? value.value : fallback;
}

/** The float attribute, or `fallback` where the node has none. */
export function floatOf(node: OnnxNode, name: string, fallback: number): number {
  const value = node.attributes[name];
  return value?.kind === 'float' ? value.value : fallback;
}

/** The text attribute, or `fallback` where the node has none. */
export function textOf(node: OnnxNode, name: string, fallback: string): string {
  const value = node.attributes[name];
  return value?.kind === 'string' ? value.value : fallback;
}

/** The integer list, or undefined where the node has none. */
export function intsOf(node: OnnxNode, name: string): readonly number[] | undefined {
  const value = node.attributes[name];
  return value?.kind === 'ints' ? value.value : undefined;
}

/** The float list, or undefined where the node has none. */
export function floatsOf(node: OnnxNode, name: string): readonly number[] | undefined {
  const value = node.attributes[name];
  return value?.kind === 'floats' ? value.value : undefined;
}

/** True where a Conv pads its operand, or may. */
export const isPadded = (conv: OnnxNode): boolean =>
  (intsOf(conv, 'pads') ?? []).some((p) => p !== 0) ||
  !['NOTSET', 'VALID', ''].includes(textOf(conv, 'auto_pad', 'NOTSET'));
