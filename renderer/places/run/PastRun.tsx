import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { RunDetail } from '../../../electron/contract/views.ts';
import { useCall } from '../../client/calls.ts';
import { linkTo } from '../../frame/places.ts';
import { useResume } from '../../frame/use-resume.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { useRunWords } from '../../language/run-notes.ts';
import { BoardsTable } from '../../parts/boards/BoardsTable.tsx';
import { PutOnBoard } from '../../parts/deploy/PutOnBoard.tsx';
import { NothingFound } from '../../parts/NothingFound.tsx';
import { ErrorPanel, Fetched } from '../../parts/States.tsx';
import { ParetoChart } from './ParetoChart.tsx';
import { type Plot, plotOf } from './pareto.ts';
import { Sentence } from './Sentence.tsx';
import { runTexts } from './words.ts';

/** A run whose job this process does not know: what the history has of it, and how to go on. */
export function PastRun({ run }: { readonly run: string }): ReactNode {
  const say = useTexts(runTexts);
  const detail = useCall('runs.get', { run });
  return (
    <Stack gap="sm">
      <Group>
        <Button component={Link} href={linkTo('run')} size="compact-sm" variant="subtle">
          {say('newest')}
        </Button>
      </Group>
      <Fetched query={detail}>{(value) => <Past detail={value} />}</Fetched>
    </Stack>
  );
}

function Past({ detail }: { readonly detail: RunDetail }) {
  const say = useTexts(runTexts);
  const words = useRunWords();
  const quantities = useQuantities();
  const resume = useResume();
  const { summary, request, explanation, details, stages } = detail;
  const { run, state } = summary;
  const canResume = state === 'interrupted' || state === 'cancelled' || state === 'failed';
  const plot = pastPlot(detail);
  return (
    <>
      <Card withBorder>
        <Group justify="space-between" wrap="nowrap" align="flex-start">
          <div>
            <Title order={2}>{say(`past.${state}`)}</Title>
            <Text mt={4}>
              <Sentence
                text={say('going')}
                parts={{
                  model: <strong>{summary.model}</strong>,
                  board: <strong>{summary.boardName}</strong>,
                  limit: <strong>{request.maxAccuracyDrop.toFixed(1)}</strong>,
                  budget: <strong>{quantities.duration(request.budgetSeconds)}</strong>,
                }}
              />
            </Text>
            <Text fz="sm" c="dimmed">
              {say('past', { run })} · {say('pastStarted', { date: quantities.date(summary.startedAt) })}
            </Text>
            <NothingFound explanation={explanation} reason={details?.reason ?? null} mt={4} />
          </div>
          <Group gap="xs" wrap="nowrap">
            {canResume && (
              <Button loading={resume.isPending} onClick={() => resume.mutate({ run })}>
                {say('resume')}
              </Button>
            )}
            {detail.result && (
              <>
                <Button component={Link} href={linkTo('compare', run)}>
                  {say('compare')}
                </Button>
                <Button component={Link} href={linkTo('report', run)} variant="default">
                  {say('report')}
                </Button>
                {state === 'improved' && <PutOnBoard run={run} address={request.board.address} />}
              </>
            )}
          </Group>
        </Group>
        <BoardsTable boards={detail.result?.boards} />
        {stages.length > 0 && (
          <Text fz="sm" mt="sm">
            <Text span c="dimmed" fz="sm">
              {say('pastStages')}
            </Text>
            {stages
              .map(({ name, seconds }) => `${words.stage(name)} ${quantities.duration(seconds)}`)
              .join(' · ')}
          </Text>
        )}
        {resume.error && <ErrorPanel error={resume.error.error} />}
      </Card>
      {plot && <ParetoChart plot={plot} />}
    </>
  );
}

/** The points as the history keeps them; null without a measured A. */
function pastPlot({ request, result, details }: RunDetail): Plot | null {
  if (!result || !details) return null;
  return plotOf({
    changeInterval95: result.comparison.accuracyChangeInterval95,
    request: { kind: 'optimize', ...request },
    originalUs: result.original.latencyUs.p50,
    originalAccuracy: result.original.accuracy.value,
    points: details.points,
  });
}
