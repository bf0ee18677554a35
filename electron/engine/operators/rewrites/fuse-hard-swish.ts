import type { OnnxNode } from '../../onnx/model.ts';
import { floatOf } from '../attributes.ts';
import { type GraphView, isNear, productOf } from './graph-view.ts';
import type { Rule } from './rewrite-rule.ts';

/** HardSwish (ONNX, opset 14): x·clip(x + 3, 0, 6)/6 = x·clip(x/6 + ½, 0, 1) = x·HardSigmoid(x). */
export const fuseHardSwish: Rule = {
  name: 'fuse HardSwish',
  match(view, node) {
    if (node.domain !== '' || (node.type !== 'Mul' && node.type !== 'Div')) return null;
    const { factors, scalar, operators } = productOf(view, node);
    if (factors.length !== 2) return null;
    for (const [x, tensor] of [factors, factors.toReversed()] as [string, string][]) {
      const gate = gateOf(view, tensor, x);
      if (!gate || !isNear(scalar * gate.height, 1)) continue;
      const all = [...operators, ...gate.operators];
      if (view.opset < 14) return `HardSwish needs operator set 14, the model has ${view.opset}`;
      const leak = view.leak(all, node);
      if (leak) return `the result of ${leak.name} is read elsewhere too`;
      return {
        operators: all.map((n) => n.name),
        nodes: [{ ...node, type: 'HardSwish', inputs: [x], attributes: {} }],
        initializers: new Map(),
      };
    }
    return null;
  },
};

interface Gate {
  /** The gate goes from 0 to this height. */
  readonly height: number;
  readonly operators: readonly OnnxNode[];
}

/** The tensor as height·clip(x/6 + ½, 0, 1). */
function gateOf(view: GraphView, tensor: string, x: string): Gate | null {
  const hard = view.producer(tensor, 'HardSigmoid');
  if (hard) {
    const isGate = isNear(floatOf(hard, 'alpha', 0.2), 1 / 6) && isNear(floatOf(hard, 'beta', 0.5), 0.5);
    return isGate && hard.inputs[0] === x ? { height: 1, operators: [hard] } : null;
  }
  const clip = view.producer(tensor, 'Clip');
  const bounds = clip && view.clipBounds(clip);
  const shift = view.producer(clip?.inputs[0], 'Add');
  const sum = view.withScalar(shift);
  if (!clip || !bounds || !shift || !sum || bounds.min !== 0) return null;
  if (isNear(bounds.max, 6) && isNear(sum.value, 3) && sum.other === x)
    return { height: 6, operators: [clip, shift] };
  const scaled = view.producer(sum.other, 'Mul', 'Div');
  if (!isNear(bounds.max, 1) || !isNear(sum.value, 0.5) || !scaled) return null;
  const { factors, scalar, operators } = productOf(view, scaled);
  return isNear(scalar, 1 / 6) && factors.length === 1 && factors[0] === x
    ? { height: 1, operators: [clip, shift, ...operators] }
    : null;
}
