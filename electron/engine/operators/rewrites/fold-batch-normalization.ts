import { floatOf, intOf } from '../attributes.ts';
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
    if (intOf(node, 'training_mode', 0) !== 0 || node.outputs.slice(1).some((name) => name !== ''))
      return 'it normalizes by the batch';
    const [gamma, beta, mean, variance] = [1, 2, 3, 4].map((i) => view.floats(node.inputs[i])?.data);
    if (!gamma || !beta || !mean || !variance) return 'its operands are not constant';
    const epsilon = floatOf(node, 'epsilon', 1e-5);
    const scale = Float64Array.from(gamma, (g, k) => g / Math.sqrt(variance[k]! + epsilon));
    const shift = Float64Array.from(beta, (b, k) => b - scale[k]! * mean[k]!);
    const made = scaleLinear(view, linear, scale, shift, node.outputs[0]!);
    if (typeof made === 'string') return made;
    return { operators: [linear.name, node.name], nodes: [made.node], initializers: made.initializers };
  },
};
