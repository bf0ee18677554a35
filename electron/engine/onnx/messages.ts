import protobuf from 'protobufjs/light.js';

/*
 * Parts that the app carries without looking into them (attributes, types, functions) are declared as bytes:
 * on the wire a nested message and bytes are the same, so they come back out exactly as they went in.
 */
const { Root } = protobuf;
// Edition 2023 writes explicit zeros: the runtime tells "axis = 0" from "no axis".
const edition = '2023';
const one = (type: string, id: number) => ({ type, id, edition });
const many = (type: string, id: number) => ({ rule: 'repeated', type, id });
const packed = (type: string, id: number) => ({ rule: 'repeated', type, id, options: { packed: true } });

const root = Root.fromJSON({
  nested: {
    Model: {
      fields: {
        irVersion: one('int64', 1),
        producerName: one('string', 2),
        graph: one('Graph', 7),
        opsetImport: many('OperatorSet', 8),
        metadataProps: many('StringEntry', 14),
        functions: many('bytes', 25),
      },
    },
    OperatorSet: { fields: { domain: one('string', 1), version: one('int64', 2) } },
    StringEntry: { fields: { key: one('string', 1), value: one('string', 2) } },
    Graph: {
      fields: {
        node: many('Node', 1),
        name: one('string', 2),
        initializer: many('Tensor', 5),
        input: many('Value', 11),
        output: many('Value', 12),
        sparseInitializer: many('bytes', 15),
      },
    },
    Node: {
      fields: {
        input: many('string', 1),
        output: many('string', 2),
        name: one('string', 3),
        opType: one('string', 4),
        attribute: many('bytes', 5),
        domain: one('string', 7),
      },
    },
    Function: { fields: { name: one('string', 1), node: many('Node', 7), domain: one('string', 10) } },
    Attribute: {
      fields: {
        name: one('string', 1),
        f: one('float', 2),
        i: one('int64', 3),
        s: one('bytes', 4),
        t: one('Tensor', 5),
        g: one('Graph', 6),
        floats: packed('float', 7),
        ints: packed('int64', 8),
        strings: many('bytes', 9),
        tensors: many('Tensor', 10),
        graphs: many('Graph', 11),
        type: one('int32', 20),
        sparseTensor: one('bytes', 22),
        sparseTensors: many('bytes', 23),
      },
    },
    SparseTensor: {
      fields: { values: one('Tensor', 1), indices: one('Tensor', 2), dims: packed('int64', 3) },
    },
    Tensor: {
      fields: {
        dims: packed('int64', 1),
        dataType: one('int32', 2),
        floatData: packed('float', 4),
        int32Data: packed('int32', 5),
        stringData: many('bytes', 6),
        int64Data: packed('int64', 7),
        name: one('string', 8),
        rawData: one('bytes', 9),
        doubleData: packed('double', 10),
        uint64Data: packed('uint64', 11),
        externalData: many('StringEntry', 13),
        dataLocation: one('int32', 14),
      },
    },
    Value: { fields: { name: one('string', 1), type: one('bytes', 2) } },
    TypeOfValue: { fields: { tensorType: one('TypeOfTensor', 1) } },
    TypeOfTensor: { fields: { elemType: one('int32', 1), shape: one('TensorShape', 2) } },
    TensorShape: { fields: { dim: many('Dim', 1) } },
    Dim: { fields: { dimValue: one('int64', 1), dimParam: one('string', 2) } },
  },
});

/** An int64 as protobufjs hands it out: a number, or a Long when that package is installed. */
export type Int64 = number | { toNumber(): number };

/** ModelProto; `functions` are encoded FunctionProtos. */
export interface ModelMessage {
  irVersion?: Int64;
  producerName?: string;
  graph?: GraphMessage | null;
  opsetImport?: { domain?: string; version?: Int64 }[];
  metadataProps?: StringEntryMessage[];
  functions?: Uint8Array[];
}

/** StringStringEntryProto. */
export interface StringEntryMessage {
  key?: string;
  value?: string;
}

/** GraphProto; `sparseInitializer` holds encoded SparseTensorProtos. */
export interface GraphMessage {
  node?: NodeMessage[];
  name?: string;
  initializer?: TensorMessage[];
  input?: ValueMessage[];
  output?: ValueMessage[];
  sparseInitializer?: Uint8Array[];
}

/** NodeProto; `attribute` holds encoded AttributeProtos. */
export interface NodeMessage {
  input?: string[];
  output?: string[];
  name?: string;
  opType?: string;
  attribute?: Uint8Array[];
  domain?: string;
}

/** FunctionProto, as far as it is looked into. */
export interface FunctionMessage {
  name?: string;
  node?: NodeMessage[];
  domain?: string;
}

/** AttributeProto; sparse tensors stay encoded. */
export interface AttributeMessage {
  name?: string;
  f?: number;
  i?: Int64;
  s?: Uint8Array;
  t?: TensorMessage | null;
  g?: GraphMessage | null;
  floats?: number[];
  ints?: Int64[];
  strings?: Uint8Array[];
  tensors?: TensorMessage[];
  graphs?: GraphMessage[];
  type?: number;
  sparseTensor?: Uint8Array;
  sparseTensors?: Uint8Array[];
}

/** SparseTensorProto. */
export interface SparseTensorMessage {
  values?: TensorMessage | null;
  indices?: TensorMessage | null;
  dims?: Int64[];
}

/** TensorProto. */
export interface TensorMessage {
  dims?: Int64[];
  dataType?: number;
  floatData?: number[];
  int32Data?: number[];
  stringData?: Uint8Array[];
  int64Data?: Int64[];
  name?: string;
  rawData?: Uint8Array;
  doubleData?: number[];
  uint64Data?: Int64[];
  externalData?: StringEntryMessage[];
  dataLocation?: number;
}

/** ValueInfoProto; `type` is an encoded TypeProto. */
export interface ValueMessage {
  name?: string;
  type?: Uint8Array;
}

/** TypeProto, as far as it is a tensor. */
export interface TypeMessage {
  tensorType?: {
    elemType?: number;
    shape?: { dim?: { dimValue?: Int64; dimParam?: string }[] } | null;
  } | null;
}

/** Decodes and encodes one kind of message; `decode` throws on malformed bytes. */
export interface Codec<M> {
  decode(bytes: Uint8Array): M;
  encode(message: M): Uint8Array;
}

function codec<M extends object>(name: string): Codec<M> {
  const type = root.lookupType(name);
  return {
    // The descriptor above and the interface M state the same fields; protobufjs types its messages no closer.
    decode: (bytes) => type.decode(bytes) as M,
    encode: (message) => {
      const bytes = type.encode(message as { [key: string]: unknown }).finish();
      return new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    },
  };
}

/** ModelProto. */
export const modelCodec = codec<ModelMessage>('Model');
/** GraphProto. */
export const graphCodec = codec<GraphMessage>('Graph');
/** FunctionProto. */
export const functionCodec = codec<FunctionMessage>('Function');
/** AttributeProto. */
export const attributeCodec = codec<AttributeMessage>('Attribute');
/** SparseTensorProto. */
export const sparseTensorCodec = codec<SparseTensorMessage>('SparseTensor');
/** TensorProto. */
export const tensorCodec = codec<TensorMessage>('Tensor');
/** TypeProto. */
export const typeCodec = codec<TypeMessage>('TypeOfValue');

/** AttributeProto.AttributeType, by our names of the kinds we look into. */
export const attributeTypes = {
  float: 1,
  int: 2,
  string: 3,
  tensor: 4,
  floats: 6,
  ints: 7,
  strings: 8,
  sparseTensor: 11,
} as const;

/** An int64 as a safe number; what lies beyond (INT64_MAX as "to the end") is clamped. */
export function toSafeInteger(value: Int64 | undefined): number {
  const number = typeof value === 'number' ? value : (value?.toNumber() ?? 0);
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, number));
}

/** True when the message on the wire carried the field. */
export const hasField = (message: object, field: string): boolean => Object.hasOwn(message, field);
