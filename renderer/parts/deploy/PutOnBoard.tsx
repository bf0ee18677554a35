import { Button, Checkbox, Fieldset, Group, NumberInput, Stack, Text, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { AppError } from '../../../electron/contract/errors.ts';
import { boardChoice } from '../../client/boards.ts';
import { useAction } from '../../client/calls.ts';
import { isActive, useJob, useJobStore } from '../../client/jobs.ts';
import { readStored } from '../../client/stored.ts';
import { useTexts } from '../../language/language.ts';
import { Dialog } from '../Dialog.tsx';
import { ErrorPanel } from '../States.tsx';
import { DeployJob } from './DeployJob.tsx';
import { deployTexts } from './words.ts';

/** What was typed last, so that the next model goes the same way. */
interface Form {
  readonly path: string;
  readonly manage: boolean;
  readonly restart: string;
  readonly health: string;
  readonly healthTimeoutSeconds: number;
}

const storageKey = 'fieldtune.deployForm';
const emptyForm: Form = { path: '', manage: false, restart: '', health: '', healthTimeoutSeconds: 30 };

/** The button that puts the model of a run on its board, with the flow behind it. */
export function PutOnBoard({ run, address }: { readonly run: string; readonly address: string }): ReactNode {
  const say = useTexts(deployTexts);
  const [opened, setOpened] = useState(false);
  return (
    <>
      <Button variant="default" onClick={() => setOpened(true)}>
        {say('put')}
      </Button>
      {opened && <Flow run={run} address={address} onClose={() => setOpened(false)} />}
    </>
  );
}

function Flow({
  run,
  address,
  onClose,
}: {
  readonly run: string;
  readonly address: string;
  readonly onClose: () => void;
}) {
  const say = useTexts(deployTexts);
  const store = useJobStore();
  const [form, setForm] = useState<Form>(() => ({
    ...emptyForm,
    ...readStored<Partial<Form>>('localStorage', storageKey),
  }));
  const [consents, setConsents] = useState({ otherBoard: false, despiteTrial: false, breakLock: false });
  const [jobId, setJobId] = useState<string | null>(null);
  /** What stood in the way of the last try. */
  const [obstacle, setObstacle] = useState<AppError | null>(null);
  const job = useJob(jobId);
  const deploy = useAction('deployments.deploy', (started) => {
    store.put(started);
    setJobId(started.id);
  });
  const change = (part: Partial<Form>): void => setForm({ ...form, ...part });
  const submit = (): void => {
    localStorage.setItem(storageKey, JSON.stringify(form));
    const { path, manage, healthTimeoutSeconds } = form;
    const restart = form.restart.trim();
    const health = form.health.trim();
    deploy.mutate({
      source: { kind: 'run', run },
      board: boardChoice(address),
      path: path.trim(),
      manage,
      ...consents,
      ...(restart === '' ? {} : { restart }),
      ...(health === '' ? {} : { health }),
      healthTimeoutSeconds,
    });
  };
  return (
    <Dialog title={say('putTitle')} size={720} opened onClose={onClose}>
      {job && (
        <Stack gap="sm">
          <DeployJob job={job} onJob={({ id }) => setJobId(id)} />
          {!isActive(job) && (
            <Group gap="xs">
              <Button variant="default" onClick={onClose}>
                {say('close')}
              </Button>
              {job.outcome === null && (
                <Button
                  variant="subtle"
                  onClick={() => {
                    setObstacle(job.error);
                    setJobId(null);
                  }}
                >
                  {say('again')}
                </Button>
              )}
            </Group>
          )}
        </Stack>
      )}
      {!job && (
        <Stack
          gap="sm"
          component="form"
          onSubmit={(event) => {
            event.preventDefault();
            submit();
          }}
        >
          <TextInput
            label={say('path')}
            description={say('pathHint')}
            value={form.path}
            maxLength={1024}
            required
            data-autofocus
            onChange={(event) => change({ path: event.currentTarget.value })}
          />
          <Checkbox
            label={say('manage')}
            description={say('manageHint')}
            checked={form.manage}
            onChange={(event) => change({ manage: event.currentTarget.checked })}
          />
          <Consents failure={obstacle} consents={consents} onChange={setConsents} />
          <Fieldset legend={say('service')}>
            <Stack gap="xs">
              <TextInput
                label={say('restart')}
                description={say('restartHint')}
                value={form.restart}
                maxLength={2000}
                onChange={(event) => change({ restart: event.currentTarget.value })}
              />
              <TextInput
                label={say('health')}
                description={say('healthHint')}
                value={form.health}
                maxLength={2000}
                onChange={(event) => change({ health: event.currentTarget.value })}
              />
              <NumberInput
                label={say('healthTimeout')}
                value={form.healthTimeoutSeconds}
                min={1}
                max={3600}
                clampBehavior="strict"
                w={280}
                onChange={(value) => change({ healthTimeoutSeconds: Number(value) || 30 })}
              />
            </Stack>
          </Fieldset>
          {deploy.error && <ErrorPanel error={deploy.error.error} />}
          <Text fz="sm" c="dimmed">
            {say('nothingYet')}
          </Text>
          <Group gap="xs">
            <Button type="submit" loading={deploy.isPending} disabled={form.path.trim() === ''}>
              {say('next')}
            </Button>
            <Button variant="default" onClick={onClose}>
              {say('cancel')}
            </Button>
          </Group>
        </Stack>
      )}
    </Dialog>
  );
}

interface ConsentState {
  readonly otherBoard: boolean;
  readonly despiteTrial: boolean;
  readonly breakLock: boolean;
}

/** What a person has to agree to beyond the usual, shown once it stood in the way. */
function Consents({
  failure,
  consents,
  onChange,
}: {
  readonly failure: AppError | null;
  readonly consents: ConsentState;
  readonly onChange: (consents: ConsentState) => void;
}) {
  const say = useTexts(deployTexts);
  const asks = {
    otherBoard: consents.otherBoard || failure?.kind === 'deployOtherBoard',
    despiteTrial: consents.despiteTrial || failure?.kind === 'deployTrialRejected',
    breakLock: consents.breakLock || (failure?.kind === 'deployLocked' && failure.breakable),
  };
  return (['otherBoard', 'despiteTrial', 'breakLock'] as const).map(
    (name) =>
      asks[name] && (
        <Checkbox
          key={name}
          label={say(name)}
          checked={consents[name]}
          onChange={(event) => onChange({ ...consents, [name]: event.currentTarget.checked })}
        />
      ),
  );
}
