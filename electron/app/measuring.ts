import type { Board } from '../board/board.ts';
import type { RunEvent } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { EngineHost } from '../engine/host.ts';
import { sha256 } from '../engine/onnx/hash.ts';
import type { ProfileReply, TimeReply } from '../runner/protocol.ts';
import { type MeasurementKind, measurementKey } from '../store/measurements.ts';
import type { Store } from '../store/open-store.ts';

/** What a run of the engine needs around it. */
export interface Measuring {
  readonly run: string;
  readonly store: Store;
  readonly board: Board;
  readonly signal: AbortSignal;
  onEvent(event: RunEvent): void;
}

/** A failed write of the store ends the job: what is not kept must not be built on. */
class StoreFailure extends Error {}

function kept<T>(result: Result<T, AppError>): T {
  if (!result.ok) throw new StoreFailure(`the history could not be written (${result.error.kind})`);
  return result.value;
}

/**
 * The engine's host over a board and a store: every finished measurement is recorded before it is handed back,
 * and one that the run has already made is handed back without asking the board again.
 */
export function makeHost({ run, store, board, signal, onEvent }: Measuring): EngineHost {
  const where = { board: board.identity.id, runtime: board.identity.runtimeVersion };

  /** Recalls the measurement, or makes it and records it. */
  async function once<T>(
    kind: MeasurementKind,
    request: unknown,
    measure: () => Promise<Result<T, AppError>>,
  ): Promise<Result<T, AppError>> {
    const key = measurementKey(kind, { ...where, request });
    const known = store.measurements.find(run, key);
    // Only values that `measure` gave are ever recorded under its kind.
    if (known) return ok(known.value as T);
    if (signal.aborted) return fail({ kind: 'cancelled' });
    const result = await measure();
    if (result.ok) kept(store.measurements.record(run, key, kind, result.value));
    return result;
  }

  async function put(models: readonly Uint8Array[]): Promise<Result<readonly string[], AppError>> {
    const byHash = new Map(models.map((bytes) => [sha256(bytes), bytes] as const));
    const sent = await board.putModels(byHash);
    return sent.ok ? ok(models.map(sha256)) : sent;
  }

  return {
    signal,
    event: onEvent,
    time: (models, request) =>
      once<TimeReply>('time', { request, models: models.map(sha256) }, async () => {
        const names = await put(models);
        return names.ok ? board.time({ ...request, sha256s: names.value }, signal) : names;
      }),
    profile: async (model, request) => {
      type Kept = ProfileReply & { readonly optimizedSha256: string };
      const reply = await once<Kept>('profile', { request, model: sha256(model) }, async () => {
        const names = await put([model]);
        if (!names.ok) return names;
        const made = await board.profile({ ...request, sha256: names.value[0]! }, signal);
        if (!made.ok) return made;
        const { optimizedModel, ...rest } = made.value;
        return ok({ ...rest, optimizedSha256: kept(store.blobs.put(optimizedModel)) });
      });
      if (!reply.ok) return reply;
      const optimizedModel = store.blobs.get(reply.value.optimizedSha256);
      return optimizedModel.ok
        ? ok({ ...reply.value, optimizedModel: optimizedModel.value })
        : optimizedModel;
    },
    peakMemory: (model, settings) =>
      once<number | null>('peakMemory', { settings, model: sha256(model) }, async () => {
        const names = await put([model]);
        return names.ok ? board.peakMemory(names.value[0]!, settings) : names;
      }),
    async recall(kind, key) {
      const known = store.measurements.find(run, measurementKey(kind, key));
      if (!known) return null;
      const { blobSha256 } = known;
      const blob = blobSha256 === null ? null : kept(store.blobs.get(blobSha256));
      return { value: known.value, blob };
    },
    async record(kind, key, { value, blob }) {
      const hash = blob === null ? undefined : kept(store.blobs.put(blob));
      const name = measurementKey(kind, key);
      if (store.measurements.find(run, name) === undefined)
        kept(store.measurements.record(run, name, kind, value, hash));
    },
    async saveCandidates(candidates) {
      kept(store.candidates.save(run, candidates));
    },
  };
}
