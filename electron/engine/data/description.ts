import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { z } from 'zod';
import type { DataError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { messageOf } from './npz.ts';

/** Where an image's channels stand: first (nchw) or last (nhwc). */
export type Layout = 'nchw' | 'nhwc';

/** From the stored values to the model's input: (value · scale − mean) / std, then the layout. */
export interface Preprocess {
  /** Height and width, pixels; null leaves images as they are. */
  readonly resize: readonly [number, number] | null;
  readonly scale: number;
  /** One for all channels, or one a channel. */
  readonly mean: readonly number[];
  readonly std: readonly number[];
  /** The layout that the model wants. */
  readonly layout: Layout | 'as stored';
}

/** What `dataset.json` says, for one model. */
export interface Description {
  readonly name: string;
  /** Null: unsaid, the labels decide. */
  readonly task: 'classification' | 'unlabelled' | null;
  readonly classNames: readonly string[] | null;
  readonly classes: number | null;
  /** Folder of each class, in the order of the labels. */
  readonly classFolders: readonly string[] | null;
  /** Null: unsaid, taken to be what the model wants. */
  readonly storedLayout: Layout | null;
  readonly preprocess: Preprocess;
}

const numbers = z.array(z.number()).min(1);
const nonZero = z.number().refine((value) => value !== 0, 'must not be 0');
const pixels = z.int().min(1).max(8192);

const preprocessSchema = z.object({
  resize: z.tuple([pixels, pixels]).nullish(),
  scale: z.number().optional(),
  mean: z.union([numbers, z.number().transform((value) => [value])]).optional(),
  std: z.union([z.array(nonZero).min(1), nonZero.transform((value) => [value])]).optional(),
  layout: z
    .string()
    .transform((text) => text.toLowerCase())
    .pipe(z.enum(['nchw', 'nhwc', 'as stored']))
    .optional(),
});

const descriptionSchema = z.object({
  name: z.string().optional(),
  task: z.enum(['classification', 'unlabelled']).optional(),
  classes: z.union([z.array(z.string()).min(1), z.int().min(1)]).optional(),
  classFolders: z.array(z.string()).min(1).optional(),
  stored: z.string().optional(),
  preprocess: preprocessSchema.optional(),
  preprocessOverrides: z.record(z.string(), preprocessSchema).optional(),
});

/** Values passed on as they are stored. */
export const asStored: Preprocess = { resize: null, scale: 1, mean: [0], std: [1], layout: 'as stored' };

/**
 * Reads the folder's `dataset.json`, with the overrides for the model merged in.
 * Errors: dataMissing, dataUnreadable.
 */
export async function readDescription(
  folder: string,
  modelFileName: string,
): Promise<Result<Description, DataError>> {
  const path = join(folder, 'dataset.json');
  let json: unknown;
  try {
    json = JSON.parse((await readFile(path, 'utf8')).replace(/^\uFEFF/, ''));
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing) return fail({ kind: 'dataMissing', path, reason: 'a data folder needs a dataset.json' });
    return fail({ kind: 'dataUnreadable', path, reason: messageOf(error) });
  }
  const parsed = descriptionSchema.safeParse(json);
  if (!parsed.success) {
    const issue = parsed.error.issues[0];
    const reason = `${issue?.path.join('.') || 'dataset.json'}: ${issue?.message}`;
    return fail({ kind: 'dataUnreadable', path, reason });
  }

  const { data } = parsed;
  const classNames = Array.isArray(data.classes) ? data.classes : null;
  const classFolders = data.classFolders ?? null;
  const classes = typeof data.classes === 'number' ? data.classes : (classNames ?? classFolders)?.length;
  if (classFolders && classFolders.length !== classes) {
    const reason = `it lists ${classes} classes, but ${classFolders.length} classFolders`;
    return fail({ kind: 'dataUnreadable', path, reason });
  }
  const override = data.preprocessOverrides?.[basename(modelFileName)];
  const merged = { ...data.preprocess, ...override };
  return ok({
    name: data.name ?? basename(folder),
    task: data.task ?? null,
    classNames,
    classes: classes ?? null,
    classFolders,
    storedLayout: layoutIn(data.stored ?? ''),
    preprocess: {
      resize: merged.resize ?? null,
      scale: merged.scale ?? asStored.scale,
      mean: merged.mean ?? asStored.mean,
      std: merged.std ?? asStored.std,
      layout: merged.layout ?? asStored.layout,
    },
  });
}

/** The layout that a sentence such as "uint8 NHWC" names. */
function layoutIn(stored: string): Layout | null {
  if (/\bN?HWC\b/i.test(stored)) return 'nhwc';
  return /\bN?CHW\b/i.test(stored) ? 'nchw' : null;
}
