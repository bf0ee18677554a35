import { Button, Group, Stack, Text } from '@mantine/core';
import { useTimeout } from '@mantine/hooks';
import { type ReactNode, useState } from 'react';
import type { DeployPlan } from '../../electron/contract/deploy.ts';
import { shortAddress } from '../client/boards.ts';
import { useJobs } from '../client/jobs.ts';
import { foreignText } from '../language/foreign-text.ts';
import { type Say, useTexts } from '../language/language.ts';
import { type Quantities, useQuantities } from '../language/quantities.ts';
import { Dialog } from '../parts/Dialog.tsx';
import { deployTexts, shortHash, trialWords } from '../parts/deploy/words.ts';
import { Facts } from '../parts/Facts.tsx';
import { ErrorPanel } from '../parts/States.tsx';
import { useReply } from './use-reply.ts';

/** Nobody has read what will happen faster than this. */
const readingMs = 2000;

/** Asks whether a board may be changed, with all that a person has to know before. */
export function DeploymentDialog(): ReactNode {
  const jobs = useJobs();
  for (const { id, question } of jobs)
    if (question?.kind === 'deployment')
      return <Question key={`${id} ${question.id}`} job={id} question={question.id} plan={question.plan} />;
  return null;
}

function Question({
  job,
  question,
  plan,
}: {
  readonly job: string;
  readonly question: number;
  readonly plan: DeployPlan;
}) {
  const say = useTexts(deployTexts);
  const quantities = useQuantities();
  const { answered, error, reply } = useReply(job, question);
  const [read, setRead] = useState(false);
  useTimeout(() => setRead(true), readingMs, { autoInvoke: true });
  const board = foreignText(plan.board.name);
  const rejection = plan.trial?.state === 'rejected' ? plan.trial.decision : null;
  return (
    <Dialog
      title={say(`ask.${plan.action}`, { board })}
      size={760}
      opened={!answered}
      onClose={() => reply(false)}
    >
      <Stack gap="sm">
        <Facts facts={factsOf(plan, say, quantities)} nameWidth={120} />
        {plan.measuredOn !== null && (
          <Text fz="sm" fw={600}>
            {say('otherBoardWarning', { board: foreignText(plan.measuredOn) })}
          </Text>
        )}
        {rejection !== null && (
          <Text fz="sm" fw={600}>
            {say('rejectedWarning', { by: foreignText(rejection.by) })}
          </Text>
        )}
        <Text fz="sm" c="dimmed">
          {plan.becomesManaged && `${say('becomesManaged')} `}
          {plan.action === 'unmanage' ? say('leavesNothing') : plan.now && say('previousKept')}
        </Text>
        {error && <ErrorPanel error={error.error} />}
        <Group gap="xs">
          <Button disabled={!read} onClick={() => reply(true)}>
            {say(rejection === null ? `yes.${plan.action}` : 'yes.despiteTrial', { board })}
          </Button>
          {/* The first press of Enter must not change a board. */}
          <Button variant="default" data-autofocus onClick={() => reply(false)}>
            {say('cancel')}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}

function factsOf(
  plan: DeployPlan,
  say: Say<keyof (typeof deployTexts)['en']>,
  quantities: Quantities,
): readonly (readonly [string, string])[] {
  const { bytes, date, duration, interval, points, ratio } = quantities;
  const { board, address, path, now, model, comparison, restart, health, healthTimeoutSeconds } = plan;
  const id = board.serialNumber ?? board.id.slice(0, 8);
  const facts: (readonly [string, string] | false)[] = [
    [say('board'), foreignText(`${board.name} · ${id} · ${shortAddress(address)}`)],
    [say('where'), foreignText(path)],
    [
      say('now'),
      now === null
        ? say('nowNothing')
        : say('nowValue', {
            sha: shortHash(now.sha256),
            size: bytes(now.sizeBytes),
            date: date(now.modifiedAt),
          }),
    ],
    model !== null && [
      say('new'),
      say('newValue', {
        name: foreignText(model.name),
        sha: shortHash(model.sha256),
        size: bytes(model.sizeBytes),
      }),
    ],
    comparison !== null && [
      say('speed'),
      say('speedValue', {
        ratio: ratio(comparison.speedup),
        interval: interval(comparison.speedupInterval95),
        board: foreignText(plan.measuredOn ?? board.name),
      }),
    ],
    comparison !== null && [
      say('accuracy'),
      say('accuracyValue', {
        change: points(comparison.accuracyChange),
        interval: interval(comparison.accuracyChangeInterval95),
      }),
    ],
    plan.action === 'deploy' && [say('trial'), trialWords(plan.trial, say, quantities)],
    restart !== null && [say('runs'), foreignText(restart)],
    health !== null && [
      say('checks'),
      say('checksValue', { command: foreignText(health), time: duration(healthTimeoutSeconds) }),
    ],
  ];
  return facts.filter((fact) => fact !== false);
}
