import { Alert, Button, Group, Select, Stack, Title } from '@mantine/core';
import { IconArrowsDiff } from '@tabler/icons-react';
import { type ReactNode, useMemo } from 'react';
import { Link, useLocation } from 'wouter';
import type { RunSummary } from '../../../electron/contract/api.ts';
import { useCall } from '../../client/calls.ts';
import { isActive, useJobs } from '../../client/jobs.ts';
import { isFinished, newestRuns } from '../../client/runs.ts';
import { useCommands } from '../../frame/commands.ts';
import { linkTo } from '../../frame/places.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { Empty, Fetched } from '../../parts/States.tsx';
import { AnyTwo } from './AnyTwo.tsx';
import { linkToNew, newId, twoRunsOf } from './links.ts';
import { RunComparison } from './RunComparison.tsx';
import { TwoRuns } from './TwoRuns.tsx';
import { compareTexts } from './words.ts';

/** The place Compare: A against B of a run, two runs side by side, or any two models. */
export function Compare({ id }: { readonly id: string | null }): ReactNode {
  const say = useTexts(compareTexts);
  const [, navigate] = useLocation();
  const runs = useCall('runs.list', newestRuns);
  const finished = useMemo(() => runs.data?.rows.filter(isFinished) ?? [], [runs.data]);
  const commands = useMemo(
    () => [{ id: 'compare.new', title: say('anyTwo'), perform: () => navigate(linkToNew()) }],
    [say, navigate],
  );
  useCommands(commands);
  const two = id === null ? null : twoRunsOf(id);
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-end">
        <Group align="flex-end" gap="lg">
          <Title order={1}>{say('title')}</Title>
          <RunPicker finished={finished} id={two || id === newId ? null : (id ?? finished[0]?.run ?? null)} />
        </Group>
        {id !== newId && (
          <Button
            component={Link}
            href={linkToNew()}
            size="xs"
            variant="default"
            leftSection={<IconArrowsDiff size={15} aria-hidden="true" />}
          >
            {say('anyTwo')}
          </Button>
        )}
      </Group>
      {id !== newId && <JobNotice />}
      {id === newId ? (
        <AnyTwo />
      ) : two ? (
        <TwoRuns first={two[0]} second={two[1]} />
      ) : id !== null ? (
        <RunComparison run={id} />
      ) : (
        <Fetched query={runs}>
          {() => (finished[0] ? <RunComparison run={finished[0].run} /> : <NothingYet />)}
        </Fetched>
      )}
    </Stack>
  );
}

function RunPicker({
  finished,
  id,
}: {
  readonly finished: readonly RunSummary[];
  readonly id: string | null;
}) {
  const say = useTexts(compareTexts);
  const quantities = useQuantities();
  const [, navigate] = useLocation();
  if (finished.length === 0) return null;
  return (
    <Select
      aria-label={say('run')}
      placeholder={say('pickRun')}
      size="xs"
      w={460}
      searchable
      allowDeselect={false}
      data={finished.map(({ run, model, boardName, startedAt }) => ({
        value: run,
        label: `${model} · ${boardName} · ${quantities.date(startedAt)}`,
      }))}
      value={id}
      onChange={(run) => run !== null && navigate(linkTo('compare', run))}
    />
  );
}

/** Tells that two models are being compared, on every view of the place but the one that shows it. */
function JobNotice() {
  const say = useTexts(compareTexts);
  const going = useJobs().some((job) => job.kind === 'compare' && isActive(job));
  if (!going) return null;
  return (
    <Alert variant="light" role="status" title={say('comparing')}>
      <Link href={linkToNew()}>{say('showComparing')}</Link>
    </Alert>
  );
}

function NothingYet() {
  const say = useTexts(compareTexts);
  return (
    <Empty title={say('none')} hint={say('noneHint')}>
      <Group>
        <Button component={Link} href={linkTo('run')}>
          {say('startRun')}
        </Button>
        <Button component={Link} href={linkToNew()} variant="default">
          {say('anyTwo')}
        </Button>
      </Group>
    </Empty>
  );
}
