import { assertNever } from '../contract/result.ts';
import type { LogEntry } from '../contract/run-notes.ts';
import type { FrontPoint } from '../contract/search-progress.ts';
import type { JobState, LogLine } from '../contract/views.ts';
import type { JobEvent } from './job-state.ts';

/** A line of the log before it has its time. */
export type LogNews = Omit<LogLine, 'at'>;

const info = (entry: LogEntry): LogNews => ({ level: 'info', entry });
const warning = (entry: LogEntry): LogNews => ({ level: 'warning', entry });

/** What the log says about an event; `state` is the job's before it. Null: nothing worth a line. */
export function logLine(state: JobState, event: JobEvent): LogNews | null {
  switch (event.kind) {
    case 'runCreated':
    case 'boardConnected':
    case 'stageFinished':
    case 'originalAccuracy':
    case 'asked':
    case 'answered':
    case 'stopping':
      return info(event);
    case 'warning':
      return warning(event);
    case 'ranking': {
      const [first] = event.operators.toSorted((a, b) => b.latencyUs - a.latencyUs);
      const slowest = first ? { name: first.name, type: first.type, share: first.share } : null;
      return info({ kind: 'ranking', latencyUs: event.latencyUs, slowest });
    }
    case 'point':
      return isNews(state, event.point) ? info(event) : null;
    case 'ended':
      return endLine(state, event);
    case 'stageStarted':
    case 'progress':
    case 'installStarting':
    case 'funnel':
    case 'trying':
    case 'sustained':
    case 'trial':
      return null;
    default:
      return assertNever(event);
  }
}

function isNews({ points }: JobState, point: FrontPoint): boolean {
  const before = points.find(({ id }) => id === point.id);
  if (before?.state === point.state) return false;
  // Hundreds are screened; only a new fastest one is news.
  return point.state !== 'screened' || points.every(({ speedup }) => speedup < point.speedup);
}

function endLine({ run }: JobState, event: Extract<JobEvent, { kind: 'ended' }>): LogNews {
  switch (event.state) {
    case 'failed':
      return warning({ kind: 'failed', error: event.error });
    case 'cancelled':
      return info({ kind: 'cancelled', kept: run !== null });
    case 'done':
    case 'paused':
      return info({ kind: event.state });
    default:
      return assertNever(event.state);
  }
}
