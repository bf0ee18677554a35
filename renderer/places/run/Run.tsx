import { Anchor, Button, Group, Stack, Text } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import { Link } from 'wouter';
import type { JobState } from '../../../electron/contract/views.ts';
import { useCall } from '../../client/calls.ts';
import { isActive, useJobs } from '../../client/jobs.ts';
import { linkTo } from '../../frame/places.ts';
import { useTexts } from '../../language/language.ts';
import { ErrorPanel, Loading } from '../../parts/States.tsx';
import { JobView } from './JobView.tsx';
import { useJobNames } from './names.ts';
import { OpenRuns } from './OpenRuns.tsx';
import { PastRun } from './PastRun.tsx';
import './run.css';
import { RunTitle, Setup } from './Setup.tsx';
import { runTexts } from './words.ts';

/** The place Run: one sentence and one button, then the run as it goes on; all of it comes from the job's state. */
export function Run({ id }: { readonly id: string | null }): ReactNode {
  const say = useTexts(runTexts);
  const jobs = useJobs();
  const runs = useMemo(() => jobs.filter(({ kind }) => kind === 'optimize'), [jobs]);
  const job =
    id === null ? (runs.find(isActive) ?? runs[0] ?? null) : (runs.find(({ run }) => run === id) ?? null);
  const busy = job !== null && isActive(job);
  const [asked, setAsked] = useState(false);
  const others = runs.filter((one) => isActive(one) && one.id !== job?.id);
  return (
    <Stack gap="sm">
      <RunTitle>
        {busy && (
          <Button size="compact-sm" variant="subtle" aria-expanded={asked} onClick={() => setAsked(!asked)}>
            {asked ? say('hideNewRun') : say('newRun')}
          </Button>
        )}
      </RunTitle>
      {others.length > 0 && <Others jobs={others} />}
      {(!busy || asked) && <Offered />}
      {job !== null ? <JobView key={job.id} job={job} /> : id !== null && <PastRun run={id} />}
      {!busy && <OpenRuns except={job?.run ?? id} />}
    </Stack>
  );
}

/** The next run, once it is known what there is to choose from. */
function Offered() {
  const boards = useCall('boards.list', {});
  const models = useCall('models.list', {});
  const data = useCall('data.list', {});
  const settings = useCall('settings.get', {});
  const offers = useMemo(
    () =>
      boards.data && models.data && data.data && settings.data
        ? { boards: boards.data, models: models.data, data: data.data, settings: settings.data }
        : null,
    [boards.data, models.data, data.data, settings.data],
  );
  if (offers) return <Setup offers={offers} />;
  const failed = [boards, models, data, settings].find(({ error }) => error !== null);
  if (!failed?.error) return <Loading />;
  return <ErrorPanel error={failed.error.error} onRetry={() => void failed.refetch()} />;
}

function Others({ jobs }: { readonly jobs: readonly JobState[] }) {
  const say = useTexts(runTexts);
  const namesOf = useJobNames();
  return (
    <Group gap="xs">
      <Text fz="sm" c="dimmed">
        {say('alsoRunning')}
      </Text>
      {jobs.map((job) => (
        <Anchor
          key={job.id}
          component={Link}
          href={linkTo('run', job.run ?? undefined)}
          fz="sm"
          underline="always"
        >
          {say('watch', namesOf(job))}
        </Anchor>
      ))}
    </Group>
  );
}
