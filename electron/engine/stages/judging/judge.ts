import { basename, extname } from 'node:path';
import type { AccuracyComparison } from '../../../contract/api.ts';
import type { NothingFound } from '../../../contract/run-notes.ts';
import type { RunResult } from '../../../contract/run-result.ts';
import type { OptimizeOutcome, RunFront } from '../../host.ts';
import type { OnnxModel } from '../../onnx/model.ts';
import type { Verified } from '../../run-on-data.ts';
import { z95 } from '../../verify/intervals.ts';
import { compareOnBoard, measuredModel, type SpeedFindings } from '../measuring/compare.ts';
import { profileModel } from '../measuring/profile.ts';
import { stage } from '../stage.ts';
import { checkCancelled, type Study } from '../study.ts';
import { bolderLook, secondLook } from '../tuning/looks.ts';
import { type Disagreements, detailsOf, disagreementsOf } from './details.ts';
import { explain, signed } from './explain.ts';
import { accuracyOf, compareOutputs, runOnPart } from './verify.ts';

/** A model that could be delivered, with all that a result says of it before it is judged. */
export interface Finalist {
  readonly id: string;
  /** A's time over its time, as screened on the board. */
  readonly speedup: number;
  /** Percent on `select`. */
  readonly selectAccuracy: number;
  readonly steps: number;
  /** A itself in another form, nothing of it replaced. */
  readonly isOriginal?: boolean;
  /** Made when they are asked for, as its file is. */
  readonly replacements: RunResult['replacements'];
  deliver(): { readonly bytes: Uint8Array; readonly model: OnnxModel };
}

/** What can be chosen from, and what is judged first. */
export interface Finalists {
  readonly all: readonly Finalist[];
  readonly first: Finalist;
}

/** What is known of the run before anything is judged. */
export interface Findings {
  readonly operators: RunResult['operators'];
  readonly search: RunResult['search'];
  readonly cleanUs: RunResult['original']['latencyUs'];
  /** What profiling A told beside its operators; null: it was not profiled for this. */
  readonly profiled: {
    readonly profilingOverhead: number;
    readonly unexplainedUs: number;
    readonly latencyCalls: number;
  } | null;
  /** A on the verify part; null: not run yet. */
  readonly a: Verified | null;
  /** Accuracy of A after the same fine-tuning, percent; null where it was not tuned. */
  readonly tuned: number | null;
  readonly notes: readonly string[];
  /** What may be chosen from later. */
  readonly front: RunFront | null;
}

/** How a judgement went, for whoever keeps track of points and candidates. */
export interface JudgeWatcher {
  onRefused?(finalist: Finalist, accuracy: AccuracyComparison): void;
  onCompared?(finalist: Finalist, accuracy: AccuracyComparison, speed: SpeedFindings): void;
  onChosen?(finalist: Finalist): Promise<void>;
}

/** One finalist judged on the verify part. */
interface Look {
  readonly finalist: Finalist;
  readonly model: OnnxModel;
  readonly bytes: Uint8Array;
  readonly accuracy: AccuracyComparison;
  readonly disagreements: Disagreements;
}

/**
 * Judges the first finalist on data that nothing else has touched, then a second and last one: a gentler one where the
 * first loses more than allowed, a bolder one where it holds with room; compares the fastest that holds with A on the
 * board.
 */
export async function judge(
  study: Study,
  findings: Findings,
  finalists: Finalists,
  watcher: JudgeWatcher = {},
): Promise<OptimizeOutcome> {
  const { job, host } = study;
  const a = findings.a ?? (await verifyOriginal(study));
  const known = { ...findings, a };
  const { looks, chosen } = await stage(host, 'verify', async () => {
    const looks = await verifyInTurn(study, finalists, a, watcher);
    const chosen = chosenOf(looks, job.maxAccuracyDrop);
    const { change, samples } = chosen.accuracy;
    return [
      { looks, chosen },
      { kind: 'verified', change, samples },
    ];
  });
  const { finalist, model, bytes, accuracy, disagreements } = chosen;
  if (-accuracy.change > job.maxAccuracyDrop) {
    const judged = looks.map((look) => ({ speedup: look.finalist.speedup, change: look.accuracy.change }));
    const reason = { kind: 'accuracyLost', allowed: job.maxAccuracyDrop, looks: judged } as const;
    return nothingFound(study, known, reason, { disagreements });
  }
  const speed = await stage(host, 'compare', async () => {
    const found = await compareOnBoard(study, study.originalBytes, bytes);
    watcher.onCompared?.(finalist, accuracy, found);
    return [found, { kind: 'compared', speedup: found.speedup, speedupInterval95: found.interval95 }];
  });
  if (speed.verdict !== 'faster')
    return nothingFound(
      study,
      known,
      { kind: 'notFaster', verdict: speed.verdict },
      { disagreements, speed },
    );
  await watcher.onChosen?.(finalist);
  const after = await profileModel(study, model, bytes);
  const optimizedOperators = after.operators.map(operatorRow);
  const { speedup, interval95, verdict } = speed;
  return {
    optimizedModel: bytes,
    front: known.front,
    extras: {
      ...known.profiled,
      optimizedOperators,
      comparison: speed.evidence,
      latencyCalls: speed.calls,
    },
    details: detailsOf(study, known.profiled, { speed, optimizedOperators, disagreements, reason: null }),
    result: {
      ...commonOf(study, known),
      explanation: '',
      notes: [...known.notes, ...notesOf(study, finalist, model), ...noteOfLooks(looks, chosen)],
      original: await measuredModel(
        study,
        study.originalBytes,
        study.original,
        speed.a,
        accuracyOf(accuracy.a, accuracy),
      ),
      optimized: await measuredModel(study, bytes, model, speed.b, accuracyOf(accuracy.b, accuracy)),
      comparison: {
        speedup,
        speedupInterval95: [...interval95],
        accuracyChange: accuracy.change,
        accuracyChangeInterval95: [...accuracy.changeInterval95],
        tunedOriginalAccuracy: known.tuned,
        verdict,
      },
      replacements: finalist.replacements,
    },
  };
}

/** The fastest look that held, or else the last. */
const chosenOf = (looks: readonly Look[], allowed: number): Look =>
  looks
    .filter(({ accuracy }) => -accuracy.change <= allowed)
    .sort((a, b) => b.finalist.speedup - a.finalist.speedup)[0] ?? looks.at(-1)!;

/** A third look would make the interval of the accuracy too kind. */
const mostLooks = 2;

async function verifyInTurn(
  study: Study,
  { all, first }: Finalists,
  a: Verified,
  watcher: JudgeWatcher,
): Promise<Look[]> {
  const { verify } = study.data.parts;
  const looks: Look[] = [];
  const { maxAccuracyDrop: allowed } = study.job;
  for (let finalist: Finalist | null = first; finalist && looks.length < mostLooks; ) {
    const { bytes, model } = finalist.deliver();
    const b = await runOnPart(study, bytes, model, verify, { kind: 'verified', model: 'optimized' });
    const accuracy = compareOutputs(study, a, b);
    looks.push({ finalist, model, bytes, accuracy, disagreements: disagreementsOf(a, b, verify.labels) });
    const { change } = accuracy;
    if (-change > allowed) watcher.onRefused?.(finalist, accuracy);
    finalist =
      -change <= allowed
        ? bolderLook(all, finalist, { change, allowed, deviation: deviationOf(accuracy, study) })
        : secondLook(all, finalist, { lost: -change, allowed });
  }
  return looks;
}

/**
 * The standard deviation of how much more a model loses, against another, on one part than on the other: what chance
 * alone makes of it, points. On the verify part it follows from the interval of a difference there, on that for
 * choosing from the number of samples.
 */
function deviationOf({ changeInterval95: [low, high] }: AccuracyComparison, { data }: Study): number {
  const { verify, select } = data.parts;
  const onVerify = (high - low) / (2 * z95);
  return onVerify * Math.sqrt(1 + verify.count / select.count);
}

/** A on the verify part. */
export const verifyOriginal = (study: Study): Promise<Verified> =>
  runOnPart(study, study.originalBytes, study.original, study.data.parts.verify, {
    kind: 'verified',
    model: 'original',
  });

/** A is the result: everything is written all the same, with the reason. */
export async function nothingFound(
  study: Study,
  findings: Findings,
  reason: NothingFound,
  found: { readonly disagreements?: Disagreements; readonly speed?: SpeedFindings } = {},
): Promise<OptimizeOutcome> {
  checkCancelled(study.host);
  const a = findings.a ?? (await verifyOriginal(study));
  const accuracy = compareOutputs(study, a, a);
  const original = await measuredModel(
    study,
    study.originalBytes,
    study.original,
    findings.cleanUs,
    accuracyOf(accuracy.a, accuracy),
  );
  return {
    optimizedModel: study.originalBytes,
    front: findings.front,
    extras: { ...findings.profiled },
    details: detailsOf(study, findings.profiled, {
      speed: found.speed ?? null,
      // B is A.
      optimizedOperators: findings.operators,
      disagreements: found.disagreements ?? null,
      reason,
    }),
    result: {
      ...commonOf(study, findings),
      explanation: explain(reason),
      notes: [...findings.notes, 'The optimized model is the original one, unchanged.'],
      original,
      optimized: original,
      comparison: {
        speedup: 1,
        speedupInterval95: [1, 1],
        accuracyChange: 0,
        accuracyChangeInterval95: [0, 0],
        tunedOriginalAccuracy: findings.tuned,
        verdict: 'inconclusive',
      },
      replacements: [],
    },
  };
}

function commonOf(study: Study, { operators, search }: Findings) {
  const { job, data } = study;
  const { fit, select, verify } = data.parts;
  const metric = study.head === 'values' ? 'cosine' : verify.labels ? 'top-1' : 'agreement';
  return {
    model: { path: job.modelPath, name: basename(job.modelPath, extname(job.modelPath)) },
    data: { name: data.name, fit: fit.count, select: select.count, verify: verify.count, metric },
    operators,
    search,
  };
}

/** A row of the table of operators. */
export const operatorRow = ({
  name,
  type,
  share,
  latencyUs,
  parameters,
}: RunResult['operators'][number]) => ({
  name,
  type,
  share,
  latencyUs,
  parameters,
});

function notesOf(study: Study, finalist: Finalist, model: OnnxModel): string[] {
  const { job, rewrites, original } = study;
  const [before, after] = [original.opsets[''] ?? 0, model.opsets[''] ?? 0];
  return [
    finalist.steps > 0
      ? `B was fine-tuned for ${finalist.steps} steps.`
      : 'B was not fine-tuned: its parameters follow from those of A.',
    ...(rewrites.length > 0 ? [`Exact rewrites applied first: ${rewrites.length}.`] : []),
    ...(after > before
      ? [`B needs a runtime that knows ONNX opset ${after}; A was written in opset ${before}.`]
      : []),
    ...(job.targetSpeedup && finalist.speedup < job.targetSpeedup
      ? [`The speed-up asked for, ${job.targetSpeedup}, was not reached within the accuracy allowed.`]
      : []),
  ];
}

/** Says that another was judged on the same samples, since that makes the interval a little too kind. */
const noteOfLooks = (looks: readonly Look[], chosen: Look): string[] =>
  looks
    .filter((look) => look !== chosen)
    .map(({ finalist, accuracy }) => {
      const fate = finalist.speedup > chosen.finalist.speedup ? 'lost too much' : 'held';
      return `A student ${finalist.speedup.toFixed(2)} times as fast was judged on the same samples too and ${fate} (${signed(accuracy.change)} points); the interval of the accuracy does not know of that.`;
    });
