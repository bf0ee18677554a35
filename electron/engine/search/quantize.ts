import { ProgramBuilder, prune } from '../instructions/builder.ts';
import {
  dependsOnInput,
  type Instruction,
  type Parameters,
  type Program,
  type Quantization,
  readersOf,
  soleReader,
} from '../instructions/program.ts';
import { type Draft, type Linear, linears, valuesFor } from './draft.ts';

/** Smallest and largest value that a tensor takes. */
export type Range = readonly [number, number];

/** A program in 8 bits: activations unsigned with one scale, weights signed with a scale for each output. */
export interface Quantized {
  readonly draft: Draft;
  /** Weights whose products are now of 8-bit numbers. */
  readonly weights: readonly string[];
}

/** Instructions that only move values, or pick among them: their results need no other scale than their operand. */
const moving = new Set<Instruction['op']>(['reshape', 'transpose', 'maxPool', 'slice', 'relu']);

/**
 * 7 bits for weights: sums of two products with 8-bit activations then fit into 16 bits, which is what x86 without
 * VNNI adds in.
 */
const weightLimit = 63;

/** Where a program can go over to 8 bits. */
interface Plan {
  /** Values that are quantized, each with the value whose range it takes. */
  readonly sites: ReadonlyMap<number, number>;
  readonly linears: ReadonlyMap<number, Linear>;
}

/** The values whose ranges `quantize` needs, in order. */
export const rangedValues = (program: Program, isWanted: (weight: string) => boolean): number[] => [
  ...new Set(plan(program, isWanted).sites.values()),
];

/**
 * Puts `dequantize(quantize(·))` around the contractions with a wanted weight, and around the sums, pools and
 * movements between them, so that a runtime which knows the pattern computes all of it in 8 bits. `ranges` holds
 * what `rangedValues` asks for. What is a result of the program keeps its precision. Null where nothing is wanted.
 */
export function quantize(
  { program, parameters }: Pick<Draft, 'program' | 'parameters'>,
  ranges: ReadonlyMap<number, Range>,
  isWanted: (weight: string) => boolean,
): Quantized | null {
  const { sites, linears: wanted } = plan(program, isWanted);
  if (wanted.size === 0) return null;
  // Between 8 bits on both sides a runtime would take these for ones in 8 bits, with one scale for all of a weight.
  const inFloat = new Set(linears(program).flatMap((l) => (wanted.has(l.id) ? [] : [l.id])));
  const values = new Map(parameters);
  const b = new ProgramBuilder();
  const ids: number[] = [];
  /** The value as others read it. */
  const read: number[] = [];
  program.instructions.forEach(({ op, inputs, attributes }, id) => {
    const linear = wanted.get(id);
    const operands = inputs.map((i) => (inFloat.has(id) ? ids : read)[i]!);
    if (linear) operands[1] = weightOf(b, linear, values);
    ids[id] = b.add(op, operands, attributes as never);
    const source = sites.get(id);
    read[id] = source === undefined ? ids[id]! : roundTrip(b, ids[id]!, scaleOf(ranges.get(source)!));
  });
  const made = prune({ instructions: b.instructions, outputs: program.outputs.map((o) => ids[o]!) });
  return {
    draft: { program: made, parameters: valuesFor(made, values), refits: [] },
    weights: [...wanted.values()].map((l) => l.weight),
  };
}

/**
 * The values of a program out of those of its 8-bit form, as that form was trained: what it holds turned is turned
 * back. The program's own `parameters` give the names, and stand where that form holds none of them.
 */
export function valuesBehind(inInt8: Parameters, parameters: Parameters): Parameters {
  return new Map(
    [...parameters].map(([name, own]) => {
      const turnedValue = inInt8.get(nameOfTurned(name));
      return [name, inInt8.get(name) ?? (turnedValue ? turned(turnedValue) : own)];
    }),
  );
}

const nameOfTurned = (weight: string): string => `${weight}:turned`;

const roundTrip = (b: ProgramBuilder, id: number, q: Quantization): number =>
  b.add('dequantize', [b.add('quantize', [id], q)], q);

function scaleOf([least, most]: Range): Quantization {
  const [low, high] = [Math.min(0, least), Math.max(0, most)];
  // A hair less, so that rounding does not lead out of a clip to this very range: runtimes then leave the clip out.
  const scale = Math.fround(Math.max(((high - low) / 255) * (1 - 2 ** -22), 1e-9));
  const zero = Math.min(255, Math.max(0, Math.round(-low / scale)));
  return { scales: [scale], zeroPoints: [zero], axis: 0, signed: false };
}

/** The weight, [out, in, …] or [in, out], through 8 bits with a scale for each output. */
function weightOf(
  b: ProgramBuilder,
  linear: Linear,
  values: Map<string, { readonly shape: readonly number[]; readonly data: Float32Array }>,
): number {
  const value = values.get(linear.weight)!;
  const [name, own] = linear.transposed
    ? [nameOfTurned(linear.weight), turned(value)]
    : [linear.weight, value];
  values.set(name, own);
  const axis = linear.transposed ? 1 : linear.outAxis;
  const scales = largestAlong(own, axis).map((most) => Math.fround(Math.max(most / weightLimit, 1e-9)));
  const zeroPoints = scales.map(() => 0);
  return roundTrip(b, b.parameter(name, own.shape), { scales, zeroPoints, axis, signed: true });
}

function turned({ shape, data }: { readonly shape: readonly number[]; readonly data: Float32Array }) {
  const [rows, columns] = shape as [number, number];
  const out = new Float32Array(data.length);
  for (let i = 0; i < rows; i++) for (let j = 0; j < columns; j++) out[j * rows + i] = data[i * columns + j]!;
  return { shape: [columns, rows], data: out };
}

function largestAlong(
  { shape, data }: { readonly shape: readonly number[]; readonly data: Float32Array },
  axis: number,
): number[] {
  const inner = shape.slice(axis + 1).reduce((a, d) => a * d, 1);
  const most = new Array<number>(shape[axis]!).fill(0);
  data.forEach((v, i) => {
    const at = Math.floor(i / inner) % shape[axis]!;
    most[at] = Math.max(most[at]!, Math.abs(v));
  });
  return most;
}

function plan(program: Program, isWanted: (weight: string) => boolean): Plan {
  const readers = readersOf(program);
  const wanted = new Map(
    linears(program)
      .filter((l) => isWanted(l.weight))
      .map((l) => [l.id, l]),
  );
  const changes = dependsOnInput(program);
  const sites = new Map<number, number>();
  /** Ends of contractions, sums and pools whose results are in 8 bits. */
  const results = new Set<number>();
  const isResult = (id: number) => program.outputs.includes(id);
  /** What is read by the instruction in 8 bits; through padding with zeros, which belongs to the contraction. */
  const source = (id: number): number => {
    const { op, inputs } = program.instructions[id]!;
    return op === 'pad' && readers[id]!.length === 1 ? source(inputs[0]!) : id;
  };
  const quantized = (id: number) => sites.has(id) || results.has(id);
  const mark = (id: number): void => {
    if (!isResult(id) && !sites.has(id)) sites.set(id, id);
  };
  program.instructions.forEach((instruction, id) => {
    if (!changes[id]) return;
    const operands = instruction.inputs.filter((i) => changes[i]);
    if (wanted.has(id)) {
      mark(source(operands[0]!));
      const end = epilogueEnd(program, readers, changes, id);
      results.add(end);
      mark(end);
      return;
    }
    if (operands.length === 0 || !operands.every(quantized)) return;
    if (isPooling(instruction) || (instruction.op === 'add' && operands.length === 2)) {
      const end = epilogueEnd(program, readers, changes, id);
      results.add(end);
      mark(end);
    } else if (moving.has(instruction.op) && !sites.has(id) && sites.has(operands[0]!) && !isResult(id))
      sites.set(id, sites.get(operands[0]!)!);
  });
  return { sites, linears: wanted };
}

const isPooling = ({ op, attributes, shape }: Instruction): boolean =>
  op === 'averagePool' ||
  (op === 'mean' && attributes.keepDims && shape.length > 2 && attributes.axes.every((a) => a >= 2));

/** The bias and the clipping that run with an instruction: the last of them, or the instruction itself. */
function epilogueEnd(
  program: Program,
  readers: readonly (readonly number[])[],
  changes: readonly boolean[],
  id: number,
): number {
  const reader = soleReader(program, readers, id);
  if (reader === undefined) return id;
  const { op, inputs } = program.instructions[reader]!;
  const isBias = op === 'add' && inputs.filter((i) => changes[i]).length === 1;
  return isBias || op === 'relu' || op === 'clip' ? epilogueEnd(program, readers, changes, reader) : id;
}
