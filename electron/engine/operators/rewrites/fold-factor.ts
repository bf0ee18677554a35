import type { OnnxNode, Tensor } from '../../onnx/model.ts';
import { isMovement } from './affine.ts';
import type { GraphView } from './graph-view.ts';
import { linearTypes, outputsOf, scaleLinear } from './linear-fold.ts';
import { passOn } from './merge-transposes.ts';
import type { Rewriting, Rule } from './rewrite-rule.ts';

/**
 * One number that multiplies a result goes back into the constants that the result is made with, through
 * movements, sums with constants and one factor of a product of two results: c·(Q·Kᵀ) = (c·Q)·Kᵀ.
 */
export const foldFactor: Rule = {
  name: 'fold a factor into weights',
  match(view, node) {
    const factor = factorOf(view, node);
    if (!factor) return null;
    const made = scaleBack(view, factor.other, node, factor.value);
    if (made === null || typeof made === 'string') return made;
    return {
      operators: [...made.operators, node.name],
      nodes: [...made.nodes, passOn(node, factor.other)],
      initializers: made.initializers,
    };
  },
};

/** The number that an operator multiplies a result by, which keeps its shape; null for any other operator. */
function factorOf(
  view: GraphView,
  node: OnnxNode,
): { readonly value: number; readonly other: string } | null {
  if (node.domain !== '' || (node.type !== 'Mul' && node.type !== 'Div')) return null;
  const parts = view.withScalar(node);
  if (!parts || view.model.initializers.has(parts.other)) return null;
  if (node.type === 'Div' && parts.other !== node.inputs[0]) return null;
  const constant = view.floats(node.inputs.find((name) => name !== parts.other));
  const rank = constant?.shape.length ?? 0;
  if (rank > 0 && rank > (view.shape(parts.other)?.length ?? 0)) return null;
  const value = node.type === 'Div' ? 1 / parts.value : parts.value;
  return Number.isFinite(value) ? { value, other: parts.other } : null;
}

/** What makes c·y out of what makes y; null where no constant can take c in, a text where one must not. */
function scaleBack(view: GraphView, tensor: string, reader: OnnxNode, c: number): Rewriting | string | null {
  const maker = view.producer(tensor, ...makers);
  if (!maker) return null;
  if (!view.isPrivate(maker, reader)) return `the result of ${maker.name} is read elsewhere too`;
  const outputs = linearTypes.some((type) => type === maker.type) ? outputsOf(view, maker) : null;
  if (outputs !== null) {
    const zeros = new Float64Array(outputs);
    const made = scaleLinear(
      view,
      maker,
      zeros.map(() => c),
      zeros,
      maker.outputs[0]!,
    );
    return typeof made === 'string'
      ? made
      : { operators: [maker.name], nodes: [made.node], initializers: made.initializers };
  }
  const [first = '', second = ''] = maker.inputs;
  if (isMovement(maker) || (maker.type === 'Relu' && c > 0)) return scaleBack(view, first, maker, c);
  if (maker.type === 'MatMul' && first !== second) {
    const made = [first, second].map((operand) => scaleBack(view, operand, maker, c));
    return made.find((m) => m !== null && typeof m !== 'string') ?? made.find((m) => m !== null) ?? null;
  }
  return maker.type === 'Add' || maker.type === 'Sub' ? scaleSum(view, maker, c) : null;
}

const makers = [
  ...linearTypes,
  'Add',
  'Sub',
  'Relu',
  'Transpose',
  'Reshape',
  'Flatten',
  'Squeeze',
  'Unsqueeze',
];

/** c·(y + b) = c·y + c·b. */
function scaleSum(view: GraphView, sum: OnnxNode, c: number): Rewriting | string | null {
  const operands = view.withFloats(sum);
  const made = operands && scaleBack(view, operands.other, sum, c);
  if (!made || typeof made === 'string') return made ?? null;
  const { place, constant } = operands;
  const bias = `${sum.name}/bias`;
  const scaled: Tensor = { ...constant, data: constant.data.map((v) => v * c) };
  return {
    operators: [...made.operators, sum.name],
    nodes: [...made.nodes, { ...sum, inputs: sum.inputs.map((name, i) => (i === place ? bias : name)) }],
    initializers: new Map([...made.initializers, [bias, scaled]]),
  };
}
