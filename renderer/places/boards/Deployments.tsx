import { Button, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { DeploymentRecord, PathReport } from '../../../electron/contract/deploy.ts';
import { boardChoice, boardOfJob, fullAddress } from '../../client/boards.ts';
import { useAction, useCall } from '../../client/calls.ts';
import { useJobStore, useJobs } from '../../client/jobs.ts';
import { foreignText } from '../../language/foreign-text.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { DeployJob } from '../../parts/deploy/DeployJob.tsx';
import { deployTexts, shortHash } from '../../parts/deploy/words.ts';
import { ErrorPanel } from '../../parts/States.tsx';

/** What was put on a board, as the history knows it and as the board itself says, with the ways home. */
export function Deployments({ address }: { readonly address: string }): ReactNode {
  const say = useTexts(deployTexts);
  const store = useJobStore();
  const records = useCall('deployments.list', { board: address }).data ?? [];
  const jobs = useJobs().filter((job) => boardOfJob(job) === fullAddress(address));
  const check = useAction('deployments.check', store.put);
  const newest = newestByPath(records);
  if (newest.length === 0) return null;
  const checked = jobs.find(({ outcome }) => outcome?.kind === 'checkDeployments')?.outcome;
  const reports = checked?.kind === 'checkDeployments' ? checked.check.paths : [];
  const last = jobs.find(({ kind }) => ['deploy', 'rollback', 'unmanage', 'checkDeployments'].includes(kind));
  return (
    <Stack gap="xs" mt="md" component="section" aria-label={say('deployments')}>
      <Group gap="sm">
        <Title order={3} fz="sm">
          {say('deployments')}
        </Title>
        <Button
          size="compact-sm"
          variant="default"
          loading={check.isPending}
          onClick={() => check.mutate({ board: boardChoice(address) })}
        >
          {say('check')}
        </Button>
      </Group>
      {check.error && <ErrorPanel error={check.error.error} />}
      {newest.map((record) => (
        <Deployed
          key={record.path}
          record={record}
          address={address}
          report={reports.find(({ path }) => path === record.path) ?? null}
        />
      ))}
      {last && <DeployJob job={last} onJob={() => undefined} />}
    </Stack>
  );
}

function Deployed({
  record,
  address,
  report,
}: {
  readonly record: DeploymentRecord;
  readonly address: string;
  readonly report: PathReport | null;
}) {
  const say = useTexts(deployTexts);
  const { date } = useQuantities();
  const store = useJobStore();
  const rollback = useAction('deployments.rollback', store.put);
  const unmanage = useAction('deployments.unmanage', store.put);
  const call = { board: boardChoice(address), path: record.path, breakLock: false };
  const { state, action, sha256 } = record;
  const isGivenBack = action === 'unmanage' && state === 'active';
  const failure = rollback.error ?? unmanage.error;
  const what = isGivenBack ? say('standing.plain') : say(`state.${state}`);
  return (
    <Stack gap={2}>
      <Group gap="sm" wrap="nowrap">
        <Text fz="sm" ff="monospace" style={{ overflowWrap: 'anywhere' }}>
          {foreignText(record.path)}
        </Text>
        <Text fz="sm" c="dimmed">
          {sha256 === null ? '' : shortHash(sha256)}{' '}
          {say('lastAction', { what, date: date(record.updatedAt), by: foreignText(record.by) })}
        </Text>
        {!isGivenBack && (
          <Group gap="xs" wrap="nowrap">
            <Button
              size="compact-sm"
              variant="default"
              loading={rollback.isPending}
              onClick={() => rollback.mutate(call)}
            >
              {say('rollback')}
            </Button>
            <Button
              size="compact-sm"
              variant="subtle"
              loading={unmanage.isPending}
              onClick={() => unmanage.mutate(call)}
            >
              {say('unmanage')}
            </Button>
          </Group>
        )}
      </Group>
      {state === 'interrupted' && report === null && <Text fz="sm">{say('interruptedHint')}</Text>}
      {report && <Report report={report} />}
      {failure && <ErrorPanel error={failure.error} />}
    </Stack>
  );
}

function Report({ report }: { readonly report: PathReport }) {
  const say = useTexts(deployTexts);
  const { standing, active, matches, versions, lockedBy } = report;
  const list = versions.map(({ sha256, sound }) =>
    sound ? shortHash(sha256) : say('unsound', { sha: shortHash(sha256) }),
  );
  const sentences = [
    `${say(`standing.${standing}`)}${active ? ` · ${say('activeNow', { sha: shortHash(active.sha256) })}` : ''}`,
    matches === false && say('damaged'),
    lockedBy !== null && say('lockedBy', { who: foreignText(lockedBy) }),
    versions.length > 0 && say('versions', { list: list.join(', ') }),
  ];
  return (
    <Text fz="sm" c="dimmed">
      {sentences.filter((sentence) => sentence !== false).join(' · ')}
    </Text>
  );
}

/** The newest record of each path. */
function newestByPath(records: readonly DeploymentRecord[]): readonly DeploymentRecord[] {
  const seen = new Map<string, DeploymentRecord>();
  for (const record of records) if (!seen.has(record.path)) seen.set(record.path, record);
  return [...seen.values()];
}
