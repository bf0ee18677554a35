import { ProgramBuilder, prune } from '../instructions/builder.ts';
import type { Parameters, Program, Shape } from '../instructions/program.ts';
import { ShapeMismatch } from '../instructions/row.ts';
import { borderOf } from '../onnx/extract.ts';
import type { OnnxModel, OnnxNode, Tensor } from '../onnx/model.ts';
import { elementCount } from '../onnx/tensors.ts';
import { elementTypes } from '../onnx/types.ts';
import { OperatorContext, Refused, refuse } from './context.ts';
import { definitionOf, trainablePlaces } from './definitions.ts';
import { evaluateNumbers, type Numbers, shapeNumbers, toNumbers } from './symbolic.ts';

/** An operator that has no definition, or one that does not cover its use here. */
export interface Opaque {
  /** Name of the node. */
  readonly operator: string;
  readonly reason: string;
}

/** A model in instructions. */
export interface ImportedModel {
  /** The whole model where nothing is opaque; else its outputs are those that could be reached. */
  readonly program: Program;
  /** Tensor → id of its value in `program`. */
  readonly values: ReadonlyMap<string, number>;
  /** Tensor → shape, the batch as −1, of all tensors that are known. */
  readonly shapes: ReadonlyMap<string, Shape>;
  readonly opaque: readonly Opaque[];
  /** Values of the program's parameters, each under the name of its initializer. */
  readonly parameters: Parameters;
}

/** Opaque operators whose first output has the shape of the first input. */
const shapeKeeping = new Set(
  `Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh Round Floor Ceil Sign IsNaN IsInf Not Hardmax LRN
  LpNormalization MeanVarianceNormalization CumSum GroupNormalization QuantizeLinear DequantizeLinear Cast Swish
  Shrink Bernoulli Dropout BatchNormalization Trilu`.split(/\s+/),
);

/**
 * Brings a model into instructions. `inputShapes` holds each graph input's shape, the batch as −1. What cannot
 * be said in instructions is opaque: where its output's shape is known, the program takes that tensor as an input.
 */
export function importModel(model: OnnxModel, inputShapes: ReadonlyMap<string, Shape>): ImportedModel {
  const importer = new Importer(model, inputShapes);
  for (const { name } of model.inputs) {
    const shape = inputShapes.get(name);
    if (shape) importer.values.set(name, importer.b.input(name, shape));
  }
  for (const node of model.nodes) importer.run(node);
  const outputs = model.outputs.flatMap(({ name }) => importer.find(name) ?? []);
  const program: Program = { instructions: importer.b.instructions, outputs };
  const shapes = new Map([...importer.values].map(([name, id]) => [name, importer.b.shape(id)] as const));
  return {
    program,
    values: importer.values,
    shapes,
    opaque: importer.opaque,
    parameters: importer.parameters,
  };
}

/**
 * Brings the named operators into a program of their own: inputs and outputs are the region's border tensors,
 * inputs by name, outputs in the order of `borderOf`. `shapes` are those of `importModel`. An operator without
 * definition is a bug of the caller and throws.
 */
export function importRegion(
  model: OnnxModel,
  nodeNames: ReadonlySet<string>,
  shapes: ReadonlyMap<string, Shape>,
): Program {
  const importer = new Importer(model, shapes);
  const border = borderOf(model, nodeNames);
  for (const node of model.nodes) {
    // Shape arithmetic outside the region is constant inside it.
    if (nodeNames.has(node.name)) importer.run(node);
    else importer.runNumbers(node);
  }
  const [opaque] = importer.opaque;
  if (opaque) throw new Error(`${opaque.operator} has no definition: ${opaque.reason}`);
  const outputs = border.outputs.flatMap((name) => importer.values.get(name) ?? []);
  return prune({ instructions: importer.b.instructions, outputs });
}

/** Numbers known before anything runs: the results of the model's shape arithmetic, by tensor. */
export function shapeArithmetic(
  model: OnnxModel,
  shapes: ReadonlyMap<string, Shape>,
): ReadonlyMap<string, Numbers> {
  const importer = new Importer(model, shapes);
  for (const node of model.nodes) importer.runNumbers(node);
  return importer.numbersByTensor;
}

const qualified = (node: OnnxNode): string =>
  node.domain === '' ? node.type : `${node.domain}.${node.type}`;

class Importer {
  readonly b = new ProgramBuilder();
  readonly values = new Map<string, number>();
  readonly numbersByTensor = new Map<string, Numbers>();
  readonly parameters = new Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>();
  readonly opaque: Opaque[] = [];
  readonly #model: OnnxModel;
  readonly #shapes: ReadonlyMap<string, Shape>;
  readonly #trainable: ReadonlySet<string>;
  readonly #isBatchOne: boolean;
  readonly #types: ReturnType<typeof elementTypes>;

  constructor(model: OnnxModel, shapes: ReadonlyMap<string, Shape>) {
    this.#model = model;
    this.#shapes = shapes;
    this.#trainable = new Set(
      model.nodes.flatMap((node) => trainablePlaces(node.type).map((place) => node.inputs[place] ?? '')),
    );
    this.#isBatchOne = model.inputs.length > 0 && model.inputs.every((input) => input.shape[0] === 1);
    this.#types = elementTypes(model);
  }

  /** Defines a node, or makes it opaque. */
  run(node: OnnxNode): void {
    if (this.runNumbers(node)) return;
    try {
      const definition =
        definitionOf(node.domain, node.type) ?? refuse(`there is no definition of ${qualified(node)}`);
      const opset = this.#model.opsets[''] ?? 0;
      const made = definition(new OperatorContext(this.b, node, opset, this.#isBatchOne, this));
      const ids = typeof made === 'number' ? [made] : made;
      node.outputs.forEach((output, i) => {
        const id = ids[i];
        if (output !== '') this.values.set(output, id ?? refuse(`output ${i} is not covered`));
      });
    } catch (error) {
      if (!(error instanceof Refused || error instanceof ShapeMismatch)) throw error;
      this.opaque.push({ operator: node.name, reason: error.message });
      this.#readOpaque(node);
    }
  }

  /** Evaluates a node of shape arithmetic; false where it is none. */
  runNumbers(node: OnnxNode): boolean {
    const [output = ''] = node.outputs;
    if (node.outputs.length !== 1 || node.domain !== '') return false;
    if (node.type === 'Shape' || node.type === 'Size') {
      const shape = this.#shapeOf(node.inputs[0] ?? '');
      if (!shape || node.type === 'Size') return false;
      this.numbersByTensor.set(output, shapeNumbers(node, shape));
      return true;
    }
    if (node.inputs.length === 0) return false;
    const inputs: (Numbers | undefined)[] = [];
    for (const name of node.inputs) {
      const numbers = name === '' ? undefined : this.numbers(name);
      if (numbers === null) return false;
      inputs.push(numbers);
    }
    const result = evaluateNumbers(node, inputs);
    if (result) this.numbersByTensor.set(output, result);
    return result !== null;
  }

  /** Id of a tensor's value; undefined where there is none. */
  find(tensor: string): number | undefined {
    try {
      return this.id(tensor);
    } catch (error) {
      if (error instanceof Refused) return undefined;
      throw error;
    }
  }

  id(tensor: string): number {
    const known = this.values.get(tensor);
    if (known !== undefined) return known;
    const made = this.#leaf(tensor);
    this.values.set(tensor, made);
    return made;
  }

  numbers(tensor: string): Numbers | null {
    const known = this.numbersByTensor.get(tensor);
    if (known) return known;
    const constant = this.#model.initializers.get(tensor);
    return constant ? toNumbers(constant) : null;
  }

  floats(tensor: string): ArrayLike<number> | null {
    const constant = this.#model.initializers.get(tensor);
    return constant?.type === 'float32' ? constant.data : null;
  }

  /** A constant, a parameter, the result of shape arithmetic, or a tensor from outside the region. */
  #leaf(tensor: string): number {
    const constant = this.#model.initializers.get(tensor);
    if (constant) return this.#constant(tensor, constant);
    const numbers = this.numbersByTensor.get(tensor);
    if (numbers) {
      const values = numbers.values.map((v) =>
        v.perSample === 0 ? v.fixed : refuse('a value holds the batch size'),
      );
      return this.b.add('constant', [], { shape: numbers.shape, values });
    }
    const shape = this.#shapes.get(tensor);
    if (!shape) refuse(`tensor ${tensor} is not known`);
    return this.b.input(tensor, shape);
  }

  #constant(name: string, tensor: Tensor): number {
    const { shape } = tensor;
    if (tensor.type !== 'float32') return refuse(`the constant ${name} is ${tensor.type}`);
    if (elementCount(shape) === 0) return refuse(`the constant ${name} is empty`);
    if (elementCount(shape) === 1 || !this.#trainable.has(name))
      return this.b.add('constant', [], { shape, values: tensor.data });
    this.parameters.set(name, { shape, data: tensor.data });
    return this.b.parameter(name, shape);
  }

  #shapeOf(tensor: string): Shape | undefined {
    const id = this.values.get(tensor);
    if (id !== undefined) return this.b.shape(id);
    return (
      this.numbersByTensor.get(tensor)?.shape ??
      this.#model.initializers.get(tensor)?.shape ??
      this.#shapes.get(tensor)
    );
  }

  /** Outputs of an opaque node become inputs of the program where their shape is known. */
  #readOpaque(node: OnnxNode): void {
    node.outputs.forEach((output, i) => {
      const isKept = i === 0 && node.domain === '' && shapeKeeping.has(node.type);
      const shape = (isKept ? this.#shapeOf(node.inputs[0] ?? '') : undefined) ?? this.#declared(output);
      if (output === '' || !shape || this.#types.get(output) !== 'float32') return;
      this.values.set(output, this.b.input(output, shape));
    });
  }

  /** The shape that the model says a result has, the batch open where that of the inputs is. */
  #declared(tensor: string): Shape | undefined {
    const said = this.#model.outputs.find((output) => output.name === tensor)?.shape;
    if (!said || said.length === 0) return undefined;
    const isOpen = this.#model.inputs.some(({ name }) => (this.#shapes.get(name)?.[0] ?? 1) < 0);
    const [batch, ...rest] = said;
    const first = isOpen && (typeof batch === 'string' || batch === 1) ? -1 : batch;
    const shape = [first, ...rest];
    return shape.every((d) => typeof d === 'number' && d !== 0) ? (shape as number[]) : undefined;
  }
}
