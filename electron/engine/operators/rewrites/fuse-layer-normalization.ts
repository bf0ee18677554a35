import type { OnnxNode } from '../../onnx/model.ts';
import { intOf, intsOf } from '../attributes.ts';
import { type GraphView, isNear } from './graph-view.ts';
import type { Rule } from './rewrite-rule.ts';

/**
 * LayerNormalization (ONNX, opset 17): with d = x − mean(x), γ·d/√(mean(d²) + ε) + β, the means over the last
 * axes, d² written as Pow(d, 2) or as d·d.
 */
export const fuseLayerNormalization: Rule = {
  name: 'fuse LayerNormalization',
  match(view, node) {
    const core = coreOf(view, node);
    if (!core) return null;
    if (view.opset < 17) return `LayerNormalization needs operator set 17, the model has ${view.opset}`;
    if (core.axes.some((axis, i) => axis !== i - core.axes.length))
      return 'its axes are not the last ones, counted from the end';
    const [scaling] = view.readers(node.outputs[0]);
    const gamma = scaling?.type === 'Mul' ? constantOperand(view, scaling) : undefined;
    if (!scaling || !gamma || !view.isPrivate(node, scaling)) return 'no scale follows it';
    const shape = view.floats(gamma)?.shape ?? [];
    if (shape.length !== core.axes.length) return 'its scale has not the rank of its axes';
    const [shifting] = view.readers(scaling.outputs[0]);
    const beta = shifting?.type === 'Add' ? constantOperand(view, shifting) : undefined;
    const hasShift =
      shifting !== undefined &&
      beta !== undefined &&
      view.isPrivate(scaling, shifting) &&
      view.floats(beta)?.shape.join() === shape.join();
    const last = hasShift ? shifting : scaling;
    const all = [...core.operators, scaling, ...(hasShift ? [shifting] : [])];
    const leak = view.leak(all, last);
    if (leak) return `the result of ${leak.name} is read elsewhere too`;
    const fused: OnnxNode = {
      ...node,
      type: 'LayerNormalization',
      inputs: hasShift ? [core.x, gamma, beta] : [core.x, gamma],
      outputs: [last.outputs[0]!],
      attributes: {
        axis: { kind: 'int', value: -core.axes.length },
        epsilon: { kind: 'float', value: core.epsilon },
      },
    };
    return { operators: all.map((n) => n.name), nodes: [fused], initializers: new Map() };
  },
};

const constantOperand = (view: GraphView, node: OnnxNode): string | undefined =>
  node.inputs.find((name) => view.floats(name) !== undefined);

/** d/√(mean(d²) + ε), found from its Div. */
export function coreOf(view: GraphView, div: OnnxNode) {
  if (div.type !== 'Div' || div.domain !== '') return null;
  const [d = '', root = ''] = div.inputs;
  const sqrt = view.producer(root, 'Sqrt');
  const add = view.producer(sqrt?.inputs[0], 'Add');
  const sum = view.withScalar(add);
  const variance = view.producer(sum?.other, 'ReduceMean');
  const square = view.producer(variance?.inputs[0], 'Pow', 'Mul');
  const sub = view.producer(d, 'Sub');
  const mean = view.producer(sub?.inputs[1], 'ReduceMean');
  if (!sqrt || !add || !sum || !variance || !square || !sub || !mean) return null;
  const isSquare =
    square.inputs[0] === d &&
    (square.type === 'Mul' ? square.inputs[1] === d : isNear(view.scalar(square.inputs[1]), 2));
  const axes = axesOf(view, variance);
  const x = sub.inputs[0] ?? '';
  if (!isSquare || !axes || mean.inputs[0] !== x || axesOf(view, mean)?.join() !== axes.join()) return null;
  return { x, axes, epsilon: sum.value, operators: [mean, sub, square, variance, add, sqrt, div] };
}

/** Axes of a mean that keeps them; null where they are not known. */
function axesOf(view: GraphView, mean: OnnxNode): readonly number[] | null {
  const axes = intsOf(mean, 'axes') ?? view.integers(mean.inputs[1]);
  return axes && intOf(mean, 'keepdims', 1) === 1 ? axes : null;
}
