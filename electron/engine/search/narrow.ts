import type { Instruction, Program } from '../instructions/program.ts';
import { type Draft, gatherValues, type Linear, linears, rebuild, valuesFor } from './draft.ts';

/** An axis of which only some indices are left. */
interface Kept {
  readonly axis: number;
  readonly indices: readonly number[];
}

const elementwise = new Set<Instruction['op']>([
  'add',
  'sub',
  'mul',
  'div',
  'max',
  'min',
  'neg',
  'abs',
  'exp',
  'sqrt',
  'tanh',
  'sigmoid',
  'erf',
  'relu',
  'clip',
  'pow',
]);

/**
 * Fewer channels: keeps `indices` of the outputs of the linear instruction with this weight, and follows them
 * through elementwise instructions, pools, depthwise convolutions, transposes and flattening to the linear
 * instructions that read them, whose inputs shrink likewise. Null where the channels meet something that needs
 * them all (a residual sum, a result, a normalization over channels).
 */
export function narrow(draft: Draft, weight: string, indices: readonly number[]): Draft | null {
  const { program } = draft;
  const all = linears(program);
  const source = all.find((l) => l.weight === weight);
  if (!source || indices.length === 0) return null;
  const plan = follow(program, source, all, indices);
  if (!plan) return null;
  const values = new Map(draft.parameters);
  for (const [id, kept] of plan.parameters) {
    const leaf = program.instructions[id]!;
    if (leaf.op !== 'parameter') return null;
    let value = values.get(leaf.attributes.name)!;
    for (const { axis, indices: picks } of kept) value = gatherValues(value, axis, picks);
    values.set(leaf.attributes.name, value);
  }
  const narrowed = rebuild(program, (id, b, ids) => {
    const instruction = program.instructions[id]!;
    if (instruction.op === 'parameter' && plan.parameters.has(id)) {
      const { name } = instruction.attributes;
      return b.parameter(name, values.get(name)!.shape);
    }
    const kept = plan.tensors.get(id);
    if (!kept) return undefined;
    if (instruction.op === 'reshape') {
      const shape = instruction.attributes.shape.map((d, i) => (i === kept.axis ? kept.indices.length : d));
      return b.add('reshape', [ids[instruction.inputs[0]!]!], { shape });
    }
    if (instruction.op === 'conv' && plan.depthwise.has(id))
      return b.add(
        'conv',
        instruction.inputs.map((i) => ids[i]!),
        { ...instruction.attributes, groups: kept.indices.length },
      );
    return undefined;
  });
  const refits = plan.readers.map((l) => ({ weight: l.weight, target: l.weight }));
  return { program: narrowed, parameters: valuesFor(narrowed, values), refits: [...draft.refits, ...refits] };
}

interface Plan {
  readonly tensors: ReadonlyMap<number, Kept>;
  readonly parameters: ReadonlyMap<number, readonly Kept[]>;
  readonly depthwise: ReadonlySet<number>;
  readonly readers: readonly Linear[];
}

function follow(
  program: Program,
  source: Linear,
  all: readonly Linear[],
  indices: readonly number[],
): Plan | null {
  const tensors = new Map<number, Kept>();
  const parameters = new Map<number, Kept[]>();
  const depthwise = new Set<number>();
  const readers: Linear[] = [];
  const byId = new Map(all.map((l) => [l.id, l]));
  const weightId = (l: Linear) => {
    const operand = program.instructions[l.id]!.inputs[1]!;
    return l.transposed ? program.instructions[operand]!.inputs[0]! : operand;
  };
  const shrink = (id: number, kept: Kept) => parameters.set(id, [...(parameters.get(id) ?? []), kept]);
  const sourceOp = program.instructions[source.id]!;
  if (sourceOp.op === 'conv' && sourceOp.attributes.groups !== 1) return null;
  shrink(weightId(source), { axis: source.outAxis, indices });
  const channelAxis = source.kind === 'conv' ? 1 : sourceOp.shape.length - 1;
  tensors.set(source.id, { axis: channelAxis, indices });

  for (let id = source.id + 1; id < program.instructions.length; id++) {
    const instruction = program.instructions[id]!;
    const touched = instruction.inputs.filter((i) => tensors.has(i));
    if (touched.length === 0) continue;
    const kept = tensors.get(touched[0]!)!;
    const linear = byId.get(id);
    if (instruction.op === 'conv') {
      if (touched.length !== 1 || touched[0] !== instruction.inputs[0] || kept.axis !== 1 || !linear)
        return null;
      if (instruction.attributes.groups === 1) {
        shrink(weightId(linear), { axis: 1, indices: kept.indices });
        readers.push(linear);
      } else if (linear.shape[1] === 1 && linear.shape[0] === instruction.attributes.groups) {
        shrink(weightId(linear), { axis: 0, indices: kept.indices });
        depthwise.add(id);
        tensors.set(id, kept);
      } else return null;
    } else if (instruction.op === 'matmul') {
      const x = program.instructions[instruction.inputs[0]!]!;
      if (
        !linear ||
        touched.length !== 1 ||
        touched[0] !== instruction.inputs[0] ||
        kept.axis !== x.shape.length - 1
      )
        return null;
      shrink(weightId(linear), { axis: linear.inAxis, indices: kept.indices });
      readers.push(linear);
    } else {
      const next = carry(program, id, kept, tensors, shrink);
      if (!next) return null;
      tensors.set(id, next);
    }
  }
  const reachesResult = program.outputs.some((o) => tensors.has(o));
  return reachesResult || readers.length === 0 ? null : { tensors, parameters, depthwise, readers };
}

/** How the kept indices come out of an instruction that mixes no channels; null where it does. */
function carry(
  program: Program,
  id: number,
  kept: Kept,
  tensors: Map<number, Kept>,
  shrink: (id: number, kept: Kept) => void,
): Kept | null {
  const instruction = program.instructions[id]!;
  const operandShape = (i: number) => program.instructions[i]!.shape;
  if (elementwise.has(instruction.op)) {
    const rank = instruction.shape.length;
    const first = instruction.inputs.find((i) => tensors.has(i))!;
    const fromEnd = operandShape(first).length - kept.axis;
    for (const operand of instruction.inputs) {
      const other = tensors.get(operand);
      if (other) {
        const agrees =
          operandShape(operand).length - other.axis === fromEnd &&
          other.indices.join() === kept.indices.join();
        if (!agrees) return null;
        continue;
      }
      const axis = operandShape(operand).length - fromEnd;
      if (axis < 0 || operandShape(operand)[axis] === 1) continue;
      if (!shrinkVector(program, operand, axis, kept.indices, tensors, shrink)) return null;
    }
    return { axis: rank - fromEnd, indices: kept.indices };
  }
  switch (instruction.op) {
    case 'maxPool':
    case 'averagePool':
    case 'resize':
      return kept.axis === 1 ? kept : null;
    case 'mean':
    case 'sum':
    case 'reduceMax': {
      const { axes, keepDims } = instruction.attributes;
      if (axes.includes(kept.axis)) return null;
      return keepDims ? kept : { ...kept, axis: kept.axis - axes.filter((a) => a < kept.axis).length };
    }
    case 'pad':
      return instruction.attributes.before[kept.axis] === 0 && instruction.attributes.after[kept.axis] === 0
        ? kept
        : null;
    case 'transpose':
      return { ...kept, axis: instruction.attributes.permutation.indexOf(kept.axis) };
    case 'reshape':
      return flatten(operandShape(instruction.inputs[0]!), instruction.shape, kept);
    default:
      return null;
  }
}

/** Narrows a per-channel parameter, bare or reshaped to broadcast. */
function shrinkVector(
  program: Program,
  id: number,
  axis: number,
  indices: readonly number[],
  tensors: Map<number, Kept>,
  shrink: (id: number, kept: Kept) => void,
): boolean {
  const instruction = program.instructions[id]!;
  if (instruction.op === 'parameter') {
    shrink(id, { axis, indices });
    return true;
  }
  if (instruction.op !== 'reshape') return false;
  const inner = instruction.inputs[0]!;
  const leaf = program.instructions[inner]!;
  const full = instruction.shape[axis];
  if (leaf.op !== 'parameter' || leaf.shape.length !== 1 || leaf.shape[0] !== full) return false;
  if (instruction.shape.some((d, i) => i !== axis && d !== 1)) return false;
  if (tensors.has(id)) return true;
  shrink(inner, { axis: 0, indices });
  tensors.set(id, { axis, indices });
  return true;
}

/** The kept channels of a tensor whose trailing axes are flattened into one, or only regrouped around them. */
function flatten(from: readonly number[], to: readonly number[], kept: Kept): Kept | null {
  const lead = from.findIndex((d, i) => d !== to[i]);
  const same = lead < 0 ? Math.min(from.length, to.length) : lead;
  if (kept.axis < same) return kept;
  if (to.length !== same + 1) return null;
  // [.., a, C, b] → [.., a·C·b]: index ((i·C) + c)·b + j.
  const before = from.slice(same, kept.axis).reduce((a, d) => a * d, 1);
  const after = from.slice(kept.axis + 1).reduce((a, d) => a * d, 1);
  const extent = from[kept.axis]!;
  const indices: number[] = [];
  for (let i = 0; i < before; i++)
    for (const c of kept.indices) for (let j = 0; j < after; j++) indices.push((i * extent + c) * after + j);
  return { axis: same, indices };
}
