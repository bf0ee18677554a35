import type { Board } from '../../electron/board/board.ts';
import { sha256 } from '../../electron/engine/onnx/hash.ts';
import { compareSpeed, type PairUs, quantiles } from '../../electron/engine/verify/ratio.ts';
import type { SessionSettings, TimeReply } from '../../electron/runner/protocol.ts';
import { need } from './timed-together.ts';

/** A model at one way to make its session, against the way of the run. */
export interface TimedSettings {
  readonly settings: SessionSettings;
  readonly latencyUs: number;
  /** Time at the run's settings over time at these. */
  readonly ratio: number;
  readonly interval95: readonly [number, number];
}

const rounds = 12;
const visit = { blocks: 1, iterations: 0, visitMs: 25, warmupMs: 60 } as const;
const seed = 1;

/**
 * A at every number of threads and both levels, in rounds there and back, so that each round holds every setting
 * against the run's own; the fastest first. The best of several is a little flattered by chance.
 */
export async function timeSettings(
  board: Board,
  a: Uint8Array,
  base: SessionSettings,
): Promise<TimedSettings[]> {
  const name = sha256(a);
  need(await board.putModels(new Map([[name, a]])));
  const all: readonly SessionSettings[] = [
    base,
    ...Array.from({ length: board.identity.cores }, (_, i) => i + 1)
      .flatMap((threads): SessionSettings[] => [
        { threads, level: 'all' },
        { threads, level: 'extended' },
      ])
      .filter(({ threads, level }) => threads !== base.threads || level !== base.level),
  ];
  /** For each setting, the mean call of every round. */
  const roundsUs: number[][] = all.map(() => []);
  for (let round = 0; round < rounds; round++) {
    const there = all.map((_, i) => (i + round) % all.length);
    const sums = all.map(() => 0);
    for (const i of [...there, ...there.toReversed()]) {
      const reply = need(
        await board.time({ ...visit, sha256s: [name], settings: all[i]!, seed: seed + round }),
      );
      sums[i]! += callUs(reply) / 2;
    }
    for (const [i, us] of sums.entries()) roundsUs[i]!.push(us);
  }
  return all
    .map((settings, i): TimedSettings => {
      const pairs = roundsUs[0]!.map((us, round): PairUs => [us, roundsUs[i]![round]!]);
      const { ratio, interval95 } = compareSpeed(pairs, 0, seed);
      return { settings, ratio, interval95, latencyUs: quantiles(roundsUs[i]!, [0.5])[0] };
    })
    .sort((one, other) => other.ratio - one.ratio);
}

function callUs({ blocks, callsUs }: TimeReply): number {
  const us = blocks[0]?.wallUs[0];
  // A block that was dropped as disturbed has its calls all the same.
  return us !== undefined && us > 0 ? us : quantiles(callsUs[0] ?? [], [0.5])[0];
}
