import { useLocation } from 'wouter';
import { useAction } from '../client/calls.ts';
import { useJobStore } from '../client/jobs.ts';
import { linkTo } from './places.ts';

/** Goes on with a run and shows it. */
export function useResume() {
  const jobs = useJobStore();
  const [, navigate] = useLocation();
  return useAction('runs.resume', (job) => {
    jobs.put(job);
    navigate(linkTo('run'));
  });
}
