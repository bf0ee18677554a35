import { Alert, Button, Card, Group, Progress, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import type { CompareCall, ComparedBoard, CompareResult } from '../../../electron/contract/api.ts';
import type { JobRequest, JobState, StageState } from '../../../electron/contract/views.ts';
import { useAction } from '../../client/calls.ts';
import { isActive, useJobStore } from '../../client/jobs.ts';
import { lastPartOf } from '../../client/paths.ts';
import { useErrorText } from '../../language/errors.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { type BoardLine, BoardsTable } from '../../parts/boards/BoardsTable.tsx';
import { judge } from '../../parts/judge.ts';
import { ErrorPanel } from '../../parts/States.tsx';
import { AccuracyGuardrail, Verdict } from '../../parts/Verdict.tsx';
import { Columns } from './Columns.tsx';
import { Conditions } from './Conditions.tsx';
import { comparisonOfJob } from './comparison.ts';
import { conditionsOfJob } from './conditions.ts';
import { MetricsTable } from './MetricsTable.tsx';
import { Course, Sustained } from './Sustained.tsx';
import { Trial } from './Trial.tsx';
import { anyTwoTexts, conditionTexts } from './words-runs.ts';
import { sustainedTexts } from './words-trial.ts';

/** A comparison of any two models: how far it is, then what it found. No verdict before the last round. */
export function CompareJob({ job, limit }: { readonly job: JobState; readonly limit: number }): ReactNode {
  const say = useTexts(anyTwoTexts);
  const { request, outcome } = job;
  if (request.kind !== 'compare') return null;
  return (
    <section aria-label={say('newest')} aria-live="polite">
      <Stack gap="md">
        <div>
          <Title order={2}>
            {say('of', { a: lastPartOf(request.modelPathA), b: lastPartOf(request.modelPathB) })}
          </Title>
          <Text fz="sm" c="dimmed" style={{ overflowWrap: 'anywhere' }}>
            A: {request.modelPathA} · B: {request.modelPathB}
          </Text>
        </div>
        {isActive(job) && <Going job={job} />}
        {job.state === 'cancelled' && <Alert variant="light" color="gray" title={say('cancelled')} />}
        {job.error && job.state !== 'cancelled' && <ErrorPanel error={job.error} />}
        {outcome?.kind === 'compare' && (
          <Found result={outcome.comparison} call={callOf(request)} limit={limit} />
        )}
      </Stack>
    </section>
  );
}

/** Which round a stage is in, and of how many; null where it counts nothing. */
export function roundOf({
  done,
  total,
}: StageState): { readonly round: number; readonly total: number } | null {
  if (done === null || typeof total !== 'number') return null;
  return { round: Math.min(total, Math.round(done * total) + 1), total };
}

function Going({ job }: { readonly job: JobState }) {
  const say = useTexts(anyTwoTexts);
  const cancel = useAction('jobs.cancel');
  const sayLong = useTexts(sustainedTexts);
  const stage = job.stages.find(({ state }) => state === 'running');
  const round = stage && roundOf(stage);
  const isLong = job.request.kind === 'compare' && job.request.minutes !== undefined;
  const what =
    stage?.name === 'compare' && round
      ? isLong
        ? sayLong('minute', {
            minute: Math.ceil(round.round / 60),
            total: Math.max(1, Math.round(round.total / 60)),
          })
        : say('round', round)
      : stage?.name === 'verify'
        ? say('stage.verify')
        : say(stage?.name === 'compare' ? 'stage.compare' : 'stage.connect');
  return (
    <Card withBorder>
      <Group justify="space-between" mb="xs">
        <Text fw={600}>{what}</Text>
        <Button
          size="xs"
          variant="default"
          disabled={job.state !== 'running'}
          onClick={() => cancel.mutate({ job: job.id })}
        >
          {say(job.state === 'running' ? 'cancel' : 'stopping')}
        </Button>
      </Group>
      <Progress value={100 * (stage?.done ?? 0)} aria-label={what} />
      <Text fz="xs" c="dimmed" mt={6}>
        {isLong ? sayLong('stopKeeps') : say('noVerdictYet')}
      </Text>
      {job.sustained && <Course points={job.sustained} />}
    </Card>
  );
}

const callOf = ({ kind: _, ...call }: JobRequest & { readonly kind: 'compare' }): CompareCall => call;

function Found({
  result,
  call,
  limit,
}: {
  readonly result: CompareResult;
  readonly call: CompareCall;
  readonly limit: number;
}) {
  const say = useTexts(anyTwoTexts);
  const sayCondition = useTexts(conditionTexts);
  const quantities = useQuantities();
  const comparison = useMemo(() => comparisonOfJob(result, limit), [result, limit]);
  const { speed, accuracy, a, b } = comparison;
  const times = say('medians', {
    a: quantities.latency(a.latencyUs.p50),
    b: quantities.latency(b.latencyUs.p50),
  });
  return (
    <>
      <Columns>
        <Verdict evidence={speed}>
          <Text fz="sm">{times}</Text>
          {judge(speed).kind === 'inconclusive' && <MeasureAgain call={call} />}
        </Verdict>
        {accuracy ? (
          <AccuracyGuardrail changeInterval95={accuracy.changeInterval95} limit={accuracy.limit}>
            <Text fz="sm">{say('onSamples', { samples: quantities.count(accuracy.samples) })}</Text>
          </AccuracyGuardrail>
        ) : (
          <Card withBorder h="100%">
            <Text c="dimmed">{say('accuracyNotCompared')}</Text>
          </Card>
        )}
      </Columns>
      {result.boards && <EachBoard boards={result.boards} />}
      {result.sustained && <Sustained result={result.sustained} />}
      <Card withBorder>
        <MetricsTable comparison={comparison} />
      </Card>
      <Card withBorder>
        <Title order={3} fz="md" mb="xs">
          {sayCondition('title')}
        </Title>
        <Conditions conditions={conditionsOfJob(result, sayCondition, quantities)} />
      </Card>
      <Card withBorder>
        <Trial
          models={{ modelPathA: call.modelPathA, modelPathB: call.modelPathB }}
          of={{ sha256A: result.a.sha256, sha256B: result.b.sha256 }}
          board={call.board.address}
          threads={call.threads}
        />
      </Card>
    </>
  );
}

/** What was found on each of several boards; what stands above is of the one that is the least certain to be faster. */
function EachBoard({ boards }: { readonly boards: readonly ComparedBoard[] }) {
  const say = useTexts(anyTwoTexts);
  const wordsFor = useErrorText();
  const lines = boards.map(({ address, error, comparison }): BoardLine => {
    const words = error && wordsFor(error);
    return {
      address,
      board: comparison && { name: comparison.board.name },
      leftOut: words && `${words.happened}: ${words.why}`,
      comparison: comparison && {
        ...comparison,
        originalUs: comparison.a.latencyUs,
        optimizedUs: comparison.b.latencyUs,
      },
    };
  });
  return (
    <Card withBorder>
      <Text fz="sm" c="dimmed">
        {say('leastCertain')}
      </Text>
      <BoardsTable boards={lines} />
    </Card>
  );
}

/** The same comparison in rounds of its own; nothing is added to the one before. */
function MeasureAgain({ call }: { readonly call: CompareCall }) {
  const say = useTexts(anyTwoTexts);
  const store = useJobStore();
  const start = useAction('runs.compare', (job) => store.put(job));
  return (
    <>
      <Button
        size="compact-sm"
        variant="default"
        mt={6}
        loading={start.isPending}
        onClick={() => start.mutate(call)}
      >
        {say('measureAgain')}
      </Button>
      {start.error && <ErrorPanel error={start.error.error} />}
    </>
  );
}
