/**
 * Programs: typed sequences of instructions. A dimension is a positive number, or −k for k times the batch
 * size N, which stays open until the program is run or lowered.
 */
export type Dimension = number;
export type Shape = readonly Dimension[];

/** Attributes of each instruction; the keys are the closed set of instruction names. */
export interface AttributesOf {
  input: { readonly name: string; readonly shape: Shape };
  parameter: { readonly name: string; readonly shape: Shape };
  /** Values in row-major order; one value fills the whole shape. */
  constant: { readonly shape: Shape; readonly values: ArrayLike<number> };
  add: NoAttributes;
  sub: NoAttributes;
  mul: NoAttributes;
  div: NoAttributes;
  max: NoAttributes;
  min: NoAttributes;
  pow: NoAttributes;
  /** 1 where the operands are equal, else 0. */
  equal: NoAttributes;
  /** 1 where the first operand is greater, else 0. */
  greater: NoAttributes;
  neg: NoAttributes;
  abs: NoAttributes;
  exp: NoAttributes;
  log: NoAttributes;
  sqrt: NoAttributes;
  reciprocal: NoAttributes;
  tanh: NoAttributes;
  sigmoid: NoAttributes;
  erf: NoAttributes;
  relu: NoAttributes;
  clip: { readonly min: number; readonly max: number };
  /** where(c, a, b): a where c is not 0, else b. */
  where: NoAttributes;
  sum: Reduction;
  mean: Reduction;
  reduceMax: Reduction;
  /** Batched matrix product with ONNX MatMul's broadcasting; operands of rank ≥ 2. */
  matmul: NoAttributes;
  /** x [N,C,H,W], weight [K,C/groups,kH,kW] → [N,K,H',W']; spatial rank 1 or 2. */
  conv: Convolution;
  /** The adjoint of `conv`: x [N,K,H',W'], weight [K,C/groups,kH,kW] → [N,C,H,W]. */
  convTranspose: Convolution & { readonly outputPads: readonly number[] };
  maxPool: Window;
  averagePool: Window & { readonly countIncludePad: boolean };
  reshape: { readonly shape: Shape };
  transpose: { readonly permutation: readonly number[] };
  /** Elements start, start+step, … below end along one axis; all ≥ 0, step ≥ 1. */
  slice: { readonly axis: number; readonly start: number; readonly end: number; readonly step: number };
  /** Pads each axis by [before, after] with `value`. */
  pad: { readonly before: readonly number[]; readonly after: readonly number[]; readonly value: number };
  concat: { readonly axis: number };
  expand: { readonly shape: Shape };
  /** Picks static indices along one axis. */
  gather: { readonly axis: number; readonly indices: readonly number[] };
  /** Nearest neighbour, whole factors, over the trailing spatial axes: out[i] = in[floor(i / factor)]. */
  resize: { readonly factors: readonly number[] };
  /** clamp(round(x / scale) + zeroPoint) to 8 bits, kept as whole float numbers; per tensor, or per `axis`. */
  quantize: Quantization;
  /** (q − zeroPoint) · scale. */
  dequantize: Quantization;
}
type NoAttributes = { readonly [key: string]: never };

export interface Reduction {
  readonly axes: readonly number[];
  readonly keepDims: boolean;
}

/** ONNX's own conventions; `pads` lists the starts of all axes, then the ends. */
export interface Convolution {
  readonly strides: readonly number[];
  readonly dilations: readonly number[];
  readonly pads: readonly number[];
  readonly groups: number;
}

export interface Window {
  readonly kernel: readonly number[];
  readonly strides: readonly number[];
  readonly pads: readonly number[];
}

export interface Quantization {
  readonly scales: readonly number[];
  readonly zeroPoints: readonly number[];
  readonly axis: number;
  readonly signed: boolean;
}

export type InstructionName = keyof AttributesOf;

/** One instruction; `inputs` are indices of earlier instructions. */
export type Instruction = {
  readonly [K in InstructionName]: {
    readonly op: K;
    readonly inputs: readonly number[];
    readonly attributes: AttributesOf[K];
    readonly shape: Shape;
  };
}[InstructionName];

export type InstructionOf<K extends InstructionName> = Extract<Instruction, { readonly op: K }>;

/** Instructions in order of use, and which of them are the results. */
export interface Program {
  readonly instructions: readonly Instruction[];
  readonly outputs: readonly number[];
}

/** Values of a program's parameters by name. */
export type Parameters = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: Float32Array }
>;

/** The instruction at `index`; a bug if there is none. */
export function at(program: Program, index: number): Instruction {
  const instruction = program.instructions[index];
  if (!instruction) throw new Error(`No instruction ${index}`);
  return instruction;
}

/** The program's instructions of one kind, with their indices. */
export function select<K extends InstructionName>(program: Program, op: K): [number, InstructionOf<K>][] {
  const found: [number, InstructionOf<K>][] = [];
  program.instructions.forEach((instruction, index) => {
    if (instruction.op === op) found.push([index, instruction as InstructionOf<K>]);
  });
  return found;
}

/** Who reads each instruction, in order. */
export function readersOf({ instructions }: Program): readonly (readonly number[])[] {
  const readers: number[][] = instructions.map(() => []);
  instructions.forEach(({ inputs }, id) => {
    for (const i of new Set(inputs)) readers[i]!.push(id);
  });
  return readers;
}

/** The one that reads a value, where nothing else sees it; `readers` is what `readersOf` says. */
export function soleReader(
  { outputs }: Program,
  readers: readonly (readonly number[])[],
  id: number,
): number | undefined {
  return readers[id]!.length === 1 && !outputs.includes(id) ? readers[id]![0] : undefined;
}

/** Which values depend on an input. */
export function dependsOnInput({ instructions }: Program): readonly boolean[] {
  const found: boolean[] = [];
  for (const { op, inputs } of instructions) found.push(op === 'input' || inputs.some((i) => found[i]));
  return found;
}

/** Binds the batch size: −k becomes k·N. */
export const bind = (shape: Shape, batch: number): number[] => shape.map((d) => (d < 0 ? -d * batch : d));

/** Number of elements at batch size N. */
export const sizeOf = (shape: Shape, batch = 1): number => bind(shape, batch).reduce((a, b) => a * b, 1);
