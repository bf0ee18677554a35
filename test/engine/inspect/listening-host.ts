import type { RunEvent } from '../../../electron/contract/api.ts';
import type { Result } from '../../../electron/contract/result.ts';
import type { EngineHost } from '../../../electron/engine/host.ts';

/** A host of a job that asks for nothing. */
export function listeningHost(): EngineHost & { readonly events: RunEvent[] } {
  const events: RunEvent[] = [];
  const refuse = async () => {
    throw new Error('Nothing was to be asked');
  };
  return {
    signal: new AbortController().signal,
    time: refuse,
    profile: refuse,
    peakMemory: refuse,
    recall: refuse,
    record: refuse,
    saveCandidates: refuse,
    experience: refuse,
    remember: refuse,
    event: (event) => void events.push(event),
    events,
  };
}

/** The value of a result that must be ok. */
export function unwrap<T>(result: Result<T, unknown>): T {
  if (!result.ok) throw new Error(`Unexpected failure: ${JSON.stringify(result.error)}`);
  return result.value;
}
