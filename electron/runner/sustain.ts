import { loadavg } from 'node:os';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { makeCallHistogram } from './call-histogram.ts';
import { type BlockConditions, readBlockConditions, readConditions } from './conditions.ts';
import type { SustainedBlock, SustainReply, SustainRequest } from './protocol.ts';
import {
  type Contestant,
  loadContestant,
  meanOfVisits,
  messageOf,
  shuffle,
  type Visit,
  visit,
  type WorkContext,
} from './timing.ts';

const tellEveryMs = 1_000;
/** Fewer say nothing; a model of seconds a call takes longer than was asked for. */
const fewestBlocks = 12;

/**
 * Times models against each other for as long as is asked, see `SustainRequest`. Nothing is kept here: blocks go out
 * as they come, calls are counted. Cancelled, it answers like one that came to its end.
 */
export async function sustainModels(
  request: SustainRequest,
  pathOf: (sha256: string) => string | null,
  context: WorkContext,
): Promise<SustainReply> {
  const contestants: Contestant[] = [];
  const histograms = request.sha256s.map(makeCallHistogram);
  let untold: SustainedBlock[] = [];
  const tell = (doneMs: number): void => {
    const models = histograms.map((histogram) => histogram.figures());
    context.tell(Math.min(doneMs, request.durationMs), request.durationMs, { blocks: untold, models });
    untold = [];
  };
  const replyOf = (ended: SustainReply['ended'], failed: SustainReply['failed'] = []): SustainReply => ({
    ended,
    failed,
    conditions: readConditions(),
  });

  try {
    for (const [index, sha256] of request.sha256s.entries()) {
      const loaded = loadContestant({ ...request, iterations: 0 }, index, sha256, pathOf);
      if ('reason' in loaded) return replyOf('complete', [{ model: index, reason: loaded.reason }]);
      contestants.push(loaded);
      await context.breathe();
      if (context.cancelled()) return replyOf('cancelled');
    }

    const resident = withEqualVisits(contestants, request.sha256s);
    const random = xoroshiro128plus(request.seed);
    const startMs = performance.now();
    let toldMs = startMs;
    let blocks = 0;
    for (;;) {
      const order = shuffle(resident, random);
      const visits = contestants.map((): Visit[] => []);
      const before = readBlockConditions();
      const blockMs = performance.now() - startMs;
      for (const contestant of [...order, ...order.toReversed()]) {
        try {
          visits[contestant.index]!.push(visit(contestant, histograms[contestant.index]!.add));
        } catch (error) {
          tell(performance.now() - startMs);
          return replyOf('complete', [{ model: contestant.index, reason: messageOf(error) }]);
        }
        await context.breathe();
        if (context.cancelled()) {
          // The block at hand is not whole, and so it is none.
          tell(performance.now() - startMs);
          return replyOf('cancelled');
        }
      }
      const nowMs = performance.now();
      untold.push({
        ...meanOfVisits(visits),
        ...conditionsOver(before, readBlockConditions()),
        atMs: (blockMs + nowMs - startMs) / 2,
        load1: loadavg()[0] ?? 0,
        rssBytes: process.memoryUsage.rss(),
      });
      blocks += 1;
      const isOver = nowMs - startMs >= request.durationMs && blocks >= fewestBlocks;
      if (isOver || nowMs - toldMs >= tellEveryMs) {
        tell(nowMs - startMs);
        toldMs = nowMs;
      }
      if (isOver) return replyOf('complete');
    }
  } finally {
    for (const contestant of contestants) contestant.model.dispose();
  }
}

/** A model and its control make as many calls a visit, however busy the board was while each was warmed up. */
function withEqualVisits(
  contestants: readonly Contestant[],
  sha256s: readonly string[],
): readonly Contestant[] {
  return contestants.map((one) => {
    const same = contestants.filter((other) => sha256s[other.index] === sha256s[one.index]);
    return { ...one, iterations: Math.max(...same.map(({ iterations }) => iterations)) };
  });
}

function conditionsOver(
  before: BlockConditions,
  after: BlockConditions,
): Pick<SustainedBlock, 'temperatureC' | 'clockMHz' | 'throttled'> {
  const flags = [before.throttledNow, after.throttledNow].filter((flag) => flag !== null);
  const counted = before.throttleCount !== null && after.throttleCount !== null;
  const grew = counted && (after.throttleCount ?? 0) > (before.throttleCount ?? 0);
  return {
    temperatureC: after.temperatureC,
    clockMHz: after.clockMHz,
    throttled: flags.length === 0 && !counted ? null : grew || flags.includes(true),
  };
}
