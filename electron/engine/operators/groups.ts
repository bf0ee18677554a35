import type { Shape } from '../instructions/program.ts';
import type { OnnxModel, OnnxNode } from '../onnx/model.ts';

/** Operators with one tensor in and one out that a candidate may replace together. */
export interface Group {
  /** Its first and last operator. */
  readonly name: string;
  /** In the order of the graph. */
  readonly operators: readonly string[];
  readonly input: string;
  readonly output: string;
  readonly inputShape: Shape;
  readonly outputShape: Shape;
  /** How many of them multiply by weights. */
  readonly heavy: number;
}

const mostGroups = 400;
const cheapFollowers = new Set([
  'Relu',
  'LeakyRelu',
  'PRelu',
  'Elu',
  'Clip',
  'HardSigmoid',
  'HardSwish',
  'Sigmoid',
  'Tanh',
  'Softplus',
  'Gelu',
  'Erf',
  'BatchNormalization',
]);

/**
 * All regions with one way in and one way out that hold 1 to `groupSize` operators with weights, in the order of
 * the graph: single operators with what follows them directly, chains, residual branches and whole blocks.
 */
export function findGroups(model: OnnxModel, shapes: ReadonlyMap<string, Shape>, groupSize: number): Group[] {
  const { nodes } = model;
  const isHeavy = nodes.map((node) => hasWeight(model, node));
  const groups: Group[] = [];
  const seen = new Set<string>();
  for (const first of nodes.keys()) {
    if (!isHeavy[first]) continue;
    const input = nodes[first]!.inputs[0]!;
    const inputShape = shapes.get(input);
    if (!inputShape) continue;
    // Everything that can be made from `input` alone, in the order of the graph, until too much is in it.
    const inside: number[] = [];
    const made = new Set<string>([input]);
    let heavy = 0;
    for (let at = first; at < nodes.length && heavy <= groupSize; at++) {
      if (!dependsOnly(model, nodes[at]!, made)) continue;
      inside.push(at);
      for (const output of nodes[at]!.outputs) made.add(output);
      if (isHeavy[at]) heavy++;
      if (heavy > groupSize) break;
      const region = closing(model, nodes, inside, nodes[at]!, input);
      if (!region) continue;
      const group = describe(model, nodes, region, isHeavy, input, inputShape, shapes);
      if (!group || seen.has(group.operators.join('\n'))) continue;
      seen.add(group.operators.join('\n'));
      groups.push(group);
    }
  }
  return groups.slice(0, mostGroups);
}

/** True for a Conv, Gemm or MatMul whose second operand is a float initializer. */
function hasWeight(model: OnnxModel, node: OnnxNode): boolean {
  if (node.domain !== '' || !['Conv', 'Gemm', 'MatMul'].includes(node.type)) return false;
  return model.initializers.get(node.inputs[1] ?? '')?.type === 'float32';
}

/** True when the node reads nothing but initializers and what is made inside, and something of the latter. */
function dependsOnly(model: OnnxModel, node: OnnxNode, made: ReadonlySet<string>): boolean {
  const tensors = node.inputs.filter((name) => name !== '' && !model.initializers.has(name));
  return tensors.length > 0 && tensors.every((name) => made.has(name));
}

/** The operators inside that `last` needs, if nothing of them but `last` is read outside. */
function closing(
  model: OnnxModel,
  nodes: readonly OnnxNode[],
  inside: readonly number[],
  last: OnnxNode,
  input: string,
): number[] | null {
  const producers = new Map(inside.flatMap((i) => nodes[i]!.outputs.map((o) => [o, i] as const)));
  const needed = new Set<number>();
  const visit = [last.outputs[0]!];
  while (visit.length > 0) {
    const i = producers.get(visit.pop()!);
    if (i === undefined || needed.has(i)) continue;
    needed.add(i);
    visit.push(...nodes[i]!.inputs);
  }
  const results = new Set(model.outputs.map((o) => o.name));
  const outside = new Set(nodes.flatMap((node, i) => (needed.has(i) ? [] : node.inputs)));
  const leaks = [...needed].some(
    (i) => nodes[i] !== last && nodes[i]!.outputs.some((o) => outside.has(o) || results.has(o)),
  );
  if (leaks || last.outputs.length !== 1 || last.outputs[0] === input) return null;
  return [...needed].sort((a, b) => a - b);
}

function describe(
  model: OnnxModel,
  nodes: readonly OnnxNode[],
  region: readonly number[],
  isHeavy: readonly boolean[],
  input: string,
  inputShape: Shape,
  shapes: ReadonlyMap<string, Shape>,
): Group | null {
  const last = nodes[region.at(-1)!]!;
  const output = last.outputs[0]!;
  const outputShape = shapes.get(output);
  const heavy = region.filter((i) => isHeavy[i]).length;
  if (!outputShape || heavy === 0) return null;
  // A region ends where its work ends: what follows directly and is free once fused belongs to it.
  const followers = nodes.filter((node) => node.inputs.includes(output));
  const [next] = followers;
  if (followers.length === 1 && next && belongsTo(model, next)) return null;
  if (region.some((i) => !shapes.has(nodes[i]!.outputs[0]!))) return null;
  const operators = region.map((i) => nodes[i]!.name);
  const name = operators.length === 1 ? operators[0]! : `${operators[0]} … ${operators.at(-1)}`;
  return { name, operators, input, output, inputShape, outputShape, heavy };
}

/** An activation, a normalization, or arithmetic with a constant. */
function belongsTo(model: OnnxModel, node: OnnxNode): boolean {
  if (cheapFollowers.has(node.type)) return true;
  return (
    (node.type === 'Add' || node.type === 'Mul') && node.inputs.some((name) => model.initializers.has(name))
  );
}
