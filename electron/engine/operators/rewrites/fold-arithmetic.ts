import type { OnnxNode } from '../../onnx/model.ts';
import { linearTypes, outputsOf, perOutput, scaleLinear } from './linear-fold.ts';
import type { Rule } from './rewrite-rule.ts';

/**
 * Arithmetic with one constant an output goes into the linear operator before it:
 * c·(W·x + b) = (c·W)·x + c·b and (W·x + b) + c = W·x + (b + c); Div and Sub likewise.
 */
export const foldArithmetic: Rule = {
  name: 'fold constant arithmetic',
  match(view, node) {
    if (!['Add', 'Sub', 'Mul', 'Div'].includes(node.type) || node.domain !== '') return null;
    const operands = view.withFloats(node);
    const linear = view.producer(operands?.other, ...linearTypes);
    if (!operands || !linear || outputsOf(view, linear) === null) return null;
    // A product and its bias are one operator to the runtime already.
    if (linear.type === 'MatMul' && (node.type === 'Add' || node.type === 'Sub')) return null;
    if (!view.isPrivate(linear, node)) return 'its operand is read elsewhere too';
    const values = perOutput(view, linear, operands.constant);
    if (!values) return 'the constant is not one number an output';
    const parts = scaleAndShift(node, operands.place, values);
    if (!parts) return 'it divides by the operand, or by zero';
    const made = scaleLinear(view, linear, parts.scale, parts.shift, node.outputs[0]!);
    if (typeof made === 'string') return made;
    return { operators: [linear.name, node.name], nodes: [made.node], initializers: made.initializers };
  },
};

/** An Add, Sub, Mul or Div with constants at a place of its operands as s·y + t; null where it is none. */
export function scaleAndShift(
  node: OnnxNode,
  place: number,
  values: Float64Array,
): { readonly scale: Float64Array; readonly shift: Float64Array } | null {
  const same = (value: number): Float64Array => new Float64Array(values.length).fill(value);
  switch (node.type) {
    case 'Add':
      return { scale: same(1), shift: values };
    case 'Sub':
      return place === 1
        ? { scale: same(1), shift: values.map((v) => -v) }
        : { scale: same(-1), shift: values };
    case 'Mul':
      return { scale: values, shift: same(0) };
    default:
      return place === 1 && !values.includes(0) ? { scale: values.map((v) => 1 / v), shift: same(0) } : null;
  }
}
