import type { StageName } from '../../contract/api.ts';
import type { StageSummary } from '../../contract/run-notes.ts';
import type { EngineHost } from '../host.ts';

/** Runs one stage between its two events. */
export async function stage<T>(
  host: Pick<EngineHost, 'event'>,
  name: StageName,
  work: () => Promise<readonly [T, StageSummary]>,
): Promise<T> {
  const started = performance.now();
  host.event({ kind: 'stageStarted', stage: name });
  const [value, summary] = await work();
  host.event({ kind: 'stageFinished', stage: name, seconds: (performance.now() - started) / 1000, summary });
  return value;
}
