import { pruneUnused } from '../../onnx/graph.ts';
import type { OnnxModel, OnnxNode } from '../../onnx/model.ts';
import type { Applied, Refused, Rewrite } from './rewrite-rule.ts';

const rule = 'drop what does nothing';

/** Identity(x) = x, and so is Dropout when it does not train; their readers read x. */
export const dropIdentities: Rewrite = (model) => {
  const applied: Applied[] = [];
  const refused: Refused[] = [];
  let current = model;
  for (const node of model.nodes) {
    if (node.domain !== '' || (node.type !== 'Identity' && node.type !== 'Dropout')) continue;
    const reason = obstacle(current, node);
    if (reason) {
      refused.push({ rule, operator: node.name, reason });
      continue;
    }
    current = bypass(current, node);
    applied.push({ rule, operators: [node.name] });
  }
  return { model: applied.length > 0 ? pruneUnused(current) : model, applied, refused };
};

function obstacle(model: OnnxModel, node: OnnxNode): string | null {
  if (model.outputs.some((o) => node.outputs.includes(o.name))) return 'it names a result of the model';
  const mask = node.outputs[1];
  return mask && model.nodes.some((n) => n.inputs.includes(mask)) ? 'its mask is read' : null;
}

function bypass(model: OnnxModel, node: OnnxNode): OnnxModel {
  const [from, to] = [node.outputs[0]!, current(model, node)];
  const nodes = model.nodes
    .filter((n) => n.name !== node.name)
    .map((n) => (n.inputs.includes(from) ? { ...n, inputs: n.inputs.map((i) => (i === from ? to : i)) } : n));
  return { ...model, nodes };
}

/** What the node reads in the model as it now is: an earlier bypass may have changed it. */
const current = (model: OnnxModel, node: OnnxNode): string =>
  model.nodes.find((n) => n.name === node.name)?.inputs[0] ?? node.inputs[0]!;
