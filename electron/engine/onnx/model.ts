/** Element types the app handles by name; others pass through as raw bytes. */
export type ElementType =
  | 'float32'
  | 'float64'
  | 'float16'
  | 'int8'
  | 'uint8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'uint64'
  | 'bool'
  | 'string'
  | 'other';

/**
 * A constant tensor. `data` holds float32 as Float32Array, int64 as number[] (safe integers), the rest as raw
 * little-endian bytes; of `string` and `other` it is the encoded TensorProto without its name.
 */
export type Tensor =
  | { readonly type: 'float32'; readonly shape: readonly number[]; readonly data: Float32Array }
  | { readonly type: 'int64'; readonly shape: readonly number[]; readonly data: readonly number[] }
  | {
      readonly type: Exclude<ElementType, 'float32' | 'int64'>;
      readonly shape: readonly number[];
      readonly data: Uint8Array;
    };

/** An attribute as ONNX types it. */
export type AttributeValue =
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'float'; readonly value: number }
  | { readonly kind: 'string'; readonly value: string }
  | { readonly kind: 'ints'; readonly value: readonly number[] }
  | { readonly kind: 'floats'; readonly value: readonly number[] }
  | { readonly kind: 'strings'; readonly value: readonly string[] }
  | { readonly kind: 'tensor'; readonly value: Tensor }
  /** A subgraph or another kind that is carried, never looked into: the encoded AttributeProto. */
  | { readonly kind: 'opaque'; readonly value: Uint8Array };

/** A node of the user's graph. `name` is never empty: the reader names the unnamed. '' as an input means "absent". */
export interface OnnxNode {
  readonly name: string;
  readonly type: string;
  readonly domain: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly attributes: Readonly<Record<string, AttributeValue>>;
}

/** A graph input or output; a named dimension is symbolic, null is unknown; no dimension at all: unknown rank or a scalar. */
export interface ValueInfo {
  readonly name: string;
  readonly type: ElementType;
  readonly shape: readonly (number | string | null)[];
  /** The encoded TypeProto of what is no plain tensor (`type` is then 'other'). */
  readonly encodedType?: Uint8Array;
}

/** An ONNX model in memory: plain, immutable, in topological order, without Constant nodes (they are initializers). */
export interface OnnxModel {
  readonly irVersion: number;
  /** Domain → version; '' is ONNX's own. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly producer: string;
  readonly graphName: string;
  /** Inputs that are not initializers. */
  readonly inputs: readonly ValueInfo[];
  readonly outputs: readonly ValueInfo[];
  readonly nodes: readonly OnnxNode[];
  readonly initializers: ReadonlyMap<string, Tensor>;
  /**
   * Initializers that the file lists as inputs too. A caller may give them other values, so a runtime takes none of
   * them for a constant: it folds, fuses and lays out nothing by them.
   */
  readonly openInitializers?: readonly string[];
  readonly metadata: Readonly<Record<string, string>>;
  /** Model-local functions, carried as encoded FunctionProtos. */
  readonly functions?: readonly Uint8Array[];
}
