import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { ProgressNote } from '../../../contract/run-notes.ts';
import { costOf } from '../../instructions/cost.ts';
import { type Objectives, survivors } from '../../search/pareto.ts';
import { checkCancelled, type Study } from '../study.ts';
import { Evaluation, type Foreseen, type Genome } from './evaluation.ts';
import type { Reference } from './fit.ts';
import { closestToFront, type Known, mostPromising, type SpeedRange } from './foresight.ts';
import { bestSpeedup, type Student } from './student.ts';

/** How one evolution goes. */
export interface Evolution {
  /** Counts from 1. */
  readonly round: number;
  readonly seconds: number;
  readonly population: number;
  /** What edits are applied to. */
  readonly bases: readonly Student[];
  readonly first: readonly Genome[];
  /** What is worth finding: from the best there is to the boldest that would be tuned. */
  readonly range: SpeedRange;
  /** Whether what was measured decides what is measured next. */
  readonly learns: boolean;
  /** A new genome out of students that are ranked, the best first, or of the bases; null: nothing came of it. */
  vary(ranked: readonly Student[], rng: RandomGenerator): Genome | null;
  /** Told of the share of its seconds that is spent, up to 1. */
  onGeneration(spent: number, note: ProgressNote): void;
}

/** New genomes a generation. */
const offspring = 8;
/** Of these, as many are the next of those that stood first, whatever is foreseen of them. */
const unasked = 1;
/** For each place in a generation so many are bred. */
const litter = 6;

/**
 * Evolves whole-network specifications: each is timed as a whole model, in float and in 8 bits, pairwise against A on
 * the board; what is faster is fitted in closed form and compared with A; NSGA-II keeps the front over latency,
 * damage, size and peak memory. From the second generation on, more are bred than measured: those that promise most by
 * what was measured before. Returns the last population, the best first.
 */
export async function evolve(
  study: Study,
  reference: Reference,
  { round, seconds, population, bases, first, range, learns, vary, onGeneration }: Evolution,
  rng: RandomGenerator,
): Promise<Student[]> {
  const started = performance.now();
  const evaluation = new Evaluation(study, reference, bases, range);
  const { job } = study;
  const key = { evolution: round, bases: bases.map((b) => b.key), seed: job.seed };
  // A resumed run makes as many generations as there were, whatever time they take from the memo.
  const known = (await study.host.recall('fit', key))?.value as { generations: number } | undefined;
  /** More than 1 where the time is over; it was over before the first where a small budget is spent. */
  const spent = (): number => (seconds > 0 ? (performance.now() - started) / 1000 / seconds : 1);
  const isOver = (generations: number): boolean => (known ? generations >= known.generations : spent() >= 1);
  const measured: Known[] = [];
  let ranked: Student[] = [];
  let generations = 0;
  let waiting = evaluation.foresee(first);
  for (let barren = 0; barren < 3 && (generations === 0 || !isOver(generations)); generations++) {
    checkCancelled(study.host);
    const isForetold = learns && measured.length > 0;
    const chosen = waiting.slice(0, isForetold ? unasked : offspring);
    waiting = waiting.slice(chosen.length);
    const places = offspring - chosen.length;
    const parents = ranked.length > 0 ? closestToFront(ranked, range) : bases;
    const wanted = isForetold ? litter * places : places;
    const young: Foreseen[] = [];
    for (let tries = 0; young.length < wanted && tries < 4 * wanted; tries++) {
      const genome = vary(parents, rng);
      if (genome) young.push(...evaluation.foresee([genome]));
    }
    if (isForetold) {
      const value = { ...range, worthless: reference.worthless };
      chosen.push(...mostPromising([...waiting, ...young], measured, places, value));
      waiting = waiting.filter((one) => !chosen.includes(one));
    } else chosen.push(...young);
    const students = await evaluation.evaluate(chosen);
    for (const { key: own, speedup, int8Speedup, damage } of students)
      measured.push({ speedup, int8Speedup, damage, traits: chosen.find((c) => c.key === own)!.traits });
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
