import type { Convolution, Instruction, Program, Window } from './program.ts';
import { show } from './shapes.ts';

const infix: Partial<Record<Instruction['op'], string>> = {
  add: '+',
  sub: '−',
  mul: '·',
  div: '/',
  pow: '^',
};

/**
 * A program as a person would write it, one line an instruction that computes, e.g.
 * `a = conv 3×3 (x, w1 [64,32,3,3]) stride 2 pad 1 → [N,64,8,8]`; parameters and constants stand where they are used.
 * One input is x and one result y; several are x1, x2 … and y1, y2 …
 */
export function print(program: Program): string {
  const names = new Map<number, string>();
  const lines: string[] = [];
  let next = 0;
  const inline = (id: number): string => names.get(id) ?? `#${id}`;
  const inputs = program.instructions.flatMap((i, id) => (i.op === 'input' ? [id] : []));
  const numbered = (letter: string, ids: readonly number[], id: number): string =>
    ids.length === 1 ? letter : `${letter}${ids.indexOf(id) + 1}`;
  program.instructions.forEach((instruction, id) => {
    const leaf = instruction.op === 'input' ? numbered('x', inputs, id) : leafText(instruction);
    if (leaf !== null) {
      names.set(id, leaf);
      return;
    }
    const isResult = program.outputs.includes(id);
    const name = isResult ? numbered('y', program.outputs, id) : label(next++);
    lines.push(
      `${name} = ${expression(instruction, instruction.inputs.map(inline), program)} → ${show(instruction.shape)}`,
    );
    names.set(id, name);
  });
  for (const id of program.outputs)
    if (program.instructions[id]!.inputs.length === 0)
      lines.push(`${numbered('y', program.outputs, id)} = ${inline(id)}`);
  return lines.join('\n');
}

/** a … z without x and y, then a1 … */
function label(n: number): string {
  const letters = 'abcdefghijklmnopqrstuvwz';
  const letter = letters[n % letters.length]!;
  return n < letters.length ? letter : `${letter}${Math.floor(n / letters.length)}`;
}

function leafText(instruction: Instruction): string | null {
  if (instruction.op === 'parameter')
    return `${shortName(instruction.attributes.name)} ${show(instruction.shape)}`;
  if (instruction.op !== 'constant') return null;
  const { values } = instruction.attributes;
  return values.length === 1 ? number(values[0]!) : `constant ${show(instruction.shape)}`;
}

/** The last part of a long path says which parameter it is. */
const shortName = (name: string): string => name.split(/[/:]/).at(-1)!;
const number = (v: number): string => String(Number(v.toPrecision(4)));
const cross = (values: readonly number[]): string => values.join('×');
const same = (values: readonly number[]): string =>
  new Set(values).size === 1 ? String(values[0]) : values.join(',');

function expression(instruction: Instruction, operands: readonly string[], program: Program): string {
  const list = `(${operands.join(', ')})`;
  const sign = infix[instruction.op];
  if (sign) return operands.join(` ${sign} `);
  switch (instruction.op) {
    case 'conv':
    case 'convTranspose': {
      const weight = program.instructions[instruction.inputs[1]!]!.shape;
      const { groups } = instruction.attributes;
      const depthwise = groups > 1 && groups === weight[0] && weight[1] === 1;
      const kind = depthwise ? 'depthwise ' : '';
      return `${kind}${instruction.op} ${cross(weight.slice(2))} ${list}${geometry(instruction.attributes, depthwise)}`;
    }
    case 'maxPool':
    case 'averagePool':
      return `${instruction.op} ${cross(instruction.attributes.kernel)} ${list}${strideAndPads(instruction.attributes)}`;
    case 'clip':
      return `clip ${list} to ${number(instruction.attributes.min)} … ${number(instruction.attributes.max)}`;
    case 'sum':
    case 'mean':
    case 'reduceMax':
      return `${instruction.op} ${list} over axes ${instruction.attributes.axes.join(',')}`;
    case 'transpose':
      return `transpose ${list} to ${instruction.attributes.permutation.join(',')}`;
    case 'slice': {
      const { axis, start, end, step } = instruction.attributes;
      return `slice ${list} axis ${axis} ${start}:${end}${step === 1 ? '' : `:${step}`}`;
    }
    case 'concat':
      return `concat ${list} axis ${instruction.attributes.axis}`;
    case 'resize':
      return `resize ${cross(instruction.attributes.factors)} ${list}`;
    case 'gather':
      return `gather ${list} axis ${instruction.attributes.axis} (${instruction.attributes.indices.length} indices)`;
    default:
      return `${instruction.op} ${list}`;
  }
}

function geometry(a: Convolution, depthwise: boolean): string {
  const dilation = a.dilations.every((d) => d === 1) ? '' : ` dilation ${same(a.dilations)}`;
  const groups = a.groups === 1 || depthwise ? '' : ` groups ${a.groups}`;
  return `${strideAndPads(a)}${dilation}${groups}`;
}

function strideAndPads(a: Pick<Window, 'strides' | 'pads'>): string {
  const stride = a.strides.every((s) => s === 1) ? '' : ` stride ${same(a.strides)}`;
  const pad = a.pads.every((p) => p === 0) ? '' : ` pad ${same(a.pads)}`;
  return `${stride}${pad}`;
}
