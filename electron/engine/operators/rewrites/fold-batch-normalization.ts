import type { OnnxNode } from '../../onnx/model.ts';
import { floatOf, intOf } from '../attributes.ts';
import type { GraphView } from './graph-view.ts';
import { linearTypes, scaleLinear } from './linear-fold.ts';
import type { Rule } from './rewrite-rule.ts';

/**
 * A linear operator and then BatchNormalization are one linear operator: with s = γ/√(σ² + ε),
 * γ·(W·x + b − μ)/√(σ² + ε) + β = (s·W)·x + (s·b + β − s·μ).
 */
export const foldBatchNormalization: Rule = {
  name: 'fold BatchNormalization',
  match(view, node) {
    if (node.type !== 'BatchNormalization' || node.domain !== '') return null;
    const linear = view.producer(node.inputs[0], ...linearTypes);
    // The channels of a MatMul's result need not be its columns.
    if (!linear || linear.type === 'MatMul') return 'it does not follow a Conv or a Gemm';
    if (!view.isPrivate(linear, node)) return 'what it normalizes is read elsewhere too';
    const parts = normalizationOf(view, node);
    if (typeof parts === 'string') return parts;
    const made = scaleLinear(view, linear, parts.scale, parts.shift, node.outputs[0]!);
    if (typeof made === 'string') return made;
    return { operators: [linear.name, node.name], nodes: [made.node], initializers: made.initializers };
  },
};

/** A BatchNormalization as s·x + t, s = γ/√(σ² + ε) and t = β − s·μ for each channel; a text where it is none. */
export function normalizationOf(
  view: GraphView,
  node: OnnxNode,
): { readonly scale: Float64Array; readonly shift: Float64Array } | string {
  if (intOf(node, 'training_mode', 0) !== 0 || node.outputs.slice(1).some((name) => name !== ''))
    return 'it normalizes by the batch';
  const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => view.floats(node.inputs[i])?.data);
  if (!gamma || !beta || !mean || !variance) return 'its operands are not constant';
  const epsilon = floatOf(node, 'epsilon', 1e-5);
  const scale = Float64Array.from(gamma, (g, k) => g / Math.sqrt(variance[k]! + epsilon));
  const shift = Float64Array.from(beta, (b, k) => b - scale[k]! * mean[k]!);
  return { scale, shift };
}
