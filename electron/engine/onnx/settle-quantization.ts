import { pruneUnused } from './graph.ts';
import type { OnnxModel, OnnxNode, Tensor } from './model.ts';
import { quantizeLinear } from './quantize-linear.ts';

/**
 * Stores what a model in quantize/dequantize form computes from constants: weights as 8-bit numbers instead of floats
 * behind a QuantizeLinear, and the bias of a contraction of 8-bit numbers as 32-bit integers in the scale of its sums,
 * which is the form runtimes compute in integers. A bias moves by at most half a step of those sums.
 */
export function settleQuantization(model: OnnxModel): OnnxModel {
  const initializers = new Map(model.initializers);
  const nodes: OnnxNode[] = [];
  const makers = new Map<string, OnnxNode>();
  for (const node of model.nodes) {
    const stored = storedWeight(node, initializers);
    if (stored) {
      initializers.set(node.outputs[0]!, stored);
      continue;
    }
    const settled = settleBias(node, makers, initializers);
    nodes.push(...settled);
    for (const own of settled) for (const output of own.outputs) makers.set(output, own);
  }
  return pruneUnused({ ...model, nodes, initializers });
}

/** The result of a QuantizeLinear of a constant; null for any other node. */
function storedWeight(node: OnnxNode, initializers: ReadonlyMap<string, Tensor>): Tensor | null {
  if (node.type !== 'QuantizeLinear') return null;
  const [value, scale, zero] = node.inputs.map((name) => initializers.get(name));
  if (value?.type !== 'float32' || scale?.type !== 'float32') return null;
  if (zero?.type !== 'int8' && zero?.type !== 'uint8') return null;
  const isSigned = zero.type === 'int8';
  const offsets = isSigned ? new Int8Array(zero.data) : zero.data;
  const axis = node.attributes.axis?.kind === 'int' ? node.attributes.axis.value : 1;
  const inner = value.shape.slice(axis + 1).reduce((a, d) => a * d, 1);
  const data = new Uint8Array(value.data.length);
  value.data.forEach((v, i) => {
    const at = scale.data.length === 1 ? 0 : Math.floor(i / inner) % scale.data.length;
    data[i] = quantizeLinear(v, scale.data[at]!, offsets[at]!, isSigned) & 0xff;
  });
  return { type: zero.type, shape: value.shape, data };
}

function settleBias(
  node: OnnxNode,
  makers: ReadonlyMap<string, OnnxNode>,
  initializers: Map<string, Tensor>,
): OnnxNode[] {
  if (node.type !== 'Conv' && node.type !== 'Gemm') return [node];
  const [x, w, biasName] = node.inputs;
  const bias = initializers.get(biasName ?? '');
  const scales = [x, w].map((name) => {
    const maker = makers.get(name!);
    const scale = maker?.type === 'DequantizeLinear' ? initializers.get(maker.inputs[1]!) : undefined;
    return scale?.type === 'float32' ? scale.data : null;
  });
  const [scaleOfX, scaleOfW] = scales;
  if (bias?.type !== 'float32' || !scaleOfX || !scaleOfW || scaleOfX.length !== 1) return [node];
  const [outputs] = bias.shape;
  const scale = Float32Array.from({ length: outputs! }, (_, i) =>
    Math.fround(scaleOfX[0]! * scaleOfW[scaleOfW.length === 1 ? 0 : i]!),
  );
  const most = 2 ** 31 - 1;
  const integers = Int32Array.from(bias.data, (v, i) =>
    Math.max(-most, Math.min(most, Math.round(v / scale[i]!))),
  );
  const name = `${node.name}/bias`;
  initializers.set(`${name}_quantized`, {
    type: 'int32',
    shape: bias.shape,
    data: new Uint8Array(integers.buffer),
  });
  initializers.set(`${name}_scale`, { type: 'float32', shape: bias.shape, data: scale });
  initializers.set(`${name}_zero`, { type: 'int32', shape: bias.shape, data: new Uint8Array(4 * outputs!) });
  const dequantize: OnnxNode = {
    name,
    type: 'DequantizeLinear',
    domain: '',
    inputs: [`${name}_quantized`, `${name}_scale`, `${name}_zero`],
    outputs: [`${name}_value`],
    attributes: { axis: { kind: 'int', value: 0 } },
  };
  return [dequantize, { ...node, inputs: [x!, w!, `${name}_value`] }];
}
