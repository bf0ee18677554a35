import type { ModelError } from '../../contract/errors.ts';
import { ok, type Result } from '../../contract/result.ts';
import type { GraphDiff, GraphOperator } from '../../contract/views.ts';
import type { DiffModelsJob } from '../messages.ts';
import { sha256 } from '../onnx/hash.ts';
import type { AttributeValue, OnnxModel, OnnxNode, Tensor } from '../onnx/model.ts';
import { readModelFile } from '../onnx/read.ts';
import { elementCount } from '../onnx/tensors.ts';
import { describeGraph } from './graph.ts';

/**
 * The operators of A, those that B has too as `same`, the others as `removed`; then those that only B has. An
 * operator of one name in both that is another one (attributes, inputs, shapes of weights) is removed and added.
 * Errors: as `inspectModel`.
 */
export async function diffModels({
  modelPathA,
  modelPathB,
}: DiffModelsJob): Promise<Result<GraphDiff, ModelError>> {
  const a = openGraph(modelPathA);
  if (!a.ok) return a;
  const b = openGraph(modelPathB);
  if (!b.ok) return b;
  const inA = new Set(a.value.map(({ identity }) => identity));
  const inB = new Set(b.value.map(({ identity }) => identity));
  const ofA = a.value.map(({ identity, operator }) => ({
    ...operator,
    change: inB.has(identity) ? ('same' as const) : ('removed' as const),
  }));
  const ofB = b.value
    .filter(({ identity }) => !inA.has(identity))
    .map(({ operator }) => ({ ...operator, change: 'added' as const }));
  return ok({ operators: [...ofA, ...ofB] });
}

/** An operator with a text that is equal for the same operator in another model. */
interface Identified {
  readonly operator: GraphOperator;
  readonly identity: string;
}

function openGraph(path: string): Result<readonly Identified[], ModelError> {
  const model = readModelFile(path);
  if (!model.ok) return model;
  const graph = describeGraph(model.value, path);
  if (!graph.ok) return graph;
  return ok(
    model.value.nodes.flatMap((node, index) => {
      const operator = graph.value.operators[index];
      return operator ? [{ operator, identity: identityOf(model.value, node) }] : [];
    }),
  );
}

function identityOf(model: OnnxModel, node: OnnxNode): string {
  const inputs = node.inputs.map((name) => {
    const constant = model.initializers.get(name);
    return constant ? constantIdentity(constant) : name;
  });
  const attributes = Object.entries(node.attributes)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, value]) => [name, attributeIdentity(value)]);
  return JSON.stringify([node.name, node.domain, node.type, inputs, attributes]);
}

/** Longer constants are weights: their values may be trained, and their operator stays the same. */
const longestSetting = 64;

/** Weights by their shape; short whole numbers, which say what an operator does, by their values. */
function constantIdentity({ type, shape, data }: Tensor): unknown {
  const isSetting = type === 'int64' && elementCount(shape) <= longestSetting;
  return isSetting ? [type, shape, data] : [type, shape];
}

function attributeIdentity(attribute: AttributeValue): unknown {
  if (attribute.kind === 'tensor') return ['tensor', constantIdentity(attribute.value)];
  if (attribute.kind === 'opaque') return ['opaque', sha256(attribute.value)];
  return [attribute.kind, attribute.value];
}
