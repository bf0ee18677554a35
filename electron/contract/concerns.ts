/** What of a board's state spoils a measurement, the worst first. */
export const concernKinds = [
  'undervoltage',
  'throttled',
  'temperature',
  'memoryPressure',
  'load',
  'swap',
  'battery',
  'governor',
  'coresOffline',
  'turbo',
  'disk',
  'undervoltageEarlier',
] as const;
export type ConcernKind = (typeof concernKinds)[number];

/** `command` mends it, or shows what is to be mended, when a person runs it on the board; the app runs none of them. */
export interface BoardConcern {
  readonly kind: ConcernKind;
  /** A figure with its unit, or a name; empty where there is none. */
  readonly value: string;
  /** The program that takes the most time, with its share of a core. */
  readonly process?: string;
  readonly command: string | null;
}
