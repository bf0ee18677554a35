import type { TrialRecord } from '../../electron/store/trials.ts';

const calls = { calls: 10, p50Us: 100, p90Us: 110, p99Us: 130 };

/** A trial of ten inputs, one of which B answers differently. */
export function trialRecord(changes: Partial<TrialRecord> = {}): TrialRecord {
  return {
    ...{ trial: 't-1', startedAt: '2026-11-27T17:00:00.000Z', run: null },
    ...{ boardId: 'c0ffee42', boardName: 'Bench Pi', address: 'local' },
    a: { path: 'a.onnx', sha256: 'a'.repeat(64) },
    b: { path: 'b.onnx', sha256: 'b'.repeat(64) },
    ...{ threads: 1, level: 'all', inputs: '/in', outputs: null, ended: 'complete', reason: '' },
    counts: {
      ...{ inputs: 10, agreed: 9, malformed: 0, failedB: 0, a: calls, b: calls },
      ...{ smallestCosine: 0.9, largestDifference: 2, by: 'top-1' },
    },
    ...{ agreementPercent: 90, agreementInterval95: [59.6, 98.2] },
    disagreements: [],
    malformed: [],
    folder: '/root/trials/t-1',
    ...changes,
  };
}
