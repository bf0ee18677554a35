import { basename } from 'node:path';
import { costOf } from '../../instructions/cost.ts';
import type { Parameters, Program } from '../../instructions/program.ts';
import type { Lessons } from '../../tuning/distil.ts';
import type { Head } from '../../tuning/loss.ts';
import { packParameters, unpackParameters } from '../../tuning/pack.ts';
import { type Pupil, Schools } from '../../tuning/schools.ts';
import { accuracy, agreement, top1 } from '../../verify/agreement.ts';
import { standardError } from '../../verify/intervals.ts';
import { damageOf, outputsOnSelect, type Reference } from '../networks/fit.ts';
import { checkCancelled, type Study } from '../study.ts';

/** Samples of a step where they are cheap. */
const mostOfBatch = 32;
/**
 * Multiply-adds of A for all samples of a step, and the least of these: where a sample is dear, more steps over fewer
 * bring a student further in the same time, and sooner where each value of an output is a lesson of its own.
 */
const batchSizes = {
  scores: { least: 8, multiplyAdds: 0.65e9 },
  values: { least: 4, multiplyAdds: 0.5e9 },
} as const;
/** The teacher's soft labels say more of each sample than its label does. */
const mostLabelWeight = 0.3;
/** From so many samples of a class on, its labels say what the class is. */
const enoughOfClass = 20;
/** Part of a leg for measuring the forms of gradients, and its most. */
const formShare = 0.05;
const mostFormMs = 3000;

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
  /** How many students are trained at the same time. */
  readonly together: number;
  /** Part of the leg that is done, 0 to 1. */
  onProgress(done: number): void;
}

/** Where the students of a study are trained, and what they learn from. */
export interface Classroom {
  readonly study: Study;
  readonly reference: Reference;
  readonly schools: Schools;
  readonly teacher: Lessons['teacher'];
}

/** The processes that train the students of a study. */
export const openSchools = ({ job, threads }: Study): Schools =>
  new Schools(threads, { dataPath: job.dataPath, modelName: basename(job.modelPath), seed: job.seed });

/** What a student learns from, when `together` are trained at a time. */
function lessonsOf(
  { study, teacher }: Classroom,
  { together, seconds }: Pick<Schooling, 'together' | 'seconds'>,
  seed: number,
): Pupil['lessons'] {
  const { fit } = study.data.parts;
  return {
    teacher,
    head: study.head,
    labelWeight: fit.labels && study.head === 'scores' ? labelWeightOf(fit.labels) : 0,
    seed,
    threads: Math.max(1, Math.floor(study.threads / together)),
    batch: batchOf(study.head, teacher.program, fit.count),
    formMs: Math.min(mostFormMs, 1000 * formShare * seconds),
  };
}

/**
 * Weight of the labels against the teacher's soft labels, 0 to 1: the more samples there are of a class, the more its
 * labels say. One that no other sample bears is only learnt by heart.
 */
export function labelWeightOf(labels: Int32Array): number {
  const ofClass = labels.length / Math.max(1, new Set(labels).size);
  return mostLabelWeight * Math.min(1, (ofClass - 1) / (enoughOfClass - 1));
}

/** How many samples a step of a student of `teacher` takes where there are so many. */
export function batchOf(head: Head, teacher: Program, samples: number): number {
  const { least, multiplyAdds } = batchSizes[head];
  const affordable = Math.round(multiplyAdds / costOf(teacher).multiplyAdds);
  return Math.min(samples, Math.max(least, Math.min(mostOfBatch, affordable)));
}

/** How often so many steps of a student of A show it each sample. */
export function passesOf({ head, data, whole }: Study, steps: number): number {
  const { count } = data.parts.fit;
  return (steps * batchOf(head, whole!.program, count)) / count;
}

/**
 * One leg for one program; taken from the memo when an interrupted run has finished it. A leg that led away is undone:
 * its steps count, its parameters do not.
 */
export async function school(
  classroom: Classroom,
  before: Trained,
  { name, seconds, peakRate, together, onProgress }: Schooling,
): Promise<Trained> {
  const { study, reference, schools } = classroom;
  const { job, host } = study;
  const key = { name, seed: job.seed, model: job.modelPath, data: job.dataPath };
  const known = await host.recall('tune', key);
  if (known?.blob) {
    const { selectAccuracy: reached, steps } = known.value as { selectAccuracy: number; steps: number };
    return { ...before, parameters: unpackParameters(known.blob), selectAccuracy: reached, steps };
  }
  const { program } = before;
  const lessons = lessonsOf(classroom, { together, seconds }, job.seed + 100 + before.steps);
  const leg = { seconds, steps: 20_000, peakRate };
  const pupil: Pupil = { program, parameters: before.parameters, lessons, leg };
  const taught = schools.teach(pupil, host.signal, onProgress).catch((error: unknown) => {
    checkCancelled(host);
    throw error;
  });
  const { parameters, report } = await taught;
  checkCancelled(host);
  const reached = await selectAccuracy(study, reference, program, parameters);
  const steps = before.steps + report.steps;
  const damage = (values: Parameters) => damageOf(study, reference, program, values);
  // Of 80 samples an accuracy is off by five points; how near outputs are to A's shows far smaller steps.
  const chance = standardError(before.selectAccuracy, study.data.parts.select.count);
  const ledAway =
    reached < before.selectAccuracy &&
    (before.selectAccuracy - reached > chance ||
      (await damage(parameters)) >= (await damage(before.parameters)));
  const result = ledAway ? { ...before, steps } : { ...before, parameters, selectAccuracy: reached, steps };
  await host.record('tune', key, {
    value: { selectAccuracy: result.selectAccuracy, steps },
    blob: packParameters(result.parameters),
  });
  return result;
}

/** Percent right on `select` with labels; agreement with A without; for plain values 100 · (1 − damage). */
export async function selectAccuracy(
  study: Study,
  reference: Reference,
  program: Program,
  parameters: Parameters,
): Promise<number> {
  if (study.head !== 'scores') return 100 * (1 - (await damageOf(study, reference, program, parameters)));
  const select = study.choosing;
  const indices = Array.from({ length: select.count }, (_, i) => i);
  const predicted = await classesOf(study, { program, parameters }, indices);
  if (select.labels) return 100 * accuracy(predicted, select.labels);
  return 100 * agreement(await classesOf(study, study.whole!, indices), predicted);
}

async function classesOf(
  study: Study,
  form: { readonly program: Program; readonly parameters: Parameters },
  indices: readonly number[],
): Promise<Int32Array> {
  const [scores] = await outputsOnSelect(study, form, indices, 64);
  return top1(scores!.data, scores!.shape.at(-1)!);
}
