import type { DeployCall, DeployTrial } from '../contract/deploy.ts';
import type { DeployError } from '../contract/errors.ts';
import type { Store } from '../store/open-store.ts';
import type { TrialsOf } from '../store/trials.ts';
import type { DeploySubject } from './deploy-source.ts';
import { latestTrialOf } from './trials.ts';

/**
 * The newest trial on a board of the run that the model is of, or of the model in the shadow of the run's original or
 * of what is active at the path; null when none was held.
 */
export function trialBefore(
  store: Pick<Store, 'trials'>,
  { run, originalSha256, sha256: sha256B }: Pick<DeploySubject, 'run' | 'originalSha256' | 'sha256'>,
  activeSha256: string | null,
  boardId: string,
): DeployTrial | null {
  const originals = [originalSha256, activeSha256].filter((sha256) => sha256 !== null);
  const of: TrialsOf[] = [
    ...(run === null ? [] : [{ run }]),
    ...originals.map((sha256A) => ({ sha256A, sha256B })),
  ];
  const [newest] = of
    .map((one) => latestTrialOf(store, one, boardId))
    .filter((trial) => trial !== null)
    .sort((left, right) => right.startedAt.localeCompare(left.startedAt));
  if (!newest) return null;
  const { trial, state, decision } = newest;
  return { trial, state, decision };
}

/** Why a model may not be put there after what a person decided on its trial; null when it may. */
export function refusedByTrial(
  board: string,
  { path, despiteTrial }: Pick<DeployCall, 'path' | 'despiteTrial'>,
  trial: DeployTrial | null,
): DeployError | null {
  if (trial?.state !== 'rejected' || despiteTrial) return null;
  const { by, at, note } = trial.decision ?? { by: '', at: '', note: '' };
  return { kind: 'deployTrialRejected', board, path, trial: trial.trial, by, at, note };
}
