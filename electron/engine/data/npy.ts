import { fail, ok, type Result } from '../../contract/result.ts';

/** Values of a `.npy` array in their stored type; booleans come as 0 and 1. */
export type NpyValues =
  | Uint8Array
  | Int8Array
  | Uint16Array
  | Int16Array
  | Uint32Array
  | Int32Array
  | BigUint64Array
  | BigInt64Array
  | Float32Array
  | Float64Array;

/** A `.npy` array in row-major (C) order. */
export interface NpyArray {
  readonly shape: readonly number[];
  readonly values: NpyValues;
}

type ViewMaker = (buffer: ArrayBufferLike, offset: number, length: number) => NpyValues;

const viewMakers: Readonly<Record<string, ViewMaker>> = {
  b1: (buffer, offset, length) => new Uint8Array(buffer, offset, length),
  u1: (buffer, offset, length) => new Uint8Array(buffer, offset, length),
  i1: (buffer, offset, length) => new Int8Array(buffer, offset, length),
  u2: (buffer, offset, length) => new Uint16Array(buffer, offset, length),
  i2: (buffer, offset, length) => new Int16Array(buffer, offset, length),
  u4: (buffer, offset, length) => new Uint32Array(buffer, offset, length),
  i4: (buffer, offset, length) => new Int32Array(buffer, offset, length),
  u8: (buffer, offset, length) => new BigUint64Array(buffer, offset, length),
  i8: (buffer, offset, length) => new BigInt64Array(buffer, offset, length),
  f4: (buffer, offset, length) => new Float32Array(buffer, offset, length),
  f8: (buffer, offset, length) => new Float64Array(buffer, offset, length),
};

const magic = [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59];

/**
 * Reads one `.npy` array, format versions 1 to 3 (numpy.lib.format); the values share `bytes` where
 * alignment and byte order allow. The error is a reason in words.
 */
export function parseNpy(bytes: Uint8Array): Result<NpyArray, string> {
  const header = readHeader(bytes);
  if (!header.ok) return header;
  const { descr, fortranOrder, shape, dataOffset } = header.value;

  const [, order, code] = /^([<>|=])([a-z]\d+)$/.exec(descr) ?? [];
  const makeView = code === undefined ? undefined : viewMakers[code];
  if (code === undefined || makeView === undefined) return fail(`element type ${descr} is not supported`);
  // A vector is the same in both orders, so only true matrices are refused.
  if (fortranOrder && shape.filter((size) => size !== 1).length > 1) {
    return fail('it is in Fortran order; save it with numpy.ascontiguousarray');
  }

  const itemBytes = Number(code.slice(1));
  const length = shape.reduce((a, b) => a * b, 1);
  const neededBytes = length * itemBytes;
  const heldBytes = bytes.length - dataOffset;
  if (!Number.isSafeInteger(neededBytes) || heldBytes < neededBytes) {
    return fail(`its header promises ${neededBytes} bytes of values, it holds ${heldBytes}`);
  }
  const data = bytes.subarray(dataOffset, dataOffset + neededBytes);
  const swap = order === '>' && itemBytes > 1;
  const aligned = data.byteOffset % itemBytes === 0;
  const own = aligned && !swap ? data : data.slice();
  if (swap) swapBytes(own, itemBytes);
  return ok({ shape, values: makeView(own.buffer, own.byteOffset, length) });
}

/** Writes a `.npy` array of version 1 in C order; 64-bit integers and floats included. */
export function encodeNpy(array: NpyArray): Uint8Array {
  const shape = array.shape.length === 1 ? `(${array.shape[0]},)` : `(${array.shape.join(', ')})`;
  const text = `{'descr': '${descrOf(array.values)}', 'fortran_order': False, 'shape': ${shape}, }`;
  const unpadded = magic.length + 4 + text.length + 1;
  const headerBytes = Math.ceil(unpadded / 64) * 64;
  const { values } = array;
  const bytes = new Uint8Array(headerBytes + values.byteLength).fill(0x20, 0, headerBytes);
  bytes.set([...magic, 1, 0]);
  new DataView(bytes.buffer).setUint16(8, headerBytes - 10, true);
  bytes.set(new TextEncoder().encode(text), 10);
  bytes[headerBytes - 1] = 0x0a;
  bytes.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), headerBytes);
  return bytes;
}

function descrOf(values: NpyValues): string {
  if (values instanceof Uint8Array) return '|u1';
  if (values instanceof Int8Array) return '|i1';
  if (values instanceof Uint16Array) return '<u2';
  if (values instanceof Int16Array) return '<i2';
  if (values instanceof Uint32Array) return '<u4';
  if (values instanceof Int32Array) return '<i4';
  if (values instanceof BigUint64Array) return '<u8';
  if (values instanceof BigInt64Array) return '<i8';
  return values instanceof Float32Array ? '<f4' : '<f8';
}

interface Header {
  readonly descr: string;
  readonly fortranOrder: boolean;
  readonly shape: readonly number[];
  readonly dataOffset: number;
}

function readHeader(bytes: Uint8Array): Result<Header, string> {
  if (bytes.length < 12 || magic.some((byte, i) => bytes[i] !== byte)) return fail('it is not a .npy array');
  const version = bytes[6] ?? 0;
  if (version < 1 || version > 3) return fail(`.npy version ${version} is not supported`);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const start = version === 1 ? 10 : 12;
  const headerBytes = version === 1 ? view.getUint16(8, true) : view.getUint32(8, true);
  if (start + headerBytes > bytes.length) return fail('its header is cut off');

  const text = new TextDecoder(version === 3 ? 'utf-8' : 'latin1').decode(
    bytes.subarray(start, start + headerBytes),
  );
  const descr = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const order = /'fortran_order'\s*:\s*(True|False)/.exec(text)?.[1];
  const dimensions = /'shape'\s*:\s*\(([\d\s,L]*)\)/.exec(text)?.[1];
  if (descr === undefined && /'descr'\s*:\s*\[/.test(text))
    return fail('it holds records, not plain numbers');
  if (descr === undefined || order === undefined || dimensions === undefined) {
    return fail('its header cannot be read');
  }
  const shape = dimensions
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => Number.parseInt(part, 10));
  return ok({ descr, fortranOrder: order === 'True', shape, dataOffset: start + headerBytes });
}

function swapBytes(bytes: Uint8Array, itemBytes: number): void {
  for (let start = 0; start < bytes.length; start += itemBytes) {
    bytes.subarray(start, start + itemBytes).reverse();
  }
}
