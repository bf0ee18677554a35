import { uniformInt } from 'pure-rand/distribution/uniformInt';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { Draft } from '../../search/draft.ts';
import { linears } from '../../search/draft.ts';
import type { Edit } from '../../search/edits.ts';
import { tournament } from '../../search/pareto.ts';
import { crossover } from '../../search/proposals.ts';
import { breed, type Gene } from '../../search/specifications.ts';
import { mutateWhole, wholeSeeds } from '../../search/whole-network.ts';
import { type Candidate, editsOf, savedUs } from '../candidates/search.ts';
import type { Study } from '../study.ts';
import type { Genome } from './evaluation.ts';
import type { Evolution } from './evolve.ts';
import type { Student } from './student.ts';

type Breeding = Pick<Evolution, 'bases' | 'first' | 'learns' | 'vary'>;

/** Specifications of measured candidates that a first generation begins with, and whole-network seeds beside them. */
const fromCandidates = 20;
const fromSeeds = 56;
/** New genomes of a later round, for each of its bases. */
const perBase = 10;

/** The first round: what was measured alone, put together, and forms of the whole network. */
export function breedFirst(
  study: Study,
  base: Student,
  candidates: readonly Candidate[],
  rng: RandomGenerator,
): Breeding {
  const genes = genesOf(candidates);
  const byOrdinal = new Map(candidates.map((c) => [c.ordinal, c]));
  const order = linears(base.program).map((l) => l.weight);
  const put = genes.length === 0 ? [] : breed(genes, order, fromCandidates, rng);
  const composed = put.map((s): Genome => {
    const own = s.map((gene) => byOrdinal.get(gene.ordinal)!);
    return { base, edits: editsOf(own), candidates: own };
  });
  const draft = draftOf(base);
  const seeds = spread(wholeSeeds(draft), fromSeeds).map((edits) => plain(base, edits));
  const alone = candidates.filter((c) => genes.some((g) => g.ordinal === c.ordinal));
  if (study.job.strategy === 'random') return breedAtRandom([base], [...composed, ...seeds]);
  return {
    bases: [base],
    first: interleaved(evenly(composed), seeds),
    learns: true,
    vary(ranked, own) {
      const parent = tournament(ranked, own);
      const edits = editsSince(parent, base);
      const roll = uniformInt(own, 0, 99);
      if (roll < 35) return plain(base, crossover(edits, editsSince(tournament(ranked, own), base), own));
      if (roll < 55 && alone.length > 0) {
        const other = alone[uniformInt(own, 0, alone.length - 1)]!;
        const taken = new Set(other.place.weights);
        return plain(base, [...edits.filter((e) => !taken.has(e.weight)), ...other.proposal.edits]);
      }
      return plain(base, mutateWhole(draft, edits, own));
    },
  };
}

/** A later round: gentle changes of students that were trained already. */
export function breedOn(study: Study, bases: readonly Student[], rng: RandomGenerator): Breeding {
  const drafts = new Map(bases.map((base) => [base.key, draftOf(base)]));
  const first = bases.flatMap((base) =>
    Array.from({ length: perBase }, () => plain(base, changed(drafts.get(base.key)!, [], rng))),
  );
  if (study.job.strategy === 'random') return breedAtRandom(bases, first);
  return {
    bases,
    first,
    learns: true,
    vary(ranked, own) {
      const parent = tournament(ranked, own);
      const base = baseOf(parent, bases);
      return base ? plain(base, changed(drafts.get(base.key)!, editsSince(parent, base), own)) : null;
    },
  };
}

/** For comparison: the same space and the same steps, but nothing learnt from what was measured. */
function breedAtRandom(bases: readonly Student[], seeds: readonly Genome[]): Breeding {
  const draw = (own: RandomGenerator): Genome => {
    const base = bases[uniformInt(own, 0, bases.length - 1)]!;
    const begin = seeds.length > 0 ? seeds[uniformInt(own, 0, seeds.length - 1)]! : plain(base, []);
    return plain(begin.base, changed(draftOf(begin.base), begin.edits, own));
  };
  return { bases, first: [], learns: false, vary: (_ranked, own) => draw(own) };
}

const plain = (base: Student, edits: readonly Edit[]): Genome => ({ base, edits, candidates: [] });
const draftOf = (base: Student): Draft => ({
  program: base.program,
  parameters: base.parameters,
  refits: [],
});

/** One to three changes. */
function changed(draft: Draft, edits: readonly Edit[], rng: RandomGenerator): readonly Edit[] {
  let result = edits;
  for (let n = uniformInt(rng, 1, 3); n > 0; n--) result = mutateWhole(draft, result, rng);
  return result;
}

/** The edits that lead from a base to a student that was made from it. */
const editsSince = (student: Student, base: Student): readonly Edit[] =>
  student.rounds.length > base.rounds.length ? student.rounds.at(-1)! : [];

const baseOf = (student: Student, bases: readonly Student[]): Student | undefined =>
  bases.find(
    (base) => base === student || JSON.stringify(base.rounds) === JSON.stringify(student.rounds.slice(0, -1)),
  );

const genesOf = (candidates: readonly Candidate[]): Gene[] =>
  candidates.flatMap((c): Gene[] =>
    c.fate === 'spliced' && c.klNats !== null && savedUs(c) > 0
      ? [{ ordinal: c.ordinal, weights: c.place.weights, savedUs: savedUs(c), damage: c.klNats }]
      : [],
  );

function interleaved<T>(a: readonly T[], b: readonly T[]): T[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, i) => [a[i], b[i]])
    .flat()
    .filter((v) => v !== undefined);
}

/** A list in an order of which every beginning is spread over all of it: halves, then quarters, and so on. */
export function evenly<T>(list: readonly T[]): T[] {
  if (list.length <= 2) return [...list];
  const middle = Math.floor(list.length / 2);
  const [before, after] = [evenly(list.slice(0, middle)), evenly(list.slice(middle + 1))];
  return [list[middle]!, ...interleaved(after, before)];
}

/** `count` of a list in even steps. */
function spread<T>(list: readonly T[], count: number): T[] {
  if (list.length <= count) return [...list];
  return Array.from({ length: count }, (_, i) => list[Math.floor((i * list.length) / count)]!);
}
