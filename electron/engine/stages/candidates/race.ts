import type { TimeReply } from '../../../runner/protocol.ts';
import { meanInterval95, median, pooledSpread } from '../../complexity/intervals.ts';
import { neededRatio } from '../../experience/weights.ts';
import { need, type Study } from '../study.ts';
import { quickTiming, settingsOf } from '../timing.ts';

/** A structure's time against its baseline; null where the runtime refused it. */
export interface Raced {
  readonly ratio: number;
  /** Medians over the blocks, microseconds. */
  readonly latencyUs: number;
  readonly baselineUs: number;
}

/** Told of what is timed, by the places of the models. */
export interface RaceWatcher {
  onStart(places: readonly number[]): void;
  onDecided(place: number, raced: Raced | null): void;
}

/** Models timed together, so that all stay resident. */
const batch = 8;
/** Blocks of the first look, and of the second at what the first left open: together what all used to get. */
const looks = [3, quickTiming.blocks - 3] as const;
/** A board's times differ by this much from block to block, even where a few blocks happen to agree. */
const leastDeviation = 0.01;

interface Blocks {
  readonly own: readonly number[];
  readonly baseline: readonly number[];
}

/**
 * Times models against `baseline` on the board, interleaved: all for a few blocks, and for more only those whose
 * interval of the ratio does not lie wholly on one side of the needed one.
 */
export async function race(
  study: Study,
  baseline: Uint8Array,
  models: readonly Uint8Array[],
  watcher: RaceWatcher,
): Promise<void> {
  const seen = new Map<number, Blocks>();
  const timeSome = async (places: readonly number[], look: 0 | 1): Promise<void> => {
    watcher.onStart(places);
    const settings = settingsOf(study);
    // A seed of its own: the same request would be recalled, not measured.
    const request = { ...quickTiming, blocks: looks[look], settings, seed: study.job.seed + look };
    const reply = need(await study.host.time([baseline, ...places.map((p) => models[p]!)], request));
    places.forEach((place, i) => {
      const blocks = blocksOf(reply, i + 1);
      const before = seen.get(place);
      if (blocks)
        seen.set(place, {
          own: [...(before?.own ?? []), ...blocks.own],
          baseline: [...(before?.baseline ?? []), ...blocks.baseline],
        });
    });
    const [spent, perBlock, warmUp] = inferencesOf(reply);
    study.ledger.timingInferences += spent;
    if (look === 0) study.ledger.timingInferencesFixed += warmUp + perBlock * quickTiming.blocks;
  };
  const decide = (place: number): void => {
    const blocks = seen.get(place);
    watcher.onDecided(place, blocks ? racedOf(blocks) : null);
  };
  const open: number[] = [];
  const lookAgain = async (): Promise<void> => {
    const places = open.splice(0, batch);
    await timeSome(places, 1);
    for (const place of places) decide(place);
  };
  for (let first = 0; first < models.length; first += batch) {
    const places = models.slice(first, first + batch).map((_, i) => first + i);
    await timeSome(places, 0);
    const undecided = new Set(stillOpen(new Map([...seen].filter(([place]) => places.includes(place)))));
    open.push(...undecided);
    for (const place of places) if (!undecided.has(place)) decide(place);
    while (open.length >= batch) await lookAgain();
  }
  if (open.length > 0) await lookAgain();
}

const logRatios = ({ own, baseline }: Blocks): number[] => own.map((us, i) => Math.log(baseline[i]! / us));

/**
 * Those of which it is not certain on which side of the needed ratio they are. How much the board's times vary is
 * taken from all that ran in the same blocks: three blocks of one model alone would say little.
 */
export function stillOpen(timed: ReadonlyMap<number, Blocks>): number[] {
  const { deviation, freedom } = pooledSpread([...timed.values()].map(logRatios));
  const spread = { deviation: Math.max(deviation, leastDeviation), freedom };
  const needed = Math.log(neededRatio);
  return [...timed].flatMap(([place, blocks]) => {
    const [low, high] = meanInterval95(logRatios(blocks), spread);
    return low > needed || high < needed ? [] : [place];
  });
}

const racedOf = (blocks: Blocks): Raced => ({
  ratio: Math.exp(median(logRatios(blocks))),
  latencyUs: median(blocks.own),
  baselineUs: median(blocks.baseline),
});

function blocksOf(reply: TimeReply, index: number): Blocks | null {
  if (reply.failed.some((f) => f.model === index || f.model === 0)) return null;
  const whole = reply.blocks.filter((b) => (b.wallUs[0] ?? 0) > 0 && (b.wallUs[index] ?? 0) > 0);
  if (whole.length === 0) return null;
  return { own: whole.map((b) => b.wallUs[index]!), baseline: whole.map((b) => b.wallUs[0]!) };
}

/** Inferences of a timing: in all, in one block, and (about, since the runner does not tell) before the first block. */
function inferencesOf(reply: TimeReply): readonly [all: number, perBlock: number, warmUp: number] {
  let perBlock = 0;
  let warmUp = 0;
  reply.iterations.forEach((iterations, i) => {
    // Each visit of more than one call begins with one that is not timed.
    perBlock += 2 * (iterations > 1 ? iterations + 1 : iterations);
    const us = median(reply.callsUs[i] ?? []);
    if (us > 0) warmUp += Math.max(2, Math.ceil((quickTiming.warmupMs * 1000) / us));
  });
  return [warmUp + perBlock * (reply.blocks.length + reply.dropped.length), perBlock, warmUp];
}
