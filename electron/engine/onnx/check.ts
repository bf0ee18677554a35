import type { ModelError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { inspectFunction } from './captures.ts';
import { knownOperators, runtimeDomains } from './known-operators.ts';
import type { ElementType, OnnxModel, OnnxNode, ValueInfo } from './model.ts';
import { elementTypes } from './types.ts';

/** Input name → its shape, the batch as −1. */
export type InputShapes = ReadonlyMap<string, readonly number[]>;

/** What is known besides the model. */
export interface CheckOptions {
  /** Shape of one sample of the data, without its batch dimension. */
  readonly sampleShape?: readonly number[];
}

const floatTypes: ReadonlySet<ElementType> = new Set(['float32', 'float16', 'float64']);

/**
 * Says whether the app can work with the model, and in which input shapes.
 * Errors: `modelUnknownOperator`, `modelNoFloatOperator`, `modelInputType`, `modelDynamicShape`, `modelBroken`
 * (no input at all).
 */
export function checkModel(
  model: OnnxModel,
  path: string,
  options: CheckOptions = {},
): Result<InputShapes, ModelError> {
  const own = new Set(
    (model.functions ?? []).map(inspectFunction).map(({ domain, name }) => `${domain}:${name}`),
  );
  const unknown = model.nodes.find((node) => !isKnown(node, own));
  if (unknown)
    return fail({ kind: 'modelUnknownOperator', path, operator: unknown.name, type: qualifiedType(unknown) });
  const types = elementTypes(model);
  const isFloat = (name: string): boolean => floatTypes.has(types.get(name) ?? 'other');
  if (!model.nodes.some((node) => node.outputs.some(isFloat)))
    return fail({ kind: 'modelNoFloatOperator', path });
  const [first] = model.inputs;
  if (!first) return fail({ kind: 'modelBroken', path, reason: 'the graph has no input' });
  const foreign = model.inputs.find((input) => input.type !== 'float32');
  if (foreign) return fail({ kind: 'modelInputType', path, input: foreign.name, type: foreign.type });
  return resolveInputShapes(model, path, options.sampleShape);
}

function isKnown(node: OnnxNode, functions: ReadonlySet<string>): boolean {
  if (functions.has(`${node.domain}:${node.type}`) || runtimeDomains.has(node.domain)) return true;
  return node.domain === '' && knownOperators.has(node.type);
}

const qualifiedType = (node: OnnxNode): string =>
  node.domain === '' ? node.type : `${node.domain}.${node.type}`;

/**
 * The shape of each input with its batch as −1: the first dimension where it is symbolic, unknown or 1. Other
 * dimensions come from the model, or else, for the first input, from the sample. Error: `modelDynamicShape`.
 */
export function resolveInputShapes(
  model: OnnxModel,
  path: string,
  sampleShape?: readonly number[],
): Result<InputShapes, ModelError> {
  const shapes = new Map<string, readonly number[]>();
  for (const [index, input] of model.inputs.entries()) {
    const shape = resolve(input, index === 0 ? sampleShape : undefined);
    if (!shape) {
      const said = input.shape.map((dimension) => dimension ?? '?');
      return fail({ kind: 'modelDynamicShape', path, input: input.name, shape: said });
    }
    shapes.set(input.name, shape);
  }
  return ok(shapes);
}

function resolve(input: ValueInfo, sample: readonly number[] | undefined): readonly number[] | null {
  const [batch, ...rest] = input.shape;
  if (batch === undefined) return sample ? [-1, ...sample] : null;
  const fromSample = sample?.length === rest.length ? sample : undefined;
  const shape: number[] = [typeof batch === 'number' && batch !== 1 ? batch : -1];
  for (const [axis, dimension] of rest.entries()) {
    const size = typeof dimension === 'number' ? dimension : fromSample?.[axis];
    if (size === undefined) return null;
    shape.push(size);
  }
  return shape;
}
