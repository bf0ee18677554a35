import { capturedTensors, neededTensors } from './captures.ts';
import type { OnnxModel, OnnxNode } from './model.ts';

/** Tensor → the node that makes it. */
export function producersOf(nodes: readonly OnnxNode[]): Map<string, OnnxNode> {
  const producers = new Map<string, OnnxNode>();
  for (const node of nodes) for (const output of node.outputs) if (output !== '') producers.set(output, node);
  return producers;
}

/** Tensor → the nodes that read it, subgraphs included, each once. */
export function consumersOf(nodes: readonly OnnxNode[]): Map<string, OnnxNode[]> {
  const consumers = new Map<string, OnnxNode[]>();
  for (const node of nodes)
    for (const name of new Set(neededTensors(node))) {
      const list = consumers.get(name);
      if (list) list.push(node);
      else consumers.set(name, [node]);
    }
  return consumers;
}

/** The nodes in topological order, or a node that lies on a cycle; what is in order already stays as it is. */
export function sortNodes(
  nodes: readonly OnnxNode[],
): { readonly sorted: OnnxNode[] } | { readonly cyclic: OnnxNode } {
  const producers = producersOf(nodes);
  const sorted: OnnxNode[] = [];
  const state = new Map<OnnxNode, 'open' | 'done'>();
  for (const start of nodes) {
    // An own stack: a chain of many thousand nodes would overflow the call stack.
    const stack: OnnxNode[] = [start];
    for (let node = stack.at(-1); node; node = stack.at(-1)) {
      if (state.get(node) === 'done') {
        stack.pop();
        continue;
      }
      const waiting: OnnxNode[] = [];
      for (const name of neededTensors(node)) {
        const producer = producers.get(name);
        if (producer && state.get(producer) !== 'done') waiting.push(producer);
      }
      if (waiting.length === 0) {
        stack.pop();
        state.set(node, 'done');
        sorted.push(node);
        continue;
      }
      const cyclic = waiting.find((producer) => state.get(producer) === 'open' || producer === node);
      if (cyclic) return { cyclic };
      state.set(node, 'open');
      stack.push(...waiting.reverse());
    }
  }
  return { sorted };
}

/** Drops nodes that no output needs, and initializers that nothing reads. */
export function pruneUnused(model: OnnxModel): OnnxModel {
  const needed = new Set(model.outputs.map((output) => output.name));
  const nodes: OnnxNode[] = [];
  for (const node of model.nodes.toReversed()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    nodes.push(node);
    for (const name of neededTensors(node)) needed.add(name);
  }
  const initializers = new Map([...model.initializers].filter(([name]) => needed.has(name)));
  return { ...model, nodes: nodes.reverse(), initializers };
}

/** The name, or the first of `name_1`, `name_2`, … that is not taken; takes it. */
export function takeName(name: string, taken: Set<string>): string {
  let free = name;
  for (let n = 1; taken.has(free); n++) free = `${name}_${n}`;
  taken.add(free);
  return free;
}

/** Every tensor name that the model uses anywhere. */
export function tensorNames(model: OnnxModel): Set<string> {
  const names = new Set<string>(model.initializers.keys());
  for (const value of [...model.inputs, ...model.outputs]) names.add(value.name);
  for (const node of model.nodes)
    for (const name of [...node.inputs, ...node.outputs, ...capturedTensors(node)]) names.add(name);
  names.delete('');
  return names;
}
