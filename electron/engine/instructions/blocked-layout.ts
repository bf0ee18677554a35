import { consumersOf } from '../onnx/graph.ts';
import type { OnnxNode, Tensor } from '../onnx/model.ts';
import { sizeOf } from './program.ts';
import { int, ints, text } from './row.ts';
import { sameShape } from './shapes.ts';

/**
 * The runtime's own operators on values in blocks of channels: [N,C,H,W] declared, [N,C/b,H,W,b] in memory, channels
 * filled up to whole blocks. It uses them by itself where weights are constants; a training step's are inputs.
 */
export const blockedDomain = 'com.microsoft.nchwc';

/** A graph's nodes with the constants that they read. */
export interface Nodes {
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, Tensor>;
}

/**
 * The same graph with its convolutions, and what lies between them, on blocks of `block` channels. `shapes` are those
 * of the tensors, with the batch bound; a tensor without one stays as it is. `outputs` keep their layout.
 */
export function inBlocks(
  graph: Nodes,
  shapes: ReadonlyMap<string, readonly number[]>,
  outputs: readonly string[],
  block: number,
): Nodes {
  const pass = new BlockedLayout(graph, shapes, outputs, block);
  graph.nodes.forEach((node) => {
    pass.take(node);
  });
  for (const name of outputs) pass.plain(name);
  return { nodes: pass.nodes, initializers: pass.initializers };
}

/** Element by element, and harmless on the channels that only fill a block. */
const elementwise = new Set(['Relu', 'LeakyRelu', 'HardSigmoid', 'Sigmoid', 'Tanh', 'HardSwish', 'Clip']);
const binary = new Set(['Add', 'Sub', 'Mul']);
/** ReorderInput of the runtime takes channels in fours. */
const fours = 4;
/** The most of a convolution's work that may go to channels that only fill blocks, as a factor. */
const mostPadding = 1.5;
const mostPaddingDepthwise = 4;

interface Convolution {
  readonly x: string;
  readonly w: string;
  readonly bias: string | undefined;
  readonly groups: number;
  /** [K,C/groups,kH,kW] */
  readonly weight: readonly number[];
  readonly kind: 'dense' | 'fewChannels' | 'depthwise' | 'grouped';
}

class BlockedLayout {
  readonly nodes: OnnxNode[] = [];
  readonly initializers: Map<string, Tensor>;
  readonly #shapes: ReadonlyMap<string, readonly number[]>;
  readonly #block: number;
  /** Tensors of the graph that so far exist in blocks alone. */
  readonly #only = new Set<string>();
  readonly #blocked = new Map<string, string>();
  readonly #kernels = new Set<string>();
  /** Reshapes that are made when somebody wants them in the plain layout. */
  readonly #views = new Map<string, OnnxNode>();
  readonly #readers: ReadonlyMap<string, readonly OnnxNode[]>;
  readonly #outputs: ReadonlySet<string>;
  readonly #taken = new Set<OnnxNode>();

  constructor(
    graph: Nodes,
    shapes: ReadonlyMap<string, readonly number[]>,
    outputs: readonly string[],
    block: number,
  ) {
    this.initializers = new Map(graph.initializers);
    this.#shapes = shapes;
    this.#block = block;
    this.#outputs = new Set(outputs);
    this.#readers = consumersOf(graph.nodes);
  }

  take(node: OnnxNode): void {
    if (this.#taken.has(node)) return;
    const convolution = node.type === 'Conv' && node.domain === '' ? this.#convolution(node) : null;
    if (convolution) this.#convolve(node, convolution);
    else if (this.#isBetween(node)) this.#between(node);
    else if (this.#isView(node)) this.#views.set(node.outputs[0]!, node);
    else {
      for (const name of node.inputs) this.plain(name);
      this.nodes.push(node);
    }
  }

  /** Makes a tensor exist in the plain layout, under its own name. */
  plain(name: string): void {
    const view = this.#views.get(name);
    if (view) {
      this.#views.delete(name);
      for (const input of view.inputs) this.plain(input);
      this.nodes.push(view);
    }
    if (!this.#only.delete(name)) return;
    const channels = int(this.#shapes.get(name)![1]!);
    this.#emit('ReorderOutput', [this.#blocked.get(name)!], name, { channels }, blockedDomain);
  }

  #aligned(channels: number): number {
    return Math.ceil(channels / this.#block) * this.#block;
  }

  /** What a convolution's operands allow; null where it stays as it is. */
  #convolution(node: OnnxNode): Convolution | null {
    const [x, w, bias] = node.inputs as [string, string, string | undefined];
    const [from, to] = [this.#shapes.get(x), this.#shapes.get(node.outputs[0]!)];
    const { group, kernel_shape: kernel } = node.attributes;
    if (from?.length !== 4 || to?.length !== 4 || group?.kind !== 'int' || kernel?.kind !== 'ints')
      return null;
    const groups = group.value;
    const [c, k] = [from[1]!, to[1]!];
    const perGroup = c / groups;
    const weight = [k, perGroup, ...kernel.value];
    const fill = (channels: number): number => this.#aligned(channels) / channels;
    const at = { x, w, bias, groups, weight };
    if (groups === 1 && c < this.#block)
      return fill(k) <= mostPadding ? { ...at, kind: 'fewChannels' } : null;
    if (!this.#canBlock(x)) return null;
    if (groups === 1) return fill(k) * fill(c) <= mostPadding ? { ...at, kind: 'dense' } : null;
    if (perGroup === 1 && k === groups)
      return fill(k) <= mostPaddingDepthwise ? { ...at, kind: 'depthwise' } : null;
    const isWhole = perGroup % this.#block === 0 && (k / groups) % this.#block === 0;
    return isWhole ? { ...at, kind: 'grouped' } : null;
  }

  #canBlock(name: string): boolean {
    const shape = this.#shapes.get(name);
    return this.#blocked.has(name) || (shape?.length === 4 && shape[1]! % fours === 0);
  }

  /** A tensor in blocks. */
  #inBlocks(name: string): string {
    const known = this.#blocked.get(name);
    if (known !== undefined) return known;
    const own = `${name}/blocks`;
    this.#blocked.set(name, own);
    const view = this.#views.get(name);
    if (view) {
      const shape = this.#shapes.get(name)!;
      this.#emit('Reshape', [this.#inBlocks(view.inputs[0]!), this.#ints(shape)], own);
      return own;
    }
    this.plain(name);
    return this.#emit('ReorderInput', [name], own, {}, blockedDomain);
  }

  #convolve(node: OnnxNode, convolution: Convolution): void {
    const { x, w, bias, groups, weight, kind } = convolution;
    const channels = this.#aligned(weight[0]!);
    if (kind === 'fewChannels') this.plain(x);
    const inputs = [kind === 'fewChannels' ? x : this.#inBlocks(x), this.#kernel(w, convolution)];
    if (bias !== undefined) inputs.push(this.#filled(bias, [weight[0]!], [channels]));
    const follower = this.#activation(node.outputs[0]!);
    const result = (follower?.node ?? node).outputs[0]!;
    const own = `${result}/blocks`;
    const attributes = {
      ...node.attributes,
      group: int(kind === 'depthwise' ? channels : groups),
      kernel_shape: ints(weight.slice(2)),
      ...follower?.attributes,
    };
    this.#emit('Conv', inputs, own, attributes, blockedDomain);
    if (follower) this.#taken.add(follower.node);
    this.#blocked.set(result, own);
    this.#only.add(result);
  }

  /** The one reader of a convolution's result, where that is an activation it can take over, and how it says that. */
  #activation(name: string): { node: OnnxNode; attributes: OnnxNode['attributes'] } | null {
    const [node, ...others] = this.#readers.get(name) ?? [];
    if (!node || others.length > 0 || this.#outputs.has(name)) return null;
    const activation = text(node.type);
    if (node.type === 'Relu') return { node, attributes: { activation } };
    const bounds = node.type === 'Clip' ? this.#bounds(node) : null;
    return (
      bounds && { node, attributes: { activation, activation_params: { kind: 'floats', value: bounds } } }
    );
  }

  /** Least and most of a Clip, where both are constants. */
  #bounds({ inputs }: OnnxNode): readonly [number, number] | null {
    const [low, high] = inputs.slice(1).map((name) => this.initializers.get(name));
    return low?.type === 'float32' && high?.type === 'float32' ? [low.data[0]!, high.data[0]!] : null;
  }

  /** A weight as its kind of convolution reads it. */
  #kernel(name: string, { weight, kind }: Convolution): string {
    const [k, perGroup, ...kernel] = weight as [number, number, ...number[]];
    const own = `${name}/${kind}`;
    if (this.#kernels.has(own)) return own;
    this.#kernels.add(own);
    const b = this.#block;
    const rows = this.#aligned(k);
    const isWide = kind === 'dense' || kind === 'grouped';
    const columns = isWide ? this.#aligned(perGroup) : perGroup;
    const whole = [rows, columns, ...kernel];
    const view = this.#views.get(name);
    if (kind === 'depthwise' && view) {
      this.#emit('Reshape', [this.#inBlocks(view.inputs[0]!), this.#ints(whole)], own);
    } else {
      this.plain(name);
      const filled = this.#filled(name, weight, whole);
      const split = isWide ? [rows / b, b, columns / b, b, ...kernel] : [rows / b, b, columns, ...kernel];
      const perm = isWide ? [0, 2, 4, 5, 3, 1] : [0, 2, 3, 4, 1];
      const parted = this.#emit('Reshape', [filled, this.#ints(split)], `${own}/parted`);
      const turned = this.#emit('Transpose', [parted], `${own}/turned`, { perm: ints(perm) });
      this.#emit('Reshape', [turned, this.#ints(whole)], own);
    }
    return own;
  }

  /** `name` with zeros after its values, up to `wanted`. */
  #filled(name: string, shape: readonly number[], wanted: readonly number[]): string {
    this.plain(name);
    if (sameShape(shape, wanted)) return name;
    const pads = this.#ints([...shape.map(() => 0), ...wanted.map((d, i) => d - shape[i]!)]);
    return this.#emit('Pad', [name, pads], `${name}/filled_${this.nodes.length}`);
  }

  /** True for what works element by element on values of which one is in blocks already. */
  #isBetween(node: OnnxNode): boolean {
    if (node.domain !== '') return false;
    const isUnary = elementwise.has(node.type);
    if (!isUnary && !binary.has(node.type)) return false;
    const shape = this.#shapes.get(node.outputs[0]!);
    if (shape?.length !== 4) return false;
    const operands = isUnary ? node.inputs.slice(0, 1) : node.inputs;
    const whole = operands.filter((name) => !this.#isScalar(name));
    return (
      whole.some((name) => this.#blocked.has(name)) &&
      whole.every((name) => sameShape(this.#shapes.get(name) ?? [], shape) && this.#canBlock(name))
    );
  }

  #isScalar(name: string): boolean {
    const constant = this.initializers.get(name);
    return constant !== undefined && sizeOf(constant.shape) === 1;
  }

  #between(node: OnnxNode): void {
    const operands = elementwise.has(node.type) ? 1 : node.inputs.length;
    const inputs = node.inputs.map((name, i) =>
      i >= operands || this.#isScalar(name) ? name : this.#inBlocks(name),
    );
    const [result] = node.outputs as [string];
    this.#emit(node.type, inputs, `${result}/blocks`, node.attributes);
    this.#blocked.set(result, `${result}/blocks`);
    this.#only.add(result);
  }

  /** True for a reshape that may be wanted in either layout. */
  #isView(node: OnnxNode): boolean {
    return node.type === 'Reshape' && !this.#outputs.has(node.outputs[0]!) && this.#keepsBlocks(node);
  }

  /** True where a reshape only joins the samples' channels, whole blocks of them. */
  #keepsBlocks({ inputs, outputs }: OnnxNode): boolean {
    const from = this.#shapes.get(inputs[0]!);
    const to = this.#shapes.get(outputs[0]!);
    if (from?.length !== 4 || to?.length !== 4 || from[1]! % this.#block !== 0) return false;
    const joined = from[0]! * from[1]!;
    const isJoined = (to[0] === 1 && to[1] === joined) || (to[0] === joined && to[1] === 1);
    return isJoined && sameShape(from.slice(2), to.slice(2));
  }

  #ints(values: readonly number[]): string {
    const name = `blocks/shape_${values.join('_')}`;
    this.initializers.set(name, { type: 'int64', shape: [values.length], data: values });
    return name;
  }

  #emit(
    type: string,
    inputs: readonly string[],
    output: string,
    attributes: OnnxNode['attributes'] = {},
    domain = '',
  ): string {
    this.nodes.push({ name: `${output}/${type}`, type, domain, inputs, outputs: [output], attributes });
    return output;
  }
}
