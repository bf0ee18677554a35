import type { RunResult } from '../contract/run-result.ts';
import type { BoardState } from '../contract/views.ts';
import { pairsOf } from '../engine/verify/ratio.ts';
import type { BoardInventory } from '../runner/board-reading.ts';
import type { BoardConditions, BoardIdentity, TimedBlock } from '../runner/protocol.ts';

/** What the report shows beyond result.json; each part is left out of the report where it is missing. */
export interface ReportExtras {
  /** Operators of B, profiled as those of A were. */
  readonly optimizedOperators?: RunResult['operators'];
  readonly comparison?: ComparisonEvidence;
  /** Calls behind the percentiles of latency, for each model. */
  readonly latencyCalls?: number;
  /** Instrumented over clean median of A. */
  readonly profilingOverhead?: number;
  /** Clean latency of A that no operator explains, microseconds. */
  readonly unexplainedUs?: number;
  /** The board in full. */
  readonly identity?: BoardIdentity;
  readonly inventory?: BoardInventory;
  /** Of the board before the run. */
  readonly state?: BoardState;
}

/** The interleaved comparison behind the speedup. */
export interface ComparisonEvidence {
  /** Blocks that were kept; in each, index 0 is A and 1 is B. */
  readonly blocks: readonly TimedBlock[];
  /** Interleaved pairs behind the interval. */
  readonly pairs: number;
  readonly droppedBlocks: number;
  /** Half-width of the ratio of A against itself under the same conditions. */
  readonly noiseFloor?: number;
  /** Which time of the blocks the speedup comes from. */
  readonly clock: 'wall' | 'cpu';
  readonly conditions?: BoardConditions;
}

/** A's time over B's in each block whose times are whole, by the clock that speaks. */
export const blockRatios = ({ blocks, clock }: ComparisonEvidence): number[] =>
  pairsOf(blocks, 1, `${clock}Us`).map(([a, b]) => a / b);
