import type { ProgramBuilder } from '../instructions/builder.ts';
import type { Instruction, Program } from '../instructions/program.ts';
import { type Cut, type Padding, paddingOf, sourceOf } from './axes.ts';
import { type Draft, gatherValues, isDense, linears, rebuild, valuesFor } from './draft.ts';
import { firstOf } from './indices.ts';

type Kept = ReadonlyMap<number, readonly number[]>;

/**
 * The draft with only the kept indices of all cut axes. Dense linear instructions that read less than they did,
 * and make as much, are to be fitted anew. @throws ShapeMismatch
 */
export function applyCut(draft: Draft, cut: Cut): Draft {
  const { program } = draft;
  const values = new Map(draft.parameters);
  const none: Kept = new Map();
  const narrowed = rebuild(program, (id, b, ids) => {
    const instruction = program.instructions[id]!;
    const own = cut.get(id);
    if (instruction.op === 'parameter' && own) {
      const { name } = instruction.attributes;
      const value = gatherAll(values.get(name)!, own);
      values.set(name, value);
      return b.parameter(name, value.shape);
    }
    const padding = paddingOf(program, instruction);
    if (padding) {
      const before = cut.get(padding.operand) ?? none;
      return padded(program, id, padding, own ?? none, before, b, ids[padding.operand]!);
    }
    const operand = cut.get(instruction.inputs[0] ?? -1);
    return own || operand ? shrunken(instruction, own ?? none, operand ?? none, b, ids) : undefined;
  });
  const refits = linears(program).flatMap((l) => {
    const leaf = cut.get(l.leaf);
    const reads = isDense(program, l) && leaf?.has(l.inAxis) && !leaf.has(l.outAxis);
    return reads ? [{ weight: l.weight, target: l.weight }] : [];
  });
  return { program: narrowed, parameters: valuesFor(narrowed, values), refits: [...draft.refits, ...refits] };
}

function gatherAll(value: { shape: readonly number[]; data: Float32Array }, kept: Kept) {
  let result = { shape: [...value.shape], data: value.data };
  for (const [axis, indices] of kept) result = gatherValues(result, axis, indices);
  return result;
}

const extents = (shape: readonly number[], kept: Kept): number[] =>
  shape.map((d, axis) => kept.get(axis)?.length ?? d);

/** An instruction whose attributes speak of a cut axis; undefined where copying it is enough. */
function shrunken(
  instruction: Instruction,
  own: Kept,
  operand: Kept,
  b: ProgramBuilder,
  ids: readonly number[],
): number | undefined {
  const x = ids[instruction.inputs[0] ?? -1]!;
  switch (instruction.op) {
    case 'constant': {
      const { shape, values } = instruction.attributes;
      if (values.length === 1) return b.add('constant', [], { shape: extents(shape, own), values });
      const kept = gatherAll({ shape, data: Float32Array.from(values) }, own);
      return b.add('constant', [], { shape: kept.shape, values: kept.data });
    }
    case 'reshape':
    case 'expand':
      return b.add(instruction.op, [x], { shape: extents(instruction.attributes.shape, own) });
    case 'conv': {
      const w = ids[instruction.inputs[1]!]!;
      const groups = instruction.attributes.groups === 1 ? 1 : b.shape(x)[1]! / b.shape(w)[1]!;
      return b.add('conv', [x, w], { ...instruction.attributes, groups });
    }
    case 'slice':
    case 'gather': {
      const { axis } = instruction.attributes;
      const read = operand.get(axis);
      if (!read) return undefined;
      const source = sourceOf(instruction);
      const left = (own.get(axis) ?? source.map((_, j) => j)).map((j) => read.indexOf(source[j]!));
      return pick(b, x, axis, left);
    }
    case 'quantize':
    case 'dequantize': {
      const { scales, zeroPoints, axis } = instruction.attributes;
      const kept = own.get(axis);
      if (!kept || scales.length === 1) return undefined;
      return b.add(instruction.op, [x], {
        ...instruction.attributes,
        scales: kept.map((i) => scales[i]!),
        zeroPoints: kept.map((i) => zeroPoints[i]!),
      });
    }
    default:
      return undefined;
  }
}

/** Indices along one axis: a slice where they follow each other. */
function pick(b: ProgramBuilder, x: number, axis: number, indices: readonly number[]): number {
  const start = indices[0]!;
  if (indices.some((v, i) => v !== start + i)) return b.add('gather', [x], { axis, indices });
  if (start === 0 && indices.length === b.shape(x)[axis]) return x;
  return b.add('slice', [x], { axis, start, end: start + indices.length, step: 1 });
}

/** Padding along a cut axis: each kept position shows what it showed, or the padding where that is gone. */
function padded(
  program: Program,
  id: number,
  padding: Padding,
  own: Kept,
  operand: Kept,
  b: ProgramBuilder,
  x: number,
): number | undefined {
  const before = [...padding.before];
  const after = [...padding.after];
  const { value } = padding;
  const { shape } = program.instructions[id]!;
  const from = program.instructions[padding.operand]!.shape;
  const axes = new Set([...own.keys(), ...operand.keys()].filter((a) => before[a] !== 0 || after[a] !== 0));
  if (axes.size === 0) return undefined;
  let result = x;
  for (const axis of axes) {
    const read = operand.get(axis) ?? firstOf(from[axis]!);
    const source = (own.get(axis) ?? firstOf(shape[axis]!)).map((i) => read.indexOf(i - before[axis]!));
    const [first, last] = [source.findIndex((i) => i >= 0), source.findLastIndex((i) => i >= 0)];
    const shown = source.slice(first, last + 1);
    if (first < 0 || shown.includes(-1)) {
      const extent = b.shape(result)[axis]!;
      const zeros = b.shape(result).map((_, i) => (i === axis ? 1 : 0));
      const none = zeros.map(() => 0);
      const wider = b.add('pad', [result], { before: none, after: zeros, value });
      result = pick(
        b,
        wider,
        axis,
        source.map((i) => (i < 0 ? extent : i)),
      );
      before[axis] = 0;
      after[axis] = 0;
    } else {
      result = pick(b, result, axis, shown);
      before[axis] = first;
      after[axis] = source.length - 1 - last;
    }
  }
  const isLeft = [...before, ...after].some((p) => p > 0);
  return isLeft ? b.add('pad', [result], { before, after, value }) : result;
}
