import { z } from 'zod';

const amountWithInterval = (what: string) =>
  z
    .strictObject({
      millijoules: z.number().describe(`${what}, millijoules.`),
      interval95: z
        .tuple([z.number(), z.number()])
        .describe('95 % interval over the rounds, millijoules, [low, high].'),
    })
    .describe(what);

const modelEnergy = (which: string) =>
  z
    .strictObject({
      total: amountWithInterval('Energy of one inference, with what the board takes anyhow'),
      aboveIdle: amountWithInterval(
        'Energy of one inference beyond what the idle board takes in the same time',
      ),
      calls: z.int().positive().describe('Inferences that were counted.'),
    })
    .describe(which);

/** Energy of two models, measured in alternating stretches. */
export const energyComparisonSchema = z
  .strictObject({
    sensor: z.string().describe('The sensor, as the kernel names it.'),
    covers: z
      .enum(['board', 'rail', 'battery', 'cpu'])
      .describe('What flows through the sensor: the whole board, one of its rails, its battery, or the CPU.'),
    idleWatts: z.number().describe('Mean power while nothing was called, before and after; watts.'),
    rounds: z.int().positive().describe('Rounds of A B B A, one observation each.'),
    a: modelEnergy('The original model (A).'),
    b: modelEnergy('The optimized model (B).'),
    ratio: z.number().positive().describe("A's total energy over B's: above 1, B takes less."),
    ratioInterval95: z
      .tuple([z.number(), z.number()])
      .describe('95 % interval of the ratio over the rounds, [low, high].'),
  })
  .describe('Energy per inference, from a sensor of the board.');

export type EnergyComparison = z.infer<typeof energyComparisonSchema>;
export type ModelEnergy = EnergyComparison['a'];

/** What became of measuring energy; `reason` is why it was not measured. */
export type EnergyFindings =
  | { readonly kind: 'measured'; readonly energy: EnergyComparison }
  | {
      readonly kind: 'notMeasured';
      readonly reason: 'noSensor' | 'sensorTooSlow' | 'sensorFailed' | 'modelFailed';
      /** The sensor that was tried; null without one. */
      readonly sensor: string | null;
    };
