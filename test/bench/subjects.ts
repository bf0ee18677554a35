import { existsSync } from 'node:fs';
import { basename, extname, join, resolve } from 'node:path';
import { root } from './fieldtune.ts';

export const shared = join(root, '../shared');

/** Data of each shared model. */
export const dataOf: Readonly<Record<string, string>> = {
  fashion_mnist_cnn: 'fashion-mnist',
  cifar10_resnet20: 'cifar10',
  cifar10_vit_pgd_2_3_16: 'cifar10',
  mlperf_tiny_kws_dscnn: 'keywords',
  mobilenet_v1_025_224: 'imagenet-photos',
  ultraface_rfb_320: 'faces',
};

/** A model with its data. */
export interface Subject {
  readonly name: string;
  readonly modelPath: string;
  readonly dataPath: string;
}

const sample: Subject = {
  name: 'sample',
  modelPath: join(root, 'resources/sample/model.onnx'),
  dataPath: join(root, 'resources/sample/data'),
};

/** What is measured, and what is not here to be measured. */
export interface Subjects {
  readonly subjects: readonly Subject[];
  readonly skipped: readonly string[];
}

/**
 * The subjects of these names and of the pair, else the sample and every shared model. Throws for a name that there
 * is none of.
 */
export function subjectsOf(
  names: readonly string[],
  pair: { readonly model?: string | undefined; readonly data?: string | undefined },
): Subjects {
  const own = pairOf(pair);
  const wanted = names.length > 0 ? names : own ? [] : ['sample', ...Object.keys(dataOf)];
  const isShared = (name: string): boolean => name !== 'sample';
  const unknown = wanted.find((name) => isShared(name) && !Object.hasOwn(dataOf, name));
  if (unknown !== undefined)
    throw new Error(
      `No model ${unknown}: give sample or ${Object.keys(dataOf).join(', ')}, or --model and --data`,
    );
  const here = existsSync(shared) ? wanted : wanted.filter((name) => !isShared(name));
  const subjects = here.map((name) => (isShared(name) ? sharedSubject(name) : sample));
  return {
    subjects: own ? [...subjects, own] : subjects,
    skipped: here.length < wanted.length ? ['skipped: ../shared is missing'] : [],
  };
}

const sharedSubject = (name: string): Subject => ({
  name,
  modelPath: join(shared, 'models', `${name}.onnx`),
  dataPath: join(shared, 'data', dataOf[name]!),
});

function pairOf({ model, data }: Parameters<typeof subjectsOf>[1]): Subject | null {
  if (model === undefined && data === undefined) return null;
  if (model === undefined || data === undefined) throw new Error('--model and --data go together');
  const [modelPath, dataPath] = [resolve(model), resolve(data)];
  return { name: basename(modelPath, extname(modelPath)), modelPath, dataPath };
}
