import { stat } from 'node:fs/promises';
import { basename, extname, join } from 'node:path';
import type { DataError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import { openArrays } from './arrays.ts';
import { asStored, type Description, readDescription } from './description.ts';
import { type ImageFile, listImages, openImages } from './images.ts';
import { messageOf } from './npz.ts';
import { checkIndices, type Source } from './source.ts';
import { selectSize, stratifiedOrder } from './split.ts';

/** One of the three disjoint parts; samples of `fit` and `select` come in an order whose every stretch is stratified. */
export interface Part {
  readonly count: number;
  /** One a sample; null: unlabelled. */
  readonly labels: Int32Array | null;
  /** Preprocessed float32 [n, ...sampleShape] of the samples at `indices`. An index out of range is a bug. */
  read(indices: ArrayLike<number>): Promise<Float32Array> | Float32Array;
}

/** Opened data: parameters are fitted on `fit`, candidates chosen on `select`, accuracy reported on `verify`. */
export interface Data {
  readonly name: string;
  readonly task: 'classification' | 'unlabelled';
  /** Null: unlabelled. */
  readonly classes: number | null;
  /** As described, else the names of the folders, else the numbers; null: unlabelled. */
  readonly classNames: readonly string[] | null;
  /** As the model wants it, without batch. */
  readonly sampleShape: readonly number[];
  /** How samples were stored and what was done to them; the same for all parts. */
  readonly stored: Pick<Source, 'isStoredAsBytes' | 'plan' | 'steps'>;
  readonly parts: { readonly fit: Part; readonly select: Part; readonly verify: Part };
}

/** Samples that a fit part (before `select` is cut off it) and a verify part need at least. */
export const neededSamples = {
  classification: { fit: 32, verify: 16 },
  // Of unlabelled data only the outputs are compared, and one output of a detector says more than one label.
  unlabelled: { fit: 8, verify: 8 },
} as const;

const verifyShare = 0.2;
const selectShare = 0.1;

/**
 * Opens a data folder (`dataset.json` with `fit` and `verify`, as `.npz` files or folders of images) or a single
 * `.npz` with `x` and, unless unlabelled, `y`. `modelFileName` picks the folder's preprocessing overrides, `seed`
 * the cut into parts. Errors: every kind of DataError.
 */
export async function openData(
  path: string,
  modelFileName: string,
  seed: number,
): Promise<Result<Data, DataError>> {
  try {
    return (await stat(path)).isDirectory() ? openFolder(path, modelFileName, seed) : openFile(path, seed);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (missing) return fail({ kind: 'dataMissing', path, reason: 'there is no such file or folder' });
    return fail({ kind: 'dataUnreadable', path, reason: messageOf(error) });
  }
}

/**
 * Holds the data against a model: `inputShape` with the batch first (−1: any size), `outputWidth` the number of
 * classes it tells apart. Errors: dataShape (both shapes without batch), dataLabels.
 */
export function checkAgainstModel(
  data: Data,
  inputShape: readonly number[],
  outputWidth: number | null,
  path: string,
): Result<null, DataError> {
  const expected = inputShape.slice(1);
  const actual = data.sampleShape;
  const fits = expected.length === actual.length && expected.every((d, i) => d === -1 || d === actual[i]);
  if (!fits) return fail({ kind: 'dataShape', path, expected, actual });
  if (outputWidth === null) return ok(null);
  for (const { labels } of Object.values(data.parts)) {
    const label = labels?.find((candidate) => candidate >= outputWidth);
    if (label !== undefined) return fail({ kind: 'dataLabels', path, label, classes: outputWidth });
  }
  return ok(null);
}

async function openFolder(
  path: string,
  modelFileName: string,
  seed: number,
): Promise<Result<Data, DataError>> {
  const described = await readDescription(path, modelFileName);
  if (!described.ok) return described;
  const description = described.value;
  const found = { fit: await findPart(path, 'fit'), verify: await findPart(path, 'verify') };
  if (!found.fit.ok) return found.fit;
  if (!found.verify.ok) return found.verify;
  const places = [found.fit.value, found.verify.value];
  const folders = classFoldersOf(places, description);

  const sources: Source[] = [];
  for (const place of places) {
    const source =
      place.images === null
        ? await openArrays(place.path, description)
        : await openImagePart(place.path, place.images, folders, description);
    if (!source.ok) return source;
    sources.push(source.value);
  }
  const [fit, verify] = sources;
  if (!fit || !verify) throw new Error('A part was not opened');
  if (String(fit.sampleShape) !== String(verify.sampleShape)) {
    const { sampleShape: expected } = fit;
    return fail({ kind: 'dataShape', path: found.verify.value.path, expected, actual: verify.sampleShape });
  }

  const labelled = description.task !== 'unlabelled' && fit.labels !== null && verify.labels !== null;
  const task = labelled ? 'classification' : 'unlabelled';
  const needed = neededSamples[task];
  for (const [source, place, least] of [
    [fit, found.fit.value, needed.fit],
    [verify, found.verify.value, needed.verify],
  ] as const) {
    if (source.count < least) {
      return fail({ kind: 'dataTooFew', path: place.path, samples: source.count, needed: least });
    }
  }
  const classes = labelled ? (description.classes ?? folders?.length ?? countClasses([fit, verify])) : null;
  if (classes !== null) {
    const checked = checkLabels(fit, classes, found.fit.value.path);
    if (!checked.ok) return checked;
    const checkedVerify = checkLabels(verify, classes, found.verify.value.path);
    if (!checkedVerify.ok) return checkedVerify;
  }

  const order = stratifiedOrder(fit.count, labelled ? fit.labels : null, seed);
  const cut = selectSize(fit.count);
  const all = Int32Array.from({ length: verify.count }, (_, index) => index);
  return ok({
    name: description.name,
    task,
    classes,
    classNames: namesOf(classes, description.classNames ?? folders),
    sampleShape: fit.sampleShape,
    stored: fit,
    parts: {
      fit: partOf(fit, order.subarray(cut), labelled),
      select: partOf(fit, order.subarray(0, cut), labelled),
      verify: partOf(verify, all, labelled),
    },
  });
}

async function openFile(path: string, seed: number): Promise<Result<Data, DataError>> {
  const description: Description = {
    name: basename(path, extname(path)),
    task: null,
    classNames: null,
    classes: null,
    classFolders: null,
    storedLayout: null,
    preprocess: asStored,
  };
  const opened = await openArrays(path, description);
  if (!opened.ok) return opened;
  const source = opened.value;
  const labelled = source.labels !== null;
  const task = labelled ? 'classification' : 'unlabelled';
  const { fit, verify } = neededSamples[task];
  const needed = Math.ceil(Math.max(fit / (1 - verifyShare - selectShare), verify / verifyShare));
  if (source.count < needed) return fail({ kind: 'dataTooFew', path, samples: source.count, needed });
  const classes = labelled ? countClasses([source]) : null;
  if (classes !== null) {
    const checked = checkLabels(source, classes, path);
    if (!checked.ok) return checked;
  }

  const order = stratifiedOrder(source.count, source.labels, seed);
  const selectEnd = Math.round(source.count * selectShare);
  const verifyEnd = selectEnd + Math.round(source.count * verifyShare);
  return ok({
    name: description.name,
    task,
    classes,
    classNames: namesOf(classes, null),
    sampleShape: source.sampleShape,
    stored: source,
    parts: {
      fit: partOf(source, order.subarray(verifyEnd), labelled),
      select: partOf(source, order.subarray(0, selectEnd), labelled),
      verify: partOf(source, order.subarray(selectEnd, verifyEnd), labelled),
    },
  });
}

/** Where a part lies; `images` is null for an `.npz`. */
interface PartPlace {
  readonly path: string;
  readonly images: readonly ImageFile[] | null;
}

async function findPart(folder: string, name: string): Promise<Result<PartPlace, DataError>> {
  const file = join(folder, `${name}.npz`);
  if (await exists(file)) return ok({ path: file, images: null });
  const path = join(folder, name);
  if (!(await exists(path))) {
    return fail({
      kind: 'dataMissing',
      path: folder,
      reason: `it holds neither ${name}.npz nor a folder ${name}`,
    });
  }
  const images = await listImages(path);
  if (!images.ok) return images;
  if (images.value.length === 0) return fail({ kind: 'dataMissing', path, reason: 'it holds no images' });
  return ok({ path, images: images.value });
}

/** The class folders in the order of their labels: as described, else sorted by name. */
function classFoldersOf(places: readonly PartPlace[], description: Description): readonly string[] | null {
  const described = description.classFolders ?? description.classNames;
  if (described) return described;
  const images = places.flatMap((place) => place.images ?? []);
  const names = new Set(images.flatMap(({ folder }) => (folder === null ? [] : [folder])));
  return names.size > 0 ? [...names].sort() : null;
}

async function openImagePart(
  path: string,
  images: readonly ImageFile[],
  folders: readonly string[] | null,
  description: Description,
): Promise<Result<Source, DataError>> {
  const unlabelled = description.task === 'unlabelled' || images.every(({ folder }) => folder === null);
  if (unlabelled) return openImages(images, null, description);
  const labels = new Int32Array(images.length);
  const labelOf = new Map((folders ?? []).map((folder, label) => [folder, label]));
  for (const [index, image] of images.entries()) {
    if (image.folder === null) {
      const reason = 'it lies beside the class folders, not in one';
      return fail({ kind: 'dataUnreadable', path: image.path, reason });
    }
    const label = labelOf.get(image.folder);
    if (label === undefined) {
      const reason = `its folder ${image.folder} is none of the classes in dataset.json`;
      return fail({ kind: 'dataUnreadable', path: join(path, image.folder), reason });
    }
    labels[index] = label;
  }
  return openImages(images, labels, description);
}

const namesOf = (classes: number | null, names: readonly string[] | null): readonly string[] | null =>
  classes === null ? null : Array.from({ length: classes }, (_, label) => names?.[label] ?? String(label));

function countClasses(sources: readonly Source[]): number {
  const largest = (labels: Int32Array | null) => labels?.reduce((a, b) => Math.max(a, b), 0) ?? 0;
  return 1 + Math.max(...sources.map(({ labels }) => largest(labels)));
}

function checkLabels(source: Source, classes: number, path: string): Result<null, DataError> {
  const label = source.labels?.find((candidate) => candidate < 0 || candidate >= classes);
  return label === undefined ? ok(null) : fail({ kind: 'dataLabels', path, label, classes });
}

function partOf(source: Source, members: Int32Array, labelled: boolean): Part {
  const { labels } = source;
  return {
    count: members.length,
    labels: labelled && labels ? members.map((index) => labels[index] ?? 0) : null,
    read(indices) {
      checkIndices(indices, members.length);
      return source.read(Int32Array.from(indices, (index) => members[index] ?? 0));
    },
  };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
