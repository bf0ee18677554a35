import { Box, Group, Loader, Progress, Text } from '@mantine/core';
import {
  IconCircleCheck,
  IconCircleDashed,
  IconCircleMinus,
  IconCircleX,
  IconHelpCircle,
} from '@tabler/icons-react';
import { type ReactNode, useRef } from 'react';
import type { JobState } from '../../../electron/contract/views.ts';
import { isActive, useNow } from '../../client/jobs.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import {
  type Installing,
  installingOf,
  type ReadinessStep,
  readinessOf,
  secondsLeft,
  stepsPassed,
} from './readiness.ts';
import { boardTexts } from './words.ts';

/** The steps from an address to a board that can be measured on, as a connect job takes them. */
export function Readiness({ job, name }: { readonly job: JobState; readonly name: string }): ReactNode {
  const say = useTexts(boardTexts);
  const steps = readinessOf(job, usePassed(job));
  const installing = installingOf(job);
  const current = steps.find(({ state }) => state !== 'done' && state !== 'waiting');
  return (
    <Box>
      <Group component="ol" gap="xl" p={0} m={0} aria-label={say('readiness', { name })}>
        {steps.map((step) => (
          <Group component="li" key={step.name} gap={6} wrap="nowrap" style={{ listStyle: 'none' }}>
            <StepSign state={step.state} />
            <Text fz="sm" fw={step.state === 'waiting' ? 400 : 600}>
              {say(`step.${step.name}`)}
              <span className="ft-visually-hidden">: {say(`stepState.${step.state}`)}</span>
            </Text>
            <StepNote step={step} job={job} />
          </Group>
        ))}
      </Group>
      <span role="status" className="ft-visually-hidden">
        {current ? `${say(`step.${current.name}`)}: ${say(`stepState.${current.state}`)}` : ''}
      </span>
      {installing && <Installation installing={installing} />}
    </Box>
  );
}

/** The most steps that a job was seen to have passed: an answered question is no longer in its state. */
function usePassed(job: JobState): number {
  const most = useRef({ job: job.id, passed: 0 });
  const before = most.current.job === job.id ? most.current.passed : 0;
  const passed = Math.max(before, stepsPassed(job));
  most.current = { job: job.id, passed };
  return passed;
}

function StepSign({ state }: { readonly state: ReadinessStep['state'] }) {
  switch (state) {
    case 'done':
      return <IconCircleCheck size={18} color="var(--ft-good)" aria-hidden="true" />;
    case 'failed':
      return <IconCircleX size={18} color="var(--ft-bad)" aria-hidden="true" />;
    case 'asking':
      return <IconHelpCircle size={18} color="var(--ft-open)" aria-hidden="true" />;
    case 'stopped':
      return <IconCircleMinus size={18} color="var(--ft-quiet)" aria-hidden="true" />;
    case 'running':
      return <Loader size={16} aria-hidden="true" />;
    case 'waiting':
      return <IconCircleDashed size={18} color="var(--ft-quiet)" aria-hidden="true" />;
  }
}

/** What a step found, in a few words beside it. */
function StepNote({ step, job }: { readonly step: ReadinessStep; readonly job: JobState }) {
  const say = useTexts(boardTexts);
  const { bytes, duration } = useQuantities();
  const note = ((): string => {
    if (step.state === 'asking') return say('stepState.asking');
    if (step.state !== 'done') return '';
    const ssh = job.request.kind === 'connect' && job.request.address !== 'local';
    if (step.name === 'runner' && ssh && job.installedBytes !== null) {
      return job.installedBytes === 0
        ? say('present')
        : say('installed', { size: bytes(job.installedBytes) });
    }
    if (step.name === 'stateRead' && job.outcome?.kind === 'connect') {
      return say('tookTime', { time: duration(Math.max(1, job.outcome.board.seconds)) });
    }
    return '';
  })();
  if (note === '') return null;
  return (
    <Text fz="xs" c="dimmed">
      {note}
    </Text>
  );
}

function Installation({ installing }: { readonly installing: Installing }) {
  const say = useTexts(boardTexts);
  const { bytes, duration, percent } = useQuantities();
  const { done, totalBytes } = installing;
  const now = { atMs: useNow(1000), done };
  const first = useRef(now);
  const left = secondsLeft(first.current, now);
  const size =
    totalBytes === null
      ? say('installingShare', { share: percent(100 * done, 0) })
      : say('installing', { done: bytes(done * totalBytes), total: bytes(totalBytes) });
  const rest = done >= 1 ? say('checking') : left === null ? '' : say('left', { time: duration(left) });
  return (
    <Box mt="xs" maw={520}>
      <Progress value={100 * done} size="sm" aria-label={size} />
      <Text fz="xs" c="dimmed" mt={4}>
        {[size, rest].filter((part) => part !== '').join(' · ')}
      </Text>
    </Box>
  );
}

/** Whether the steps of a job are worth their place without being asked for. */
export const showsReadiness = (job: JobState): boolean => isActive(job) || job.error !== null;
