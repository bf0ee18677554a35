import { readFileSync, statSync } from 'node:fs';
import type { ModelError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { toAttributes } from './attributes.ts';
import { inspectFunction, neededTensors, refuseExternalIn } from './captures.ts';
import { sortNodes } from './graph.ts';
import {
  attributeCodec,
  attributeTypes,
  type GraphMessage,
  hasField,
  type ModelMessage,
  modelCodec,
  type NodeMessage,
  sparseTensorCodec,
  toSafeInteger,
  typeCodec,
  type ValueMessage,
} from './messages.ts';
import type { AttributeValue, OnnxModel, OnnxNode, Tensor, ValueInfo } from './model.ts';
import { BrokenModel, bytesOf, ExternalTensor, elementTypeOf, toTensor } from './tensors.ts';
import { judgeWire } from './wire.ts';

/** Operator sets the app handles. */
export const supportedOpsets = { from: 7, to: 22 } as const;

/** Largest file that is read: protobuf's own limit. */
export const largestModelBytes = 2 ** 31 - 1;

/** From here on initializers need not be listed as inputs; those that are can be given other values. */
const irVersionOfFreeInitializers = 4;

/** Reads a model file. Errors: those of `readModelBytes` and of `readModel`. */
export function readModelFile(path: string): Result<OnnxModel, ModelError> {
  const bytes = readModelBytes(path);
  return bytes.ok ? readModel(bytes.value, path) : bytes;
}

/** The bytes of a model file. Errors: `modelMissing` (also for a folder or an unreadable file), `modelTooLarge` (unread). */
export function readModelBytes(path: string): Result<Uint8Array, ModelError> {
  try {
    const stats = statSync(path);
    if (!stats.isFile()) {
      const reason = stats.isDirectory() ? 'it is a folder' : 'it is not a regular file';
      return fail({ kind: 'modelMissing', path, reason });
    }
    if (stats.size > largestModelBytes)
      return fail({ kind: 'modelTooLarge', path, sizeBytes: stats.size, limitBytes: largestModelBytes });
    return ok(readFileSync(path));
  } catch (error) {
    return fail({ kind: 'modelMissing', path, reason: reasonOf(error) });
  }
}

/**
 * Reads an ONNX model: Constant nodes become initializers, unnamed and equally named operators get names of
 * their own, nodes come out in topological order. The tensors may share memory with `bytes`.
 * Errors: `modelNotOnnx`, `modelTruncated`, `modelOpset`, `modelExternalData`, `modelCyclic`, `modelBroken`.
 */
export function readModel(bytes: Uint8Array, path: string): Result<OnnxModel, ModelError> {
  const verdict = judgeWire(bytes);
  if (verdict === 'foreign') return fail({ kind: 'modelNotOnnx', path });
  if (verdict === 'truncated') return fail({ kind: 'modelTruncated', path });
  let message: ModelMessage;
  try {
    message = modelCodec.decode(bytes);
  } catch (error) {
    return fail({ kind: 'modelBroken', path, reason: `its graph cannot be decoded: ${reasonOf(error)}` });
  }
  const opsets: Record<string, number> = {};
  for (const { domain, version } of message.opsetImport ?? [])
    opsets[ownDomain(domain)] = toSafeInteger(version);
  const opset = opsets[''] ?? 0;
  if (opset < supportedOpsets.from || opset > supportedOpsets.to)
    return fail({ kind: 'modelOpset', path, opset, ...supportedOpsets });
  try {
    return assemble(message, opsets, path);
  } catch (error) {
    if (error instanceof ExternalTensor)
      return fail({ kind: 'modelExternalData', path, tensor: error.message });
    if (error instanceof BrokenModel) return fail({ kind: 'modelBroken', path, reason: error.message });
    // protobufjs throws its own kinds of error on malformed bytes inside attributes and types.
    return fail({ kind: 'modelBroken', path, reason: `a part of it cannot be decoded: ${reasonOf(error)}` });
  }
}

function assemble(
  message: ModelMessage,
  opsets: Record<string, number>,
  path: string,
): Result<OnnxModel, ModelError> {
  const graph = message.graph ?? {};
  const initializers = new Map<string, Tensor>();
  for (const tensor of graph.initializer ?? []) {
    const name = tensor.name ?? '';
    if (initializers.has(name)) throw new BrokenModel(`two initializers are called '${name}'`);
    initializers.set(name, toTensor(tensor, name));
  }
  const nodes = readNodes(graph, initializers);
  const outputs = (graph.output ?? []).map(toValueInfo);
  const listed = (graph.input ?? []).map(toValueInfo);
  const inputs = listed.filter(({ name }) => !initializers.has(name));
  const irVersion = toSafeInteger(message.irVersion);
  const isOpen = ({ name, type }: ValueInfo): boolean => initializers.has(name) && type !== 'other';
  const open = irVersion < irVersionOfFreeInitializers ? [] : listed.filter(isOpen);
  const fault = findFault(inputs, outputs, nodes, initializers);
  if (fault) return fail({ kind: 'modelBroken', path, reason: fault });
  const order = sortNodes(nodes);
  if ('cyclic' in order) return fail({ kind: 'modelCyclic', path, operator: order.cyclic.name });
  const metadata: Record<string, string> = {};
  for (const { key, value } of message.metadataProps ?? []) metadata[key ?? ''] = value ?? '';
  const functions = (message.functions ?? []).map((bytes) => new Uint8Array(bytes));
  functions.forEach(inspectFunction);
  return ok({
    irVersion: Math.max(irVersionOfFreeInitializers, irVersion),
    opsets,
    producer: message.producerName ?? '',
    graphName: graph.name ?? '',
    inputs,
    outputs,
    nodes: order.sorted,
    initializers,
    ...(open.length > 0 ? { openInitializers: open.map(({ name }) => name) } : {}),
    metadata,
    ...(functions.length > 0 ? { functions } : {}),
  });
}

/** The graph's nodes with names; Constants go to `initializers` instead. */
function readNodes(graph: GraphMessage, initializers: Map<string, Tensor>): OnnxNode[] {
  const messages = [...(graph.sparseInitializer ?? []).map(asConstantNode), ...(graph.node ?? [])];
  const given = new Set(messages.map((node) => node.name ?? ''));
  const used = new Set<string>();
  const counts = new Map<string, number>();
  const freeName = (type: string): string => {
    for (let n = counts.get(type) ?? 0; ; n++) {
      const name = `${type}_${n}`;
      if (given.has(name) || used.has(name)) continue;
      counts.set(type, n + 1);
      return name;
    }
  };
  const nodes: OnnxNode[] = [];
  for (const message of messages) {
    const type = message.opType ?? '';
    for (const attribute of message.attribute ?? []) refuseExternalIn(attribute);
    const attributes = toAttributes(message.attribute ?? []);
    const domain = ownDomain(message.domain);
    const output = message.output?.[0] ?? '';
    const constant = type === 'Constant' && domain === '' ? constantOf(attributes) : null;
    if (constant) {
      if (initializers.has(output)) throw new BrokenModel(`two constants are called '${output}'`);
      initializers.set(output, constant);
      continue;
    }
    const own = message.name ?? '';
    const name = own === '' || used.has(own) ? freeName(type) : own;
    used.add(name);
    nodes.push({
      name,
      type,
      domain,
      inputs: message.input ?? [],
      outputs: message.output ?? [],
      attributes,
    });
  }
  return nodes;
}

/** A sparse initializer as the Constant node that means the same. */
function asConstantNode(sparseTensor: Uint8Array): NodeMessage {
  const output = sparseTensorCodec.decode(sparseTensor).values?.name ?? '';
  const type = attributeTypes.sparseTensor;
  const attribute = attributeCodec.encode({ name: 'sparse_value', type, sparseTensor });
  return { opType: 'Constant', output: [output], attribute: [attribute] };
}

/** The value of a Constant node; null for those that stay nodes (strings, sparse). */
function constantOf(attributes: Readonly<Record<string, AttributeValue>>): Tensor | null {
  for (const [name, value] of Object.entries(attributes)) {
    if (!name.startsWith('value')) continue;
    if (value.kind === 'tensor') return value.value;
    if (value.kind === 'float') return { type: 'float32', shape: [], data: Float32Array.of(value.value) };
    if (value.kind === 'floats')
      return { type: 'float32', shape: [value.value.length], data: Float32Array.from(value.value) };
    if (value.kind === 'int') return { type: 'int64', shape: [], data: [value.value] };
    if (value.kind === 'ints') return { type: 'int64', shape: [value.value.length], data: value.value };
  }
  return null;
}

/** What makes the graph's wiring impossible, or null. */
function findFault(
  inputs: readonly ValueInfo[],
  outputs: readonly ValueInfo[],
  nodes: readonly OnnxNode[],
  initializers: ReadonlyMap<string, Tensor>,
): string | null {
  if (outputs.length === 0) return 'the graph has no output';
  const made = new Set<string>(initializers.keys());
  const takenBy = new Map<string, string>();
  for (const name of made) takenBy.set(name, 'a constant');
  for (const { name } of inputs) {
    if (takenBy.has(name)) return `two graph inputs are called '${name}'`;
    takenBy.set(name, 'a graph input');
  }
  for (const node of nodes)
    for (const output of node.outputs) {
      if (output === '') continue;
      const other = takenBy.get(output);
      if (other) return `tensor '${output}' is made by operator '${node.name}' and by ${other}`;
      takenBy.set(output, `operator '${node.name}'`);
    }
  for (const node of nodes)
    for (const name of neededTensors(node))
      if (!takenBy.has(name)) return `operator '${node.name}' reads tensor '${name}', which nothing makes`;
  for (const { name } of outputs) if (!takenBy.has(name)) return `nothing makes the graph's output '${name}'`;
  return null;
}

function toValueInfo(message: ValueMessage): ValueInfo {
  const name = message.name ?? '';
  const encodedType = message.type ?? new Uint8Array();
  const tensor = typeCodec.decode(encodedType).tensorType;
  const type = elementTypeOf(tensor?.elemType ?? 0);
  // Exporters write 0 and −1 for a dimension they do not know.
  const shape = (tensor?.shape?.dim ?? []).map((dim) => {
    if (hasField(dim, 'dimParam') && dim.dimParam) return dim.dimParam;
    const value = toSafeInteger(dim.dimValue);
    return value > 0 ? value : null;
  });
  if (type !== 'other') return { name, type, shape };
  return { name, type, shape, encodedType: new Uint8Array(bytesOf(encodedType)) };
}

/** ONNX's own domain has two spellings. */
const ownDomain = (domain: string | undefined): string =>
  domain === undefined || domain === 'ai.onnx' ? '' : domain;

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
