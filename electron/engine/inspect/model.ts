import { basename, extname } from 'node:path';
import type { ModelError } from '../../contract/errors.ts';
import { ok, type Result } from '../../contract/result.ts';
import type { ModelDetail, TensorPort } from '../../contract/views.ts';
import { countParameters } from '../complexity/cost.ts';
import type { Shape } from '../instructions/program.ts';
import type { InspectModelJob } from '../messages.ts';
import { sha256 } from '../onnx/hash.ts';
import type { ValueInfo } from '../onnx/model.ts';
import { readModel, readModelBytes } from '../onnx/read.ts';
import { describeGraph } from './graph.ts';

/** A model file with its graph. Errors: every kind of ModelError but modelDynamicShape and modelFailsToRun. */
export async function inspectModel({
  modelPath: path,
}: InspectModelJob): Promise<Result<ModelDetail, ModelError>> {
  const bytes = readModelBytes(path);
  if (!bytes.ok) return bytes;
  const read = readModel(bytes.value, path);
  if (!read.ok) return read;
  const model = read.value;
  const graph = describeGraph(model, path);
  if (!graph.ok) return graph;
  const { operators, multiplyAdds, opaque, shapes } = graph.value;
  return ok({
    sha256: sha256(bytes.value),
    name: basename(path, extname(path)),
    path,
    sizeBytes: bytes.value.length,
    parameters: countParameters(model, model.nodes),
    isSample: false,
    opset: model.opsets[''] ?? 0,
    producer: model.producer,
    inputs: model.inputs.map((value) => portOf(value, undefined)),
    outputs: model.outputs.map((value) => portOf(value, shapes.get(value.name))),
    operators,
    multiplyAdds,
    opaque,
  });
}

/** A graph input or output; `inferred` tells what the model itself leaves out. */
function portOf({ name, type, shape }: ValueInfo, inferred: Shape | undefined): TensorPort {
  const said = shape.length > 0 ? shape : (inferred ?? []);
  return { name, type, shape: said.map((d) => (typeof d === 'number' && d > 0 ? d : -1)) };
}
