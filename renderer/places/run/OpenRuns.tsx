import { Anchor, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import { useCall } from '../../client/calls.ts';
import { isActive, useJobs } from '../../client/jobs.ts';
import { linkTo } from '../../frame/places.ts';
import { useResume } from '../../frame/use-resume.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { ErrorPanel } from '../../parts/States.tsx';
import { runTexts } from './words.ts';

const shown = 3;
const newest = { sort: 'startedAt', descending: true, offset: 0, limit: shown + 1 } as const;

/** The newest runs that did not come to their ends, to go on with; `except` is on the page already. */
export function OpenRuns({ except }: { readonly except: string | null }): ReactNode {
  const say = useTexts(runTexts);
  const quantities = useQuantities();
  const jobs = useJobs();
  const interrupted = useCall('runs.list', { state: 'interrupted', ...newest });
  const cancelled = useCall('runs.list', { state: 'cancelled', ...newest });
  const resume = useResume();
  const taken = new Set(jobs.filter(isActive).map(({ run }) => run));
  const open = [...(interrupted.data?.rows ?? []), ...(cancelled.data?.rows ?? [])]
    .filter(({ run }) => run !== except && !taken.has(run))
    .sort((a, b) => (a.startedAt < b.startedAt ? 1 : -1))
    .slice(0, shown);
  if (open.length === 0) return null;
  return (
    <Card withBorder p="sm" component="section" aria-labelledby="run-open">
      <Group justify="space-between" mb={4}>
        <Group gap="xs" align="baseline">
          <Title order={2} fz="sm" id="run-open">
            {say('open')}
          </Title>
          <Text fz="xs" c="dimmed">
            {say('openHint')}
          </Text>
        </Group>
        <Anchor component={Link} href={linkTo('history')} fz="xs">
          {say('allRuns')}
        </Anchor>
      </Group>
      <Stack gap={4}>
        {open.map(({ run, model, boardName, startedAt, state }) => (
          <Group key={run} justify="space-between" wrap="nowrap">
            <Text fz="sm" truncate>
              {say('openRow', { model, board: boardName })}{' '}
              <Text span fz="xs" c="dimmed">
                {quantities.date(startedAt)} ·{' '}
                {say(state === 'interrupted' ? 'open.interrupted' : 'open.cancelled')}
              </Text>
            </Text>
            <Button
              size="compact-sm"
              variant="default"
              aria-label={`${say('resume')}: ${say('openRow', { model, board: boardName })}, ${quantities.date(startedAt)}`}
              loading={resume.isPending && resume.variables.run === run}
              onClick={() => resume.mutate({ run })}
            >
              {say('resume')}
            </Button>
          </Group>
        ))}
      </Stack>
      {resume.error && <ErrorPanel error={resume.error.error} />}
    </Card>
  );
}
