import type { RunEvent } from '../contract/api.ts';
import type { EngineHost } from '../engine/host.ts';

/** A host for an engine that only tells; whatever it asks is a bug. */
export function observing(signal: AbortSignal, onEvent: (event: RunEvent) => void = () => {}): EngineHost {
  const refuse = (): never => {
    throw new Error('This job asks for nothing');
  };
  return {
    signal,
    time: async () => refuse(),
    profile: async () => refuse(),
    peakMemory: async () => refuse(),
    recall: async () => refuse(),
    record: async () => refuse(),
    saveCandidates: async () => refuse(),
    experience: async () => refuse(),
    remember: async () => refuse(),
    event: onEvent,
  };
}
