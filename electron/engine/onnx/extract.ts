import { neededTensors } from './captures.ts';
import { consumersOf, pruneUnused, sortNodes, takeName, tensorNames } from './graph.ts';
import type { OnnxModel, OnnxNode, Tensor, ValueInfo } from './model.ts';
import { elementTypes } from './types.ts';

/** What stands in a region's place; tensors that it makes and the outside reads keep the region's names. */
export interface Replacement {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, Tensor>;
}

/** Tensors that cross a region's border: what it reads from outside (constants apart), what the outside reads of it. */
export interface RegionBorder {
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** The border of the region that the named operators make up. */
export function borderOf(model: OnnxModel, nodeNames: ReadonlySet<string>): RegionBorder {
  const region = regionOf(model, nodeNames);
  const made = new Set(region.flatMap((node) => node.outputs).filter((name) => name !== ''));
  const inputs = new Set<string>();
  for (const name of region.flatMap(neededTensors))
    if (!made.has(name) && !model.initializers.has(name)) inputs.add(name);
  const graphOutputs = new Set(model.outputs.map((output) => output.name));
  const consumers = consumersOf(model.nodes);
  const leaves = (name: string): boolean =>
    graphOutputs.has(name) || (consumers.get(name) ?? []).some((node) => !nodeNames.has(node.name));
  return { inputs: [...inputs], outputs: [...made].filter(leaves) };
}

function regionOf(model: OnnxModel, nodeNames: ReadonlySet<string>): OnnxNode[] {
  const region = model.nodes.filter((node) => nodeNames.has(node.name));
  if (region.length !== nodeNames.size) {
    const found = new Set(region.map((node) => node.name));
    throw new Error(`No operator ${[...nodeNames].find((name) => !found.has(name))}`);
  }
  return region;
}

/**
 * Cuts the named operators out as a model of their own, with the initializers they need. `shapes` gives the
 * border tensors' shapes; a negative dimension stays open, −1 as the symbol N.
 */
export function extractRegion(
  model: OnnxModel,
  nodeNames: ReadonlySet<string>,
  shapes: ReadonlyMap<string, readonly number[]>,
): OnnxModel {
  const nodes = regionOf(model, nodeNames);
  const border = borderOf(model, nodeNames);
  const types = elementTypes(model);
  const toValue = (name: string): ValueInfo => {
    const shape = shapes.get(name);
    if (!shape) throw new Error(`No shape of tensor ${name}`);
    return {
      name,
      type: types.get(name) ?? 'float32',
      shape: shape.map((d) => (d >= 0 ? d : d === -1 ? 'N' : null)),
    };
  };
  return pruneUnused({
    ...model,
    inputs: border.inputs.map(toValue),
    outputs: border.outputs.map(toValue),
    nodes,
    metadata: {},
  });
}

/**
 * Puts `replacement` in the place of the named operators. It must make all tensors that the outside reads of the
 * region; its other tensors and its operators are renamed where the model already uses their names. What nothing
 * needs any more is dropped.
 */
export function replaceRegion(
  model: OnnxModel,
  nodeNames: ReadonlySet<string>,
  replacement: Replacement,
): OnnxModel {
  const border = borderOf(model, nodeNames);
  const regionEnd = model.nodes.findLastIndex((node) => nodeNames.has(node.name));
  const before = model.nodes.slice(0, regionEnd + 1).filter((node) => !nodeNames.has(node.name));
  const after = model.nodes.slice(regionEnd + 1);
  const kept = { ...model, nodes: [...before, ...after] };
  const spliced = rename(kept, border, replacement);
  const made = new Set(spliced.nodes.flatMap((node) => node.outputs));
  const missing = border.outputs.find((name) => !made.has(name) && !spliced.initializers.has(name));
  if (missing !== undefined) throw new Error(`The replacement does not make tensor ${missing}`);
  const order = sortNodes([...before, ...spliced.nodes, ...after]);
  if ('cyclic' in order) throw new Error(`The replacement makes a cycle at ${order.cyclic.name}`);
  const initializers = new Map([...model.initializers, ...spliced.initializers]);
  return pruneUnused({ ...model, nodes: order.sorted, initializers });
}

/** The replacement with names that the rest of the model does not use. */
function rename(kept: OnnxModel, border: RegionBorder, replacement: Replacement): Replacement {
  const takenTensors = tensorNames(kept);
  for (const name of [...border.inputs, ...border.outputs]) takenTensors.add(name);
  const takenNodes = new Set(kept.nodes.map((node) => node.name));
  const outer = new Set(border.outputs);
  const renamed = new Map<string, string>();
  const define = (name: string): void => {
    if (name !== '' && !outer.has(name)) renamed.set(name, takeName(name, takenTensors));
  };
  const initializers = new Map<string, Tensor>();
  for (const [name, tensor] of replacement.initializers) {
    // A constant handed on unchanged stays the model's own.
    if (kept.initializers.get(name) !== tensor) define(name);
    initializers.set(renamed.get(name) ?? name, tensor);
  }
  for (const node of replacement.nodes) node.outputs.forEach(define);
  const current = (name: string): string => renamed.get(name) ?? name;
  const nodes = replacement.nodes.map((node) => ({
    ...node,
    name: takeName(node.name, takenNodes),
    inputs: node.inputs.map(current),
    outputs: node.outputs.map(current),
  }));
  return { nodes, initializers };
}
