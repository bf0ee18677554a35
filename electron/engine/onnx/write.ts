import { fromAttributes } from './attributes.ts';
import { modelCodec, typeCodec, type ValueMessage } from './messages.ts';
import type { OnnxModel, ValueInfo } from './model.ts';
import { dataTypeOf, fromTensor } from './tensors.ts';

/** The model as an ONNX file; all tensors as raw data inside it. */
export function writeModel(model: OnnxModel): Uint8Array {
  return modelCodec.encode({
    irVersion: model.irVersion,
    producerName: model.producer,
    graph: {
      name: model.graphName,
      node: model.nodes.map((node) => ({
        input: [...node.inputs],
        output: [...node.outputs],
        name: node.name,
        opType: node.type,
        attribute: fromAttributes(node.attributes),
        ...(node.domain === '' ? {} : { domain: node.domain }),
      })),
      initializer: [...model.initializers].map(([name, tensor]) => fromTensor(tensor, name)),
      input: [...model.inputs, ...openInputs(model)].map(fromValueInfo),
      output: model.outputs.map(fromValueInfo),
    },
    opsetImport: Object.entries(model.opsets).map(([domain, version]) => ({ domain, version })),
    metadataProps: Object.entries(model.metadata).map(([key, value]) => ({ key, value })),
    functions: [...(model.functions ?? [])],
  });
}

/** What the initializers that are inputs too look like as inputs. */
const openInputs = ({ openInitializers = [], initializers }: OnnxModel): ValueInfo[] =>
  openInitializers.flatMap((name) => {
    const tensor = initializers.get(name);
    return tensor ? [{ name, type: tensor.type, shape: tensor.shape }] : [];
  });

function fromValueInfo(value: ValueInfo): ValueMessage {
  if (value.encodedType) return { name: value.name, type: value.encodedType };
  const elemType = dataTypeOf(value.type);
  // A value of unknown type is left to the runtime's own inference.
  if (elemType === null) return { name: value.name };
  const dim = value.shape.map((d) =>
    typeof d === 'number' ? { dimValue: d } : d === null ? {} : { dimParam: d },
  );
  const shape = dim.length > 0 ? { shape: { dim } } : {};
  return { name: value.name, type: typeCodec.encode({ tensorType: { elemType, ...shape } }) };
}
