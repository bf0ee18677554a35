import {
  type AttributeMessage,
  attributeCodec,
  type FunctionMessage,
  functionCodec,
  type GraphMessage,
  type NodeMessage,
  sparseTensorCodec,
} from './messages.ts';
import type { OnnxNode } from './model.ts';
import { refuseExternal } from './tensors.ts';

/** Tensors of the surrounding graph that the node's subgraphs (If, Loop, Scan) read; empty for all other nodes. */
export function capturedTensors(node: OnnxNode): readonly string[] {
  const known = cache.get(node);
  if (known) return known;
  const captured = new Set<string>();
  for (const value of Object.values(node.attributes))
    if (value.kind === 'opaque') collectAttribute(attributeCodec.decode(value.value), new Set(), captured);
  const names = [...captured];
  cache.set(node, names);
  return names;
}
const cache = new WeakMap<OnnxNode, readonly string[]>();

/** Tensors that a node needs: its inputs without the absent ones, and what its subgraphs capture. */
export const neededTensors = (node: OnnxNode): string[] => [
  ...node.inputs.filter((name) => name !== ''),
  ...capturedTensors(node),
];

/** Throws `ExternalTensor` when a tensor inside the encoded AttributeProto lies outside the model file. */
export const refuseExternalIn = (attribute: Uint8Array): void =>
  collectAttribute(attributeCodec.decode(attribute), new Set(), new Set());

/** Decodes a FunctionProto's name and domain; throws `ExternalTensor` as `refuseExternalIn` does. */
export function inspectFunction(bytes: Uint8Array): { readonly name: string; readonly domain: string } {
  const message: FunctionMessage = functionCodec.decode(bytes);
  for (const node of message.node ?? []) collectNode(node, new Set(), new Set());
  return { name: message.name ?? '', domain: message.domain ?? '' };
}

function collectAttribute(
  message: AttributeMessage,
  outer: ReadonlySet<string>,
  captured: Set<string>,
): void {
  for (const tensor of [...(message.t ? [message.t] : []), ...(message.tensors ?? [])])
    refuseExternal(tensor);
  for (const bytes of [
    ...(message.sparseTensor ? [message.sparseTensor] : []),
    ...(message.sparseTensors ?? []),
  ]) {
    const sparse = sparseTensorCodec.decode(bytes);
    if (sparse.values) refuseExternal(sparse.values);
    if (sparse.indices) refuseExternal(sparse.indices);
  }
  for (const graph of [...(message.g ? [message.g] : []), ...(message.graphs ?? [])])
    collectGraph(graph, outer, captured);
}

function collectGraph(graph: GraphMessage, outer: ReadonlySet<string>, captured: Set<string>): void {
  const defined = new Set(outer);
  for (const tensor of graph.initializer ?? []) {
    refuseExternal(tensor);
    defined.add(tensor.name ?? '');
  }
  for (const input of graph.input ?? []) defined.add(input.name ?? '');
  for (const node of graph.node ?? []) for (const output of node.output ?? []) defined.add(output);
  for (const node of graph.node ?? []) collectNode(node, defined, captured);
  for (const output of graph.output ?? [])
    if (!defined.has(output.name ?? '')) captured.add(output.name ?? '');
}

function collectNode(node: NodeMessage, defined: ReadonlySet<string>, captured: Set<string>): void {
  for (const input of node.input ?? []) if (input !== '' && !defined.has(input)) captured.add(input);
  for (const attribute of node.attribute ?? [])
    collectAttribute(attributeCodec.decode(attribute), defined, captured);
}
