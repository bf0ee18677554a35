import type { OnnxNode } from '../../onnx/model.ts';
import { isLastSoftmax, isMovement, moveField } from './affine.ts';
import { fieldOf } from './constant-field.ts';
import type { GraphView } from './graph-view.ts';
import { passOn } from './merge-transposes.ts';
import type { Rule } from './rewrite-rule.ts';

/**
 * A bias b on all keys alike adds the same number to a whole row of scores, q·(K + 1·bᵀ)ᵀ = q·Kᵀ + (q·b)·1ᵀ, and
 * Softmax over the row takes no notice of it.
 */
export const dropKeyBias: Rule = {
  name: 'drop a bias that Softmax cancels',
  match(view, node) {
    if (node.type !== 'Softmax' || !isLastSoftmax(view, node)) return null;
    const found = scoreOf(view, node.inputs[0]!, node);
    if (!found) return null;
    const { product, reader } = found;
    if (!view.isPrivate(product, reader)) return 'the scores are read elsewhere too';
    const movements: OnnxNode[] = [];
    let [, tensor = ''] = product.inputs;
    for (let last = product; ; ) {
      const maker = view.producer(tensor, 'Add', 'Transpose', 'Reshape', 'Unsqueeze', 'Squeeze', 'Flatten');
      if (!maker) return null;
      if (!view.isPrivate(maker, last)) return 'the keys are read elsewhere too';
      if (isMovement(maker)) {
        movements.unshift(maker);
        [tensor = ''] = maker.inputs;
        last = maker;
        continue;
      }
      const kept = withoutBias(view, maker, movements);
      if (kept === null || typeof kept === 'string') return kept;
      return { operators: [maker.name], nodes: [passOn(maker, kept.keys)], initializers: new Map() };
    }
  },
};

/** The product behind scores that are scaled and masked, by what only the Softmax reads. */
function scoreOf(
  view: GraphView,
  tensor: string,
  reader: OnnxNode,
): { readonly product: OnnxNode; readonly reader: OnnxNode } | null {
  const maker = view.producer(tensor, 'MatMul', 'Mul', 'Div', 'Add');
  if (!maker) return null;
  if (maker.type === 'MatMul') return { product: maker, reader };
  if (!view.isPrivate(maker, reader)) return null;
  if (maker.type === 'Add')
    return scoreOf(view, maker.inputs[0]!, maker) ?? scoreOf(view, maker.inputs[1]!, maker);
  const scaled = view.withScalar(maker)?.other;
  const isScaled = scaled !== undefined && (maker.type === 'Mul' || scaled === maker.inputs[0]);
  return isScaled ? scoreOf(view, scaled, maker) : null;
}

/** What a constant is added to that, moved, does not vary over the last axis; a text where it does. */
function withoutBias(view: GraphView, sum: OnnxNode, movements: readonly OnnxNode[]) {
  const operands = view.withFloats(sum);
  const shape = view.shape(sum.outputs[0]);
  if (!operands || !shape || view.shape(operands.other)?.join() !== shape.join()) return null;
  let field = fieldOf(operands.constant, shape.length);
  for (const movement of movements) field = field && moveField(view, movement, field);
  if (!field) return null;
  return field.shape.at(-1) === 1 ? { keys: operands.other } : 'the bias is not the same for all keys';
}
