import { ok } from '../../contract/result.ts';
import { listDeployments } from '../deployments.ts';
import type { QueriesOf } from './query.ts';

/** What was put on which board. */
export const deploymentQueries: QueriesOf<'deployments'> = {
  'deployments.list': (parts, filter) => ok(listDeployments(parts, filter)),
};
