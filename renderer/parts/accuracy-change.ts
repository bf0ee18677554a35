import type { FrontPoint } from '../../electron/contract/search-progress.ts';

/** Accuracy of a point against A on the same samples, percentage points; null while either was not measured. */
export const accuracyChangeOf = ({ accuracy, originalAccuracy }: FrontPoint): number | null =>
  // A run that was kept before A's was told has none.
  accuracy === null || typeof originalAccuracy !== 'number' ? null : accuracy - originalAccuracy;
