import type { RunResult } from '../../../contract/run-result.ts';
import { ProgramBuilder } from '../../instructions/builder.ts';
import { elementwise } from '../../instructions/elementwise.ts';
import { print } from '../../instructions/print.ts';
import { dependsOnInput, type Program, readersOf } from '../../instructions/program.ts';
import { withBias } from '../../search/activation.ts';
import { isMadeOf, linears } from '../../search/draft.ts';
import { savedUs } from '../candidates/search.ts';
import type { Study } from '../study.ts';
import { type Contender, isInInt8, type Student } from './student.ts';

type Replacement = RunResult['replacements'][number];

/**
 * Weights of A whose linear instruction a student has in another form, with other channels, at other places, behind an
 * average, before another activation, or not at all.
 */
export function changedWeights({ whole }: Pick<Study, 'whole'>, student: Pick<Student, 'program'>): string[] {
  const before = usesOf(whole!.program);
  const after = usesOf(student.program);
  return [...before].flatMap(([weight, use]) => (after.get(weight) === use ? [] : [weight]));
}

/** For each weight of a linear instruction how it is used; equal for equal uses, whatever the resolution. */
function usesOf(program: Program): Map<string, string> {
  const readers = readersOf(program);
  return new Map(
    linears(program).map((l) => {
      const { op, inputs, attributes } = program.instructions[l.id]!;
      const operand = program.instructions[inputs[0]!]!;
      const average = operand.op === 'averagePool' ? operand.attributes : null;
      const end = withBias(program, readers, l.id);
      const next = readers[end]!.map((id) => program.instructions[id]!.op);
      const activation = next.filter((o) => o in elementwise && o !== 'add');
      return [l.weight, JSON.stringify([op, l.shape, attributes, average, activation])];
    }),
  );
}

/** What stands in B in place of what stood in A: candidates as they were measured, or each changed operator. */
export function replacementsOf(
  study: Pick<Study, 'whole' | 'model'>,
  { student, precision, form }: Contender,
): Replacement[] {
  const before = study.whole!.program;
  const operatorOf = (weight: string): string =>
    study.model.nodes.find((node) => node.inputs.includes(weight))?.name ?? weight;
  const structural: Replacement[] =
    student.candidates.length > 0
      ? student.candidates.map((c) => ({
          operators: [...c.place.group.operators],
          from: print(c.place.draft.program),
          to: print(c.draft.program),
          savedUs: savedUs(c),
          damage: c.klNats,
        }))
      : changedWeights(study, student).map((weight) => ({
          operators: [operatorOf(weight)],
          from: printPart(before, weight),
          to: printPart(student.program, weight),
          savedUs: null,
          damage: null,
        }));
  if (precision === 'float') return structural;
  const weights = linears(student.program)
    .map((l) => l.weight)
    .filter(isInInt8(student));
  const names = new Set(linears(before).map((l) => l.weight));
  const originals = [...new Set(weights.flatMap((w) => originalOf(w, names) ?? []))];
  const [first] = originals;
  if (first === undefined) return structural;
  const inInt8: Replacement = {
    operators: originals.map(operatorOf),
    from: printPart(student.program, first),
    to: printPart(form.program, first),
    savedUs: null,
    damage: null,
  };
  return [...structural, inInt8];
}

/** The weight of A that a weight made from it is named after. */
const originalOf = (weight: string, names: ReadonlySet<string>): string | undefined =>
  names.has(weight) ? weight : [...names].find((name) => isMadeOf(weight, name));

/** The instructions around the linear ones that are made of one weight of A, as the printer shows them. */
function printPart(program: Program, weight: string): string {
  const leaves = program.instructions.flatMap((i, id) =>
    i.op === 'parameter' && isMadeOf(i.attributes.name, weight) ? [id] : [],
  );
  if (leaves.length === 0) return 'left out';
  const changes = dependsOnInput(program);
  const isFixed = (id: number) => !changes[id];
  const touched = new Set(leaves);
  program.instructions.forEach(({ inputs }, id) => {
    if (isFixed(id) && inputs.some((i) => touched.has(i))) touched.add(id);
  });
  const own = program.instructions.flatMap(({ inputs }, id) =>
    changes[id] && inputs.some((i) => touched.has(i)) ? [id] : [],
  );
  const [from, last] = [Math.min(...own), Math.max(...own)];
  const inside = new Set(own);
  // What lies between the first and the last of them, on the way from one to the other.
  for (let id = from + 1; id < last; id++)
    if (program.instructions[id]!.inputs.some((i) => inside.has(i))) inside.add(id);
  // And the activation behind them.
  for (let id = last + 1; id < program.instructions.length; id++) {
    const { op, inputs } = program.instructions[id]!;
    const read = inputs.filter((i) => changes[i]);
    if (op in elementwise && read.length > 0 && read.every((i) => inside.has(i))) inside.add(id);
  }
  return print(excerpt(program, inside, Math.max(...inside), isFixed));
}

/** The values inside as a program of their own; what they read of others is its input. */
function excerpt(
  program: Program,
  inside: ReadonlySet<number>,
  result: number,
  isFixed: (id: number) => boolean,
): Program {
  const b = new ProgramBuilder();
  const ids = new Map<number, number>();
  const idOf = (id: number): number => {
    const known = ids.get(id);
    if (known !== undefined) return known;
    const { op, inputs, attributes, shape } = program.instructions[id]!;
    const made =
      inside.has(id) || isFixed(id)
        ? b.add(op, inputs.map(idOf), attributes as never)
        : b.input(`x${ids.size > 0 ? ids.size : ''}`, shape);
    ids.set(id, made);
    return made;
  };
  return b.build([idOf(result)]);
}
