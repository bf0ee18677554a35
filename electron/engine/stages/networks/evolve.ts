import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { ProgressNote } from '../../../contract/run-notes.ts';
import { costOf } from '../../instructions/cost.ts';
import { sha256 } from '../../onnx/hash.ts';
import { type Edit, inOrder } from '../../search/edits.ts';
import { type Objectives, survivors } from '../../search/pareto.ts';
import { keyOf } from '../../search/proposals.ts';
import type { Candidate } from '../candidates/search.ts';
import { checkCancelled, type Study } from '../study.ts';
import { editBase, fitDraft, type Reference } from './fit.ts';
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

/** How one evolution goes. */
export interface Evolution {
  /** Counts from 1. */
  readonly round: number;
  readonly seconds: number;
  readonly population: number;
  /** What edits are applied to. */
  readonly bases: readonly Student[];
  readonly first: readonly Genome[];
  /** A new genome out of students that are ranked, the best first, or of the bases; null: nothing came of it. */
  vary(ranked: readonly Student[], rng: RandomGenerator): Genome | null;
  /** Told of the share of its seconds that is spent, up to 1. */
  onGeneration(spent: number, note: ProgressNote): void;
}

/** Below this a whole model is not worth its fine-tuning. */
export const neededSpeedup = 1.03;
/** New genomes a generation. */
const offspring = 8;

/**
 * Evolves whole-network specifications: each is timed as a whole model, in float and in 8 bits, pairwise against A on
 * the board; what is faster is fitted in closed form and compared with A; NSGA-II keeps the front over latency,
 * damage, size and peak memory. Returns the last population, the best first.
 */
export async function evolve(
  study: Study,
  reference: Reference,
  { round, seconds, population, bases, first, vary, onGeneration }: Evolution,
  rng: RandomGenerator,
): Promise<Student[]> {
  const started = performance.now();
  const evaluation = new Evaluation(study, reference, bases);
  const { job } = study;
  const key = { evolution: round, bases: bases.map((b) => b.key), seed: job.seed };
  // A resumed run makes as many generations as there were, whatever time they take from the memo.
  const known = (await study.host.recall('fit', key))?.value as { generations: number } | undefined;
  /** More than 1 where the time is over; it was over before the first where a small budget is spent. */
  const spent = (): number => (seconds > 0 ? (performance.now() - started) / 1000 / seconds : 1);
  const isOver = (generations: number): boolean => (known ? generations >= known.generations : spent() >= 1);
  let ranked: Student[] = [];
  let generations = 0;
  const waiting = [...first];
  for (let barren = 0; barren < 3 && (generations === 0 || !isOver(generations)); generations++) {
    checkCancelled(study.host);
    // As soon as there is something to breed from, half of a generation is bred: short budgets see few generations.
    const genomes = waiting.splice(0, ranked.length > 0 ? offspring / 2 : offspring);
    const parents = ranked.length > 0 ? ranked : bases;
    for (let tries = 0; genomes.length < offspring && tries < 6 * offspring; tries++) {
      const genome = vary(parents, rng);
      if (genome) genomes.push(genome);
    }
    const students = await evaluation.evaluate(genomes);
    barren = students.length > 0 || waiting.length > 0 ? 0 : barren + 1;
    ranked = survivors([...ranked, ...students], population, objectivesOf);
    const models = evaluation.count;
    onGeneration(Math.min(1, spent()), { kind: 'generation', generation: generations + 1, models });
  }
  if (!known) await study.host.record('fit', key, { value: { generations }, blob: null });
  return ranked;
}

/** Latency of the better form, damage, bytes of parameters, and bytes of activations alive at once. */
function objectivesOf(student: Student): Objectives {
  const { parameters, peakBytes } = costOf(student.program);
  const isInt8 = student.int8Speedup !== null;
  return [1 / bestSpeedup(student), student.damage, parameters * (isInt8 ? 1 : 4), peakBytes];
}

/** Turns genomes into students, each set of edits once. */
class Evaluation {
  readonly #study: Study;
  readonly #reference: Reference;
  readonly #seen = new Set<string>();
  /** Models timed until now. */
  count = 0;
  #hasInt8Paid: boolean;

  /** What paid for a base is tried for all that come of it. */
  constructor(study: Study, reference: Reference, bases: readonly Student[]) {
    this.#study = study;
    this.#reference = reference;
    this.#hasInt8Paid = bases.some(({ int8Speedup }) => int8Speedup !== null);
  }

  /** The students that are faster than A, fitted; the others are dropped, and a base without edits is none. */
  async evaluate(genomes: readonly Genome[]): Promise<Student[]> {
    const fresh = genomes.flatMap((genome) => {
      const key = studentKey(genome);
      const isNew = genome.edits.length > 0 && !this.#seen.has(key);
      const draft = isNew ? editBase(genome.base, genome.edits) : null;
      this.#seen.add(key);
      return draft ? [{ genome, key, draft }] : [];
    });
    // 8 bits are tried as long as they have paid.
    const wantsInt8 = this.count < 2 * offspring || this.#hasInt8Paid;
    const programs = fresh.map(({ genome, draft }) => ({ ...draft, inFloat: genome.base.inFloat }));
    const { speeds, models } = await timeForms(this.#study, programs, wantsInt8);
    this.count += models;
    this.#hasInt8Paid ||= speeds.some(({ int8Speedup }) => int8Speedup !== null);
    const students: Student[] = [];
    for (const [i, { genome, key, draft }] of fresh.entries()) {
      const speed = speeds[i]!;
      if (bestSpeedup(speed) < neededSpeedup) continue;
      checkCancelled(this.#study.host);
      const fitted = await fitDraft(this.#study, this.#reference, genome, draft);
      const rounds = [...genome.base.rounds, inOrder(genome.edits)];
      const { base, candidates } = genome;
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
