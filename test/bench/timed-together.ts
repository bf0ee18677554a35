import { turnedBack } from '../../electron/app/compare.ts';
import type { Board } from '../../electron/board/board.ts';
import type { Verdict } from '../../electron/contract/api.ts';
import type { Result } from '../../electron/contract/result.ts';
import { sha256 } from '../../electron/engine/onnx/hash.ts';
import { compareSpeed, latencyQuantiles, noiseFloorOf, pairsOf } from '../../electron/engine/verify/ratio.ts';
import type { SessionSettings, TimeReply } from '../../electron/runner/protocol.ts';

/** A model to be timed beside A. */
export interface Rival {
  readonly name: string;
  readonly bytes: Uint8Array;
}

/** Its time against A's, from blocks in which all models took turns. */
export interface TimedRival {
  readonly name: string;
  readonly latencyUs: number;
  /** A's time over its own. */
  readonly ratio: number;
  readonly interval95: readonly [number, number];
  readonly verdict: Verdict;
  readonly peakMemoryBytes: number | null;
}

/** A and its rivals, as timed in one go. */
export interface TimedTogether {
  readonly latencyUs: number;
  readonly peakMemoryBytes: number | null;
  /** Half-width of the ratio of A against itself. */
  readonly noiseFloor: number;
  readonly rivals: readonly TimedRival[];
  /** Rivals that the runtime refused. */
  readonly failed: readonly { readonly name: string; readonly reason: string }[];
}

const goes = 4;
const timing = { blocks: 10, iterations: 0, visitMs: 25, warmupMs: 120 } as const;
const seed = 1;
/** A, and A again as the control, come first. */
const first = 2;

/** The value, or what the board said as an error. */
export function need<T>(result: Result<T, { readonly kind: string }>): T {
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.value;
}

/** Times A, A again and all rivals interleaved, with fresh sessions in every go and the places turned in every other. */
export async function timeTogether(
  board: Board,
  a: Uint8Array,
  rivals: readonly Rival[],
  settings: SessionSettings,
): Promise<TimedTogether> {
  const models = [a, a, ...rivals.map(({ bytes }) => bytes)];
  const sha256s = models.map(sha256);
  need(await board.putModels(new Map(models.map((bytes, i) => [sha256s[i]!, bytes]))));
  const replies: TimeReply[] = [];
  for (let go = 0; go < goes; go++) {
    const turned = go % 2 === 1;
    const order = turned ? sha256s.toReversed() : sha256s;
    const reply = need(await board.time({ ...timing, sha256s: order, settings, seed: seed + go }));
    replies.push(turned ? turnedBack(reply) : reply);
  }
  const pairs = (place: number) => replies.flatMap(({ blocks }) => pairsOf(blocks, place));
  const latencyOf = (place: number) =>
    latencyQuantiles(replies.flatMap(({ callsUs }) => callsUs[place] ?? [])).p50;
  const noiseFloor = noiseFloorOf(pairs(1), seed);
  const refused = new Map(
    replies.flatMap(({ failed }) => failed).map(({ model, reason }) => [model, reason]),
  );
  const peak = async (place: number): Promise<number | null> => {
    const measured = await board.peakMemory(sha256s[place]!, settings);
    return measured.ok ? measured.value : null;
  };
  const timed: TimedRival[] = [];
  for (const [index, { name }] of rivals.entries()) {
    const place = first + index;
    if (refused.has(place)) continue;
    const { ratio, interval95, verdict } = compareSpeed(pairs(place), noiseFloor, seed);
    timed.push({
      name,
      ratio,
      interval95,
      verdict,
      latencyUs: latencyOf(place),
      peakMemoryBytes: await peak(place),
    });
  }
  return {
    latencyUs: latencyOf(0),
    peakMemoryBytes: await peak(0),
    noiseFloor,
    rivals: timed,
    failed: rivals.flatMap(({ name }, i) => {
      const reason = refused.get(first + i);
      return reason === undefined ? [] : [{ name, reason }];
    }),
  };
}
