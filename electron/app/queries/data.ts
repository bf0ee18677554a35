import { basename, resolve } from 'node:path';
import { ok } from '../../contract/result.ts';
import type { DataCard } from '../../contract/views.ts';
import { observing } from '../observing.ts';
import type { AppParts } from '../parts.ts';
import { namedAs } from './named-as.ts';
import type { QueriesOf } from './query.ts';
import { readSettings } from './settings.ts';

const listed = 200;

function listData({ store, sample }: AppParts): readonly DataCard[] {
  const used = store.recentData
    .list(listed)
    .map((data): DataCard => ({ ...data, isSample: data.path === sample.dataPath }));
  if (used.some(({ isSample }) => isSample)) return used;
  const { dataPath } = sample;
  return [...used, { path: dataPath, name: basename(dataPath), lastUsedAt: null, isSample: true }];
}

/** Data that was opened or used. */
export const dataQueries: QueriesOf<'data'> = {
  'data.list': (parts) => ok(listData(parts)),
  'data.open': async (parts, { path, modelPath }, signal) => {
    const dataPath = resolve(parts.cwd, path);
    const absoluteModelPath = modelPath === undefined ? null : resolve(parts.cwd, modelPath);
    // The data is cut as a run with the settings of now would cut it.
    const { seed } = readSettings(parts);
    const job = { dataPath, modelPath: absoluteModelPath, seed };
    const inspected = await parts.runInEngine('inspectData', job, observing(signal));
    if (!inspected.ok) {
      const named = namedAs(inspected.error, dataPath, path);
      return absoluteModelPath === null || modelPath === undefined
        ? named
        : namedAs(named.error, absoluteModelPath, modelPath);
    }
    const { name } = inspected.value;
    const saved = parts.store.recentData.use(dataPath, name, basename(dataPath));
    return saved.ok ? ok({ ...inspected.value, path: dataPath }) : saved;
  },
};
