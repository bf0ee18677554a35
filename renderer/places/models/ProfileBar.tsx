import { Button, Card, Group, Progress, Text } from '@mantine/core';
import { IconGauge } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useMemo } from 'react';
import type { ProfileResult } from '../../../electron/contract/api.ts';
import type { JobState, ModelDetail } from '../../../electron/contract/views.ts';
import { addressOfJob, boardChoice } from '../../client/boards.ts';
import { useAction, useCall } from '../../client/calls.ts';
import { isActive, useJobStore, useJobs } from '../../client/jobs.ts';
import { useSelection } from '../../client/selection.ts';
import { useCommands } from '../../frame/commands.ts';
import { partDone } from '../../frame/JobChip.tsx';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { useRunWords } from '../../language/run-notes.ts';
import { ErrorPanel } from '../../parts/States.tsx';
import { modelTexts } from './words.ts';

interface Props {
  readonly model: ModelDetail;
  readonly profile: ProfileResult | null;
}

/** Where the times come from, and the way to measure them: a profile of the model on the chosen board. */
export function ProfileBar({ model, profile }: Props): ReactNode {
  const say = useTexts(modelTexts);
  const { count } = useQuantities();
  const { board } = useSelection().selection;
  const threads = useCall('settings.get', {}).data?.threads;
  const store = useJobStore();
  const start = useAction('runs.profile', store.put);
  const job = useProfileJob(model.path);
  const boardName = board?.name ?? say('thisComputer');
  const address = board?.address ?? 'local';
  const { mutate } = start;
  const isBusy = start.isPending || (job !== null && isActive(job));
  const perform = useMemo(
    () =>
      threads === undefined || isBusy
        ? null
        : () => mutate({ modelPath: model.path, board: boardChoice(address), threads }),
    [threads, isBusy, mutate, model.path, address],
  );
  const title = say(profile ? 'profileAgain' : 'profileOn', { board: boardName });
  useCommands(useMemo(() => (perform ? [{ id: 'models.profile', title, perform }] : []), [perform, title]));
  return (
    <Card withBorder padding={6} px="md">
      <Group justify="space-between" wrap="nowrap" mih={30}>
        {job && isActive(job) ? (
          <Going job={job} />
        ) : (
          <Text fz="sm">
            {profile
              ? say(profile.level === undefined || profile.level === 'all' ? 'measured' : 'measuredAt', {
                  board: profile.board.name,
                  threads: profile.threads,
                  level: profile.level ?? 'all',
                  calls: count(profile.calls),
                })
              : board
                ? say('noProfile', { board: boardName })
                : say('noProfileAnywhere')}
            {profile && !profile.rankingCertain && ` ${say('uncertain')}`}
          </Text>
        )}
        {!isBusy && (
          <Button
            size="xs"
            variant={profile ? 'default' : 'filled'}
            disabled={perform === null}
            leftSection={<IconGauge size={15} aria-hidden="true" />}
            onClick={() => perform?.()}
            style={{ flexShrink: 0 }}
          >
            {title}
          </Button>
        )}
      </Group>
      {start.error && <ErrorPanel error={start.error.error} />}
      {job?.error && job.state === 'failed' && <ErrorPanel error={job.error} />}
    </Card>
  );
}

/** The newest profile job of a model; asks for its result once it is done. */
function useProfileJob(modelPath: string): JobState | null {
  const client = useQueryClient();
  const job =
    useJobs().find(({ request }) => request.kind === 'profile' && request.modelPath === modelPath) ?? null;
  const doneId = job?.state === 'done' ? job.id : null;
  useEffect(() => {
    if (doneId !== null)
      void client.invalidateQueries({ predicate: ({ queryKey }) => queryKey[0] === 'models.profile' });
  }, [client, doneId]);
  return job;
}

/** The profile as it goes on. */
function Going({ job }: { readonly job: JobState }) {
  const say = useTexts(modelTexts);
  const cancel = useAction('jobs.cancel');
  const board = job.identity?.name ?? addressOfJob(job);
  const words = useRunWords();
  const note = job.stages.find(({ state }) => state === 'running')?.note ?? null;
  return (
    <Group wrap="nowrap" gap="md" w="100%">
      <div style={{ flex: 1, minWidth: 0 }}>
        <Text fz="sm" fw={600} role="status" truncate>
          {say('profiling', { board })}
          {note && (
            <Text span fz="sm" fw={400} c="dimmed">
              {' '}
              {words.note(note)}
            </Text>
          )}
        </Text>
        <Progress size="sm" mt={4} value={100 * partDone(job)} aria-label={say('profiling', { board })} />
      </div>
      <Button
        size="xs"
        variant="default"
        disabled={job.state !== 'running'}
        onClick={() => cancel.mutate({ job: job.id })}
      >
        {say('cancel')}
      </Button>
    </Group>
  );
}

/** How the operators' times stand to the clean run, which is the only source of claims. */
export function ProfileFooter({ profile }: { readonly profile: ProfileResult }): ReactNode {
  const say = useTexts(modelTexts);
  const { latency, ratio } = useQuantities();
  const sum = profile.operators.reduce((total, { latencyUs }) => total + latencyUs, 0);
  const parts = [
    say('sum', { value: latency(sum) }),
    say('clean', { value: latency(profile.latencyUs.p50) }),
    say('difference', { value: latency(profile.unexplainedUs) }),
    say('overhead', { value: ratio(profile.profilingOverhead) }),
  ];
  return (
    <div>
      <Text fz="sm" className="ft-profile-footer" style={{ fontVariantNumeric: 'tabular-nums' }}>
        {parts.join(say('separator'))}
      </Text>
      {profile.unmapped.length > 0 && (
        <Text fz="xs" c="dimmed">
          {say('unmapped', { names: profile.unmapped.join(', ') })}
        </Text>
      )}
    </div>
  );
}
