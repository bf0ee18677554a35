import { Button, Group, Select, Stack, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'wouter';
import type { RunSummary } from '../../../electron/contract/api.ts';
import { useCall } from '../../client/calls.ts';
import { isFinished, newestRuns } from '../../client/runs.ts';
import { linkTo } from '../../frame/places.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { Empty, Fetched } from '../../parts/States.tsx';
import { ReportView } from './ReportView.tsx';
import { reportTexts } from './words.ts';

/** The place Report: the report of a run as it will be handed over, and its exports. */
export function Report({ id }: { readonly id: string | null }): ReactNode {
  const say = useTexts(reportTexts);
  const runs = useCall('runs.list', newestRuns);
  return (
    <Stack gap="md">
      <Title order={1}>{say('title')}</Title>
      <Fetched query={runs}>
        {({ rows }) => {
          const finished = rows.filter(isFinished);
          const run = id ?? finished[0]?.run;
          return run === undefined ? <NoReport /> : <ReportOf run={run} finished={finished} />;
        }}
      </Fetched>
    </Stack>
  );
}

function NoReport() {
  const say = useTexts(reportTexts);
  return (
    <Empty title={say('none')} hint={say('noneHint')}>
      <Button component={Link} href={linkTo('run')}>
        {say('start')}
      </Button>
    </Empty>
  );
}

function ReportOf({ run, finished }: { readonly run: string; readonly finished: readonly RunSummary[] }) {
  const say = useTexts(reportTexts);
  const quantities = useQuantities();
  const [, navigate] = useLocation();
  const detail = useCall('runs.get', { run });
  const name = ({ model, boardName, startedAt }: RunSummary): string =>
    say('pick', { model, board: boardName, date: quantities.date(startedAt) });
  return (
    <>
      <Group align="flex-end">
        <Select
          label={say('run')}
          size="xs"
          w={420}
          searchable
          allowDeselect={false}
          data={finished.map((one) => ({ value: one.run, label: name(one) }))}
          value={run}
          onChange={(next) => next !== null && navigate(linkTo('report', next))}
        />
        <Button component={Link} href={linkTo('compare', run)} size="xs" variant="subtle">
          {say('compare')}
        </Button>
      </Group>
      <Fetched query={detail}>
        {(value) =>
          value.result === null ? (
            <Empty title={say('unfinished')} hint={say('unfinishedHint')}>
              <Button component={Link} href={linkTo('run', run)}>
                {say('toRun')}
              </Button>
            </Empty>
          ) : value.files.includes('report.html') ? (
            <ReportView run={run} files={value.files} folder={value.summary.out} />
          ) : (
            <Empty title={say('gone', { folder: value.summary.out })} hint={say('goneHint')} />
          )
        }
      </Fetched>
    </>
  );
}
