import { Button, Card, Group, Stack, Switch, Table, Text, Title } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import { Link } from 'wouter';
import type { RunResult } from '../../../electron/contract/run-result.ts';
import type { RunDetail } from '../../../electron/contract/views.ts';
import { useCall } from '../../client/calls.ts';
import { linkTo } from '../../frame/places.ts';
import { useTexts } from '../../language/language.ts';
import { type Quantities, useQuantities } from '../../language/quantities.ts';
import { judge } from '../../parts/judge.ts';
import { Empty, Fetched } from '../../parts/States.tsx';
import { VerdictFrame, VerdictMark } from '../../parts/Verdict.tsx';
import { comparisonOfRun, isImproved } from './comparison.ts';
import { conditionsOfRun, decisiveDifferences } from './conditions.ts';
import { Distribution } from './Latencies.tsx';
import { linkToNew } from './links.ts';
import { conditionTexts, twoRunTexts } from './words-runs.ts';

/** The results of two runs side by side; they were not measured against each other, and it says so. */
export function TwoRuns({ first, second }: { readonly first: string; readonly second: string }): ReactNode {
  const one = useCall('runs.get', { run: first });
  const other = useCall('runs.get', { run: second });
  return (
    <Fetched query={one}>
      {(a) => <Fetched query={other}>{(b) => <SideBySide runs={[a, b]} />}</Fetched>}
    </Fetched>
  );
}

type Pair<T> = readonly [T, T];

function SideBySide({ runs }: { readonly runs: Pair<RunDetail> }) {
  const say = useTexts(twoRunTexts);
  const [one, other] = runs;
  if (one.result === null || other.result === null)
    return <Empty title={say('unfinished')} hint={say('unfinishedHint')} />;
  return <Finished runs={runs} results={[one.result, other.result]} />;
}

function Finished({ runs, results }: { readonly runs: Pair<RunDetail>; readonly results: Pair<RunResult> }) {
  const say = useTexts(twoRunTexts);
  const sayCondition = useTexts(conditionTexts);
  const quantities = useQuantities();
  const [differencesOnly, setDifferencesOnly] = useState(false);
  const conditions = useMemo(
    () =>
      [
        conditionsOfRun(runs[0], sayCondition, quantities),
        conditionsOfRun(runs[1], sayCondition, quantities),
      ] as const,
    [runs, sayCondition, quantities],
  );
  const differing = decisiveDifferences(...conditions);
  const lines = useMemo(
    () =>
      runs.map((run, i) => ({ name: say('bOf', { number: i + 1 }), callsUs: run.details?.callsUs.b ?? [] })),
    [runs, say],
  );
  const rows = conditions[0].map(({ key, value }, i) => ({
    key,
    values: [value, conditions[1][i]?.value ?? null],
  }));
  return (
    <Stack gap="md">
      {differing.length > 0 || results[0].original.sha256 !== results[1].original.sha256 ? (
        <VerdictFrame sign="notComparable" sentence={say('differ')}>
          <Text fz="sm">
            {say('differHint', {
              what: [
                ...(results[0].original.sha256 !== results[1].original.sha256 ? [say('model')] : []),
                ...differing.map((key) => sayCondition(key)),
              ].join(', '),
            })}
          </Text>
        </VerdictFrame>
      ) : (
        <Text c="dimmed">{say('apart')}</Text>
      )}
      <Card withBorder>
        <Measures runs={runs} results={results} />
        <Group mt="sm">
          <Button
            component={Link}
            size="xs"
            href={linkToNew({
              a: results[0].optimized.sha256,
              b: results[1].optimized.sha256,
              board: runs[0].request.board.address,
            })}
          >
            {say('measure')}
          </Button>
          <Text fz="sm" c="dimmed">
            {say('measureHint')}
          </Text>
        </Group>
      </Card>
      <Card withBorder>
        <Distribution lines={lines} />
      </Card>
      <Card withBorder>
        <Group justify="space-between" mb="xs">
          <Title order={2}>{sayCondition('title')}</Title>
          <Switch
            label={say('differencesOnly')}
            checked={differencesOnly}
            onChange={({ currentTarget }) => setDifferencesOnly(currentTarget.checked)}
          />
        </Group>
        <Table aria-label={sayCondition('title')} verticalSpacing={5}>
          <Heads runs={runs} />
          <Table.Tbody>
            {rows
              .filter(({ values }) => !differencesOnly || values[0] !== values[1])
              .map(({ key, values }) => (
                <Table.Tr key={key}>
                  <Table.Th scope="row" fw={500}>
                    {sayCondition(key)}
                  </Table.Th>
                  <Table.Td>{values[0] ?? '—'}</Table.Td>
                  <Table.Td>
                    {values[1] ?? '—'}
                    {values[0] !== values[1] && (
                      <Text span fz="xs" c="dimmed" ml={8}>
                        {say('different')}
                      </Text>
                    )}
                  </Table.Td>
                </Table.Tr>
              ))}
          </Table.Tbody>
        </Table>
      </Card>
    </Stack>
  );
}

function Heads({ runs, numeric = false }: { readonly runs: Pair<RunDetail>; readonly numeric?: boolean }) {
  const say = useTexts(twoRunTexts);
  const quantities = useQuantities();
  return (
    <Table.Thead>
      <Table.Tr>
        <Table.Th w={280}>
          <span className="ft-visually-hidden">{say('measure.name')}</span>
        </Table.Th>
        {runs.map(({ summary }, i) => (
          <Table.Th key={summary.run} className={numeric ? 'ft-number' : ''}>
            <Link href={linkTo('compare', summary.run)} style={{ color: 'inherit' }}>
              {say('run', { number: i + 1, model: summary.model })}
            </Link>
            <Text fz="xs" c="dimmed" fw={400}>
              {quantities.date(summary.startedAt)} · {summary.boardName}
            </Text>
          </Table.Th>
        ))}
      </Table.Tr>
    </Table.Thead>
  );
}

const measures = [
  'originalP50',
  'p50',
  'p90',
  'p99',
  'speedup',
  'accuracy',
  'accuracyChange',
  'memory',
  'size',
  'parameters',
] as const;

function measureOf(
  measure: (typeof measures)[number],
  { original, optimized, comparison }: RunResult,
  quantities: Quantities,
): string {
  switch (measure) {
    case 'originalP50':
      return quantities.latency(original.latencyUs.p50);
    case 'speedup':
      return `${quantities.ratio(comparison.speedup)} ${quantities.interval(comparison.speedupInterval95)}`;
    case 'accuracy':
      return quantities.percent(optimized.accuracy.value, 2);
    case 'accuracyChange':
      return `${quantities.points(comparison.accuracyChange)} ${quantities.interval(comparison.accuracyChangeInterval95)}`;
    case 'memory':
      return optimized.peakMemoryBytes === null ? '—' : quantities.bytes(optimized.peakMemoryBytes);
    case 'size':
      return quantities.bytes(optimized.sizeBytes);
    case 'parameters':
      return quantities.count(optimized.parameters);
    default:
      return quantities.latency(optimized.latencyUs[measure]);
  }
}

function Measures({ runs, results }: { readonly runs: Pair<RunDetail>; readonly results: Pair<RunResult> }) {
  const say = useTexts(twoRunTexts);
  const quantities = useQuantities();
  return (
    <Table aria-label={say('results')} verticalSpacing={5}>
      <Heads runs={runs} numeric />
      <Table.Tbody>
        <Table.Tr>
          <Table.Th scope="row" fw={500}>
            {say('verdict')}
          </Table.Th>
          {runs.map((run, i) => (
            <Table.Td key={run.summary.run} className="ft-number">
              <RunVerdict run={run} result={results[i]!} />
            </Table.Td>
          ))}
        </Table.Tr>
        {measures.map((measure) => (
          <Table.Tr key={measure}>
            <Table.Th scope="row" fw={500}>
              {say(`measure.${measure}`)}
            </Table.Th>
            {results.map((result) => (
              <Table.Td key={result.run} className="ft-number">
                {measureOf(measure, result, quantities)}
              </Table.Td>
            ))}
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}

function RunVerdict({ run, result }: { readonly run: RunDetail; readonly result: RunResult }) {
  const say = useTexts(twoRunTexts);
  if (!isImproved(result)) return say('noImprovement');
  const { speed } = comparisonOfRun(result, run.details, run.request.maxAccuracyDrop);
  return <VerdictMark kind={judge(speed).kind} />;
}
