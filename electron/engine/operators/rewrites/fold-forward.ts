import type { OnnxNode, Tensor } from '../../onnx/model.ts';
import { intsOf } from '../attributes.ts';
import { affineOf } from './affine.ts';
import { linearReaders } from './affine-readers.ts';
import { coreOf } from './fuse-layer-normalization.ts';
import type { GraphView } from './graph-view.ts';
import { takeIn } from './linear-input.ts';
import { passOn } from './merge-transposes.ts';
import type { Rule } from './rewrite-rule.ts';

/**
 * An affine with constants goes on into the linear operators that read it: W·(s·x + t) + b = (W·s)·x + (W·t + b),
 * if all that read it are such and it takes operators away.
 */
export const foldForward: Rule = {
  name: 'fold into the linear operators behind',
  match(view, node) {
    if (isOfLayerNormalization(view, node)) return null;
    const affine = affineOf(view, node);
    if (!affine) return null;
    const { linear, obstacle } = linearReaders(view, node, affine);
    if (linear.length === 0) return null;
    if (obstacle)
      return `${obstacle.name} reads it, which is no linear operator with a constant weight of its channels`;
    const operators = [node.name];
    const nodes: OnnxNode[] = [passOn(node, affine.x)];
    const initializers = new Map<string, Tensor>();
    let added = 0;
    for (const reader of linear) {
      const made = takeIn(view, reader);
      if (typeof made === 'string') return made;
      operators.push(...made.operators);
      nodes.push(...made.nodes);
      for (const [name, tensor] of made.initializers) initializers.set(name, tensor);
      added += made.nodes.length - made.operators.length;
    }
    if (added >= 1 + undone(view, node)) return 'the sums it needs instead are no fewer operators';
    return { operators, nodes, initializers };
  },
};

/** The scale or the shift of a layer normalization that is written out: the runtime joins them all. */
function isOfLayerNormalization(view: GraphView, node: OnnxNode): boolean {
  const isCore = (tensor: string): boolean => {
    const div = view.producer(tensor, 'Div');
    return div !== undefined && coreOf(view, div) !== null;
  };
  if (node.type === 'Mul') return node.inputs.some(isCore);
  return node.type === 'Add' && node.inputs.some((name) => view.producer(name, 'Mul')?.inputs.some(isCore));
}

/** Transposes around the operator that undo each other once it is gone. */
function undone(view: GraphView, node: OnnxNode): number {
  const before = node.inputs.map((name) => view.producer(name, 'Transpose')).find((n) => n !== undefined);
  const p = before && intsOf(before, 'perm');
  if (!before || !p) return 0;
  const readers = view.readers(node.outputs[0]);
  const undoing = readers.filter(
    (reader) => reader.type === 'Transpose' && intsOf(reader, 'perm')?.every((axis, i) => p[axis] === i),
  );
  const isFreed = undoing.length === readers.length && view.isPrivate(before, node);
  return undoing.length + (isFreed ? 1 : 0);
}
