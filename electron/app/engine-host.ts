import { gunzipSync, gzipSync } from 'node:zlib';
import type { Board } from '../board/board.ts';
import type { Listener } from '../contract/api.ts';
import type { RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import { HostFailure } from '../engine/client.ts';
import type { EngineHost, FinishedWork } from '../engine/host.ts';
import type { Experience } from '../store/experiences.ts';
import { type MeasurementKind, measurementKey } from '../store/measurements.ts';
import type { Store } from '../store/open-store.ts';
import type { BoardGroup } from './board-group.ts';
import { makeMeasuring } from './measuring.ts';
import type { OpenModel } from './open-model.ts';

/** A run at work. */
export interface RunAtWork {
  readonly run: string;
  readonly board: Board;
  /** A. */
  readonly model: OpenModel;
  readonly listener: Listener;
  /** The boards of a run with several, of which `board` is the first; null or missing: it has but one. */
  readonly group?: BoardGroup | null;
}

/** What the engine asks of the app during a run: the board through the memo, the memo itself, the history. */
export function makeEngineHost(store: Store, { run, board, model, listener, group }: RunAtWork): EngineHost {
  const { measurements, blobs, candidates, experiences } = store;
  const { id: boardId, runtimeVersion } = board.identity;
  const on = { boardId, runtimeVersion };
  const recall = (kind: MeasurementKind, key: unknown): FinishedWork | null => {
    const known = measurements.find(run, measurementKey(kind, key));
    if (!known) return null;
    if (known.blobSha256 === null) return { value: known.value, blob: null };
    const blob = blobs.get(known.blobSha256);
    // Damaged bytes are as good as none: the work is done again.
    return blob.ok ? { value: known.value, blob: blob.value } : null;
  };
  const record = (kind: MeasurementKind, key: unknown, { value, blob }: FinishedWork): void => {
    const sha256 = blob === null ? undefined : orThrow(blobs.put(blob));
    const rowKey = measurementKey(kind, key);
    // Work done again because its bytes were damaged has its row already.
    if (measurements.find(run, rowKey)) return;
    orThrow(measurements.record(run, rowKey, kind, value, sha256));
  };
  return {
    signal: listener.signal,
    ...(group ?? makeMeasuring(store, { run, board, model, signal: listener.signal })),
    recall: async (kind, key) => recall(kind, key),
    record: async (kind, key, work) => record(kind, key, work),
    async saveCandidates(rows) {
      orThrow(candidates.save(run, rows));
    },
    async experience() {
      // What later runs add, or a deletion takes away, must not change what a resumed run proposes.
      const kept = recall('experience', on);
      // Written below, from a value of this type.
      if (kept?.blob) return JSON.parse(gunzipSync(kept.blob).toString()) as readonly Experience[];
      const newest = experiences.newest({ run, ...on });
      // What one board gained foretells nothing certain of the one of several that gains least.
      const found = group ? newest.map((one) => ({ ...one, where: 'elsewhere' as const })) : newest;
      record('experience', on, { value: found.length, blob: gzipSync(JSON.stringify(found)) });
      return found;
    },
    async remember(trials) {
      // Ratios of several boards taken together are those of none of them.
      if (!group) orThrow(experiences.save(run, on, trials));
    },
    event: (event) => listener.onEvent(event),
  };
}

function orThrow<T>(result: Result<T, RequestError>): T {
  if (!result.ok) throw new HostFailure(result.error);
  return result.value;
}
