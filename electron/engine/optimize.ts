import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { AccuracyComparison } from '../contract/api.ts';
import type { ProgressNote, SearchObstacle } from '../contract/run-notes.ts';
import type { RunResult } from '../contract/run-result.ts';
import type { Optimize } from './host.ts';
import { writeModel } from './onnx/write.ts';
import type { Verified } from './run-on-data.ts';
import { countFunnel } from './stages/candidates/funnel.ts';
import { rememberTrials } from './stages/candidates/memory.ts';
import { type Candidate, saveCandidates, searchCandidates } from './stages/candidates/search.ts';
import { explain } from './stages/judging/explain.ts';
import { frontOf } from './stages/judging/front.ts';
import {
  type Finalist,
  type Findings,
  type JudgeWatcher,
  judge,
  nothingFound,
  operatorRow,
  verifyOriginal,
} from './stages/judging/judge.ts';
import { accuracyOf, compareOutputs, runOnPart } from './stages/judging/verify.ts';
import { analyse, type ProfileFindings } from './stages/measuring/profile.ts';
import { breedFirst } from './stages/networks/breeding.ts';
import { deliver } from './stages/networks/delivery.ts';
import { neededSpeedup } from './stages/networks/evaluation.ts';
import { type Evolution, evolve } from './stages/networks/evolve.ts';
import { fitCandidates, makeReference, type Reference } from './stages/networks/fit.ts';
import { pointOf } from './stages/networks/points.ts';
import { timeAgain, timeBase } from './stages/networks/precision.ts';
import { replacementsOf } from './stages/networks/replacements.ts';
import { splice } from './stages/networks/splice.ts';
import {
  bestSpeedup,
  type Contender,
  keyOfContender,
  originalStudent,
  type Student,
} from './stages/networks/student.ts';
import { stage } from './stages/stage.ts';
import { need, openStudy, type Study, settled } from './stages/study.ts';
import { specificationTiming, timeAgainst } from './stages/timing.ts';
import { firstFinalists, firstRange } from './stages/tuning/finalists.ts';
import { type Tuning, tune } from './stages/tuning/tune.ts';

/** Seconds kept for verifying and comparing at the end. */
const closingSeconds = 25;
/** Shares of the time left that go into fitting candidates alone, then into evolving whole networks. */
const shares = { fit: 0.1, evolve: 0.18 } as const;
/** Students of a first evolution that are kept from one generation to the next. */
export const populationSize = 32;

/** Measure, select, replace, verify: one optimization from a model file to what was found. */
export const optimize: Optimize = (job, host) =>
  settled(async () => {
    const study = need(await openStudy(job, host));
    const profile = await stage(host, 'profile', async () => {
      const found = await analyse(study);
      const { operators } = found.analysis;
      const latencyUs = found.cleanUs.p50;
      host.event({ kind: 'ranking', latencyUs, operators });
      const { rankingInferences: inferences, rankingInferencesFixed: inferencesFixed } = study.ledger;
      return [found, { kind: 'ranked', operators: operators.length, latencyUs, inferences, inferencesFixed }];
    });
    await stage(host, 'rewrite', async () => [null, { kind: 'rewritten', rewrites: study.rewrites.length }]);
    if (study.obstacle) {
      const reason = { kind: 'noSearch', obstacle: study.obstacle } as const;
      const exact = await exactForm(study, study.obstacle);
      const findings = findingsOf(profile, { ...noSearch, effort: { ...study.ledger } });
      if (!exact) return nothingFound(study, findings, reason);
      const known = { ...findings, notes: [explain(reason)] };
      return judge(study, known, { all: [exact], first: exact });
    }
    const started = performance.now();
    const candidates = await stage(host, 'search', async () => {
      const found = await searchCandidates(study, profile);
      const timed = found.filter((c) => c.fate === 'timed').length;
      return [found, { kind: 'searched', proposed: found.length, timed, effort: { ...study.ledger } }];
    });
    const reference = await makeReference(study);
    const { base, finalists, reserve } = await stage(host, 'fit', async () => {
      const found = await evolveFirst(study, reference, candidates);
      return [found, { kind: 'fitted', models: found.finalists.length }];
    });
    await rememberTrials(study, candidates);
    const search = () => ({
      ...countFunnel(candidates, finalists.length),
      effort: { ...study.ledger },
      seconds: (performance.now() - started) / 1000,
    });
    study.live.funnel(countFunnel(candidates, finalists.length));
    if (finalists.length === 0 && bestSpeedup(base) < neededSpeedup)
      return nothingFound(study, findingsOf(profile, search()), { kind: 'noneFaster' });
    const { a, tuning } = await stage(host, 'tune', async () => {
      const a = await verifyOriginal(study);
      const bred = { base, finalists, reserve };
      const seconds = Math.max(5, study.secondsLeft() - closingSeconds);
      const tuning = await tune(study, reference, bred, seconds, compareOutputs(study, a, a).a);
      const { originalSelect } = tuning;
      const { speedup, selectAccuracy } = tuning.first ?? { speedup: 1, selectAccuracy: originalSelect };
      return [
        { a, tuning },
        { kind: 'tuned', speedup, accuracy: selectAccuracy, originalAccuracy: originalSelect },
      ];
    });
    const tuned = await tunedAccuracy(study, tuning, a);
    const front = frontOf(study, tuning, tuned);
    const findings = { ...findingsOf(profile, search()), a, tuned, front, notes: notesOf(study, tuning) };
    const all = tuning.contenders.map((c) => finalistOf(study, c));
    const first = all[tuning.first ? tuning.contenders.indexOf(tuning.first) : -1];
    if (!first) return nothingFound(study, findings, { kind: 'noneFaster' });
    return judge(study, findings, { all, first }, watch(study, tuning, candidates));
  });

/**
 * A after the exact rewrites alone, for a model that nothing can be searched for; null where it is no faster, or where
 * it could not be verified.
 */
async function exactForm(study: Study, obstacle: SearchObstacle): Promise<Finalist | null> {
  if (obstacle.kind === 'severalInputs' || study.rewrites.length === 0) return null;
  const bytes = writeModel(study.model);
  const [timed] = await timeAgainst(study, study.originalBytes, [bytes], specificationTiming);
  const speedup = timed?.ratio ?? 0;
  if (speedup < neededSpeedup) return null;
  return {
    id: 'A',
    speedup,
    selectAccuracy: 100,
    steps: 0,
    isOriginal: true,
    replacements: [],
    deliver: () => ({ bytes, model: study.model }),
  };
}

/** Fits candidates alone, then evolves whole networks out of them; `finalists` of these go on to fine-tuning. */
async function evolveFirst(
  study: Study,
  reference: Reference,
  candidates: readonly Candidate[],
): Promise<{
  readonly base: Student;
  readonly finalists: readonly Student[];
  /** What may stand in later. */
  readonly reserve: readonly Student[];
}> {
  const original = originalStudent(study);
  const alone = shares.fit / (shares.fit + shares.evolve);
  const tell = (spent: number, note: ProgressNote) =>
    study.host.event({ kind: 'progress', stage: 'fit', done: Math.round(100 * spent), total: 100, note });
  const forFitting = study.secondsLeft() * shares.fit;
  await fitCandidates(study, reference, candidates, original, forFitting, (share) =>
    tell(alone * share, { kind: 'candidatesFitted' }),
  );
  const base = await timeBase(study, original);
  const rng = xoroshiro128plus(study.job.seed);
  const breeding = breedFirst(study, base, candidates, rng);
  const seconds = study.secondsLeft() * shares.evolve;
  const onGeneration: Evolution['onGeneration'] = (spent, note) => tell(alone + (1 - alone) * spent, note);
  const range = firstRange(bestSpeedup(base));
  const evolution = { round: 1, seconds, population: populationSize, range, onGeneration, ...breeding };
  const population = await evolve(study, reference, evolution, rng);
  // By the budget and not by the time that is left, so that a resumed run chooses the same.
  const forTuning = (1 - shares.fit - shares.evolve) * study.job.budgetSeconds - closingSeconds;
  const chosen = firstFinalists(population, range, forTuning);
  const finalists = await timeAgain(study, chosen);
  return { base, finalists, reserve: population.filter((s) => !chosen.includes(s)) };
}

const finalistOf = (study: Study, contender: Contender): Finalist => ({
  id: keyOfContender(contender),
  speedup: contender.speedup,
  selectAccuracy: contender.selectAccuracy,
  steps: contender.steps,
  isOriginal: contender.student.rounds.length === 0,
  get replacements() {
    return replacementsOf(study, contender);
  },
  deliver: () => deliver(study, contender),
});

/** Keeps points and candidates up to date while finalists are judged. */
function watch(study: Study, tuning: Tuning, candidates: readonly Candidate[]): JudgeWatcher {
  const contenderOf = (finalist: Finalist) =>
    tuning.contenders.find((c) => keyOfContender(c) === finalist.id)!;
  const verified = (accuracy: AccuracyComparison) => {
    const { value, interval95 } = accuracyOf(accuracy.b, accuracy);
    return { accuracy: value, originalAccuracy: accuracy.a, accuracyInterval95: interval95 };
  };
  return {
    onRefused: (finalist, accuracy) =>
      study.live.point(pointOf(study, contenderOf(finalist), 'refused', verified(accuracy))),
    onCompared(finalist, accuracy, { speedup, interval95, verdict }) {
      const known = { ...verified(accuracy), speedup, speedupInterval95: interval95 };
      const state = verdict === 'faster' ? 'confirmed' : 'refused';
      study.live.point(pointOf(study, contenderOf(finalist), state, known));
    },
    async onChosen(finalist) {
      for (const c of contenderOf(finalist).student.candidates) c.fate = 'chosen';
      await saveCandidates(study, candidates);
    },
  };
}

async function tunedAccuracy(study: Study, { original }: Tuning, a: Verified): Promise<number> {
  const model = splice(study.model, [], original.parameters);
  const tuned = await runOnPart(study, writeModel(model), model, study.data.parts.verify, {
    kind: 'verified',
    model: 'tunedOriginal',
  });
  return compareOutputs(study, a, tuned).b;
}

const notesOf = (study: Study, { original, rounds }: Tuning): string[] => [
  `A was fine-tuned the same way for ${original.steps} steps on ${study.data.parts.fit.count} samples.`,
  `Rounds of search and fine-tuning: ${rounds}.`,
];

const findingsOf = (
  { analysis, cleanUs, calls }: ProfileFindings,
  search: RunResult['search'],
): Findings => ({
  operators: analysis.operators.map(operatorRow),
  search,
  cleanUs,
  profiled: {
    profilingOverhead: analysis.profilingOverhead,
    unexplainedUs: analysis.unexplainedUs,
    latencyCalls: calls,
  },
  a: null,
  tuned: null,
  front: null,
  notes: [],
});

/** What a search that did not take place came to. */
export const noSearch: RunResult['search'] = {
  proposed: 0,
  checked: 0,
  duplicates: 0,
  timed: 0,
  fitted: 0,
  spliced: 0,
  tuned: 0,
  seconds: 0,
};
