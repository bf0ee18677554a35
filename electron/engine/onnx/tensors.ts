import { type TensorMessage, tensorCodec, toSafeInteger } from './messages.ts';
import type { ElementType, Tensor } from './model.ts';

/** A fault of the model's content; `read.ts` turns it into a `ModelError`. */
export class BrokenModel extends Error {}

/** A tensor whose data lies in another file; `read.ts` turns it into a `ModelError`. */
export class ExternalTensor extends Error {}

const typesByNumber: Readonly<Record<number, ElementType>> = {
  1: 'float32',
  2: 'uint8',
  3: 'int8',
  4: 'uint16',
  5: 'int16',
  6: 'int32',
  7: 'int64',
  8: 'string',
  9: 'bool',
  10: 'float16',
  11: 'float64',
  12: 'uint32',
  13: 'uint64',
};

const itemSizes: Readonly<Partial<Record<ElementType, number>>> = {
  float32: 4,
  float64: 8,
  float16: 2,
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  bool: 1,
};

/** TensorProto.DataType → our name. */
export const elementTypeOf = (dataType: number): ElementType => typesByNumber[dataType] ?? 'other';

/** Our name → TensorProto.DataType; null for 'other', which has no single number. */
export function dataTypeOf(type: ElementType): number | null {
  const found = Object.entries(typesByNumber).find(([, name]) => name === type);
  return found ? Number(found[0]) : null;
}

/** Bytes of one element; null for types without a fixed size. */
export const itemSizeOf = (type: ElementType): number | null => itemSizes[type] ?? null;

/** Number of elements of a concrete shape. */
export const elementCount = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

const externalLocation = 1;

/** Throws `ExternalTensor` when the tensor's data lies outside the model file. */
export function refuseExternal(message: TensorMessage): void {
  if (message.dataLocation === externalLocation || (message.externalData?.length ?? 0) > 0)
    throw new ExternalTensor(message.name ?? '');
}

/** A TensorProto as a `Tensor`; throws `BrokenModel` where data and dims disagree, `ExternalTensor` for external data. */
export function toTensor(message: TensorMessage, name: string): Tensor {
  refuseExternal({ ...message, name });
  const shape = (message.dims ?? []).map(toSafeInteger);
  if (shape.some((d) => d < 0)) throw new BrokenModel(`tensor '${name}' has a negative dimension`);
  const type = elementTypeOf(message.dataType ?? 0);
  if (type === 'string' || type === 'other') {
    const { name: _, ...unnamed } = message;
    return { type, shape, data: tensorCodec.encode(unnamed) };
  }
  const count = elementCount(shape);
  const expect = (actual: number): void => {
    if (actual !== count)
      throw new BrokenModel(
        `tensor '${name}' has ${actual} values where [${shape.join(', ')}] needs ${count}`,
      );
  };
  const raw = message.rawData;
  const size = itemSizes[type] ?? 1;
  if (raw && raw.length > 0) {
    if (raw.length % size !== 0)
      throw new BrokenModel(`tensor '${name}' ends in the middle of a value (${raw.length} bytes)`);
    expect(raw.length / size);
    if (type === 'float32') return { type, shape, data: asFloats(raw) };
    if (type === 'int64') return { type, shape, data: asIntegers(raw) };
    return { type, shape, data: new Uint8Array(raw.buffer, raw.byteOffset, raw.length) };
  }
  if (type === 'float32') {
    const values = message.floatData ?? [];
    expect(values.length);
    return { type, shape, data: Float32Array.from(values) };
  }
  if (type === 'int64') {
    const values = message.int64Data ?? [];
    expect(values.length);
    return { type, shape, data: values.map(toSafeInteger) };
  }
  const data = packTyped(type, message);
  expect(data.length / size);
  return { type, shape, data };
}

/** Raw data as floats: a view where it is aligned, else a copy. */
function asFloats(raw: Uint8Array): Float32Array {
  if (raw.byteOffset % 4 === 0) return new Float32Array(raw.buffer, raw.byteOffset, raw.length / 4);
  // Not raw.slice(): in Node the bytes may be a Buffer, whose slice is a view.
  return new Float32Array(new Uint8Array(raw).buffer);
}

function asIntegers(raw: Uint8Array): number[] {
  const view = new DataView(raw.buffer, raw.byteOffset, raw.length);
  const values: number[] = [];
  for (let at = 0; at < raw.length; at += 8) values.push(clampInteger(view.getBigInt64(at, true)));
  return values;
}

function clampInteger(value: bigint): number {
  if (value > BigInt(Number.MAX_SAFE_INTEGER)) return Number.MAX_SAFE_INTEGER;
  if (value < BigInt(Number.MIN_SAFE_INTEGER)) return Number.MIN_SAFE_INTEGER;
  return Number(value);
}

/** The typed fields of a TensorProto, packed to raw little-endian bytes. */
function packTyped(type: ElementType, message: TensorMessage): Uint8Array {
  if (type === 'float64') return bytesOf(Float64Array.from(message.doubleData ?? []));
  const unsigned = (message.uint64Data ?? []).map(toSafeInteger);
  if (type === 'uint64') return bytesOf(BigUint64Array.from(unsigned.map(BigInt)));
  if (type === 'uint32') return bytesOf(Uint32Array.from(unsigned));
  // The format keeps all narrower types, float16's bits too, in int32_data.
  const values = message.int32Data ?? [];
  if (type === 'int32') return bytesOf(Int32Array.from(values));
  if (itemSizes[type] === 2) return bytesOf(Uint16Array.from(values));
  return Uint8Array.from(values);
}

/** A typed array's bytes, shared. */
export const bytesOf = (array: ArrayBufferView): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

/** A `Tensor` as a TensorProto with raw data; float and byte data are shared, not copied. */
export function fromTensor(tensor: Tensor, name: string): TensorMessage {
  if (tensor.type === 'string' || tensor.type === 'other')
    return { ...tensorCodec.decode(tensor.data), name };
  const dataType = dataTypeOf(tensor.type);
  if (dataType === null) throw new Error(`No ONNX number for ${tensor.type}`);
  const message = { dims: [...tensor.shape], dataType, name };
  if (tensor.type !== 'int64') return { ...message, rawData: bytesOf(tensor.data) };
  return { ...message, rawData: bytesOf(BigInt64Array.from(tensor.data.map(BigInt))) };
}
