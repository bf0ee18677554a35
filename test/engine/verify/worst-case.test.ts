import { describe, expect, test } from 'vitest';
import { pairedRatio, pairsOf } from '../../../electron/engine/verify/ratio.ts';
import { type OfBoard, worstCase } from '../../../electron/engine/verify/worst-case.ts';
import type { TimeReply } from '../../../electron/runner/protocol.ts';

/** Times of models by block, the first model first; 0: none. */
const replyOf = (blocks: readonly (readonly number[])[], changes: Partial<TimeReply> = {}): TimeReply => ({
  blocks: blocks.map((wallUs) => ({ wallUs, cpuUs: wallUs.map((us) => us / 2) })),
  iterations: (blocks[0] ?? []).map(() => 1),
  callsUs: (blocks[0] ?? []).map((us) => [us]),
  dropped: [],
  failed: [],
  conditions: { governor: null, clockMHz: null, temperatureC: null, throttled: null, load1: 0 },
  ...changes,
});
const on = (board: string, reply: TimeReply): OfBoard<TimeReply> => ({ board, reply });
const ratiosOf = (reply: TimeReply, place: number): number[] =>
  pairsOf(reply.blocks, place).map(([a, b]) => a / b);

describe('times of several boards as one', () => {
  const fast = replyOf([
    [100, 50, 80],
    [102, 51, 82],
    [98, 49, 79],
  ]);
  const slow = replyOf([
    [1000, 900, 400],
    [1100, 1000, 440],
    [900, 800, 380],
  ]);

  test('keep of each model the blocks of the board where it gains least, as that board paired them', () => {
    const reply = worstCase([on('fast', fast), on('slow', slow)]);
    expect(ratiosOf(reply, 1).map((r) => r.toFixed(6))).toEqual(
      [1000 / 900, 1100 / 1000, 900 / 800].map((r) => r.toFixed(6)),
    );
    expect(ratiosOf(reply, 2).map((r) => r.toFixed(6))).toEqual(
      [100 / 80, 102 / 82, 98 / 79].map((r) => r.toFixed(6)),
    );
    expect(pairedRatio(pairsOf(reply.blocks, 1), 1)).toEqual({
      ratio: expect.closeTo(1.111, 3),
      interval95: [expect.closeTo(1.1, 3), expect.closeTo(1.125, 3)],
    });
    // On the time that the first model takes on the first board.
    expect(new Set(reply.blocks.map(({ wallUs }) => wallUs[0]))).toEqual(new Set([100]));
    expect(
      ratiosOf({ ...reply, blocks: reply.blocks.map((b) => ({ ...b, wallUs: b.cpuUs })) }, 1),
    ).toHaveLength(3);
  });

  test('are those of the board itself where there is but one', () => {
    expect(worstCase([on('fast', fast)])).toBe(fast);
  });

  test('count a model as failed that one board refuses, and say which', () => {
    const refusing = replyOf([[1000, Number.NaN, 400]], {
      failed: [{ model: 1, reason: 'no such operator' }],
    });
    const reply = worstCase([on('fast', fast), on('slow', refusing)]);
    expect(reply.failed).toEqual([{ model: 1, reason: 'slow: no such operator' }]);
    expect(ratiosOf(reply, 1)).toEqual([]);
    expect(ratiosOf(reply, 2)).toHaveLength(3);
  });

  test('tell nothing of a model of which one board has no whole block', () => {
    const throttled = replyOf([], { iterations: [1, 1, 1], callsUs: [[], [], []] });
    const reply = worstCase([on('fast', fast), on('throttled', throttled)]);
    expect(ratiosOf(reply, 1)).toEqual([]);
    expect(reply.failed).toEqual([]);
  });

  test('leave out the blocks that the deciding board has not got', () => {
    const short = replyOf([[1000, 900, 400]]);
    const reply = worstCase([on('fast', fast), on('short', short)]);
    expect(reply.blocks).toHaveLength(3);
    expect(ratiosOf(reply, 1)).toHaveLength(1);
    expect(ratiosOf(reply, 2)).toHaveLength(3);
  });
});
