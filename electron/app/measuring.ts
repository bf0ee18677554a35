import type { z } from 'zod';
import type { Board } from '../board/board.ts';
import { peakMemorySchema, profileSchema, timeSchema } from '../board/reply-schemas.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import { analyseProfile } from '../engine/complexity/analyse.ts';
import { mergeProfiles, profileRounds } from '../engine/complexity/rounds.ts';
import type { EngineHost } from '../engine/host.ts';
import { readModel } from '../engine/onnx/read.ts';
import type { ProfileReply, SessionSettings } from '../runner/protocol.ts';
import { sha256Of } from '../store/blobs.ts';
import { type Measurement, type MeasurementKind, measurementKey } from '../store/measurements.ts';
import type { Store } from '../store/open-store.ts';
import type { OpenModel } from './open-model.ts';
import { profileResultOf } from './profile.ts';

/** The part of an `EngineHost` that measures on the board. */
export type Measuring = Pick<EngineHost, 'time' | 'profile' | 'peakMemory'>;

/** For which run something is measured, and where. */
export interface MeasuredRun {
  readonly run: string;
  readonly board: Board;
  /** A: its profile is kept as one of the user's own file. */
  readonly model: OpenModel;
  readonly signal: AbortSignal;
}

/**
 * Measures on a board for a run, and never the same twice: what was recorded under the request, the models, the
 * board and its runtime is recalled, and what is new is recorded before it is handed out. One at a time, in the
 * order of asking. Errors: those of the board and of a write of the store.
 */
export function makeMeasuring(store: Store, { run, board, model: original, signal }: MeasuredRun): Measuring {
  let queue: Promise<unknown> = Promise.resolve();
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const result = queue.then(work);
    // What failed has told its own asker.
    queue = result.catch(() => undefined);
    return result;
  };
  const keyOf = (kind: MeasurementKind, models: readonly string[], request: object): string =>
    measurementKey(kind, {
      request,
      models,
      board: board.identity.id,
      runtime: board.identity.runtimeVersion,
    });

  // All rounds of a profile of this process, and where their analysis is kept.
  const profiled = new Map<string, { readonly replies: ProfileReply[]; sequence?: number }>();
  const profiledOf = (sha256: string, { threads, level }: SessionSettings) => {
    const key = `${sha256} ${threads} ${level}`;
    const known = profiled.get(key) ?? { replies: [] };
    profiled.set(key, known);
    return known;
  };

  return {
    time: (models, request) =>
      inTurn(async () => {
        const hashed = models.map((bytes) => [sha256Of(bytes), bytes] as const);
        const sha256s = hashed.map(([sha256]) => sha256);
        const key = keyOf('time', sha256s, request);
        const known = store.measurements.find(run, key);
        if (known) return ok(stored(timeSchema, known));
        const sent = await board.putModels(new Map(hashed));
        if (!sent.ok) return sent;
        const timed = await board.time({ ...request, sha256s }, signal);
        if (!timed.ok) return timed;
        const recorded = store.measurements.record(run, key, 'time', timed.value);
        return recorded.ok ? timed : recorded;
      }),

    profile: (model, request, round = 0) =>
      inTurn(async () => {
        const sha256 = sha256Of(model);
        const key = keyOf('profile', [sha256], { ...request, round });
        const profiles = profiledOf(sha256, request.settings);
        const known = store.measurements.find(run, key);
        if (known?.blobSha256) {
          const optimizedModel = store.blobs.get(known.blobSha256);
          if (!optimizedModel.ok) return optimizedModel;
          const reply = stored(profileSchema, known);
          profiles.replies.push(reply);
          return ok({ ...reply, optimizedModel: optimizedModel.value });
        }
        const sent = await board.putModels(new Map([[sha256, model]]));
        if (!sent.ok) return sent;
        const profiled = await board.profile({ ...request, sha256 }, signal);
        if (!profiled.ok) return profiled;
        const { optimizedModel, ...reply } = profiled.value;
        const blob = store.blobs.put(optimizedModel);
        if (!blob.ok) return blob;
        const recorded = store.measurements.record(run, key, 'profile', reply, blob.value);
        if (!recorded.ok) return recorded;
        const read = readModel(model, sha256);
        if (!read.ok) return profiled;
        profiles.replies.push(reply);
        const merged = mergeProfiles(profiles.replies);
        const analysis = analyseProfile(read.value, merged, optimizedModel, new Map(), profileRounds.length);
        const saved = store.operators.save(run, sha256, analysis.operators);
        if (!saved.ok || sha256 !== original.boardSha256) return saved.ok ? profiled : saved;
        const result = profileResultOf(board, original, request.settings, { reply: merged, analysis });
        const kept = store.profiles.save({ ...result, files: [] }, board.address, profiles.sequence);
        if (!kept.ok) return kept;
        profiles.sequence = kept.value;
        return profiled;
      }),

    peakMemory: (model, settings) =>
      inTurn(async (): Promise<Result<number | null, AppError>> => {
        const sha256 = sha256Of(model);
        const key = keyOf('peakMemory', [sha256], settings);
        const known = store.measurements.find(run, key);
        if (known) return ok(known.value === null ? null : stored(peakMemorySchema, known));
        const sent = await board.putModels(new Map([[sha256, model]]));
        if (!sent.ok) return sent;
        const measured = await board.peakMemory(sha256, settings);
        // A model that ran before does not fail here by its own fault: this board cannot measure it.
        const isUntold = !measured.ok && measured.error.kind === 'modelFailsToRun';
        if (!measured.ok && !isUntold) return fail(measured.error);
        const value = measured.ok ? measured.value : null;
        const recorded = store.measurements.record(run, key, 'peakMemory', value);
        return recorded.ok ? ok(value) : recorded;
      }),
  };
}

/** What was recorded, as it came from the board: JSON has no NaN, and the schemas give it back. */
function stored<S extends z.ZodType>(schema: S, { value, key }: Measurement): z.output<S> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Error(`Measurement ${key} has another shape: ${parsed.error.message}`);
  return parsed.data;
}
