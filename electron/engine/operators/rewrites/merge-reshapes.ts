import { intOf } from '../attributes.ts';
import type { Rule } from './rewrite-rule.ts';

/**
 * Elements keep their order through any reshape, so that a Reshape can read what the one before it reads; unless
 * its target takes an extent over (a 0) from the shape in between.
 */
export const mergeReshapes: Rule = {
  name: 'merge Reshapes',
  match(view, node) {
    if (node.type !== 'Reshape' || node.domain !== '') return null;
    const first = view.producer(node.inputs[0], 'Reshape', 'Flatten', 'Squeeze', 'Unsqueeze');
    if (!first) return null;
    if (!view.isPrivate(first, node)) return 'what lies between is read elsewhere too';
    const target = view.integers(node.inputs[1]);
    if (!target) return 'its target is not constant';
    const zeros = intOf(node, 'allowzero', 0) === 0 ? target.flatMap((d, i) => (d === 0 ? [i] : [])) : [];
    const keepsFirst =
      (first.type === 'Flatten' && intOf(first, 'axis', 1) === 1) ||
      (first.type === 'Reshape' && view.integers(first.inputs[1])?.[0] === 0);
    if (zeros.some((axis) => axis !== 0 || !keepsFirst))
      return 'its target takes over an extent of the shape in between';
    const inputs = [first.inputs[0]!, node.inputs[1]!];
    return {
      operators: [first.name, node.name],
      nodes: [{ ...node, inputs }],
      initializers: new Map(),
    };
  },
};
