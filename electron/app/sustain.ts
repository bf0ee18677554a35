import type { Board } from '../board/board.ts';
import type { Listener } from '../contract/api.ts';
import type { AppError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { SustainedResult } from '../contract/sustained.ts';
import { makeSustainedLog, type SustainedLog, sustainedPlaces } from '../engine/verify/sustained.ts';
import type { SessionSettings, SustainPart } from '../runner/protocol.ts';
import { type OpenModel, sendModels } from './open-model.ts';

const timing = { warmupMs: 120, seed: 1 } as const;
const longestVisitMs = 25;
const shortestVisitMs = 2;
/** Visits that a short time should hold, so that there are some blocks on a busy board too. */
const visitsWanted = 1_500;
const pointsEveryMs = 2_000;

/**
 * Measures A, A again and B for so many minutes, all resident. Stopped, or with the link gone, it gives what was
 * measured until then, where that is enough for an interval. Errors: those of the board, and `cancelled`.
 */
export async function sustainOnBoard(
  board: Board,
  [a, b]: readonly [OpenModel, OpenModel],
  settings: SessionSettings,
  minutes: number,
  listener: Listener,
): Promise<Result<SustainedResult, AppError>> {
  const started = performance.now();
  listener.onEvent({ kind: 'stageStarted', stage: 'compare' });
  const put = await sendModels(board, [a, b]);
  if (!put.ok) return put;
  const durationMs = minutes * 60_000;
  const sha256s = [a.boardSha256, a.boardSha256, b.boardSha256];
  const log = makeSustainedLog(durationMs);
  const tell = tellingOf(log, durationMs, listener);
  const reply = await board.sustain(
    { ...timing, visitMs: visitMsOf(durationMs), sha256s, settings, durationMs },
    (part) => {
      log.add(part);
      tell(part);
    },
    listener.signal,
  );

  if (reply.ok) {
    const failed = reply.value.failed[0];
    if (failed)
      return fail({ kind: 'modelFailsToRun', path: sha256s[failed.model] ?? '', reason: failed.reason });
  }
  const end = endOf(reply);
  const result = log.result(end);
  // Too little to say anything: why it ended is all there is to tell.
  if (!result && !reply.ok) return reply;
  if (!result && listener.signal.aborted) return fail({ kind: 'cancelled' });
  if (!result)
    return fail({
      kind: 'runnerFailed',
      board: board.address,
      reason: `it gave too few blocks in ${minutes} minutes`,
    });
  listener.onEvent({ kind: 'sustained', points: result.points });
  listener.onEvent({
    kind: 'stageFinished',
    stage: 'compare',
    seconds: (performance.now() - started) / 1000,
    summary: { kind: 'sustained', blocks: result.blocks, minutes: result.minutes },
  });
  return ok(result);
}

const visitMsOf = (durationMs: number): number =>
  Math.min(Math.max(durationMs / visitsWanted, shortestVisitMs), longestVisitMs);

function endOf(
  reply: Result<{ readonly ended: 'complete' | 'cancelled' }, AppError>,
): Pick<SustainedResult, 'ended' | 'reason'> {
  if (reply.ok) return { ended: reply.value.ended === 'complete' ? 'complete' : 'stopped', reason: '' };
  const { error } = reply;
  if (error.kind === 'cancelled') return { ended: 'stopped', reason: '' };
  return { ended: 'linkLost', reason: 'reason' in error ? error.reason : error.kind };
}

/** Tells how far it is at each part, and the points now and then. */
function tellingOf(log: SustainedLog, durationMs: number, listener: Listener): (part: SustainPart) => void {
  let toldMs = Number.NEGATIVE_INFINITY;
  return ({ blocks }) => {
    const last = blocks.at(-1);
    listener.onEvent({
      kind: 'progress',
      stage: 'compare',
      done: Math.round(Math.min(last?.atMs ?? 0, durationMs) / 1000),
      total: Math.round(durationMs / 1000),
      note: {
        kind: 'sustaining',
        aUs: last?.wallUs[sustainedPlaces.a] ?? null,
        bUs: last?.wallUs[sustainedPlaces.b] ?? null,
        temperatureC: last?.temperatureC ?? null,
      },
    });
    const nowMs = performance.now();
    if (nowMs - toldMs < pointsEveryMs) return;
    toldMs = nowMs;
    listener.onEvent({ kind: 'sustained', points: log.points() });
  };
}
