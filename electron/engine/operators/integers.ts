import type { Shape } from '../instructions/program.ts';
import type { OnnxNode } from '../onnx/model.ts';
import { fromFront, type Integers, intAttribute, intsAttribute } from './context.ts';

/** What the evaluation of whole numbers needs to know of its node. */
export interface IntegerContext {
  readonly node: OnnxNode;
  /** The operand's numbers, where they are known. */
  known(index: number): Integers | undefined;
  /** The shape of a float operand, where it is known. */
  shape(index: number): Shape | undefined;
}

/** Works out a node over whole numbers (shapes and their arithmetic); undefined for any other node. */
export function evaluateIntegers(c: IntegerContext): Integers | undefined {
  const { node } = c;
  if (node.type === 'Shape') {
    const shape = c.shape(0);
    return shape && { shape: [shape.length], values: shape };
  }
  const x = c.known(0);
  if (!x) return undefined;
  switch (node.type) {
    case 'Identity':
      return x;
    case 'Cast':
      return [6, 7].includes(intAttribute(node, 'to', 0)) ? x : undefined;
    case 'Gather': {
      const indices = c.known(1);
      if (!indices || x.shape.length > 1) return undefined;
      return {
        shape: indices.shape,
        values: indices.values.map((i) => x.values[i < 0 ? i + x.values.length : i]!),
      };
    }
    case 'Squeeze':
      return { shape: x.values.length === 1 ? [] : x.shape, values: x.values };
    case 'Unsqueeze':
      return x.values.length === 1 ? { shape: [1], values: x.values } : undefined;
    case 'Reshape':
      return { shape: [x.values.length], values: x.values };
    case 'Slice': {
      const starts = intsAttribute(node, 'starts') ?? c.known(1)?.values;
      const ends = intsAttribute(node, 'ends') ?? c.known(2)?.values;
      if (starts?.length !== 1 || ends?.length !== 1 || x.shape.length !== 1) return undefined;
      const values = x.values.slice(starts[0], Math.min(ends[0]!, x.values.length));
      return { shape: [values.length], values };
    }
    case 'Concat': {
      const parts = node.inputs.map((_, i) => c.known(i));
      if (parts.some((p) => p === undefined) || fromFront(intAttribute(node, 'axis', 0), 1) !== 0)
        return undefined;
      const values = parts.flatMap((p) => p!.values);
      return { shape: [values.length], values };
    }
    case 'Add':
    case 'Sub':
    case 'Mul':
    case 'Div':
      return arithmetic(node.type, x, c.known(1));
    default:
      return undefined;
  }
}

/** k·N times or over a plain number stays a multiple of N; what would not is unknown. */
function arithmetic(
  type: 'Add' | 'Sub' | 'Mul' | 'Div',
  x: Integers,
  y: Integers | undefined,
): Integers | undefined {
  if (!y) return undefined;
  const longer = x.values.length >= y.values.length ? x : y;
  const values = longer.values.map((_, i) => {
    const [a, b] = [x.values[x.values.length === 1 ? 0 : i]!, y.values[y.values.length === 1 ? 0 : i]!];
    if (type === 'Mul') return a < 0 && b < 0 ? Number.NaN : a * b;
    if (type === 'Div') return a < 0 && b < 0 ? a / b : Math.trunc(a / b);
    if (a < 0 || b < 0) return Number.NaN;
    return type === 'Add' ? a + b : a - b;
  });
  return values.every(Number.isInteger) ? { shape: longer.shape, values } : undefined;
}
