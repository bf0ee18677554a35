import type { Features } from '../../store/experiences.ts';
import type { Instruction, InstructionName, Program, Shape } from '../instructions/program.ts';
import { bind, sizeOf } from '../instructions/program.ts';
import { rowOf } from '../instructions/table.ts';

/** Widths of the runtime's vectors: channels that fill none of them whole take its slow paths. */
const vectorWidths = [8, 16] as const;

const movements: ReadonlySet<InstructionName> = new Set<InstructionName>([
  'reshape',
  'transpose',
  'slice',
  'pad',
  'concat',
  'expand',
  'gather',
  'resize',
]);
const reductions: ReadonlySet<InstructionName> = new Set<InstructionName>(['sum', 'mean', 'reduceMax']);
const cheap: ReadonlySet<InstructionName> = new Set<InstructionName>([
  'add',
  'sub',
  'mul',
  'max',
  'min',
  'neg',
  'abs',
  'relu',
  'clip',
  'where',
  'equal',
  'greater',
]);
const leaves: ReadonlySet<InstructionName> = new Set<InstructionName>(['input', 'parameter', 'constant']);

/**
 * What the time of a program depends on, at batch 1: for each kind of instruction how many there are, their
 * multiply-adds and the bytes they move; for convolutions also what runs on channels that fill no whole vector.
 */
export function featuresOf(program: Program): Features {
  const features: Record<string, number> = {};
  const add = (name: string, amount: number): void => {
    if (amount > 0) features[name] = (features[name] ?? 0) + amount;
  };
  for (const instruction of program.instructions) {
    const { op, inputs, attributes, shape } = instruction;
    if (leaves.has(op)) continue;
    const operands = inputs.map((i) => program.instructions[i]!);
    // Arithmetic on parameters alone is folded before anything runs.
    if (operands.every((o) => leaves.has(o.op) && o.op !== 'input')) continue;
    const shapes = operands.map((o) => bind(o.shape, 1));
    const out = bind(shape, 1);
    const cost = rowOf(op).cost(shapes, attributes as never, out);
    const kind = kindOf(instruction, shapes);
    add(`${kind} count`, 1);
    add(`${kind} multiply-adds`, cost.multiplyAdds);
    add(`${kind} bytes`, cost.bytes);
    add(
      'weights',
      operands.reduce((sum, o) => sum + (o.op === 'parameter' ? sizeOf(o.shape) : 0), 0),
    );
    if (op !== 'conv') continue;
    const [input, output] = [shapes[0]![1]!, out[1]!];
    for (const width of vectorWidths)
      if (input % width !== 0 || output % width !== 0)
        add(`multiply-adds beside vectors of ${width}`, cost.multiplyAdds);
    add(
      `${kind} points`,
      out.slice(2).reduce((a, d) => a * d, 1),
    );
    add(
      `${kind} taps`,
      shapes[1]!.slice(2).reduce((a, d) => a * d, 1),
    );
    if (instruction.attributes.strides.some((s) => s > 1)) add('strided multiply-adds', cost.multiplyAdds);
    if (instruction.attributes.dilations.some((d) => d > 1)) add('dilated multiply-adds', cost.multiplyAdds);
  }
  return rounded(features);
}

function kindOf(instruction: Instruction, operands: readonly Shape[]): string {
  const { op } = instruction;
  if (op === 'conv') return convolutionKind(instruction.attributes.groups, operands[0]!, operands[1]!);
  if (movements.has(op)) return op === 'reshape' ? 'reshape' : 'movement';
  if (reductions.has(op)) return 'reduction';
  if (op === 'maxPool' || op === 'averagePool') return 'pooling';
  if (op === 'quantize' || op === 'dequantize') return 'quantization';
  if (op === 'matmul' || op === 'convTranspose') return op;
  return cheap.has(op) ? 'arithmetic' : 'function';
}

function convolutionKind(groups: number, input: Shape, weight: Shape): string {
  if (groups > 1) return groups === input[1] ? 'depthwise' : 'grouped';
  return weight.slice(2).every((k) => k === 1) ? 'pointwise' : 'spatial';
}

/** Four figures: they are kept by the thousand. */
const rounded = (features: Readonly<Record<string, number>>): Features =>
  Object.fromEntries(Object.entries(features).map(([name, value]) => [name, Number(value.toPrecision(4))]));
