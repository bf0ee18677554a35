import type { Shape } from '../../instructions/program.ts';
import { checkModel } from '../../onnx/check.ts';
import { consumersOf, producersOf } from '../../onnx/graph.ts';
import type { OnnxModel, OnnxNode, Tensor } from '../../onnx/model.ts';
import { elementCount } from '../../onnx/tensors.ts';
import { importModel } from '../import.ts';

/** A constant float tensor. */
export type Floats = Extract<Tensor, { type: 'float32' }>;

/** A model's graph as the rules ask for it. */
export class GraphView {
  readonly model: OnnxModel;
  readonly opset: number;
  readonly #producers: ReadonlyMap<string, OnnxNode>;
  readonly #readers: ReadonlyMap<string, readonly OnnxNode[]>;
  readonly #results: ReadonlySet<string>;
  #shapes: ReadonlyMap<string, Shape> | undefined;

  constructor(model: OnnxModel) {
    this.model = model;
    this.opset = model.opsets[''] ?? 0;
    this.#producers = producersOf(model.nodes);
    this.#readers = consumersOf(model.nodes);
    this.#results = new Set(model.outputs.map((o) => o.name));
  }

  /** The operator of one of these types, in ONNX's own domain, that makes the tensor. */
  producer(tensor: string | undefined, ...types: readonly string[]): OnnxNode | undefined {
    const node = this.#producers.get(tensor ?? '');
    return node?.domain === '' && types.includes(node.type) ? node : undefined;
  }

  /** The operator that makes the tensor. */
  maker(tensor: string): OnnxNode | undefined {
    return this.#producers.get(tensor);
  }

  /** True for a result of the model. */
  isResult(tensor: string): boolean {
    return this.#results.has(tensor);
  }

  readers(tensor: string | undefined): readonly OnnxNode[] {
    return this.#readers.get(tensor ?? '') ?? [];
  }

  /** True when nothing but these operators reads what the node makes. */
  isPrivate(node: OnnxNode, ...readers: readonly OnnxNode[]): boolean {
    return node.outputs.every(
      (output) =>
        !this.#results.has(output) && this.readers(output).every((reader) => readers.includes(reader)),
    );
  }

  /** A tensor's shape, the batch as −1 and k batches as −k; undefined where it is not known. */
  shape(tensor: string | undefined): Shape | undefined {
    const constant = this.model.initializers.get(tensor ?? '');
    if (constant) return constant.shape;
    this.#shapes ??= shapesOf(this.model);
    return this.#shapes.get(tensor ?? '');
  }

  /** The first of the operators whose result is read by others than these operators; `last` may be. */
  leak(operators: readonly OnnxNode[], last: OnnxNode): OnnxNode | undefined {
    return operators.find((node) => node !== last && !this.isPrivate(node, ...operators));
  }

  /** The tensor's values where it is a float constant. */
  floats(tensor: string | undefined): Floats | undefined {
    const constant = this.model.initializers.get(tensor ?? '');
    return constant?.type === 'float32' ? constant : undefined;
  }

  /** The value of a float constant of one element. */
  scalar(tensor: string | undefined): number | undefined {
    const constant = this.floats(tensor);
    return constant && elementCount(constant.shape) === 1 ? constant.data[0] : undefined;
  }

  /** The whole numbers of a constant. */
  integers(tensor: string | undefined): readonly number[] | undefined {
    const constant = this.model.initializers.get(tensor ?? '');
    return constant?.type === 'int64' ? constant.data : undefined;
  }

  /** The two operands of a commutative operator, one of them a scalar constant: its value and the other tensor. */
  withScalar(node: OnnxNode | undefined): { readonly value: number; readonly other: string } | undefined {
    const [a, b] = node?.inputs ?? [];
    if (a === undefined || b === undefined) return undefined;
    const [first, second] = [this.scalar(a), this.scalar(b)];
    if (second !== undefined) return { value: second, other: a };
    return first === undefined ? undefined : { value: first, other: b };
  }

  /** The two operands of an operator, one of them a float constant: its place, its values and the other tensor. */
  withFloats(
    node: OnnxNode,
  ): { readonly place: number; readonly constant: Floats; readonly other: string } | undefined {
    const place = node.inputs.findIndex((name) => this.floats(name) !== undefined);
    const constant = this.floats(node.inputs[place]);
    return constant && { place, constant, other: node.inputs[1 - place] ?? '' };
  }

  /** Bounds of a Clip, where they are known. */
  clipBounds(clip: OnnxNode): { readonly min: number; readonly max: number } | undefined {
    const bound = (index: number, name: string, open: number): number | undefined => {
      const attribute = clip.attributes[name];
      if (attribute?.kind === 'float') return attribute.value;
      return (clip.inputs[index] ?? '') === '' ? open : this.scalar(clip.inputs[index]);
    };
    const min = bound(1, 'min', Number.NEGATIVE_INFINITY);
    const max = bound(2, 'max', Number.POSITIVE_INFINITY);
    return min === undefined || max === undefined ? undefined : { min, max };
  }
}

function shapesOf(model: OnnxModel): ReadonlyMap<string, Shape> {
  const inputs = checkModel(model, '');
  return inputs.ok ? importModel(model, inputs.value).shapes : new Map();
}

/** Two float32 constants that mean the same number. */
export const isNear = (value: number | undefined, wanted: number): boolean =>
  value !== undefined && Math.abs(value - wanted) <= 1e-6 * Math.max(1, Math.abs(wanted));

/** A product taken apart. */
export interface Product {
  /** Tensors that are multiplied. */
  readonly factors: readonly string[];
  readonly scalar: number;
  readonly operators: readonly OnnxNode[];
}

/** The tensors and the number that a Mul, or a Div by a number, multiplies, through products that only it reads. */
export function productOf(view: GraphView, node: OnnxNode): Product {
  const operators = [node];
  const factors: string[] = [];
  let scalar = 1;
  const visit = (tensor: string, reader: OnnxNode): void => {
    const value = view.scalar(tensor);
    const inner = view.producer(tensor, 'Mul', 'Div');
    if (value !== undefined) scalar *= value;
    else if (inner && isProduct(view, inner) && view.isPrivate(inner, reader)) {
      operators.push(inner);
      open(inner);
    } else factors.push(tensor);
  };
  const open = (product: OnnxNode): void => {
    if (product.type === 'Div') {
      visit(product.inputs[0]!, product);
      scalar /= view.scalar(product.inputs[1]) ?? 1;
    } else for (const input of product.inputs) visit(input, product);
  };
  if (isProduct(view, node)) open(node);
  return { factors, scalar, operators };
}

const isProduct = (view: GraphView, node: OnnxNode): boolean =>
  node.domain === '' &&
  (node.type === 'Mul' || (node.type === 'Div' && view.scalar(node.inputs[1]) !== undefined));
