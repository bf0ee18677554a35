import type { OnnxNode } from '../../onnx/model.ts';
import { type GraphView, isNear, productOf } from './graph-view.ts';
import type { Rule } from './rewrite-rule.ts';

/** Gelu (ONNX, opset 20): ½·x·(1 + erf(x/√2)), the ½ anywhere in the product. */
export const fuseGelu: Rule = {
  name: 'fuse Gelu',
  match(view, node) {
    if (node.domain !== '' || (node.type !== 'Mul' && node.type !== 'Div')) return null;
    const { factors, scalar, operators } = productOf(view, node);
    if (factors.length !== 2 || !isNear(scalar, 0.5)) return null;
    for (const [x, tensor] of [factors, factors.toReversed()] as [string, string][]) {
      const gate = gateOf(view, tensor, x);
      if (!gate) continue;
      const all = [...operators, ...gate];
      if (view.opset < 20) return `Gelu needs operator set 20, the model has ${view.opset}`;
      const leak = view.leak(all, node);
      if (leak) return `the result of ${leak.name} is read elsewhere too`;
      return {
        operators: all.map((n) => n.name),
        nodes: [{ ...node, type: 'Gelu', inputs: [x], attributes: {} }],
        initializers: new Map(),
      };
    }
    return null;
  },
};

/** The operators of 1 + erf(x/√2). */
function gateOf(view: GraphView, tensor: string, x: string): OnnxNode[] | null {
  const sum = view.producer(tensor, 'Add');
  const parts = view.withScalar(sum);
  const erf = view.producer(parts?.other, 'Erf');
  const scaled = view.producer(erf?.inputs[0], 'Mul', 'Div');
  if (!sum || !erf || !scaled || !isNear(parts?.value, 1)) return null;
  const { factors, scalar, operators } = productOf(view, scaled);
  const isGate = isNear(scalar, Math.SQRT1_2) && factors.length === 1 && factors[0] === x;
  return isGate ? [sum, erf, ...operators] : null;
}
