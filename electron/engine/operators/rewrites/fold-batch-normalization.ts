import { pruneUnused } from '../../onnx/graph.ts';
import type { OnnxModel, OnnxNode, Tensor } from '../../onnx/model.ts';
import { floatOf } from '../attributes.ts';
import type { Applied, Refused, Rewrite } from './rewrite-rule.ts';

const rule = 'fold BatchNormalization';

/**
 * Conv then BatchNormalization is one Conv: with s = scale / √(variance + ε),
 * (W·x + b − mean)·s + bias = (s·W)·x + (b − mean)·s + bias.
 */
export const foldBatchNormalization: Rewrite = (model) => {
  const applied: Applied[] = [];
  const refused: Refused[] = [];
  let current = model;
  for (const node of model.nodes) {
    if (node.type !== 'BatchNormalization' || node.domain !== '') continue;
    const outcome = fold(current, node);
    if (typeof outcome === 'string') refused.push({ rule, operator: node.name, reason: outcome });
    else {
      current = outcome.model;
      applied.push({ rule, operators: [outcome.into, node.name] });
    }
  }
  return { model: applied.length > 0 ? pruneUnused(current) : model, applied, refused };
};

function fold(model: OnnxModel, node: OnnxNode): { model: OnnxModel; into: string } | string {
  const conv = model.nodes.find((n) => n.outputs.includes(node.inputs[0]!));
  if (conv?.type !== 'Conv') return 'it does not follow a Conv';
  const [y] = conv.outputs;
  const readers = model.nodes.filter((n) => n.inputs.includes(y!));
  if (readers.length !== 1 || model.outputs.some((o) => o.name === y))
    return 'the output of the Conv is read elsewhere too';
  const floats = (name: string | undefined) => {
    const tensor = model.initializers.get(name ?? '');
    return tensor?.type === 'float32' ? tensor : undefined;
  };
  const weight = floats(conv.inputs[1]);
  const [scale, bias, mean, variance] = [1, 2, 3, 4].map((i) => floats(node.inputs[i])?.data);
  const before = conv.inputs[2] ? floats(conv.inputs[2])?.data : new Float32Array(weight?.shape[0] ?? 0);
  if (!weight || !scale || !bias || !mean || !variance || !before) return 'its operands are not constant';
  if (model.nodes.some((n) => n !== conv && n.inputs.includes(conv.inputs[1]!)))
    return 'the weight is shared';
  const epsilon = floatOf(node, 'epsilon', 1e-5);
  const factor = scale.map((s, k) => s / Math.sqrt(variance[k]! + epsilon));
  const perKernel = weight.data.length / factor.length;
  const data = weight.data.map((w, i) => w * factor[Math.floor(i / perKernel)]!);
  const shift = bias.map((b, k) => (before[k]! - mean[k]!) * factor[k]! + b);
  const [weightName, biasName] = [`${conv.inputs[1]}/folded`, `${conv.name}/folded_bias`];
  const initializers = new Map<string, Tensor>(model.initializers);
  initializers.set(weightName, { type: 'float32', shape: weight.shape, data });
  initializers.set(biasName, { type: 'float32', shape: [factor.length], data: shift });
  const merged: OnnxNode = {
    ...conv,
    inputs: [conv.inputs[0]!, weightName, biasName],
    outputs: [node.outputs[0]!],
  };
  const nodes = model.nodes.flatMap((n) => (n === conv ? [merged] : n === node ? [] : [n]));
  return { model: { ...model, nodes, initializers }, into: conv.name };
}
