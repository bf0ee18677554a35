import { basename, extname, resolve } from 'node:path';
import { ok } from '../../contract/result.ts';
import type { ModelCard } from '../../contract/views.ts';
import { observing } from '../observing.ts';
import { openModel, storedModelOf } from '../open-model.ts';
import type { AppParts } from '../parts.ts';
import { addressForms } from './boards.ts';
import { namedAs } from './named-as.ts';
import type { QueriesOf } from './query.ts';

const listed = 500;

/** Read once a process: it comes with the app and does not change under it. */
const samples = new WeakMap<AppParts, ModelCard | null>();

function sampleOf(parts: AppParts): ModelCard | null {
  const known = samples.get(parts);
  if (known !== undefined) return known;
  const opened = openModel(parts.sample.modelPath, parts.cwd);
  const card = opened.ok ? { ...storedModelOf(opened.value), lastUsedAt: null, isSample: true } : null;
  samples.set(parts, card);
  return card;
}

function listModels(parts: AppParts): readonly ModelCard[] {
  const sample = sampleOf(parts);
  const used = parts.store.models.listUsed(listed).map((model): ModelCard => {
    // A copy of the sample that was opened elsewhere is the sample still, which is sure to be in its own place.
    const isSample = model.sha256 === sample?.sha256;
    return { ...model, path: sample && isSample ? sample.path : model.path, isSample };
  });
  return sample && !used.some(({ isSample }) => isSample) ? [...used, sample] : used;
}

/** Models that were opened or optimized. */
export const modelQueries: QueriesOf<'models'> = {
  'models.list': (parts) => ok(listModels(parts)),
  'models.open': async (parts, { path }, signal) => {
    const modelPath = resolve(parts.cwd, path);
    const inspected = await parts.runInEngine('inspectModel', { modelPath }, observing(signal));
    if (!inspected.ok) return namedAs(inspected.error, modelPath, path);
    const name = basename(modelPath, extname(modelPath));
    const { sha256, sizeBytes, parameters } = inspected.value;
    const saved = parts.store.models.save({ sha256, name, path: modelPath, sizeBytes, parameters });
    if (!saved.ok) return saved;
    const isSample = sha256 === sampleOf(parts)?.sha256;
    return ok({ ...inspected.value, name, path: modelPath, isSample });
  },
  'models.profile': ({ store }, { sha256, board }) =>
    ok(store.profiles.newest(sha256, board === undefined ? undefined : addressForms(board)) ?? null),
};
