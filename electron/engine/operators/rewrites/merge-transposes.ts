import type { OnnxNode } from '../../onnx/model.ts';
import { intsOf } from '../attributes.ts';
import type { Rule } from './rewrite-rule.ts';

/**
 * Transpose by p and then by q is Transpose by p∘q, axis i coming from p[q[i]]; one that leaves all axes in
 * place is nothing.
 */
export const mergeTransposes: Rule = {
  name: 'merge Transposes',
  match(view, node) {
    if (node.type !== 'Transpose' || node.domain !== '') return null;
    const own = intsOf(node, 'perm');
    if (own && isIdentity(own))
      return { operators: [node.name], nodes: [passOn(node, node.inputs[0]!)], initializers: new Map() };
    const first = view.producer(node.inputs[0], 'Transpose');
    if (!first) return null;
    const [p, q] = [intsOf(first, 'perm'), own];
    if (!p || !q) return 'one of them only says that it reverses the axes';
    const merged = q.map((axis) => p[axis]!);
    const source = first.inputs[0]!;
    // The first stays for its other readers; this one need not wait for it.
    if (isIdentity(merged))
      return { operators: [node.name], nodes: [passOn(node, source)], initializers: new Map() };
    if (!view.isPrivate(first, node)) return 'what lies between is read elsewhere too';
    const attributes = { perm: { kind: 'ints', value: merged } } as const;
    return {
      operators: [first.name, node.name],
      nodes: [{ ...node, inputs: [source], attributes }],
      initializers: new Map(),
    };
  },
};

const isIdentity = (permutation: readonly number[]): boolean => permutation.every((axis, i) => axis === i);

/** An Identity in the node's place; constant folding takes it out. */
export const passOn = (node: OnnxNode, from: string): OnnxNode => ({
  ...node,
  type: 'Identity',
  inputs: [from],
  outputs: [node.outputs[0]!],
  attributes: {},
});
