import { ProgramBuilder } from '../instructions/builder.ts';
import type { Parameters, Program, Shape } from '../instructions/program.ts';
import { ShapeMismatch } from '../instructions/row.ts';
import type { OnnxModel, OnnxNode } from '../onnx/model.ts';
import { type DefineContext, type Integers, Undefined } from './context.ts';
import { definitions } from './definitions.ts';
import { evaluateIntegers } from './integers.ts';

/** A model in instructions. */
export interface ImportedModel {
  /** The whole model when `opaque` is empty; else only what could be reached. */
  readonly program: Program;
  /** Instruction of each float tensor. */
  readonly values: ReadonlyMap<string, number>;
  /** Shape of each float tensor. */
  readonly shapes: ReadonlyMap<string, Shape>;
  /** Operators without a definition, and all that need them. */
  readonly opaque: readonly { readonly operator: string; readonly reason: string }[];
  readonly parameters: Parameters;
}

/** Brings a model into instructions; `inputShapes` hold the batch as −1. */
export function importModel(model: OnnxModel, inputShapes: ReadonlyMap<string, Shape>): ImportedModel {
  const importer = new Importer(model, inputShapes);
  for (const node of model.nodes) importer.add(node);
  const { b, values, opaque, parameters } = importer;
  const outputs = model.outputs.flatMap((o) => values.get(o.name) ?? []);
  const shapes = new Map([...values].map(([name, id]) => [name, b.shape(id)] as const));
  const missing =
    opaque.length === 0 && outputs.length < model.outputs.length
      ? [{ operator: model.graphName, reason: 'an output is not a float tensor' }]
      : [];
  return {
    program: { instructions: b.instructions, outputs },
    values,
    shapes,
    opaque: [...opaque, ...missing],
    parameters,
  };
}

/** The program of some operators: border tensors in are its inputs, what the outside reads of them its outputs. */
export function importRegion(
  model: OnnxModel,
  names: ReadonlySet<string>,
  shapes: ReadonlyMap<string, Shape>,
): Program {
  const nodes = model.nodes.filter((node) => names.has(node.name));
  const made = new Set(nodes.flatMap((node) => node.outputs));
  const inputs = new Map<string, Shape>();
  for (const name of nodes.flatMap((node) => node.inputs)) {
    const shape = shapes.get(name);
    if (!made.has(name) && !model.initializers.has(name) && shape) inputs.set(name, shape);
  }
  const importer = new Importer(model, inputs);
  for (const node of nodes) importer.add(node);
  const refused = importer.opaque[0];
  if (refused) throw new Error(`${refused.operator} is no part of a region: ${refused.reason}`);
  const readOutside = new Set([
    ...model.outputs.map((o) => o.name),
    ...model.nodes.filter((n) => !names.has(n.name)).flatMap((n) => n.inputs),
  ]);
  const outputs = nodes.flatMap((node) => node.outputs).filter((name) => readOutside.has(name));
  return importer.b.build(outputs.map((name) => importer.values.get(name)!));
}

class Importer {
  readonly b = new ProgramBuilder();
  readonly values = new Map<string, number>();
  readonly opaque: { operator: string; reason: string }[] = [];
  readonly parameters = new Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>();
  readonly #model: OnnxModel;
  readonly #integers = new Map<string, Integers>();
  readonly #opset: number;

  constructor(model: OnnxModel, inputs: ReadonlyMap<string, Shape>) {
    this.#model = model;
    this.#opset = model.opsets[''] ?? 1;
    for (const [name, shape] of inputs) this.values.set(name, this.b.input(name, shape));
    for (const [name, tensor] of model.initializers)
      if (tensor.type === 'int64') this.#integers.set(name, { shape: tensor.shape, values: tensor.data });
  }

  add(node: OnnxNode): void {
    const integers = evaluateIntegers({
      node,
      known: (i) => this.#integers.get(node.inputs[i] ?? ''),
      shape: (i) => this.#shapeOf(node.inputs[i] ?? ''),
    });
    if (integers) {
      this.#integers.set(node.outputs[0]!, integers);
      return;
    }
    try {
      this.#define(node).forEach((id, i) => {
        this.values.set(node.outputs[i]!, id);
      });
    } catch (error) {
      if (!(error instanceof Undefined || error instanceof ShapeMismatch)) throw error;
      this.opaque.push({ operator: node.name, reason: error.message });
    }
  }

  #define(node: OnnxNode): readonly number[] {
    if (node.type === 'ConstantOfShape' && node.domain === '') return [this.#filled(node)];
    const definition = node.domain === '' ? definitions[node.type] : undefined;
    if (!definition)
      throw new Undefined(`there is no definition of ${node.domain ? `${node.domain}.` : ''}${node.type}`);
    const context: DefineContext = {
      b: this.b,
      node,
      opset: this.#opset,
      has: (i) => (node.inputs[i] ?? '') !== '',
      input: (i) => this.#value(node.inputs[i] ?? ''),
      shape: (i) => this.b.shape(this.#value(node.inputs[i] ?? '')),
      integers: (i) => this.#integers.get(node.inputs[i] ?? ''),
      floats: (i) => {
        const tensor = this.#model.initializers.get(node.inputs[i] ?? '');
        return tensor?.type === 'float32' ? tensor : undefined;
      },
    };
    return definition(context);
  }

  #filled(node: OnnxNode): number {
    const shape = this.#integers.get(node.inputs[0] ?? '')?.values;
    const value = node.attributes.value;
    const tensor = value?.kind === 'tensor' ? value.value : undefined;
    if (!shape || (tensor && tensor.type !== 'float32'))
      throw new Undefined('its shape or type is only known when it runs');
    return this.b.constant(tensor?.type === 'float32' ? tensor.data[0]! : 0, shape);
  }

  #shapeOf(name: string): Shape | undefined {
    const id = this.values.get(name);
    return id === undefined ? this.#model.initializers.get(name)?.shape : this.b.shape(id);
  }

  #value(name: string): number {
    const known = this.values.get(name);
    if (known !== undefined) return known;
    const tensor = this.#model.initializers.get(name);
    if (tensor?.type !== 'float32')
      throw new Undefined(`${name || 'an operand'} is not a float tensor known here`);
    const isNumber = tensor.data.length === 1;
    const id = isNumber
      ? this.b.add('constant', [], { shape: tensor.shape, values: tensor.data })
      : this.b.parameter(name, tensor.shape);
    if (!isNumber) this.parameters.set(name, { shape: tensor.shape, data: tensor.data });
    this.values.set(name, id);
    return id;
  }
}
