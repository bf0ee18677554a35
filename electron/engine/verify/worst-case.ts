import type { TimeReply } from '../../runner/protocol.ts';
import { pairsOf, quantiles } from './ratio.ts';

/** What one board answered. */
export interface OfBoard<T> {
  /** The board's name for people. */
  readonly board: string;
  readonly reply: T;
}

/**
 * Times that several boards took of the same models, as those of the board where each model gains least: its ratios
 * to the first model, block by block as that board measured them, on the time that the first model takes on the first
 * board. Each pair stays one of the same board and block, so intervals over blocks hold as they do for one board. The
 * smallest of several measured ratios is a little too small where boards agree, never too large: it errs on the
 * careful side. A model that one board refuses has failed; so has one that no whole block of a board tells of.
 */
export function worstCase(replies: readonly [OfBoard<TimeReply>, ...OfBoard<TimeReply>[]]): TimeReply {
  const [lead, ...others] = replies;
  if (others.length === 0) return lead.reply;
  const models = lead.reply.iterations.length;
  const failed = replies.flatMap(({ board, reply }) =>
    reply.failed.map(({ model, reason }) => ({ model, reason: `${board}: ${reason}` })),
  );
  const firstOfModel = failed.filter(({ model }, i) => failed.findIndex((f) => f.model === model) === i);
  const baseUs = medianOr(
    lead.reply.blocks.flatMap(({ wallUs }) => wallUs[0] ?? []).filter((us) => us > 0),
    1,
  );
  const columns = Array.from({ length: models }, (_, model) => (model === 0 ? [] : slowest(replies, model)));
  const blocks = Math.max(...replies.map(({ reply }) => reply.blocks.length));
  return {
    blocks: Array.from({ length: blocks }, (_, block) => {
      const timeUs = (clock: 'wall' | 'cpu') =>
        columns.map((column, model) =>
          model === 0 ? baseUs : baseUs / (column[block]?.[clock] ?? Number.NaN),
        );
      return { wallUs: timeUs('wall'), cpuUs: timeUs('cpu') };
    }),
    iterations: lead.reply.iterations,
    callsUs: lead.reply.callsUs,
    dropped: lead.reply.dropped,
    failed: firstOfModel.toSorted((a, b) => a.model - b.model),
    conditions: lead.reply.conditions,
  };
}

/** The first model's time over another's in one block. */
interface BlockRatio {
  readonly wall: number;
  readonly cpu: number;
}

/** A model's ratios where their median is the smallest; none where a board has no whole block of it. */
function slowest(replies: readonly OfBoard<TimeReply>[], model: number): readonly BlockRatio[] {
  let found: { readonly median: number; readonly ratios: readonly BlockRatio[] } | null = null;
  for (const { reply } of replies) {
    const ratios = reply.blocks.flatMap((block): BlockRatio[] => {
      const [wall] = pairsOf([block], model, 'wallUs');
      if (!wall) return [];
      const [cpu] = pairsOf([block], model, 'cpuUs');
      return [{ wall: wall[0] / wall[1], cpu: cpu ? cpu[0] / cpu[1] : Number.NaN }];
    });
    if (ratios.length === 0) return [];
    const median = medianOr(
      ratios.map(({ wall }) => wall),
      0,
    );
    if (!found || median < found.median) found = { median, ratios };
  }
  return found?.ratios ?? [];
}

const medianOr = (values: readonly number[], none: number): number =>
  values.length === 0 ? none : quantiles(values, [0.5])[0];
