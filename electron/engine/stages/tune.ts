import type { ProgressNote } from '../../contract/run-notes.ts';
import type { Parameters, Program } from '../instructions/program.ts';
import { type Distillation, type Lessons, makeDistillation } from '../tuning/distil.ts';
import { packParameters, unpackParameters } from '../tuning/pack.ts';
import { makePredictor, predict } from '../tuning/predict.ts';
import { accuracy, agreement, top1 } from '../verify/agreement.ts';
import { frontPoint, keyOfSpecified, type Specified } from './choose.ts';
import { damageOf, type Reference } from './fit.ts';
import { goalsOf, looksOf, stillOpen } from './looks.ts';
import { checkCancelled, type Study } from './study.ts';

/** A student after fine-tuning, with what it reaches on `select`. */
export interface Tuned {
  readonly specified: Specified;
  readonly parameters: Parameters;
  /** Percent on `select`. */
  readonly selectAccuracy: number;
  readonly steps: number;
}

/** A tuned the same way. */
export interface TunedOriginal {
  readonly parameters: Parameters;
  readonly selectAccuracy: number;
  readonly steps: number;
}

export interface Tuning {
  /** What is to be judged on the verify part, in turn. */
  readonly looks: readonly Tuned[];
  readonly original: TunedOriginal;
  /** Accuracy of A as delivered on `select`, percent. */
  readonly originalSelect: number;
  readonly tunedCount: number;
}

const batch = 32;
/** The teacher's soft labels say more of each sample than its label does. */
const labelWeight = 0.3;
/**
 * How the seconds for tuning are spent: A itself, then rungs of fewer and fewer students. A net that is nearly as
 * good as A forgets at the rate that a damaged one needs, so the rates fall from rung to rung.
 */
const plan = {
  original: { share: 0.12, peakRate: 1e-4 },
  rungs: [
    { keep: 5, share: 0.2, peakRate: 1e-3 },
    { keep: 3, share: 0.28, peakRate: 3e-4 },
    { keep: 2, share: 0.4, peakRate: 1e-4 },
  ],
} as const;

/**
 * Fine-tunes the finalists by successive halving: whole-model distillation, gradients of our own graphs.
 * `originalVerify`: percent of A on the verify part, where no student is looked at before the end.
 */
export async function tune(
  study: Study,
  reference: Reference,
  finalists: readonly Specified[],
  seconds: number,
  originalVerify: number,
): Promise<Tuning> {
  const whole = study.whole!;
  const originalSelect = await selectAccuracy(study, reference, whole.program, whole.parameters);
  study.host.event({ kind: 'originalAccuracy', percent: originalSelect });
  const lessons: Lessons = {
    teacher: whole,
    fit: study.data.parts.fit,
    sampleShape: study.data.sampleShape,
    head: study.head,
    labelWeight: study.data.parts.fit.labels && study.head === 'scores' ? labelWeight : 0,
    seed: study.job.seed,
    threads: study.threads,
    batch: Math.min(batch, study.data.parts.fit.count),
  };
  const original = await tuneOriginal(
    study,
    reference,
    lessons,
    seconds * plan.original.share,
    originalSelect,
  );
  const better = original.selectAccuracy > originalSelect;
  const taught: Lessons = better
    ? { ...lessons, teacher: { program: whole.program, parameters: original.parameters } }
    : lessons;
  const goals = goalsOf({ select: originalSelect, verify: originalVerify }, study.job.maxAccuracyDrop);
  let students: readonly Tuned[] = finalists.map((specified) => ({
    specified,
    parameters: specified.student.parameters,
    selectAccuracy: 0,
    steps: 0,
  }));
  for (const [rung, { keep, share }] of plan.rungs.entries()) {
    const chosen = rung === 0 ? students : stillOpen(students, goals, study.job.targetSpeedup).slice(0, keep);
    const trained = await trainRung(study, reference, taught, {
      rung,
      chosen,
      originalSelect,
      seconds: seconds * share,
    });
    students = [...students.filter((t) => !chosen.includes(t)), ...trained];
  }
  return {
    looks: looksOf(students, goals),
    original,
    originalSelect,
    tunedCount: finalists.length,
  };
}

interface Rung {
  readonly rung: number;
  readonly chosen: readonly Tuned[];
  readonly originalSelect: number;
  /** For all of them together. */
  readonly seconds: number;
}

async function trainRung(
  study: Study,
  reference: Reference,
  lessons: Lessons,
  { rung, chosen, originalSelect, seconds }: Rung,
): Promise<Tuned[]> {
  const trained: Tuned[] = [];
  const total = 100 * plan.rungs.length;
  for (const [i, t] of chosen.entries()) {
    checkCancelled(study.host);
    const { speedup } = t.specified;
    const tell = (done: number, note: ProgressNote) =>
      study.host.event({
        kind: 'progress',
        stage: 'tune',
        done: Math.round(100 * (rung + (i + done) / chosen.length)),
        total,
        note,
      });
    const result = await trainOn(study, reference, lessons, t, rung, seconds / chosen.length, (done) =>
      tell(done, {
        kind: 'studentAtWork',
        rung: rung + 1,
        student: i + 1,
        students: chosen.length,
        speedup,
      }),
    );
    trained.push(result);
    study.live.point(
      frontPoint(t.specified, 'tuned', { accuracy: result.selectAccuracy, originalAccuracy: originalSelect }),
    );
    tell(1, {
      kind: 'studentDone',
      rung: rung + 1,
      speedup,
      accuracy: result.selectAccuracy,
      originalAccuracy: originalSelect,
      steps: result.steps,
    });
  }
  return trained;
}

async function tuneOriginal(
  study: Study,
  reference: Reference,
  lessons: Lessons,
  seconds: number,
  before: number,
): Promise<TunedOriginal> {
  const whole = study.whole!;
  const specified = {
    candidates: [],
    student: { ...whole, edits: [], damage: 0, error: null },
    speedup: 1,
    damage: 0,
  };
  const start: Tuned = { specified, parameters: whole.parameters, selectAccuracy: before, steps: 0 };
  const report = (done: number) =>
    study.host.event({
      kind: 'progress',
      stage: 'tune',
      done: Math.round(100 * done),
      total: 100,
      note: { kind: 'originalTuned' },
    });
  return trainOn(study, reference, lessons, start, -1, seconds, report);
}

/** One leg for one student; taken from the memo when an interrupted run has finished it. */
async function trainOn(
  study: Study,
  reference: Reference,
  lessons: Lessons,
  t: Tuned,
  rung: number,
  seconds: number,
  onProgress: (done: number) => void,
): Promise<Tuned> {
  const { job } = study;
  const key = {
    specification: keyOfSpecified(t.specified),
    edits: t.specified.student.edits,
    rung,
    seed: job.seed,
    model: job.modelPath,
    data: job.dataPath,
  };
  const known = await study.host.recall('tune', key);
  if (known?.blob) {
    const { selectAccuracy: reached, steps } = known.value as { selectAccuracy: number; steps: number };
    return { ...t, parameters: unpackParameters(known.blob), selectAccuracy: reached, steps };
  }
  const { program } = t.specified.student;
  const distillation: Distillation = await makeDistillation(program, t.parameters, {
    ...lessons,
    seed: lessons.seed + 100 + rung,
  });
  try {
    const leg = {
      seconds,
      steps: 20_000,
      peakRate: (plan.rungs[rung] ?? plan.original).peakRate,
    };
    const report = await distillation.train(leg, study.host.signal, onProgress);
    checkCancelled(study.host);
    const parameters = distillation.parameters;
    const reached = await selectAccuracy(study, reference, program, parameters);
    // A leg that made things worse is not kept.
    const isWorse = t.steps > 0 && reached < t.selectAccuracy;
    const result = {
      ...t,
      parameters: isWorse ? t.parameters : parameters,
      selectAccuracy: isWorse ? t.selectAccuracy : reached,
      steps: t.steps + report.steps,
    };
    await study.host.record('tune', key, {
      value: { selectAccuracy: result.selectAccuracy, steps: result.steps },
      blob: packParameters(result.parameters),
    });
    return result;
  } finally {
    await distillation.release();
  }
}

/** Percent right on `select` with labels; agreement with A without; for plain values 100 · (1 − damage). */
export async function selectAccuracy(
  study: Study,
  reference: Reference,
  program: Program,
  parameters: Parameters,
): Promise<number> {
  if (study.head !== 'scores') return 100 * (1 - (await damageOf(study, reference, program, parameters)));
  const { select } = study.data.parts;
  const indices = Array.from({ length: select.count }, (_, i) => i);
  const predicted = await classesOf(study, program, parameters, indices);
  if (select.labels) return 100 * accuracy(predicted, select.labels);
  const whole = study.whole!;
  return 100 * agreement(await classesOf(study, whole.program, whole.parameters, indices), predicted);
}

async function classesOf(
  study: Study,
  program: Program,
  parameters: Parameters,
  indices: readonly number[],
): Promise<Int32Array> {
  const predictor = await makePredictor(program, parameters, study.data.sampleShape, {
    batch: 64,
    threads: study.threads,
  });
  try {
    const [scores] = await predict(predictor, study.data.parts.select, indices);
    return top1(scores!.data, scores!.shape[scores!.shape.length - 1]!);
  } finally {
    await predictor.release();
  }
}
