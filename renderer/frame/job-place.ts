import type { JobState } from '../../electron/contract/views.ts';
import { linkTo } from './places.ts';

const placeOfKind = {
  connect: 'boards',
  profile: 'models',
  optimize: 'run',
  compare: 'compare',
  deploy: 'boards',
  rollback: 'boards',
  unmanage: 'boards',
  checkDeployments: 'boards',
  removeRunner: 'boards',
  trial: 'compare',
} as const;

/** The address of the place that shows a job. */
export const placeOfJob = ({ kind }: JobState): string => linkTo(placeOfKind[kind]);
