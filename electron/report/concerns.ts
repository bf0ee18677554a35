import type { BoardConcern, ConcernKind } from '../contract/concerns.ts';

/** What about a board spoils a measurement, and why: one sentence in English without a full stop. */
export const concernText = (concern: BoardConcern): string => texts[concern.kind](concern);

const texts: { readonly [K in ConcernKind]: (concern: BoardConcern) => string } = {
  undervoltage: () =>
    'the supply voltage of the board is too low now, so its firmware holds the clock down; use a stronger power supply or a shorter cable',
  throttled: () => 'the board is throttled now, so times are longer than they could be; let it cool down',
  temperature: ({ value }) =>
    `the board has ${value} and is throttled soon or already; let it cool down, or give it a fan`,
  memoryPressure: ({ value }) =>
    `programs on the board waited for memory ${value} of the time, and a measurement waits with them`,
  load: ({ value, process }) =>
    `the load of the board is ${value} cores, so other programs take time from the measurement${process === undefined ? '' : `, the most by ${process}`}`,
  swap: ({ value }) =>
    `${value} of the board's memory lie in the swap, and a model that is read back from there looks slow`,
  battery: () =>
    'the board runs on its battery, and many hold the clock down to save it; connect its charger',
  governor: ({ value }) =>
    `the clock governor of the board is ${value}, so the clock may change during a measurement`,
  coresOffline: ({ value }) =>
    `cores of the board are switched off (${value}), so it is slower than it will be with them`,
  turbo: () =>
    'the clock of the board may rise for a moment (turbo), so the first times are shorter than those that last',
  disk: ({ value }) => `only ${value} are free on the board, and models have to be stored there`,
  undervoltageEarlier: () =>
    'the supply voltage of the board was too low at some time since it was started, which can happen again under load',
};
