import type { CallArguments, CallResult, QueryName } from '../contract/calls.ts';
import type { AppParts } from './parts.ts';
import { boardQueries } from './queries/boards.ts';
import { dataQueries } from './queries/data.ts';
import { deploymentQueries } from './queries/deployments.ts';
import { modelQueries } from './queries/models.ts';
import type { QueryTable } from './queries/query.ts';
import { runQueries } from './queries/runs.ts';
import { settingsQueries } from './queries/settings.ts';
import { storageQueries } from './queries/storage.ts';
import { trialQueries } from './queries/trials.ts';

const table: QueryTable = {
  ...boardQueries,
  ...dataQueries,
  ...deploymentQueries,
  ...modelQueries,
  ...runQueries,
  ...settingsQueries,
  ...storageQueries,
  ...trialQueries,
};

/** Answers what the window asks; see `Api.query`. The arguments have their form already. */
export async function queries<N extends QueryName>(
  parts: AppParts,
  signal: AbortSignal,
  name: N,
  args: CallArguments<N>,
): Promise<CallResult<N>> {
  const answer: QueryTable[N] = table[name];
  return answer(parts, args, signal);
}
