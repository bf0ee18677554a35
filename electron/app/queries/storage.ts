import { ok } from '../../contract/result.ts';
import type { StorageUse } from '../../contract/views.ts';
import type { AppParts } from '../parts.ts';
import type { QueriesOf } from './query.ts';

function storageUse({ store, stateFolder }: AppParts): StorageUse {
  return {
    folder: stateFolder,
    databaseBytes: store.sizeBytes(),
    blobBytes: store.blobs.usedBytes(),
    ...store.runRemoval.count(),
  };
}

/** What the history takes of the disk. */
export const storageQueries: QueriesOf<'storage'> = {
  'storage.use': (parts) => ok(storageUse(parts)),
  'storage.clean': async (parts) => {
    const cleaned = await parts.store.runRemoval.clean();
    return cleaned.ok ? ok(storageUse(parts)) : cleaned;
  },
};
