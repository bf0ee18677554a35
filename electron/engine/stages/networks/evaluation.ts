import { sha256 } from '../../onnx/hash.ts';
import { type Edit, inOrder } from '../../search/edits.ts';
import { keyOf } from '../../search/proposals.ts';
import type { Traits } from '../../search/surrogate.ts';
import { traitsOf } from '../../search/traits.ts';
import type { Candidate } from '../candidates/search.ts';
import { checkCancelled, type Study } from '../study.ts';
import { quickTiming } from '../timing.ts';
import { editBase, fitDraft, type Reference } from './fit.ts';
import type { SpeedRange } from './foresight.ts';
import { screenedPoint } from './points.ts';
import { timeForms } from './precision.ts';
import { bestSpeedup, type Student } from './student.ts';

/** A proposal for the whole network: edits of a base. */
export interface Genome {
  readonly base: Student;
  readonly edits: readonly Edit[];
  /** Candidates measured alone that these edits are exactly those of; none where they are not. */
  readonly candidates: readonly Candidate[];
}

/** A genome whose edits fit, before anything is measured. */
export interface Foreseen {
  readonly key: string;
  readonly genome: Genome;
  readonly traits: Traits;
}

/** Below this a whole model is not worth its fine-tuning. */
export const neededSpeedup = 1.03;
/** 8 bits are tried for so many models in any case. */
const triedInInt8 = 16;

/** Turns genomes into students, each set of edits once. */
export class Evaluation {
  readonly #study: Study;
  readonly #reference: Reference;
  readonly #range: SpeedRange;
  readonly #seen = new Set<string>();
  /** Models timed until now. */
  count = 0;
  #hasInt8Paid: boolean;

  /** What paid for a base is tried for all that come of it. */
  constructor(study: Study, reference: Reference, bases: readonly Student[], range: SpeedRange) {
    this.#study = study;
    this.#reference = reference;
    this.#range = range;
    this.#hasInt8Paid = bases.some(({ int8Speedup }) => int8Speedup !== null);
  }

  /** The genomes that are new and whose edits fit; a base without edits is none. */
  foresee(genomes: readonly Genome[]): Foreseen[] {
    return genomes.flatMap((genome) => {
      const { base, edits } = genome;
      const key = studentKey(genome);
      if (edits.length === 0 || this.#seen.has(key)) return [];
      this.#seen.add(key);
      const draft = editBase(base, edits);
      return draft ? [{ key, genome, traits: traitsOf(base.program, draft.program, edits) }] : [];
    });
  }

  /** The students that are faster than A, and no faster than what would be tuned, fitted; the others are dropped. */
  async evaluate(foreseen: readonly Foreseen[]): Promise<Student[]> {
    // Edited once more: the values of all that are only foreseen would fill the memory.
    const drafted = foreseen.map(({ key, genome }) => ({
      key,
      genome,
      draft: editBase(genome.base, genome.edits)!,
    }));
    // 8 bits are tried as long as they have paid.
    const wantsInt8 = this.count < triedInInt8 || this.#hasInt8Paid;
    const programs = drafted.map(({ genome, draft }) => ({ ...draft, inFloat: genome.base.inFloat }));
    const { speeds, models } = await timeForms(this.#study, programs, wantsInt8, quickTiming);
    this.count += models;
    this.#hasInt8Paid ||= speeds.some(({ int8Speedup }) => int8Speedup !== null);
    const faster = drafted
      .map((one, i) => ({ ...one, speed: speeds[i]! }))
      .filter(({ speed }) => bestSpeedup(speed) >= neededSpeedup);
    const within = faster.filter(({ speed }) => bestSpeedup(speed) <= this.#range.to);
    const students: Student[] = [];
    for (const { key, genome, draft, speed } of within.length > 0 ? within : faster) {
      checkCancelled(this.#study.host);
      const { base, edits, candidates } = genome;
      const fitted = await fitDraft(this.#study, this.#reference, genome, draft);
      const rounds = [...base.rounds, inOrder(edits)];
      const student = { ...fitted, ...speed, key, rounds, candidates, inFloat: base.inFloat };
      students.push(student);
      this.#study.live.point(screenedPoint(this.#study, student));
    }
    return students;
  }
}

/** Equal for equal edits of one base, whatever their order. */
function studentKey({ base, edits }: Genome): string {
  return sha256(new TextEncoder().encode(`${base.key}\n${keyOf(edits)}`)).slice(0, 16);
}
