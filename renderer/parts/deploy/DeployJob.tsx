import { Button, Group, Progress, Stack, Text } from '@mantine/core';
import { IconCircleCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { DeployResult } from '../../../electron/contract/deploy.ts';
import type { JobState } from '../../../electron/contract/views.ts';
import { boardChoice } from '../../client/boards.ts';
import { useAction } from '../../client/calls.ts';
import { isActive, useJobStore } from '../../client/jobs.ts';
import { foreignText } from '../../language/foreign-text.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { useRunWords } from '../../language/run-notes.ts';
import { ErrorPanel } from '../States.tsx';
import { deployTexts, shortHash, trialWords } from './words.ts';

/** A deployment, rollback or return as it goes on, and as it ended, with the way to undo it. */
export function DeployJob({
  job,
  onJob,
}: {
  readonly job: JobState;
  /** Gets the job that undoes this one. */
  readonly onJob: (job: JobState) => void;
}): ReactNode {
  const say = useTexts(deployTexts);
  const words = useRunWords();
  const cancel = useAction('jobs.cancel');
  const { error, outcome } = job;
  const warnings = job.log.flatMap(({ entry }) => (entry.kind === 'warning' ? [words.log(entry)] : []));
  return (
    <Stack gap="xs" role="status">
      {isActive(job) && (
        <>
          {job.stages.map(({ name, state, done, summary }) => (
            <Group key={name} gap="sm" wrap="nowrap">
              <Text fz="sm" fw={state === 'running' ? 650 : 400} w={190}>
                {words.stage(name)}
              </Text>
              <Text fz="sm" c="dimmed" w={90}>
                {say(`stage.${state}`)}
              </Text>
              {state === 'running' && done !== null && (
                <Progress value={100 * done} aria-label={words.stage(name)} flex={1} />
              )}
              {summary && (
                <Text fz="sm" c="dimmed">
                  {words.summary(summary)}
                </Text>
              )}
            </Group>
          ))}
          <Group>
            <Button
              size="xs"
              variant="default"
              disabled={job.state !== 'running'}
              onClick={() => cancel.mutate({ job: job.id })}
            >
              {say('cancel')}
            </Button>
          </Group>
        </>
      )}
      {warnings.map((warning) => (
        <Text key={warning} fz="sm">
          {warning}
        </Text>
      ))}
      {error && <ErrorPanel error={error} />}
      {job.state === 'cancelled' && <Text fz="sm">{say('stopped')}</Text>}
      {outcome && 'deployed' in outcome && <Done result={outcome.deployed} onJob={onJob} />}
    </Stack>
  );
}

function Done({ result, onJob }: { readonly result: DeployResult; readonly onJob: (job: JobState) => void }) {
  const say = useTexts(deployTexts);
  const quantities = useQuantities();
  const { percent } = quantities;
  const store = useJobStore();
  const undo = useAction('deployments.rollback', (job) => {
    store.put(job);
    onJob(job);
  });
  const { action, active, previous, smoke, address } = result;
  const path = foreignText(result.path);
  const board = foreignText(result.board.name);
  return (
    <Stack gap={4}>
      <Group gap={6} wrap="nowrap">
        <IconCircleCheck size={18} color="var(--ft-good)" aria-hidden="true" />
        <Text fw={650} style={{ overflowWrap: 'anywhere' }}>
          {say(`done.${action}`, { sha: shortHash(active), path, board })}
        </Text>
      </Group>
      {smoke && (
        <Text fz="sm" c="dimmed">
          {say('tried', { samples: smoke.samples, error: percent(100 * smoke.relativeError, 2) })}{' '}
          {say(smoke.fromData ? 'triedData' : 'triedRandom')}
        </Text>
      )}
      {action === 'deploy' && (
        <Text fz="sm" c="dimmed">
          {say('trialResult', { trial: trialWords(result.trial, say, quantities) })}
        </Text>
      )}
      {previous !== null && (
        <Group gap="sm">
          <Text fz="sm" c="dimmed">
            {say('kept', { sha: shortHash(previous) })}
          </Text>
          <Button
            size="xs"
            variant="default"
            loading={undo.isPending}
            onClick={() =>
              undo.mutate({ board: boardChoice(address), path: result.path, to: previous, breakLock: false })
            }
          >
            {say('undo')}
          </Button>
        </Group>
      )}
      {undo.error && <ErrorPanel error={undo.error.error} />}
    </Stack>
  );
}
