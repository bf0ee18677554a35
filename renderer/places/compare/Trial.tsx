import {
  Button,
  Card,
  Checkbox,
  Group,
  NumberInput,
  Select,
  SimpleGrid,
  Stack,
  Text,
  TextInput,
  Title,
} from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { TrialCall } from '../../../electron/contract/trial.ts';
import type { JobState } from '../../../electron/contract/views.ts';
import { boardChoice } from '../../client/boards.ts';
import { useAction, useCall } from '../../client/calls.ts';
import { isActive, useJobStore, useJobs } from '../../client/jobs.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { ErrorPanel, Fetched } from '../../parts/States.tsx';
import { Disagreements, Malformed, TrialReport } from './TrialReport.tsx';
import { trialTexts } from './words-trial.ts';

interface Props {
  readonly models: TrialCall['models'];
  /** Which trials are shown below the form. */
  readonly of: { readonly run: string } | { readonly sha256A: string; readonly sha256B: string };
  /** Board that stands in the form at first. */
  readonly board: string | null;
  readonly threads: number;
}

/** B in A's shadow on inputs of the board: a form to start, how it goes, and every trial so far with its decision. */
export function Trial({ models, of, board, threads }: Props): ReactNode {
  const say = useTexts(trialTexts);
  const trials = useCall('trials.list', { of });
  const job = useJobs().find(({ request }) => request.kind === 'trial' && isSame(request.models, models));
  return (
    <Stack gap="md">
      <Title order={3} fz="md">
        {say('title')}
      </Title>
      <Text c="dimmed" fz="sm">
        {say('hint')}
      </Text>
      {job && isActive(job) ? <Going job={job} /> : <Form {...{ models, board, threads }} />}
      {job?.error && job.state !== 'cancelled' && <ErrorPanel error={job.error} />}
      <Fetched query={trials}>
        {(list) => list.map((trial) => <TrialReport key={trial.trial} trial={trial} />)}
      </Fetched>
    </Stack>
  );
}

const isSame = (a: TrialCall['models'], b: TrialCall['models']): boolean =>
  JSON.stringify(a) === JSON.stringify(b);

function Form({ models, board, threads }: Pick<Props, 'models' | 'board' | 'threads'>) {
  const say = useTexts(trialTexts);
  const boards = useCall('boards.list', {});
  const store = useJobStore();
  const start = useAction('trials.start', (job: JobState) => store.put(job));
  const [address, setAddress] = useState(board);
  const [inputs, setInputs] = useState('');
  const [outputs, setOutputs] = useState('');
  const [most, setMost] = useState<number | null>(null);
  const [watch, setWatch] = useState(false);
  const isReady = address !== null && inputs.trim() !== '';
  const go = (): void => {
    if (address === null || !isReady) return;
    start.mutate({
      models,
      board: boardChoice(address),
      inputs: inputs.trim(),
      threads,
      ...(outputs.trim() !== '' && { outputs: outputs.trim() }),
      ...(most !== null && { most }),
      ...(watch && { watch }),
    });
  };
  return (
    <Card withBorder>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
        <Select
          label={say('board')}
          data={(boards.data ?? []).map((card) => ({ value: card.address, label: card.name }))}
          value={address}
          placeholder={say('choose')}
          onChange={setAddress}
        />
        <TextInput
          label={say('inputs')}
          description={say('inputsHint')}
          value={inputs}
          onChange={(event) => setInputs(event.currentTarget.value)}
        />
        <TextInput
          label={say('outputs')}
          value={outputs}
          onChange={(event) => setOutputs(event.currentTarget.value)}
        />
        <NumberInput
          label={say('most')}
          value={most ?? ''}
          min={1}
          allowDecimal={false}
          onChange={(value) => setMost(typeof value === 'number' && value >= 1 ? value : null)}
        />
      </SimpleGrid>
      <Group mt="sm" gap="lg">
        <Button onClick={go} loading={start.isPending} disabled={!isReady}>
          {say('start')}
        </Button>
        <Checkbox
          label={say('watch')}
          checked={watch}
          onChange={(event) => setWatch(event.currentTarget.checked)}
        />
      </Group>
      {start.error && <ErrorPanel error={start.error.error} />}
    </Card>
  );
}

function Going({ job }: { readonly job: JobState }) {
  const say = useTexts(trialTexts);
  const quantities = useQuantities();
  const cancel = useAction('jobs.cancel');
  const { trial } = job;
  return (
    <Card withBorder aria-live="polite">
      <Group justify="space-between" mb="xs">
        <Text fw={600}>{say('going')}</Text>
        <Button
          size="xs"
          variant="default"
          disabled={job.state !== 'running'}
          onClick={() => cancel.mutate({ job: job.id })}
        >
          {say(job.state === 'running' ? 'stop' : 'stopping')}
        </Button>
      </Group>
      {trial && (
        <Stack gap="xs">
          <Text>
            {say('counts', {
              inputs: quantities.count(trial.counts.inputs),
              agreed: quantities.count(trial.counts.agreed),
              malformed: quantities.count(trial.counts.malformed),
            })}
          </Text>
          <Disagreements
            rows={trial.disagreements}
            count={trial.counts.inputs - trial.counts.agreed}
            folder=""
          />
          <Malformed rows={trial.malformed} count={trial.counts.malformed} />
        </Stack>
      )}
    </Card>
  );
}
