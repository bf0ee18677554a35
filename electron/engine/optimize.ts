import { basename, extname } from 'node:path';
import type { AccuracyComparison, StageName } from '../contract/api.ts';
import type { NothingFound, StageSummary } from '../contract/run-notes.ts';
import type { RunResult } from '../contract/run-result.ts';
import type { EngineHost, Optimize, OptimizeOutcome } from './host.ts';
import { print } from './instructions/print.ts';
import type { OnnxModel } from './onnx/model.ts';
import { readModel } from './onnx/read.ts';
import { writeModel } from './onnx/write.ts';
import type { Verified } from './run-on-data.ts';
import { chooseSpecifications, frontPoint } from './stages/choose.ts';
import { compareOnBoard, measuredModel, type SpeedFindings } from './stages/compare.ts';
import { type Disagreements, detailsOf, disagreementsOf } from './stages/details.ts';
import { explain, signed } from './stages/explain.ts';
import { fitCandidates, makeReference } from './stages/fit.ts';
import { countFunnel } from './stages/funnel.ts';
import { analyse, type ProfileFindings, profileModel } from './stages/profile.ts';
import { type Candidate, saveCandidates, savedUs, searchCandidates } from './stages/search.ts';
import { splice } from './stages/splice.ts';
import { checkCancelled, need, openStudy, type Study, settled } from './stages/study.ts';
import { type Tuned, type Tuning, tune } from './stages/tune.ts';
import { accuracyOf, compareOutputs, runOnPart } from './stages/verify.ts';

/** Seconds kept for verifying and comparing at the end. */
const closingSeconds = 25;

/** Measure, select, replace, verify: one optimization from a model file to what was found. */
export const optimize: Optimize = (job, host) =>
  settled(async () => {
    const study = need(await openStudy(job, host));
    const profile = await stage(host, 'profile', async () => {
      const found = await analyse(study);
      const { operators } = found.analysis;
      const latencyUs = found.cleanUs.p50;
      host.event({ kind: 'ranking', latencyUs, operators });
      return [found, { kind: 'ranked', operators: operators.length, latencyUs }];
    });
    await stage(host, 'rewrite', async () => [null, { kind: 'rewritten', rewrites: study.rewrites.length }]);
    if (study.obstacle) {
      const reason = { kind: 'noSearch', obstacle: study.obstacle } as const;
      return nothingFound(study, profile, noSearch, reason);
    }
    const started = performance.now();
    const candidates = await stage(host, 'search', async () => {
      const found = await searchCandidates(study, profile);
      const timed = found.filter((c) => c.fate === 'timed').length;
      return [found, { kind: 'searched', proposed: found.length, timed }];
    });
    const reference = await makeReference(study);
    const finalists = await stage(host, 'fit', async () => {
      await fitCandidates(study, reference, candidates, study.secondsLeft() * 0.15);
      const found = await chooseSpecifications(study, reference, candidates, study.secondsLeft() * 0.12);
      return [found, { kind: 'fitted', models: found.length }];
    });
    const search = () => ({
      ...countFunnel(candidates, finalists.length),
      seconds: (performance.now() - started) / 1000,
    });
    if (finalists.length === 0) return nothingFound(study, profile, search(), { kind: 'noneFaster' });
    study.live.funnel(countFunnel(candidates, finalists.length));
    const { a, tuning } = await stage(host, 'tune', async () => {
      const a = await verifyOriginal(study);
      const seconds = Math.max(5, study.secondsLeft() - closingSeconds);
      const tuning = await tune(study, reference, finalists, seconds, compareOutputs(study, a, a).a);
      return [{ a, tuning }, tuneSummary(tuning)];
    });
    return close(study, profile, candidates, tuning, search(), a);
  });

/** Runs one stage between its two events. */
async function stage<T>(
  host: EngineHost,
  name: StageName,
  work: () => Promise<readonly [T, StageSummary]>,
): Promise<T> {
  const started = performance.now();
  host.event({ kind: 'stageStarted', stage: name });
  const [value, summary] = await work();
  host.event({ kind: 'stageFinished', stage: name, seconds: (performance.now() - started) / 1000, summary });
  return value;
}

function tuneSummary({ looks, originalSelect }: Tuning): StageSummary {
  const { specified, selectAccuracy } = looks[0]!;
  const { speedup } = specified;
  return { kind: 'tuned', speedup, accuracy: selectAccuracy, originalAccuracy: originalSelect };
}

/** Verifies the best student on data that nothing else has touched, and compares it with A on the board. */
async function close(
  study: Study,
  profile: ProfileFindings,
  candidates: readonly Candidate[],
  tuning: Tuning,
  search: RunResult['search'],
  a: Verified,
): Promise<OptimizeOutcome> {
  const { job, host } = study;
  const { tuned, looks } = await stage(host, 'verify', async () => {
    const found = await verifyInTurn(study, tuning, a);
    const { change, samples } = found.looks.at(-1)!.accuracy;
    return [found, { kind: 'verified', change, samples }];
  });
  const { chosen, model, bytes, accuracy, disagreements } = looks.at(-1)!;
  if (-accuracy.change > job.maxAccuracyDrop) {
    const judged = looks.map((look) => ({
      speedup: look.chosen.specified.speedup,
      change: look.accuracy.change,
    }));
    const reason = { kind: 'accuracyLost', allowed: job.maxAccuracyDrop, looks: judged } as const;
    return nothingFound(study, profile, search, reason, { a, tuned, disagreements });
  }
  const speed = await stage(host, 'compare', async () => {
    const found = await compareOnBoard(study, study.originalBytes, bytes);
    study.live.point(comparedPoint(chosen, accuracy, found));
    return [found, { kind: 'compared', speedup: found.speedup, speedupInterval95: found.interval95 }];
  });
  if (speed.verdict !== 'faster') {
    const reason = { kind: 'notFaster', verdict: speed.verdict } as const;
    return nothingFound(study, profile, search, reason, { a, tuned, disagreements, speed });
  }
  for (const c of chosen.specified.candidates) c.fate = 'chosen';
  await saveCandidates(study, candidates);
  const after = await profileModel(study, model, bytes);
  const optimizedOperators = after.operators.map(operatorRow);
  return {
    optimizedModel: bytes,
    extras: extrasOf(profile, speed, optimizedOperators),
    details: detailsOf(study, profile, { speed, optimizedOperators, disagreements, reason: null }),
    result: {
      ...commonOf(study, profile, search),
      explanation: '',
      notes: [...notesOf(study, tuning, chosen), ...noteOfLooks(looks)],
      original: await measuredModel(
        study,
        study.originalBytes,
        study.original,
        speed.a,
        accuracyOf(accuracy.a, accuracy),
      ),
      optimized: await measuredModel(study, bytes, model, speed.b, accuracyOf(accuracy.b, accuracy)),
      comparison: {
        speedup: speed.speedup,
        speedupInterval95: [...speed.interval95],
        accuracyChange: accuracy.change,
        accuracyChangeInterval95: [...accuracy.changeInterval95],
        tunedOriginalAccuracy: tuned,
        verdict: speed.verdict,
      },
      replacements: chosen.specified.candidates.map(replacementRow),
    },
  };
}

/** One student judged on the verify part. */
interface Look {
  readonly chosen: Tuned;
  readonly model: OnnxModel;
  readonly bytes: Uint8Array;
  readonly accuracy: AccuracyComparison;
  readonly disagreements: Disagreements;
}

/**
 * Judges the first choice on the verify part, and where it loses too much the next that did better on the samples
 * for choosing: two looks at most, and the result says when there were two.
 */
async function verifyInTurn(
  study: Study,
  tuning: Tuning,
  a: Verified,
): Promise<{ tuned: number | null; looks: Look[] }> {
  const { verify } = study.data.parts;
  const looks: Look[] = [];
  for (const chosen of tuning.looks) {
    const model = buildStudent(study, chosen);
    const bytes = writeModel(model);
    const b = await runOnPart(study, bytes, model, verify, { kind: 'verified', model: 'optimized' });
    const accuracy = compareOutputs(study, a, b);
    looks.push({ chosen, model, bytes, accuracy, disagreements: disagreementsOf(a, b, verify.labels) });
    if (-accuracy.change <= study.job.maxAccuracyDrop) break;
    study.live.point(frontPoint(chosen.specified, 'refused', verifiedAccuracy(accuracy)));
  }
  return { tuned: await tunedAccuracy(study, tuning, a), looks };
}

const verifyOriginal = (study: Study): Promise<Verified> =>
  runOnPart(study, study.originalBytes, study.original, study.data.parts.verify, {
    kind: 'verified',
    model: 'original',
  });

/** The accuracy of B as a point has it once it was verified. */
function verifiedAccuracy(accuracy: AccuracyComparison) {
  const { value, interval95 } = accuracyOf(accuracy.b, accuracy);
  return { accuracy: value, originalAccuracy: accuracy.a, accuracyInterval95: interval95 };
}

const comparedPoint = ({ specified }: Tuned, accuracy: AccuracyComparison, speed: SpeedFindings) =>
  frontPoint(specified, speed.verdict === 'faster' ? 'confirmed' : 'refused', {
    ...verifiedAccuracy(accuracy),
    speedup: speed.speedup,
    speedupInterval95: speed.interval95,
  });

/** Says that a first choice failed, since a second look makes the interval a little too kind. */
const noteOfLooks = (looks: readonly Look[]): string[] =>
  looks
    .slice(0, -1)
    .map(
      ({ chosen, accuracy }) =>
        `A student ${chosen.specified.speedup.toFixed(2)} times as fast was judged on the same samples first and lost too much (${signed(accuracy.change)} points); the interval of the accuracy does not know of that.`,
    );

/** The student's groups spliced into A, with all trained values; read back, so that what is shipped is what is checked. */
function buildStudent(study: Study, { specified, parameters }: Tuned) {
  const placed = specified.candidates.map(({ place, draft }) => ({ group: place.group, draft }));
  const back = readModel(writeModel(splice(study.model, placed, parameters)), 'optimized.onnx');
  if (!back.ok) throw new Error(`The optimized model does not read back: ${back.error.kind}`);
  return back.value;
}

async function tunedAccuracy(study: Study, tuning: Tuning, a: Verified): Promise<number | null> {
  const model = splice(study.model, [], tuning.original.parameters);
  const tuned = await runOnPart(study, writeModel(model), model, study.data.parts.verify, {
    kind: 'verified',
    model: 'tunedOriginal',
  });
  return compareOutputs(study, a, tuned).b;
}

/** A is the result: everything is written all the same, with the reason. */
async function nothingFound(
  study: Study,
  profile: ProfileFindings,
  search: RunResult['search'],
  reason: NothingFound,
  found: {
    /** A on the verify part, where it was run already. */
    readonly a?: Verified;
    readonly tuned?: number | null;
    readonly disagreements?: Disagreements;
    readonly speed?: SpeedFindings;
  } = {},
): Promise<OptimizeOutcome> {
  checkCancelled(study.host);
  const a = found.a ?? (await verifyOriginal(study));
  const accuracy = compareOutputs(study, a, a);
  const original = await measuredModel(
    study,
    study.originalBytes,
    study.original,
    profile.cleanUs,
    accuracyOf(accuracy.a, accuracy),
  );
  return {
    optimizedModel: study.originalBytes,
    extras: {
      profilingOverhead: profile.analysis.profilingOverhead,
      unexplainedUs: profile.analysis.unexplainedUs,
      latencyCalls: profile.calls,
    },
    details: detailsOf(study, profile, {
      speed: found.speed ?? null,
      // B is A.
      optimizedOperators: profile.analysis.operators.map(operatorRow),
      disagreements: found.disagreements ?? null,
      reason,
    }),
    result: {
      ...commonOf(study, profile, search),
      explanation: explain(reason),
      notes: ['The optimized model is the original one, unchanged.'],
      original,
      optimized: original,
      comparison: {
        speedup: 1,
        speedupInterval95: [1, 1],
        accuracyChange: 0,
        accuracyChangeInterval95: [0, 0],
        tunedOriginalAccuracy: found.tuned ?? null,
        verdict: 'inconclusive',
      },
      replacements: [],
    },
  };
}

function commonOf(study: Study, profile: ProfileFindings, search: RunResult['search']) {
  const { job, data } = study;
  const { fit, select, verify } = data.parts;
  const metric = data.task === 'classification' && verify.labels ? 'top-1' : 'agreement';
  return {
    model: { path: job.modelPath, name: basename(job.modelPath, extname(job.modelPath)) },
    data: { name: data.name, fit: fit.count, select: select.count, verify: verify.count, metric },
    operators: profile.analysis.operators.map(operatorRow),
    search,
  };
}

const operatorRow = ({ name, type, share, latencyUs, parameters }: RunResult['operators'][number]) => ({
  name,
  type,
  share,
  latencyUs,
  parameters,
});

const replacementRow = (c: Candidate): RunResult['replacements'][number] => ({
  operators: [...c.place.group.operators],
  from: print(c.place.draft.program),
  to: print(c.draft.program),
  savedUs: savedUs(c),
  damage: c.klNats,
});

const extrasOf = (
  profile: ProfileFindings,
  speed: SpeedFindings,
  after: RunResult['operators'],
): OptimizeOutcome['extras'] => ({
  optimizedOperators: after,
  comparison: speed.evidence,
  latencyCalls: speed.calls,
  profilingOverhead: profile.analysis.profilingOverhead,
  unexplainedUs: profile.analysis.unexplainedUs,
});

function notesOf(study: Study, tuning: Tuning, chosen: Tuned): string[] {
  const notes = [
    `B was fine-tuned for ${chosen.steps} steps on ${study.data.parts.fit.count} samples; A the same way for ${tuning.original.steps} steps.`,
    ...(study.rewrites.length > 0 ? [`Exact rewrites applied first: ${study.rewrites.length}.`] : []),
  ];
  if (!study.job.targetSpeedup || chosen.specified.speedup >= study.job.targetSpeedup) return notes;
  return [
    ...notes,
    `The speed-up asked for, ${study.job.targetSpeedup}, was not reached within the accuracy allowed.`,
  ];
}

const noSearch: RunResult['search'] = {
  proposed: 0,
  checked: 0,
  duplicates: 0,
  timed: 0,
  fitted: 0,
  spliced: 0,
  tuned: 0,
  seconds: 0,
};
