import type { ModelError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { GraphOperator, ModelDetail } from '../../contract/views.ts';
import { countMultiplyAdds, countParameters } from '../complexity/cost.ts';
import { bind, type Shape } from '../instructions/program.ts';
import { neededTensors } from '../onnx/captures.ts';
import { checkModel, type InputShapes } from '../onnx/check.ts';
import { attributeCodec } from '../onnx/messages.ts';
import type { AttributeValue, OnnxModel, OnnxNode } from '../onnx/model.ts';
import { definitionOf } from '../operators/definitions.ts';
import { importModel, type Opaque, shapeArithmetic } from '../operators/import.ts';

/** A model's graph as the window shows it. */
export interface DescribedGraph {
  /** In topological order, each under a name of its own. */
  readonly operators: readonly GraphOperator[];
  readonly multiplyAdds: number | null;
  readonly opaque: ModelDetail['opaque'];
  /** Of all tensors that are known, the batch as −1. */
  readonly shapes: ReadonlyMap<string, Shape>;
}

const longestList = 8;
const longestText = 80;

/**
 * Describes the operators of a model, with shapes at batch 1. An input shape that only the data can tell leaves
 * shapes and multiply-adds unknown. Errors: those of `checkModel` but modelDynamicShape.
 */
export function describeGraph(model: OnnxModel, path: string): Result<DescribedGraph, ModelError> {
  const checked = checkModel(model, path);
  if (!checked.ok && checked.error.kind !== 'modelDynamicShape') return fail(checked.error);
  const known = checked.ok ? shapesOf(model, checked.value) : null;
  const shapes = known?.shapes ?? new Map<string, Shape>();
  const operators = model.nodes.map((node) => describe(model, node, shapes));
  const counts = operators.map((operator) => operator.multiplyAdds);
  return ok({
    operators,
    multiplyAdds: counts.reduce((sum, count) => (sum === null || count === null ? null : sum + count), 0),
    opaque: known?.opaque ?? model.nodes.flatMap(undefinedIn),
    shapes,
  });
}

function shapesOf(model: OnnxModel, inputShapes: InputShapes) {
  const { shapes, opaque } = importModel(model, inputShapes);
  const numbers = shapeArithmetic(model, shapes);
  const arithmetic = [...numbers].map(([name, { shape }]) => [name, shape] as const);
  return { shapes: new Map<string, Shape>([...arithmetic, ...shapes]), opaque };
}

/** Without shapes only this can be said: an operator without a definition stays, the shape of a tensor is no operator. */
function undefinedIn({ name, type, domain }: OnnxNode): readonly Opaque[] {
  if (definitionOf(domain, type) || (domain === '' && type === 'Shape')) return [];
  const qualified = domain === '' ? type : `${domain}.${type}`;
  return [{ operator: name, reason: `there is no definition of ${qualified}` }];
}

function describe(model: OnnxModel, node: OnnxNode, shapes: ReadonlyMap<string, Shape>): GraphOperator {
  const multiplyAdds = countMultiplyAdds(model, node, shapes, Number.NaN);
  const shape = shapes.get(node.outputs[0] ?? '');
  return {
    name: node.name,
    type: node.type,
    inputs: neededTensors(node).filter((name) => !model.initializers.has(name)),
    outputs: node.outputs.filter((name) => name !== ''),
    parameters: countParameters(model, [node]),
    multiplyAdds: multiplyAdds !== null && Number.isFinite(multiplyAdds) ? multiplyAdds : null,
    outputShape: shape ? bind(shape, 1) : null,
    attributes: Object.fromEntries(
      Object.entries(node.attributes).map(([name, value]) => [name, attributeText(value)]),
    ),
  };
}

function attributeText(attribute: AttributeValue): string {
  switch (attribute.kind) {
    case 'int':
    case 'float':
      return numberText(attribute.value);
    case 'string':
      return shortened(attribute.value);
    case 'ints':
    case 'floats':
      return listText(attribute.value.map(numberText));
    case 'strings':
      return shortened(listText(attribute.value));
    case 'tensor':
      return `${attribute.value.type} [${attribute.value.shape.join(', ')}]`;
    case 'opaque': {
      const { g, graphs } = attributeCodec.decode(attribute.value);
      return g || (graphs?.length ?? 0) > 0 ? 'subgraph' : `${attribute.value.length} bytes`;
    }
  }
}

const numberText = (value: number): string =>
  Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(6)));

function listText(items: readonly string[]): string {
  const shown = items.slice(0, longestList).join(', ');
  return items.length > longestList ? `[${shown}, … ${items.length} in all]` : `[${shown}]`;
}

const shortened = (text: string): string =>
  text.length > longestText ? `${text.slice(0, longestText - 1)}…` : text;
