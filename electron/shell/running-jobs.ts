import type { WindowEvent } from '../contract/calls.ts';

/** Which jobs are going on, as the events tell. */
export interface RunningJobs {
  hear(event: WindowEvent): void;
  readonly count: number;
  /** The service that they ran in is gone. */
  clear(): void;
}

/** Counts the jobs that are going on; `onIdle` is called when the last of them has ended. */
export function makeRunningJobs(onIdle: () => void): RunningJobs {
  const running = new Set<string>();
  return {
    hear(event) {
      if (event.kind !== 'job') return;
      const { id, state } = event.job;
      if (state === 'running' || state === 'pausing' || state === 'cancelling') running.add(id);
      else if (running.delete(id) && running.size === 0) onIdle();
    },
    get count() {
      return running.size;
    },
    clear: () => running.clear(),
  };
}
