import { createContext, useContext, useEffect, useState, useSyncExternalStore } from 'react';
import type { JobState } from '../../electron/contract/views.ts';
import type { Connection } from './connection.ts';

/** The jobs as last told, the newest first. */
export interface JobStore {
  readonly jobs: () => readonly JobState[];
  subscribe(listener: () => void): () => void;
  put(job: JobState): void;
}

/** Follows the jobs over a connection; asks for all of them whenever the connection opens. */
export function followJobs(connection: Connection): JobStore {
  let jobs: readonly JobState[] = [];
  const listeners = new Set<() => void>();
  const set = (next: readonly JobState[]): void => {
    jobs = [...next].sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1));
    for (const listener of listeners) listener();
  };
  const put = (job: JobState): void => set([job, ...jobs.filter((other) => other.id !== job.id)]);
  connection.onEvent((event) => {
    if (event.kind === 'job') put(event.job);
  });
  connection.onOnline(async (online) => {
    if (!online) return;
    const all = await connection.call('jobs.list', {});
    if (all.ok) set(all.value);
  });
  return {
    jobs: () => jobs,
    subscribe: (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    put,
  };
}

/** The jobs of the window. */
export const JobsContext = createContext<JobStore | null>(null);

/** The store of jobs; only inside `App`. */
export function useJobStore(): JobStore {
  const store = useContext(JobsContext);
  if (!store) throw new Error('There are no jobs here: render inside App.');
  return store;
}

/** All jobs, the newest first. */
export function useJobs(): readonly JobState[] {
  const store = useJobStore();
  return useSyncExternalStore(store.subscribe, store.jobs);
}

/** One job; null when there is none of that id. */
export function useJob(id: string | null): JobState | null {
  return useJobs().find((job) => job.id === id) ?? null;
}

/** Whether a job still goes on. */
export const isActive = ({ state }: JobState): boolean =>
  state === 'running' || state === 'pausing' || state === 'cancelling';

/** The time now, renewed every `everyMs`, for what shows how long something takes. */
export function useNow(everyMs: number): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
  return now;
}
