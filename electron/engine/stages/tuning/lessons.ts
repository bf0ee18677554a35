import type { Parameters, Program } from '../../instructions/program.ts';
import { type Distillation, type Lessons, makeDistillation } from '../../tuning/distil.ts';
import { packParameters, unpackParameters } from '../../tuning/pack.ts';
import { makePredictor, predict } from '../../tuning/predict.ts';
import { accuracy, agreement, top1 } from '../../verify/agreement.ts';
import { damageOf, type Reference } from '../networks/fit.ts';
import { checkCancelled, type Study } from '../study.ts';

const batch = 32;
/** The teacher's soft labels say more of each sample than its label does. */
const labelWeight = 0.3;

/** A program with its values, and what it reaches. */
export interface Trained {
  readonly program: Program;
  readonly parameters: Parameters;
  /** Percent on `select`. */
  readonly selectAccuracy: number;
  /** Steps until now. */
  readonly steps: number;
}

/** One leg of fine-tuning. */
export interface Schooling {
  /** Names the leg and what it starts from, for the memo. */
  readonly name: string;
  readonly seconds: number;
  readonly peakRate: number;
  /** Part of the leg that is done, 0 to 1. */
  onProgress(done: number): void;
}

/** What all students of a study learn from; `teacher` A, or A after tuning. */
export function lessonsOf(study: Study, teacher: Lessons['teacher']): Lessons {
  const { fit } = study.data.parts;
  return {
    teacher,
    fit,
    sampleShape: study.data.sampleShape,
    head: study.head,
    labelWeight: fit.labels && study.head === 'scores' ? labelWeight : 0,
    seed: study.job.seed,
    threads: study.threads,
    batch: Math.min(batch, fit.count),
  };
}

/** One leg for one program; taken from the memo when an interrupted run has finished it. Never worse than before. */
export async function school(
  study: Study,
  reference: Reference,
  lessons: Lessons,
  before: Trained,
  { name, seconds, peakRate, onProgress }: Schooling,
): Promise<Trained> {
  const { job } = study;
  const key = { name, seed: job.seed, model: job.modelPath, data: job.dataPath };
  const known = await study.host.recall('tune', key);
  if (known?.blob) {
    const { selectAccuracy: reached, steps } = known.value as { selectAccuracy: number; steps: number };
    return { ...before, parameters: unpackParameters(known.blob), selectAccuracy: reached, steps };
  }
  const seed = lessons.seed + 100 + before.steps;
  const distillation: Distillation = await makeDistillation(before.program, before.parameters, {
    ...lessons,
    seed,
  });
  try {
    const report = await distillation.train(
      { seconds, steps: 20_000, peakRate },
      study.host.signal,
      onProgress,
    );
    checkCancelled(study.host);
    const { parameters } = distillation;
    const reached = await selectAccuracy(study, reference, before.program, parameters);
    const steps = before.steps + report.steps;
    const isWorse = reached < before.selectAccuracy;
    const result = isWorse ? { ...before, steps } : { ...before, parameters, selectAccuracy: reached, steps };
    await study.host.record('tune', key, {
      value: { selectAccuracy: result.selectAccuracy, steps },
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
