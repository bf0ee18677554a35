import type { SessionSettings, TimeReply, TimeRequest } from '../../runner/protocol.ts';
import { median } from '../complexity/intervals.ts';
import { need, type Study } from './study.ts';

/** How long each model is watched. Search needs ratios within some percent; claims need more. */
export const quickTiming = { blocks: 6, iterations: 0, visitMs: 3, warmupMs: 8 } as const;
/** For whole models, a few of which go on. */
export const specificationTiming = { blocks: 12, iterations: 0, visitMs: 8, warmupMs: 20 } as const;

/** A model's time against the first one of its batch. */
export interface Timed {
  /** Median over the blocks of the baseline's time over its own; null where the runtime refused it. */
  readonly ratio: number | null;
  readonly latencyUs: number | null;
}

/** Told of the models that are timed together, by the index of the first of them. */
export interface TimingWatcher {
  onStart?(first: number, count: number): void;
  onTimed?(first: number, timed: readonly Timed[]): void;
}

/** Times models against `baseline` on the board, interleaved, a few at a time so that all stay resident. */
export async function timeAgainst(
  study: Study,
  baseline: Uint8Array,
  models: readonly Uint8Array[],
  timing: Omit<TimeRequest, 'sha256s' | 'settings' | 'seed'>,
  watcher: TimingWatcher = {},
): Promise<Timed[]> {
  const results: Timed[] = [];
  const batch = 8;
  for (let first = 0; first < models.length; first += batch) {
    const some = models.slice(first, first + batch);
    const request = { ...timing, settings: settingsOf(study), seed: study.job.seed };
    watcher.onStart?.(first, some.length);
    const reply = need(await study.host.time([baseline, ...some], request));
    const timed = some.map((_, i) => timedOf(reply, i + 1));
    results.push(...timed);
    watcher.onTimed?.(first, timed);
  }
  return results;
}

/** Session settings of every measurement of the study. */
export const settingsOf = ({ job }: Study): SessionSettings => ({ threads: job.threads, level: job.level });

function timedOf(reply: TimeReply, index: number): Timed {
  if (reply.failed.some((f) => f.model === index || f.model === 0)) return { ratio: null, latencyUs: null };
  const whole = reply.blocks.filter((b) => (b.wallUs[0] ?? 0) > 0 && (b.wallUs[index] ?? 0) > 0);
  if (whole.length === 0) return { ratio: null, latencyUs: null };
  return {
    ratio: median(whole.map((b) => b.wallUs[0]! / b.wallUs[index]!)),
    latencyUs: median(whole.map((b) => b.wallUs[index]!)),
  };
}
