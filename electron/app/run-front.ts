import { z } from 'zod';
import type { RequestError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { type RunResult, runResultSchema } from '../contract/run-result.ts';
import type { FrontModel, RunFront } from '../engine/host.ts';
import { measurementKey } from '../store/measurements.ts';
import type { Store } from '../store/open-store.ts';

/** Key of the front as a whole; each of its models has one of its own, since a row holds the bytes of one file. */
const wholeKey = measurementKey('checkpoint', { front: 'whole' });
const modelKey = (id: string): string => measurementKey('checkpoint', { front: 'model', id });

const amounts = z.object({
  originalSelect: z.number(),
  tunedOriginal: z.number().nullable(),
  ids: z.array(z.string()),
});
const modelSchema = z.object({
  id: z.string(),
  speedup: z.number(),
  selectAccuracy: z.number(),
  steps: z.number(),
  replacements: runResultSchema.shape.replacements,
});

/** What a limit can be chosen from again: the run that searched, what it found, and its front. */
export interface PickSource {
  readonly from: RunResult;
  readonly front: RunFront;
}

/** Keeps the front of a run with its model files; a front that is kept stays. Errors: those of every write of the store. */
export function keepFront(
  { measurements, blobs }: Store,
  run: string,
  { originalSelect, tunedOriginal, models }: RunFront,
): Result<void, RequestError> {
  for (const { bytes, ...model } of models) {
    const key = modelKey(model.id);
    if (measurements.find(run, key)) continue;
    const blob = blobs.put(bytes);
    if (!blob.ok) return blob;
    const kept = measurements.record(run, key, 'checkpoint', model, blob.value);
    if (!kept.ok) return kept;
  }
  // Last, so that a front that is seen is whole.
  if (measurements.find(run, wholeKey)) return ok(undefined);
  const whole = { originalSelect, tunedOriginal, ids: models.map(({ id }) => id) };
  const kept = measurements.record(run, wholeKey, 'checkpoint', whole);
  return kept.ok ? ok(undefined) : kept;
}

/** How many models the front of a run holds; 0 where none was kept, or the run was deleted. */
export function countFront({ measurements, runs }: Store, run: string): number {
  const whole = runs.get(run) && measurements.find(run, wholeKey);
  return whole ? amounts.parse(whole.value).ids.length : 0;
}

/** The front of a finished run with its files. Errors: runHasNoFront, and those of reading a blob. */
export function readPickSource(store: Store, run: string): Result<PickSource, RequestError> {
  const { measurements, blobs } = store;
  const whole = measurements.find(run, wholeKey);
  const from = runResultSchema.safeParse(store.runs.get(run)?.result);
  if (!whole || !from.success) return fail({ kind: 'runHasNoFront', run });
  const { ids, ...front } = amounts.parse(whole.value);
  if (ids.length === 0) return fail({ kind: 'runHasNoFront', run });
  const models: FrontModel[] = [];
  for (const id of ids) {
    const row = measurements.find(run, modelKey(id));
    if (!row?.blobSha256) throw new Error(`The front of ${run} has lost its model ${id}`);
    const bytes = blobs.get(row.blobSha256);
    if (!bytes.ok) return bytes;
    models.push({ ...modelSchema.parse(row.value), bytes: bytes.value });
  }
  return ok({ from: from.data, front: { ...front, models } });
}
