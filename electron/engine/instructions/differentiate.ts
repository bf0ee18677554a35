import { ProgramBuilder } from './builder.ts';
import type { Instruction, InstructionName, Program } from './program.ts';
import type { GradientForms } from './row.ts';
import { rowOf } from './table.ts';

/**
 * Reverse-mode differentiation in the instructions themselves. The result computes the program's outputs, then
 * the gradient of output 0 (a scalar: the loss) with respect to each named parameter, in the order given. A
 * parameter that the loss does not depend on is a bug and throws. `forms` chooses how gradients are said.
 */
export function differentiate(
  program: Program,
  parameters: readonly string[],
  forms?: GradientForms,
): Program {
  const b = new ProgramBuilder();
  const ids: number[] = [];
  for (const { op, inputs, attributes } of program.instructions)
    ids.push(
      b.add(
        op,
        inputs.map((i) => ids[i]!),
        attributes as never,
      ),
    );
  const outputs = program.outputs.map((o) => ids[o]!);
  const loss = outputs[0]!;
  if (b.shape(loss).length !== 0) throw new Error('The loss must be a scalar');
  const targets = new Map<string, number>();
  b.instructions.forEach((instruction, id) => {
    if (instruction.op === 'parameter') targets.set(instruction.attributes.name, id);
  });
  const wanted = new Set(parameters.map((name) => targets.get(name)));
  // Only paths that lead to a wanted parameter are walked: the teacher's side of a loss costs nothing.
  const leads = b.instructions.map((_, id) => wanted.has(id));
  b.instructions.forEach((instruction, id) => {
    if (instruction.inputs.some((i) => leads[i])) leads[id] = true;
  });
  const gradients = new Map<number, number>([[loss, b.constant(1)]]);
  for (let id = loss; id >= 0; id--) {
    const g = gradients.get(id);
    const instruction = b.instructions[id]!;
    if (g === undefined || !leads[id] || instruction.inputs.length === 0) continue;
    gradientsOf(b, instruction, id, g, forms).forEach((part, n) => {
      const target = instruction.inputs[n]!;
      if (part === null || !leads[target]) return;
      const sum = gradients.get(target);
      gradients.set(target, sum === undefined ? part : b.add('add', [sum, part], {}));
    });
  }
  const results = parameters.map((name) => {
    const id = targets.get(name);
    const g = id === undefined ? undefined : gradients.get(id);
    if (g === undefined) throw new Error(`The loss does not depend on ${name}`);
    return g;
  });
  return b.build([...outputs, ...results]);
}

function gradientsOf(
  b: ProgramBuilder,
  instruction: Instruction,
  output: number,
  g: number,
  forms: GradientForms | undefined,
) {
  const row = rowOf<InstructionName>(instruction.op);
  return row.gradient(
    b,
    { inputs: instruction.inputs, output, attributes: instruction.attributes as never },
    g,
    forms,
  );
}

/** The parameters that output 0 depends on and can be differentiated by, in order of first use. */
export function parametersOf(
  program: Program,
): { readonly name: string; readonly shape: readonly number[] }[] {
  const reached = new Set<number>(program.outputs.slice(0, 1));
  for (let id = program.instructions.length - 1; id >= 0; id--) {
    const { op, inputs } = program.instructions[id]!;
    if (!reached.has(id) || op === 'equal' || op === 'greater') continue;
    for (const input of op === 'where' ? inputs.slice(1) : inputs) reached.add(input);
  }
  return program.instructions.flatMap((i, id) =>
    i.op === 'parameter' && reached.has(id) ? [i.attributes] : [],
  );
}
