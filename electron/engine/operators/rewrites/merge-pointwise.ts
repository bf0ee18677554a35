import type { OnnxNode } from '../../onnx/model.ts';
import { intOf, intsOf, isPadded } from '../attributes.ts';
import type { Floats, GraphView } from './graph-view.ts';
import type { Rule } from './rewrite-rule.ts';

/**
 * Two 1×1 convolutions in a row are one: W₂·(W₁·x + b₁) + b₂ = (W₂·W₁)·x + (W₂·b₁ + b₂). Done only where the
 * product has less work, K₂·C < K₁·C + K₂·K₁: through a bottleneck it would have more.
 */
export const mergePointwise: Rule = {
  name: 'merge 1×1 Convs',
  match(view, node) {
    const second = pointwise(view, node);
    const producer = view.producer(node.inputs[0], 'Conv');
    const first = producer && pointwise(view, producer);
    if (!second || !producer || !first) return null;
    if (!view.isPrivate(producer, node)) return 'what lies between is read elsewhere too';
    const [[k1 = 0, c = 0], [k2 = 0]] = [first.weight.shape, second.weight.shape];
    if (k2 * c >= k1 * c + k2 * k1) return 'one Conv would have more work than the two';
    const data = new Float32Array(k2 * c);
    const bias = new Float32Array(k2);
    for (let o = 0; o < k2; o++) {
      let sum = second.bias?.data[o] ?? 0;
      for (let m = 0; m < k1; m++) sum += second.weight.data[o * k1 + m]! * (first.bias?.data[m] ?? 0);
      bias[o] = sum;
      for (let i = 0; i < c; i++) {
        let product = 0;
        for (let m = 0; m < k1; m++)
          product += second.weight.data[o * k1 + m]! * first.weight.data[m * c + i]!;
        data[o * c + i] = product;
      }
    }
    const [weightName, biasName] = [`${node.name}/weight`, `${node.name}/bias`];
    const strides = first.strides.map((s, i) => s * (second.strides[i] ?? 1));
    const attributes = { ...node.attributes, strides: { kind: 'ints', value: strides } } as const;
    const inputs = [producer.inputs[0]!, weightName, biasName];
    return {
      operators: [producer.name, node.name],
      nodes: [{ ...node, inputs, attributes }],
      initializers: new Map([
        [weightName, { type: 'float32', shape: [k2, c, ...second.weight.shape.slice(2)], data }],
        [biasName, { type: 'float32', shape: [k2], data: bias }],
      ]),
    };
  },
};

/** What a dense, unpadded 1×1 Conv with constants is made of; null for any other operator. */
function pointwise(
  view: GraphView,
  node: OnnxNode,
): {
  readonly weight: Floats;
  readonly bias: Floats | undefined;
  readonly strides: readonly number[];
} | null {
  if (node.type !== 'Conv' || node.domain !== '' || intOf(node, 'group', 1) !== 1) return null;
  const weight = view.floats(node.inputs[1]);
  const bias = view.floats(node.inputs[2]);
  if (!weight || weight.shape.slice(2).some((k) => k !== 1)) return null;
  if ((node.inputs[2] ?? '') !== '' && !bias) return null;
  if (isPadded(node)) return null;
  return { weight, bias, strides: intsOf(node, 'strides') ?? weight.shape.slice(2).map(() => 1) };
}
