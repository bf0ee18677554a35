import { dependsOnInput, type Instruction, type Program } from '../instructions/program.ts';
import { sameShape } from '../instructions/shapes.ts';
import { isMadeOf } from '../search/draft.ts';

/** A value of the student that is to follow a value of the teacher; both of one shape. */
export interface FeaturePair {
  readonly student: number;
  readonly teacher: number;
}

/** What a weight may be passed through before it is multiplied with. */
const passes = new Set<Instruction['op']>(['transpose', 'reshape', 'quantize', 'dequantize']);

/**
 * Places where the student can be told what the teacher computes there (Romero et al., 2015): for each of the
 * teacher's weights the value that it leads to, past its bias and one residual sum, against the value that the same
 * weight, or the last of those that replaced it (`name:…`), leads to in the student. At most `most`, evenly spread
 * and with the last one; what is a result anyhow is left out.
 */
export function matchFeatures(student: Program, teacher: Program, most: number): FeaturePair[] {
  const own = placesOf(student);
  const found = new Map<number, FeaturePair>();
  for (const [weight, place] of placesOf(teacher)) {
    if (teacher.outputs.includes(place)) continue;
    const { shape } = teacher.instructions[place]!;
    const last = [...own].filter(
      ([name, id]) => isMadeOf(name, weight) && sameShape(student.instructions[id]!.shape, shape),
    );
    const match = Math.max(...last.map(([, id]) => id));
    if (last.length > 0 && !student.outputs.includes(match))
      found.set(match, { student: match, teacher: place });
  }
  const pairs = [...found.values()].sort((a, b) => a.teacher - b.teacher);
  const count = Math.min(most, pairs.length);
  return Array.from({ length: count }, (_, i) => pairs[Math.round(((i + 1) * pairs.length) / count) - 1]!);
}

/** For each weight the value that it leads to. */
function placesOf(program: Program): Map<string, number> {
  // Once for each operand: a value that is added to itself is read twice.
  const readers: number[][] = program.instructions.map(() => []);
  program.instructions.forEach(({ inputs }, id) => {
    for (const i of inputs) readers[i]!.push(id);
  });
  const changes = dependsOnInput(program);
  const places = new Map<string, number>();
  program.instructions.forEach(({ op, inputs }, id) => {
    if (op !== 'conv' && op !== 'convTranspose' && op !== 'matmul') return;
    const weight = weightOf(program, inputs[1]!);
    if (weight === null) return;
    let place = id;
    for (let residual = false; ; ) {
      const next = readers[place]!.length === 1 ? readers[place]![0]! : -1;
      const sum = program.instructions[next];
      if (sum?.op !== 'add' || !sameShape(sum.shape, program.instructions[place]!.shape)) break;
      const other = sum.inputs[0] === place ? sum.inputs[1]! : sum.inputs[0]!;
      if (changes[other]) {
        if (residual) break;
        residual = true;
      }
      place = next;
    }
    places.set(weight, place);
  });
  return places;
}

function weightOf(program: Program, id: number): string | null {
  const { op, inputs, attributes } = program.instructions[id]!;
  if (op === 'parameter') return attributes.name;
  return passes.has(op) ? weightOf(program, inputs[0]!) : null;
}
