import { Button, Group, Progress, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { JobState } from '../../electron/contract/views.ts';
import { addressOfJob, shortAddress } from '../client/boards.ts';
import { useAction } from '../client/calls.ts';
import { isActive, useJobs } from '../client/jobs.ts';
import { foreignText } from '../language/foreign-text.ts';
import { useTexts } from '../language/language.ts';
import { placeOfJob } from './job-place.ts';
import { frameTexts } from './places.ts';

/** The job that goes on now, on every place, with the way to stop it. */
export function JobChip(): ReactNode {
  const say = useTexts(frameTexts);
  const cancel = useAction('jobs.cancel');
  const job = useJobs().find(isActive);
  if (!job) return null;
  return (
    <Group gap="xs" wrap="nowrap" role="status">
      <Link href={placeOfJob(job)} style={{ color: 'inherit' }}>
        <Text fz="xs" fw={600} maw={320} truncate>
          {job.kind === 'connect'
            ? say('connectingTo', { board: boardOf(job) })
            : say('working', { what: say(`job.${job.kind}`), board: boardOf(job) })}
        </Text>
        <Progress size="xs" value={100 * partDone(job)} aria-label={say(`job.${job.kind}`)} w={180} />
      </Link>
      <Button
        size="compact-xs"
        variant="default"
        disabled={job.state !== 'running'}
        onClick={() => cancel.mutate({ job: job.id })}
      >
        {job.state === 'running' ? say('cancel') : say('cancelling')}
      </Button>
    </Group>
  );
}

const boardOf = (job: JobState): string => foreignText(job.identity?.name ?? shortAddress(addressOfJob(job)));

/** Share of the stages that are done, the running one counted by its own progress. */
export function partDone({ stages }: JobState): number {
  if (stages.length === 0) return 0;
  const done = stages.reduce(
    (sum, s) => sum + (s.state === 'done' ? 1 : s.state === 'running' ? (s.done ?? 0) : 0),
    0,
  );
  return done / stages.length;
}
