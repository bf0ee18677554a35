import { fail, ok, type Result } from '../../contract/result.ts';
import { type Instruction, type Program, readersOf } from '../instructions/program.ts';
import { firstOf, wholeBlocks, withinBlocks } from './indices.ts';
import { joinAxes, splitAxes } from './reshaped.ts';

/** Which indices are kept of some axes: by instruction, then by axis. What is not named keeps all. */
export type Cut = ReadonlyMap<number, ReadonlyMap<number, readonly number[]>>;

/** One axis of one instruction's result, and what is kept of it. */
export interface KeptAxis {
  readonly id: number;
  readonly axis: number;
  readonly indices: readonly number[];
}

/** Why an axis cannot be cut. */
export type Obstacle =
  /** Something needs all of the axis: an input, a result, a spatial axis, a reading that picks positions. */
  | { readonly kind: 'needsAll'; readonly id: number }
  /** The axis is read as several, and what is kept is whole along none of them. */
  | { readonly kind: 'split'; readonly id: number; readonly factors: readonly number[] }
  /** Two ways through the program ask for different indices. */
  | { readonly kind: 'conflict'; readonly id: number };

/** An axis of an operand (by its position) or of the result (−1). */
interface Ref {
  readonly at: number;
  readonly axis: number;
}
interface KeptRef extends Ref {
  readonly indices: readonly number[];
}
type Spread = Result<readonly KeptRef[], Obstacle>;

/**
 * Follows the kept indices of one axis forwards and backwards through everything that must shrink with it:
 * residual sums with all that is added, biases, pools, depthwise and grouped convolutions, transposes, flattening
 * and splitting into heads, up to the contractions that consume it. A mean, sum or maximum over the axis is
 * taken over what is kept. Padding along it is cut loose: it can say any choice on its two sides.
 */
export function spreadCut(program: Program, seed: KeptAxis): Result<Cut, Obstacle> {
  const readers = readersOf(program);
  const cut = new Map<number, Map<number, readonly number[]>>();
  const queue: KeptAxis[] = [];
  const results = new Set(program.outputs);
  const put = ({ id, axis, indices }: KeptAxis): Obstacle | null => {
    const instruction = program.instructions[id]!;
    const extent = instruction.shape[axis]!;
    const known = cut.get(id)?.get(axis);
    if (known) return same(known, indices) ? null : { kind: 'conflict', id };
    if (indices.length === extent) return null;
    if (extent < 1 || indices.length === 0 || instruction.op === 'input' || results.has(id))
      return { kind: 'needsAll', id };
    const own = cut.get(id) ?? new Map<number, readonly number[]>();
    cut.set(id, own.set(axis, indices));
    queue.push({ id, axis, indices });
    return null;
  };
  const first = put(seed);
  if (first) return fail(first);
  for (let next = queue.shift(); next; next = queue.shift()) {
    const { id, axis, indices } = next;
    const sites: [number, number][] = [[id, -1]];
    for (const reader of readers[id]!)
      program.instructions[reader]!.inputs.forEach((operand, at) => {
        if (operand === id) sites.push([reader, at]);
      });
    for (const [site, at] of sites) {
      const spread = across(program, site, { at, axis, indices }, (i, a) => cut.get(i)?.get(a));
      if (!spread.ok) return spread;
      for (const kept of spread.value) {
        const operand = kept.at < 0 ? site : program.instructions[site]!.inputs[kept.at]!;
        const obstacle = put({ id: operand, axis: kept.axis, indices: kept.indices });
        if (obstacle) return fail(obstacle);
      }
    }
  }
  return ok(cut);
}

const same = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((v, i) => v === b[i]);

type Known = (id: number, axis: number) => readonly number[] | undefined;

/** What else of one instruction shrinks when one axis of an operand or of its result does. */
function across(program: Program, id: number, from: KeptRef, known: Known): Spread {
  const instruction = program.instructions[id]!;
  const shapes = instruction.inputs.map((i) => program.instructions[i]!.shape);
  if (instruction.inputs.length === 0) return ok([]);
  const special =
    acrossMovement(program, id, shapes, from, known) ?? acrossGroups(instruction, shapes, id, from);
  if (special) return special;
  if (
    (isReduction(instruction) && from.at === 0 && instruction.attributes.axes.includes(from.axis)) ||
    isSpread(instruction, shapes, from)
  )
    return ok([]);
  const linked = links(instruction, shapes).find((group) =>
    group.some((ref) => ref.at === from.at && ref.axis === from.axis),
  );
  return linked
    ? ok(linked.map((ref) => ({ ...ref, indices: from.indices })))
    : fail({ kind: 'needsAll', id });
}

const isReduction = (i: Instruction) => i.op === 'sum' || i.op === 'mean' || i.op === 'reduceMax';

/** True for an axis that `expand` makes: nothing before it shrinks with it. */
function isSpread(instruction: Instruction, [x]: readonly (readonly number[])[], { at, axis }: Ref): boolean {
  if (instruction.op !== 'expand' || at >= 0) return false;
  const own = axis - (instruction.shape.length - x!.length);
  return own < 0 || x![own] === 1;
}

/** The axes of operands and result that are one and the same. */
function links(instruction: Instruction, shapes: readonly (readonly number[])[]): Ref[][] {
  const rank = instruction.shape.length;
  const ref = (at: number, axis: number): Ref => ({ at, axis });
  const channels = (count: number) => Array.from({ length: count }, (_, i) => [ref(-1, i), ref(0, i)]);
  switch (instruction.op) {
    case 'maxPool':
    case 'averagePool':
    case 'resize':
      return channels(2);
    case 'quantize':
    case 'dequantize':
      return channels(rank);
    case 'conv':
      return [
        [ref(0, 1), ref(1, 1)],
        [ref(1, 0), ref(-1, 1)],
      ];
    case 'convTranspose':
      return instruction.attributes.groups === 1
        ? [
            [ref(0, 1), ref(1, 0)],
            [ref(1, 1), ref(-1, 1)],
          ]
        : [];
    case 'matmul': {
      const [a, b] = [shapes[0]!.length, shapes[1]!.length];
      return [
        [ref(0, a - 1), ref(1, b - 2)],
        [ref(0, a - 2), ref(-1, rank - 2)],
        [ref(1, b - 1), ref(-1, rank - 1)],
        ...aligned(
          instruction.shape.slice(0, -2),
          shapes.map((s) => s.slice(0, -2)),
        ),
      ];
    }
    case 'sum':
    case 'mean':
    case 'reduceMax': {
      const { axes, keepDims } = instruction.attributes;
      return shapes[0]!.flatMap((_, i) =>
        axes.includes(i) ? [] : [[ref(0, i), ref(-1, keepDims ? i : i - axes.filter((a) => a < i).length)]],
      );
    }
    case 'transpose':
      return instruction.attributes.permutation.map((from, to) => [ref(0, from), ref(-1, to)]);
    case 'slice':
    case 'pad':
    case 'gather':
      return channels(rank);
    case 'concat':
      return instruction.shape.map((_, i) => [ref(-1, i), ...shapes.map((_s, at) => ref(at, i))]);
    default:
      return aligned(instruction.shape, shapes);
  }
}

/** Axes that broadcasting brings together, those of extent 1 left out. */
function aligned(result: readonly number[], shapes: readonly (readonly number[])[]): Ref[][] {
  return result.map((extent, axis) => [
    { at: -1, axis },
    ...shapes.flatMap((shape, at) => {
      const own = axis - result.length + shape.length;
      return own >= 0 && shape[own] === extent ? [{ at, axis: own }] : [];
    }),
  ]);
}

/** Instructions that move elements along the axis itself; null where the plain links say all. */
function acrossMovement(
  program: Program,
  id: number,
  shapes: readonly (readonly number[])[],
  { at, axis, indices }: KeptRef,
  known: Known,
): Spread | null {
  const instruction = program.instructions[id]!;
  const padding = paddingOf(program, instruction);
  if (padding && (padding.before[axis] !== 0 || padding.after[axis] !== 0)) return ok([]);
  const one = (kept: KeptRef | null): Spread =>
    kept && kept.indices.length > 0 ? ok([kept]) : fail({ kind: 'needsAll', id });
  switch (instruction.op) {
    case 'reshape': {
      const [from, to] = at < 0 ? [instruction.shape, shapes[0]!] : [shapes[0]!, instruction.shape];
      const joined = joinAxes(from, to, axis, indices);
      if (joined) return one({ at: at < 0 ? 0 : -1, ...joined });
      const split = splitAxes(from, to, axis, indices);
      if (!split) return fail({ kind: 'needsAll', id });
      return split.kind === 'mixed'
        ? fail({ kind: 'split', id, factors: split.factors })
        : one({ at: at < 0 ? 0 : -1, axis: split.axis, indices: split.indices });
    }
    case 'concat': {
      if (axis !== instruction.attributes.axis) return null;
      let offset = 0;
      const parts = shapes.map((shape, position) => {
        const start = offset;
        offset += shape[axis]!;
        return { position, start, extent: shape[axis]! };
      });
      if (at < 0) {
        const kept = parts.map(({ position, start, extent }) => ({
          at: position,
          axis,
          indices: indices.filter((i) => i >= start && i < start + extent).map((i) => i - start),
        }));
        return kept.some((k) => k.indices.length === 0) ? fail({ kind: 'needsAll', id }) : ok(kept);
      }
      const all = parts.flatMap(({ position, start, extent }) => {
        const own = position === at ? indices : known(instruction.inputs[position]!, axis);
        return (own ?? firstOf(extent)).map((i) => i + start);
      });
      return one({ at: -1, axis, indices: all });
    }
    case 'slice':
    case 'gather': {
      if (axis !== instruction.attributes.axis) return null;
      const source = sourceOf(instruction);
      const read = at < 0 ? known(instruction.inputs[0]!, axis) : indices;
      if (!read) return fail({ kind: 'needsAll', id });
      const left = source.flatMap((i, j) => (read.includes(i) ? [j] : []));
      return at < 0 && !same(left, indices)
        ? fail({ kind: 'conflict', id })
        : one({ at: -1, axis, indices: left });
    }
    default:
      return null;
  }
}

/** What an instruction pads with one value: `operand` by [before, after] of each axis. */
export interface Padding {
  readonly operand: number;
  readonly before: readonly number[];
  readonly after: readonly number[];
  readonly value: number;
}

/** The padding that an instruction is, be it written as one or as joining constants to the ends; null for others. */
export function paddingOf(program: Program, instruction: Instruction): Padding | null {
  if (instruction.op === 'pad') return { operand: instruction.inputs[0]!, ...instruction.attributes };
  if (instruction.op !== 'concat') return null;
  const { axis } = instruction.attributes;
  const parts = instruction.inputs.map((id) => ({ id, value: uniformValue(program.instructions[id]!) }));
  const at = parts.findIndex(({ value }) => value === null);
  const values = new Set(parts.flatMap(({ value }) => value ?? []));
  if (at < 0 || values.size !== 1 || parts.slice(at + 1).some(({ value }) => value === null)) return null;
  const extent = (some: readonly { readonly id: number }[]) =>
    some.reduce((sum, { id }) => sum + program.instructions[id]!.shape[axis]!, 0);
  const along = (count: number) => instruction.shape.map((_, i) => (i === axis ? count : 0));
  return {
    operand: parts[at]!.id,
    before: along(extent(parts.slice(0, at))),
    after: along(extent(parts.slice(at + 1))),
    value: [...values][0]!,
  };
}

function uniformValue(instruction: Instruction): number | null {
  if (instruction.op !== 'constant') return null;
  const values = Array.from(instruction.attributes.values);
  return values.every((v) => v === values[0]) ? values[0]! : null;
}

/** For each position along a slice's or gather's axis the one that it reads. */
export function sourceOf(instruction: Extract<Instruction, { op: 'slice' | 'gather' }>): readonly number[] {
  if (instruction.op === 'gather') return instruction.attributes.indices;
  const { axis, start, step } = instruction.attributes;
  return Array.from({ length: instruction.shape[axis]! }, (_, j) => start + j * step);
}

/** Grouped convolutions: whole groups go with what they read and write, the same places of every group alone. */
function acrossGroups(
  instruction: Instruction,
  shapes: readonly (readonly number[])[],
  id: number,
  { at, axis, indices }: KeptRef,
): Spread | null {
  if (instruction.op !== 'conv' || instruction.attributes.groups === 1) return null;
  const { groups } = instruction.attributes;
  const [inputs, outputs] = [shapes[1]![1]!, shapes[1]![0]! / groups];
  const isChannel = at < 0 || at === 0 ? axis === 1 : axis === 0 || axis === 1;
  if (!isChannel) return fail({ kind: 'needsAll', id });
  if (at === 1 && axis === 1) return ok([{ at: 0, axis: 1, indices: withinBlocks(groups, inputs, indices) }]);
  const per = at === 0 ? inputs : outputs;
  const chosen = [...new Set(indices.map((i) => Math.floor(i / per)))];
  if (chosen.length * per === indices.length) {
    return ok([
      { at: 0, axis: 1, indices: wholeBlocks(chosen, inputs) },
      { at: 1, axis: 0, indices: wholeBlocks(chosen, outputs) },
      { at: -1, axis: 1, indices: wholeBlocks(chosen, outputs) },
    ]);
  }
  const within = indices.filter((i) => i < per);
  if (!same(withinBlocks(groups, per, within), indices))
    return fail({ kind: 'split', id, factors: [groups, per] });
  if (at === 0) return ok([{ at: 1, axis: 1, indices: within }]);
  return ok([
    { at: 1, axis: 0, indices },
    { at: -1, axis: 1, indices },
  ]);
}
