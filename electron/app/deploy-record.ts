import type { AppError } from '../contract/errors.ts';
import { ok, type Result } from '../contract/result.ts';
import type { Deployments, NewDeployment } from '../store/deployments.ts';
import type { Store } from '../store/open-store.ts';
import { isLinkGone } from './deploy-contact.ts';

/** The row of a deployment that is under way. */
export interface DeploymentNote {
  readonly id: string;
  reach(state: Parameters<Deployments['reach']>[1]): Result<void, AppError>;
}

/**
 * Keeps a row of the history in step with `work`, from before its first change on the board until its end, whatever
 * that is. Errors: those of `work` and of every write of the store.
 */
export async function keepingRecord<T>(
  { deployments }: Pick<Store, 'deployments'>,
  about: NewDeployment,
  work: (note: DeploymentNote) => Promise<Result<T, AppError>>,
): Promise<Result<T, AppError>> {
  const begun = deployments.begin(about);
  if (!begun.ok) return begun;
  const id = begun.value;
  const done = await work({ id, reach: (state) => deployments.reach(id, state) });
  const ended = done.ok
    ? deployments.end(id, about.action === 'rollback' ? 'rolled back' : 'active')
    : deployments.end(id, endOf(done.error), done.error);
  // What happened on the board is worth more than a row that could not be written.
  return done.ok && !ended.ok ? ended : done.ok ? ok(done.value) : done;
}

function endOf(error: AppError): Parameters<Deployments['end']>[1] {
  if (error.kind === 'deployRolledBack') return 'rolled back';
  if (error.kind === 'cancelled') return 'cancelled';
  // Nothing more could be said to the board: it is as it was left.
  return isLinkGone(error) ? 'interrupted' : 'failed';
}
