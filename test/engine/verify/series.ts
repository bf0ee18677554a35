import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import type { SustainedBlock } from '../../../electron/runner/protocol.ts';

/** Seeded normal values of deviation 1. */
export function gaussian(seed: number): () => number {
  const random = xoroshiro128plus(seed);
  return () =>
    Math.sqrt(-2 * Math.log(1 - uniformFloat64(random))) * Math.cos(2 * Math.PI * uniformFloat64(random));
}

/** An AR(1) series of deviation 1 around 0. */
export function autocorrelated(seed: number, length: number, rho: number): number[] {
  const draw = gaussian(seed);
  let value = draw();
  return Array.from({ length }, () => {
    const now = value;
    value = rho * value + Math.sqrt(1 - rho * rho) * draw();
    return now;
  });
}

export interface Simulation {
  readonly seed: number;
  readonly minutes: number;
  /** Mean time of one visit on a cool board, microseconds, of A, A again and B. */
  readonly us: readonly [number, number, number];
  /** By what factor a visit at this minute takes longer, for the model at a place. */
  readonly slowdown?: (minute: number, place: number) => number;
  readonly noise?: number;
  readonly temperatureC?: (minute: number) => number;
  readonly rssBytes?: (minute: number) => number;
  readonly throttled?: (minute: number) => boolean | null;
  readonly blockMs?: number;
}

/** Blocks as a board gives them: in each the models in a random order and back, every visit at its own time. */
export function simulateBlocks(simulation: Simulation): SustainedBlock[] {
  const { seed, minutes, us, slowdown = () => 1, noise = 0.01, blockMs = 600 } = simulation;
  const draw = gaussian(seed);
  const pick = xoroshiro128plus(seed + 1);
  const blocks: SustainedBlock[] = [];
  for (let atMs = 0; atMs < minutes * 60_000; atMs += blockMs) {
    const order = [0, 1, 2]
      .map((place) => ({ place, key: uniformFloat64(pick) }))
      .sort((a, b) => a.key - b.key)
      .map(({ place }) => place);
    const wallUs = [0, 0, 0];
    for (const [visit, place] of [...order, ...order.toReversed()].entries()) {
      const minute = (atMs + ((visit + 0.5) * blockMs) / 6) / 60_000;
      wallUs[place]! += (us[place]! * slowdown(minute, place) * Math.exp(noise * draw())) / 2;
    }
    const minute = (atMs + blockMs / 2) / 60_000;
    blocks.push({
      wallUs,
      cpuUs: wallUs,
      atMs: atMs + blockMs / 2,
      temperatureC: simulation.temperatureC?.(minute) ?? null,
      clockMHz: null,
      throttled: simulation.throttled?.(minute) ?? null,
      load1: 0.5,
      rssBytes: simulation.rssBytes?.(minute) ?? 100e6,
    });
  }
  return blocks;
}
