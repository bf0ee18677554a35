import type { Settings } from './views.ts';

/** What holds until a person sets something else. */
export const defaultSettings: Settings = {
  language: 'system',
  theme: 'system',
  maxAccuracyDrop: 1,
  budgetSeconds: 600,
  threads: 1,
  groupSize: 4,
  seed: 1,
};
