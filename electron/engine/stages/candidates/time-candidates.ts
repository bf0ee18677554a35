import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator';
import type { Features } from '../../../store/experiences.ts';
import { featuresOf } from '../../experience/features.ts';
import { formsOf } from '../../experience/forms.ts';
import { neededRatio, weightOf } from '../../experience/weights.ts';
import { costOf } from '../../instructions/cost.ts';
import { lowerToModel } from '../../instructions/lower.ts';
import type { Program } from '../../instructions/program.ts';
import { sha256 } from '../../onnx/hash.ts';
import { writeModel } from '../../onnx/write.ts';
import type { Draft } from '../../search/draft.ts';
import { checkCancelled, type Study } from '../study.ts';
import { settingsOf } from '../timing.ts';
import { countFunnel } from './funnel.ts';
import type { Memory, Spared } from './memory.ts';
import { type Raced, race } from './race.ts';
import type { Candidate, Place } from './search.ts';

/** Structures timed for each second of the budget: about a fourteenth of it, at 0.15 s each. */
const timedPerSecond = 0.5;
/** Part of what is spared that is timed all the same, so that wrong refusals are counted. */
const checkedShare = 0.1;
/** A candidate of more arithmetic than this, times that of its group, is not looked at. */
const mostArithmetic = 1.5;

/** Candidates of one structure, which share one timing: values do not change it. */
interface Structure {
  readonly key: string;
  readonly candidates: readonly Candidate[];
  readonly features: Features;
  /** The kinds of the edits of its first candidate. */
  readonly forms: readonly string[];
  /** What earlier runs make expect of its forms. */
  readonly weight: number;
  /** Drawn to be timed even where it is spared. */
  readonly isChecked: boolean;
}

/** Structures that are timed against the same group. */
interface Contest {
  readonly baseline: string;
  readonly place: Place;
  /** In the order they are to be timed. */
  structures: Structure[];
}

/**
 * Times the candidates on the board, each structure once, without those that memory or prediction spare; `show` is
 * told what is tried now.
 */
export async function timeCandidates(
  study: Study,
  candidates: readonly Candidate[],
  memory: Memory,
  show: (tried: readonly Candidate[]) => void,
): Promise<void> {
  const contests = contestsOf(study, candidates);
  const spared = new Map<Structure, Spared>();
  const spare = (contest: Contest): void => {
    contest.structures = contest.structures.filter((structure) => {
      const reason = sparedOf(contest, structure, memory);
      if (!reason) return true;
      if (structure.isChecked) spared.set(structure, reason);
      else withhold(study, structure, reason);
      return structure.isChecked;
    });
  };
  for (const contest of contests) spare(contest);
  limit(contests, Math.round(study.job.budgetSeconds * timedPerSecond));
  let done = 0;
  for (const contest of contests) {
    checkCancelled(study.host);
    memory.refresh();
    spare(contest);
    const { structures } = contest;
    if (structures.length === 0) continue;
    const models = structures.map(({ candidates: own }) => subgraph(study, own[0]!.draft));
    await race(study, subgraph(study, contest.place.draft), models, {
      onStart: (places) => show(places.map((p) => structures[p]!.candidates[0]!)),
      onDecided: (place, raced) => {
        const structure = structures[place]!;
        judge(study, contest, structure, raced, memory);
        if (spared.has(structure)) countCheck(study, raced);
        done += 1;
        const total = contests.reduce((sum, c) => sum + c.structures.length, 0);
        const note = { kind: 'candidatesTimed' } as const;
        study.host.event({ kind: 'progress', stage: 'search', done, total, note });
        study.live.funnel(countFunnel(candidates, 0));
      },
    });
  }
}

/** What is to be timed: checked candidates by their group's structure and their own. */
function contestsOf(study: Study, candidates: readonly Candidate[]): Contest[] {
  const rng = xoroshiro128plus(study.job.seed);
  const contests = new Map<string, { readonly place: Place; readonly own: Map<string, Candidate[]> }>();
  for (const c of candidates) {
    if (c.fate !== 'checked') continue;
    if (costOf(c.draft.program).multiplyAdds > mostArithmetic * costOf(c.place.draft.program).multiplyAdds) {
      c.reason = 'costs more arithmetic than what it replaces';
      continue;
    }
    const baseline = structureOf(c.place.draft.program);
    const contest = contests.get(baseline) ?? { place: c.place, own: new Map<string, Candidate[]>() };
    contests.set(baseline, contest);
    const key = structureOf(c.draft.program);
    contest.own.set(key, [...(contest.own.get(key) ?? []), c]);
  }
  return [...contests].map(([baseline, { place, own }]) => {
    const structures = [...own].map(([key, same]) => {
      const first = same[0]!;
      const forms = formsOf(first.place.draft, first.proposal.edits);
      return {
        key,
        candidates: same,
        features: featuresOf(first.draft.program),
        forms,
        weight: weightOf(place.expected, forms),
        isChecked: isDrawn(rng),
      };
    });
    return { baseline, place, structures: inTurns(structures) };
  });
}

/**
 * The most promising and the first proposed in turns: what gained most is often the boldest, and the gentle have to
 * have their place where there is not the time for all.
 */
function inTurns(proposed: readonly Structure[]): Structure[] {
  const promising = proposed.toSorted((a, b) => b.weight - a.weight);
  return [...new Set(promising.flatMap((structure, i) => [structure, proposed[i]!]))];
}

const isDrawn = (rng: RandomGenerator): boolean => uniformFloat64(rng) < checkedShare;

/** Equal for programs that do the same to the same shapes; names and values of parameters do not change a time. */
const structureOf = (program: Program): string =>
  sha256(
    new TextEncoder().encode(
      JSON.stringify(
        program.instructions.map(({ op, inputs, attributes, shape }) => [
          op,
          inputs,
          op === 'constant' ? shape : { ...attributes, name: '' },
        ]),
      ),
    ),
  );

const sparedOf = ({ baseline, place }: Contest, structure: Structure, memory: Memory): Spared | null =>
  memory.spares({
    baseline,
    structure: structure.key,
    baselineFeatures: place.kind.features,
    features: structure.features,
  });

function withhold({ ledger }: Study, structure: Structure, { by, reason }: Spared): void {
  if (by === 'memory') ledger.sparedByMemory += 1;
  else ledger.sparedByPrediction += 1;
  for (const c of structure.candidates) c.reason = reason;
}

/** Keeps the first `most` structures in turns, one of each group after the other, so that none is left out. */
function limit(contests: readonly Contest[], most: number): void {
  const kept = new Set<Structure>();
  const longest = Math.max(0, ...contests.map(({ structures }) => structures.length));
  for (let turn = 0; turn < longest; turn++)
    for (const { structures } of contests) {
      const structure = structures[turn];
      if (!structure) continue;
      if (kept.size < most) kept.add(structure);
      else for (const c of structure.candidates) c.reason = 'no time left to measure it';
    }
  for (const contest of contests) contest.structures = contest.structures.filter((s) => kept.has(s));
}

function judge(
  study: Study,
  contest: Contest,
  structure: Structure,
  raced: Raced | null,
  memory: Memory,
): void {
  study.ledger.structuresTimed += 1;
  if (!raced) {
    for (const c of structure.candidates) c.reason = 'the runtime refuses it';
    return;
  }
  const trial = {
    ...settingsOf(study),
    baseline: contest.baseline,
    structure: structure.key,
    operatorTypes: contest.place.kind.operatorTypes,
    forms: structure.forms,
    baselineFeatures: contest.place.kind.features,
    features: structure.features,
    ...raced,
    damage: null,
  };
  memory.learn(trial);
  for (const c of structure.candidates) {
    c.fate = 'timed';
    c.ratio = raced.ratio;
    c.latencyUs = raced.latencyUs;
    c.trial = trial;
    if (raced.ratio < neededRatio)
      c.reason = `only ${raced.ratio.toFixed(2)} times as fast as what it replaces`;
  }
}

function countCheck({ ledger }: Study, raced: Raced | null): void {
  ledger.checksOfSpared += 1;
  if (raced && raced.ratio >= neededRatio) ledger.wronglySpared += 1;
}

function subgraph(study: Study, draft: Draft): Uint8Array {
  // Names and values of the first of equals would make each key of the memo its own; shapes are what is timed.
  return writeModel(
    lowerToModel(draft.program, draft.parameters, { opset: study.model.opsets['']!, batch: 1 }),
  );
}
