import type { NothingFound } from '../../../contract/run-notes.ts';
import type { RunResult } from '../../../contract/run-result.ts';
import type { Disagreement, RunDetails } from '../../../contract/views.ts';
import { blockRatios } from '../../../report/extras.ts';
import type { Verified } from '../../run-on-data.ts';
import type { SpeedFindings } from '../measuring/compare.ts';
import type { Study } from '../study.ts';

/** What B says otherwise than A on the verify part. */
export type Disagreements = Pick<RunDetails, 'disagreements' | 'disagreementCount'>;

/** What a run came to, as far as it came. */
export interface Findings {
  /** Null: nothing was compared with A on the board. */
  readonly speed: SpeedFindings | null;
  readonly optimizedOperators: RunResult['operators'];
  /** Of the student looked at last; null where none was. */
  readonly disagreements: Disagreements | null;
  /** Why nothing was found; null: something was. */
  readonly reason: NothingFound | null;
}

const mostCalls = 2_000;
const mostDisagreements = 200;
const none: Disagreements = { disagreements: [], disagreementCount: 0 };

/** What a run found beyond its result. */
export function detailsOf(
  { live }: Pick<Study, 'live'>,
  profiled: Pick<RunDetails, 'profilingOverhead' | 'unexplainedUs'> | null,
  { speed, optimizedOperators, disagreements, reason }: Findings,
): RunDetails {
  return {
    callsUs: {
      a: speed?.callsUs.a.slice(0, mostCalls) ?? [],
      b: speed?.callsUs.b.slice(0, mostCalls) ?? [],
    },
    blockRatios: speed ? blockRatios(speed.evidence) : [],
    noiseFloor: speed?.evidence.noiseFloor ?? null,
    pairs: speed?.evidence.pairs ?? 0,
    droppedBlocks: speed?.evidence.droppedBlocks ?? 0,
    conditions: speed?.evidence.conditions ?? null,
    optimizedOperators,
    profilingOverhead: profiled?.profilingOverhead ?? null,
    unexplainedUs: profiled?.unexplainedUs ?? null,
    points: live.points,
    ...(disagreements ?? none),
    ...(reason && { reason }),
  };
}

/** The samples of which two models say different classes; none where they say no classes, or several a sample. */
export function disagreementsOf(
  a: Pick<Verified, 'predictions' | 'samples'>,
  b: Pick<Verified, 'predictions'>,
  labels: Int32Array | null,
): Disagreements {
  if (a.predictions.length !== a.samples) return none;
  const disagreements: Disagreement[] = [];
  let disagreementCount = 0;
  a.predictions.forEach((ofA, sample) => {
    const ofB = b.predictions[sample];
    if (ofB === undefined || ofA === ofB) return;
    if (disagreementCount++ < mostDisagreements)
      disagreements.push({ sample, label: labels?.[sample] ?? null, a: ofA, b: ofB });
  });
  return { disagreements, disagreementCount };
}
