import type { AppError } from '../../../electron/contract/errors.ts';
import type { JobState } from '../../../electron/contract/views.ts';
import { isActive } from '../../client/jobs.ts';

/** What has to be so before a board can be measured on, in the order in which it comes. */
const stepNames = ['reachable', 'signedIn', 'runner', 'stateRead'] as const;
type StepName = (typeof stepNames)[number];

/** One step of a connect job. `asking`: waits for a person's answer. */
export interface ReadinessStep {
  readonly name: StepName;
  readonly state: 'waiting' | 'running' | 'asking' | 'done' | 'failed' | 'stopped';
}

/** How many steps a connect job has surely passed, by what it has told so far. */
export function stepsPassed({ outcome, identity, stages, question, error }: JobState): number {
  if (outcome?.kind === 'connect') return 4;
  if (identity) return 3;
  if (stages.some(({ name, done }) => name === 'connect' && done !== null)) return 2;
  if (question) return 1;
  return error ? stepOfError(error) : 0;
}

/** The steps of a connect job; `passed` is the most that it was ever seen to have passed. */
export function readinessOf(job: JobState, passed = stepsPassed(job)): readonly ReadinessStep[] {
  const local = job.request.kind === 'connect' && job.request.address === 'local';
  // This computer need not be reached, and there is nobody to sign in with.
  const first = local ? 2 : 0;
  const at = Math.max(first, job.error ? Math.max(passed, stepOfError(job.error)) : passed);
  return stepNames.slice(first).map((name, i): ReadinessStep => {
    const index = first + i;
    if (index < at) return { name, state: 'done' };
    return { name, state: index > at ? 'waiting' : stateAt(job) };
  });
}

function stateAt(job: JobState): ReadinessStep['state'] {
  if (job.question) return 'asking';
  if (isActive(job)) return 'running';
  return job.state === 'failed' ? 'failed' : 'stopped';
}

/** The step at which a failure of this kind happens; 0 where it may happen at any. */
function stepOfError({ kind }: AppError): number {
  switch (kind) {
    case 'hostKeyUnknown':
    case 'hostKeyRefused':
    case 'hostKeyChanged':
    case 'knownHostsUnreadable':
    case 'notWritable':
    case 'authenticationFailed':
      return 1;
    case 'boardUnsupported':
    case 'boardDiskFull':
    case 'boardCorrupted':
    case 'boardCommandFailed':
    case 'runnerFailed':
      return 2;
    default:
      return 0;
  }
}

/** An installation of the runner that goes on. */
export interface Installing {
  /** 0 to 1. */
  readonly done: number;
  readonly totalBytes: number | null;
}

/** The installation that a connect job is at; null: none. */
export function installingOf(job: JobState): Installing | null {
  const stage = job.stages.find(({ name }) => name === 'connect');
  if (!stage || stage.done === null || job.identity || !isActive(job)) return null;
  return { done: stage.done, totalBytes: stage.total ?? null };
}

/** Seconds that are left at the pace since `from`; null while that is a guess. */
export function secondsLeft(
  from: { readonly atMs: number; readonly done: number },
  now: { readonly atMs: number; readonly done: number },
): number | null {
  const gained = now.done - from.done;
  const tookMs = now.atMs - from.atMs;
  if (gained < 0.02 || tookMs < 1_500) return null;
  return ((1 - now.done) * tookMs) / gained / 1000;
}
