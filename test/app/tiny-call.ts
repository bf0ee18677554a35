import type { OptimizeCall } from '../../electron/contract/api.ts';
import { behaviours } from './fake-jobs.ts';

/** A call of `optimize` on the tiny model. */
export const callOf = (changes: Partial<OptimizeCall> = {}): OptimizeCall => ({
  modelPath: 'tiny.onnx',
  dataPath: 'data.npz',
  board: { address: 'local' },
  maxAccuracyDrop: 1,
  budgetSeconds: 60,
  threads: 1,
  groupSize: 4,
  seed: behaviours.improves,
  ...changes,
});
