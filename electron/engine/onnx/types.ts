import type { ElementType, OnnxModel, OnnxNode } from './model.ts';
import { elementTypeOf } from './tensors.ts';

/** Operators whose outputs have a type of their own, whatever goes in. */
const fixedOutputs: Readonly<Record<string, readonly ElementType[]>> = {
  Shape: ['int64'],
  Size: ['int64'],
  NonZero: ['int64'],
  ArgMax: ['int64'],
  ArgMin: ['int64'],
  NonMaxSuppression: ['int64'],
  StringNormalizer: ['string'],
  Equal: ['bool'],
  Greater: ['bool'],
  GreaterOrEqual: ['bool'],
  Less: ['bool'],
  LessOrEqual: ['bool'],
  And: ['bool'],
  Or: ['bool'],
  Xor: ['bool'],
  Not: ['bool'],
  IsInf: ['bool'],
  IsNaN: ['bool'],
  MatMulInteger: ['int32'],
  ConvInteger: ['int32'],
  DynamicQuantizeLinear: ['uint8', 'float32', 'uint8'],
};

/** Operators whose second output is of another type than the first. */
const secondOutputs: Readonly<Record<string, ElementType>> = {
  TopK: 'int64',
  MaxPool: 'int64',
  Dropout: 'bool',
};

/** Operators whose output has the type of an input other than the first. */
const followedInputs: Readonly<Record<string, number>> = {
  Where: 1,
  OneHot: 2,
  DequantizeLinear: 1,
  QuantizeLinear: 2,
  QLinearConv: 7,
  QLinearMatMul: 7,
  CastLike: 1,
};

/** Element types of all tensors of the graph; of operators not known by name, the type of the first input. */
export function elementTypes(model: OnnxModel): ReadonlyMap<string, ElementType> {
  const types = new Map<string, ElementType>();
  for (const [name, tensor] of model.initializers) types.set(name, tensor.type);
  for (const value of model.inputs) types.set(value.name, value.type);
  const declared = new Map(model.outputs.map((value) => [value.name, value.type]));
  for (const node of model.nodes)
    node.outputs.forEach((output, index) => {
      const said = declared.get(output);
      types.set(output, said && said !== 'other' ? said : outputType(node, index, types));
    });
  return types;
}

function outputType(node: OnnxNode, index: number, types: ReadonlyMap<string, ElementType>): ElementType {
  const fixed = fixedOutputs[node.type];
  if (fixed) return fixed[index] ?? 'other';
  const second = secondOutputs[node.type];
  if (second && index === 1) return second;
  const target = node.attributes.to ?? node.attributes.dtype;
  if (target?.kind === 'int') return elementTypeOf(target.value);
  if (node.type === 'ConstantOfShape') {
    const value = node.attributes.value;
    return value?.kind === 'tensor' ? value.value.type : 'float32';
  }
  const followed = followedInputs[node.type];
  if (followed !== undefined) return types.get(node.inputs[followed] ?? '') ?? 'uint8';
  const first = node.inputs.find((name) => name !== '');
  return first === undefined ? 'float32' : (types.get(first) ?? 'other');
}
