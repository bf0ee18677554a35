import { messageOf } from '../cli/messages.ts';
import { oneLine } from '../cli/one-line.ts';
import { eventLine, finishedLine } from '../cli/progress.ts';
import {
  formatCounted,
  formatLatency,
  formatPercent,
  formatPercentInterval,
  formatRatioInterval,
} from '../cli/quantities.ts';
import { assertNever } from '../contract/result.ts';
import type { FrontPoint } from '../contract/search-progress.ts';
import type { JobState, LogLine } from '../contract/views.ts';
import type { JobEvent } from './job-state.ts';

/** A line of the log before it has its time. */
export type LogText = Omit<LogLine, 'at'>;

const info = (text: string): LogText => ({ level: 'info', text });
const warning = (text: string): LogText => ({ level: 'warning', text });

/** What the log says about an event, in words; `state` is the job's before it. Null: nothing worth a line. */
export function logLine(state: JobState, event: JobEvent): LogText | null {
  switch (event.kind) {
    case 'runCreated':
    case 'boardConnected': {
      const line = eventLine(event);
      return line === null ? null : info(line);
    }
    case 'warning':
      return warning(oneLine(event.text));
    case 'stageFinished':
      return info(finishedLine(event));
    case 'ranking': {
      const [slowest] = event.operators.toSorted((a, b) => b.latencyUs - a.latencyUs);
      const whole = `One inference takes ${formatLatency(event.latencyUs)}`;
      if (slowest === undefined) return info(whole);
      const share = formatPercent(slowest.share * 100);
      return info(`${whole}; ${oneLine(slowest.name)} (${oneLine(slowest.type)}) takes the most, ${share}`);
    }
    case 'originalAccuracy':
      return info(`The original reaches ${formatPercent(event.percent)} on the samples for choosing`);
    case 'point':
      return pointLine(state, event.point);
    case 'asked':
      return info(
        `First contact with ${oneLine(event.question.board)}: does it show ${oneLine(event.question.fingerprint)}?`,
      );
    case 'answered':
      return info(event.accept ? 'The key was accepted' : 'The key was not accepted');
    case 'stopping':
      return info(
        event.state === 'pausing'
          ? 'Pausing after the step at hand; what was measured is kept'
          : 'Stopping after the step at hand',
      );
    case 'ended':
      return endLine(state, event);
    case 'stageStarted':
    case 'progress':
    case 'funnel':
    case 'trying':
      return null;
    default:
      return assertNever(event);
  }
}

function pointLine({ points }: JobState, point: FrontPoint): LogText | null {
  const before = points.find(({ id }) => id === point.id);
  if (before?.state === point.state) return null;
  const ratio = `${point.speedup.toFixed(2)}× as fast as the original`;
  const accuracy = point.accuracy === null ? '' : `, accuracy ${formatPercent(point.accuracy)}`;
  const count = formatCounted(point.replacements, 'replacement');
  switch (point.state) {
    case 'screened':
      // Hundreds are screened; only a new fastest one is news.
      return points.every(({ speedup }) => speedup < point.speedup)
        ? info(`Fastest candidate so far, as screened: ${ratio}${accuracy}, ${count}`)
        : null;
    case 'tuned':
      return info(`A candidate after fine-tuning: ${ratio}${accuracy}, ${count}`);
    case 'refused':
      return info(`A candidate was refused: ${ratio}${accuracy}`);
    case 'confirmed': {
      const { speedupInterval95: speed, accuracyInterval95: right, accuracy: percent } = point;
      const how = speed === null ? ratio : formatRatioInterval(point.speedup, speed);
      if (percent === null || right === null)
        return info(`Confirmed by a new measurement: ${how}${accuracy}`);
      return info(
        `Confirmed by a new measurement: ${how}, accuracy ${formatPercentInterval(percent, right)}`,
      );
    }
    default:
      return assertNever(point.state);
  }
}

function endLine({ run }: JobState, event: Extract<JobEvent, { kind: 'ended' }>): LogText {
  switch (event.state) {
    case 'done':
      return info('Done');
    case 'failed':
      return warning(event.error === null ? 'Failed' : messageOf(event.error, run));
    case 'paused':
      return info('Paused; what was measured is kept, and the run can go on from here');
    case 'cancelled':
      return info(run === null ? 'Stopped' : 'Stopped; what was measured is kept');
    default:
      return assertNever(event.state);
  }
}
