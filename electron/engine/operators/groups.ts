import type { Shape } from '../instructions/program.ts';
import { consumersOf } from '../onnx/graph.ts';
import type { OnnxModel, OnnxNode } from '../onnx/model.ts';
import { elementTypes } from '../onnx/types.ts';
import { importModel, shapeArithmetic } from './import.ts';

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

/** More groups than this are not looked at; the small ones stay. */
const mostGroups = 400;

/** Operators that cost next to nothing once they are fused with what comes before them. */
const elementwise = new Set(
  `Add Sub Mul Div Pow Max Min Sum Relu LeakyRelu PRelu Elu Selu Celu Clip HardSigmoid HardSwish Sigmoid Tanh
  Softplus Softsign Mish Gelu Erf Exp Sqrt Neg Abs ThresholdedRelu BatchNormalization Identity Dropout`.split(
    /\s+/,
  ),
);

/**
 * All regions with one float tensor in and one out that hold 1 to `groupSize` operators with weights, in the order
 * of the graph: single operators with the cheap ones that directly follow, chains, residual branches, whole blocks
 * with their sum, runs of blocks. Nothing inside but the result is read outside, cheap operators neither lead a
 * region nor are cut off its end, and every operator has a definition. `shapes` are those of `importModel`.
 */
export function findGroups(model: OnnxModel, shapes: ReadonlyMap<string, Shape>, groupSize: number): Group[] {
  const graph = new RegionGraph(model, shapes);
  const found: { readonly group: Group; readonly first: number; readonly last: number }[] = [];
  const tensors = [...model.inputs.map((i) => i.name), ...model.nodes.flatMap((n) => n.outputs)];
  for (const input of tensors) {
    const inputShape = shapes.get(input);
    if (!inputShape || !graph.isFloat(input)) continue;
    const grown = graph.grow(input, groupSize);
    for (const region of grown.values()) {
      const output = graph.resultOf(region);
      const outputShape = shapes.get(output);
      if (!outputShape || !graph.isGroup(region, input, grown)) continue;
      const operators = [...region.inside].sort((a, b) => a - b);
      const names = operators.map((i) => model.nodes[i]!.name);
      const name = names.length === 1 ? names[0]! : `${names[0]} … ${names.at(-1)}`;
      found.push({
        group: { name, operators: names, input, output, inputShape, outputShape, heavy: region.heavy },
        first: operators[0]!,
        last: operators.at(-1)!,
      });
    }
  }
  return found
    .sort((a, b) => a.group.heavy - b.group.heavy)
    .slice(0, mostGroups)
    .sort((a, b) => a.first - b.first || a.last - b.last)
    .map(({ group }) => group);
}

/** What one operator needs, back to the tensor that the growth began with. */
interface Region {
  readonly last: number;
  readonly inside: ReadonlySet<number>;
  readonly heavy: number;
}

/** The model's graph, with what region finding asks of it. */
class RegionGraph {
  readonly #nodes: readonly OnnxNode[];
  /** What each operator reads that is neither constant nor known before it runs. */
  readonly #reads: readonly (readonly string[])[];
  readonly #isHeavy: readonly boolean[];
  readonly #isUsable: readonly boolean[];
  readonly #readers: ReadonlyMap<string, readonly number[]>;
  readonly #results: ReadonlySet<string>;
  readonly #types: ReturnType<typeof elementTypes>;
  readonly #extends = new Map<string, boolean>();

  constructor(model: OnnxModel, shapes: ReadonlyMap<string, Shape>) {
    const { nodes, initializers } = model;
    const known = shapeArithmetic(model, shapes);
    const opaque = new Set(importModel(model, shapes).opaque.map((o) => o.operator));
    const places = new Map(nodes.map((node, i) => [node, i] as const));
    this.#nodes = nodes;
    this.#reads = nodes.map((node) =>
      node.inputs.filter((name) => name !== '' && !initializers.has(name) && !known.has(name)),
    );
    this.#isHeavy = nodes.map((node) => {
      const hasWeight = initializers.get(node.inputs[1] ?? '')?.type === 'float32';
      return hasWeight && node.domain === '' && ['Conv', 'Gemm', 'MatMul'].includes(node.type);
    });
    this.#isUsable = nodes.map(
      (node) => !opaque.has(node.name) && !node.outputs.every((name) => known.has(name)),
    );
    this.#readers = new Map(
      [...consumersOf(nodes)].map(([name, readers]) => [name, readers.map((node) => places.get(node)!)]),
    );
    this.#results = new Set(model.outputs.map((o) => o.name));
    this.#types = elementTypes(model);
  }

  isFloat(tensor: string): boolean {
    return this.#types.get(tensor) === 'float32';
  }

  resultOf(region: Region): string {
    return this.#nodes[region.last]!.outputs[0]!;
  }

  /**
   * Everything that can be made from `input` and constants alone with at most `mostHeavy` operators with weights:
   * for each such operator what it needs, in the order of the graph.
   */
  grow(input: string, mostHeavy: number, isCheapOnly = false): Map<number, Region> {
    const regions = new Map<number, Region>();
    const makers = new Map<string, number>();
    const readersOf = (tensor: string): readonly number[] => this.#readers.get(tensor) ?? [];
    let end = Math.max(-1, ...readersOf(input));
    for (let at = Math.min(...readersOf(input)); at <= end; at++) {
      const node = this.#nodes[at]!;
      const reads = this.#reads[at]!;
      if (!this.#isUsable[at] || reads.length === 0) continue;
      if (isCheapOnly && !elementwise.has(node.type)) continue;
      if (!reads.every((name) => name === input || makers.has(name))) continue;
      const inside = new Set([at]);
      for (const name of reads)
        for (const i of regions.get(makers.get(name) ?? -1)?.inside ?? []) inside.add(i);
      const heavy = [...inside].filter((i) => this.#isHeavy[i]).length;
      if (heavy > mostHeavy) continue;
      regions.set(at, { last: at, inside, heavy });
      for (const output of node.outputs) {
        makers.set(output, at);
        end = Math.max(end, ...readersOf(output));
      }
    }
    return regions;
  }

  /** True when a region from `input` is whole, does work, and neither begins nor stops amid cheap operators. */
  isGroup(region: Region, input: string, grown: ReadonlyMap<number, Region>): boolean {
    const last = this.#nodes[region.last]!;
    if (region.heavy === 0 || last.outputs.length !== 1 || !this.isFloat(last.outputs[0]!)) return false;
    const isEnd =
      this.#isHeavy[region.last] || elementwise.has(last.type) || new Set(this.#reads[region.last]).size > 1;
    if (!isEnd || !this.#isClosed(region)) return false;
    return !this.#goesOn(last.outputs[0]!) && !this.#isLedByCheap(region, input, grown);
  }

  /** True when nothing inside but the result is read outside. */
  #isClosed({ inside, last }: Region): boolean {
    return [...inside].every(
      (i) =>
        i === last ||
        this.#nodes[i]!.outputs.every(
          (output) =>
            !this.#results.has(output) && (this.#readers.get(output) ?? []).every((r) => inside.has(r)),
        ),
    );
  }

  /** True when all that reads the tensor is cheap and comes together again: an activation, a gate, a bias. */
  #goesOn(tensor: string): boolean {
    const known = this.#extends.get(tensor);
    if (known !== undefined) return known;
    const readers = this.#readers.get(tensor) ?? [];
    const goesOn =
      !this.#results.has(tensor) &&
      readers.length > 0 &&
      [...this.grow(tensor, 0, true).values()].some(
        (tail) => readers.every((r) => tail.inside.has(r)) && this.#isClosed(tail),
      );
    this.#extends.set(tensor, goesOn);
    return goesOn;
  }

  /** True when the region is a smaller one behind operators without weights that only pass a tensor on to it. */
  #isLedByCheap(region: Region, input: string, grown: ReadonlyMap<number, Region>): boolean {
    const firsts = (this.#readers.get(input) ?? []).filter((r) => region.inside.has(r));
    return [...region.inside].some((i) => {
      const head = grown.get(i)!;
      return (
        i !== region.last &&
        head.heavy === 0 &&
        firsts.every((r) => head.inside.has(r)) &&
        this.#isClosed(head)
      );
    });
  }
}
