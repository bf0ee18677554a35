import { Badge, Button, Card, Group, Text } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconPlayerPause, IconPlayerPlay, IconPlayerStop } from '@tabler/icons-react';
import { type ReactNode, useMemo } from 'react';
import type { JobState } from '../../../electron/contract/views.ts';
import { useAction } from '../../client/calls.ts';
import { type Command, useCommands } from '../../frame/commands.ts';
import { useResume } from '../../frame/use-resume.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { ErrorPanel } from '../../parts/States.tsx';
import { useJobNames } from './names.ts';
import { Sentence } from './Sentence.tsx';
import { Stages } from './Stages.tsx';
import { runTexts } from './words.ts';

/** What the run does, its stages, and the buttons that steer it. */
export function JobHeader({ job }: { readonly job: JobState }): ReactNode {
  const say = useTexts(runTexts);
  const pause = useAction('jobs.pause');
  const cancel = useAction('jobs.cancel');
  const resume = useResume();
  const { id, run, state } = job;
  const canResume = run !== null && (state === 'paused' || state === 'failed' || state === 'cancelled');
  const toggle = useMemo((): Command | null => {
    if (state === 'running')
      return {
        id: 'run.pause',
        title: say('pause'),
        shortcut: 'Ctrl+.',
        perform: () => pause.mutate({ job: id }),
      };
    if (!canResume) return null;
    return {
      id: 'run.resume',
      title: say('resume'),
      shortcut: 'Ctrl+.',
      perform: () => resume.mutate({ run }),
    };
  }, [state, canResume, id, run, say, pause.mutate, resume.mutate]);
  useCommands(
    useMemo(
      () => [
        ...(toggle ? [toggle] : []),
        ...(state === 'running'
          ? [{ id: 'run.cancel', title: say('cancel'), perform: () => cancel.mutate({ job: id }) }]
          : []),
      ],
      [toggle, state, say, id, cancel.mutate],
    ),
  );
  useHotkeys([['mod+.', () => toggle?.perform()]], []);
  const failure = pause.error ?? cancel.error ?? resume.error;
  return (
    <Card withBorder>
      <Group justify="space-between" wrap="nowrap" align="flex-start" mb="md">
        <div style={{ minWidth: 0 }}>
          <Group gap="xs" mb={4}>
            <StateBadge state={state} />
            <Text fz="xs" c="dimmed" id="run-kept">
              {keptText(job, say)}
            </Text>
            {job.identity && (
              <Text fz="xs" c="dimmed">
                {job.identity.cpu} · onnxruntime {job.identity.runtimeVersion}
              </Text>
            )}
          </Group>
          <Text>
            <JobSentence job={job} />
          </Text>
        </div>
        <Group gap="xs" wrap="nowrap" style={{ flex: 'none' }}>
          {state === 'running' && (
            <>
              <Button
                variant="default"
                leftSection={<IconPlayerPause size={16} aria-hidden="true" />}
                aria-keyshortcuts="Control+."
                aria-describedby="run-kept"
                loading={pause.isPending}
                onClick={() => pause.mutate({ job: id })}
              >
                {say('pause')}
              </Button>
              <Button
                variant="default"
                leftSection={<IconPlayerStop size={16} aria-hidden="true" />}
                aria-describedby="run-kept"
                loading={cancel.isPending}
                onClick={() => cancel.mutate({ job: id })}
              >
                {say('cancel')}
              </Button>
            </>
          )}
          {canResume && (
            <Button
              leftSection={<IconPlayerPlay size={16} aria-hidden="true" />}
              aria-keyshortcuts="Control+."
              loading={resume.isPending}
              onClick={() => resume.mutate({ run })}
            >
              {say('resume')}
            </Button>
          )}
        </Group>
      </Group>
      <Stages job={job} />
      {failure && <ErrorPanel error={failure.error} />}
    </Card>
  );
}

/** What becomes of what was measured, in the state that the job has. */
function keptText(
  { state, run, funnel, originalUs }: JobState,
  say: ReturnType<typeof useTexts<keyof typeof runTexts.en>>,
): string {
  switch (state) {
    case 'running':
      return say('cancelKeeps');
    case 'pausing':
    case 'cancelling':
      return say('stopping');
    case 'paused':
      return say('keptPaused');
    case 'cancelled':
      return run === null || originalUs === null
        ? say('keptNothing')
        : say('keptCancelled', { timed: funnel.timed });
    case 'failed':
      return run === null ? '' : say('failedKept');
    case 'done':
      return '';
  }
}

const badges = {
  running: 'petrol',
  pausing: 'petrol',
  cancelling: 'petrol',
  paused: 'yellow',
  done: 'green',
  failed: 'red',
  cancelled: 'gray',
} as const satisfies { readonly [S in JobState['state']]: string };

function StateBadge({ state }: { readonly state: JobState['state'] }) {
  const say = useTexts(runTexts);
  return (
    <Badge variant="outline" color={badges[state]} tt="none" styles={{ label: { color: 'var(--ft-text)' } }}>
      {say(`state.${state}`)}
    </Badge>
  );
}

/** The sentence of a run that has begun, with its values as they hold. */
function JobSentence({ job }: { readonly job: JobState }): ReactNode {
  const say = useTexts(runTexts);
  const quantities = useQuantities();
  const { request } = job;
  const { model, board } = useJobNames()(job);
  if (request.kind !== 'optimize') return null;
  const strong = (text: string): ReactNode => <strong style={{ whiteSpace: 'nowrap' }}>{text}</strong>;
  return (
    <>
      <Sentence
        text={say('going')}
        parts={{
          model: strong(model),
          board: strong(board),
          limit: strong(request.maxAccuracyDrop.toFixed(1)),
          budget: strong(quantities.duration(request.budgetSeconds)),
        }}
      />
      {request.targetSpeedup !== undefined &&
        ` ${say('goal', { ratio: quantities.ratio(request.targetSpeedup) })}`}
    </>
  );
}
