import { Button, Card, Group, Stack, Tabs, Text } from '@mantine/core';
import { IconDownload, IconFileText } from '@tabler/icons-react';
import { type ReactNode, useMemo } from 'react';
import { Link, useSearchParams } from 'wouter';
import { fileRoutes } from '../../../electron/contract/file-routes.ts';
import type { RunResult } from '../../../electron/contract/run-result.ts';
import type { RunDetail } from '../../../electron/contract/views.ts';
import { useCall } from '../../client/calls.ts';
import { linkTo } from '../../frame/places.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { judge } from '../../parts/judge.ts';
import { NothingFound } from '../../parts/NothingFound.tsx';
import { Empty, Fetched } from '../../parts/States.tsx';
import { AccuracyGuardrail, Verdict, VerdictFrame } from '../../parts/Verdict.tsx';
import { ChooseAgain } from './ChooseAgain.tsx';
import { Columns } from './Columns.tsx';
import { Conditions } from './Conditions.tsx';
import { comparisonOfRun, isImproved, nameOfMetric } from './comparison.ts';
import { conditionsOfRun } from './conditions.ts';
import { Diff } from './Diff.tsx';
import { Front } from './Front.tsx';
import { Distribution, RunOrder } from './Latencies.tsx';
import { linkToNew } from './links.ts';
import { MetricsTable } from './MetricsTable.tsx';
import { Operators } from './Operators.tsx';
import { Replacements } from './Replacements.tsx';
import { Samples } from './Samples.tsx';
import { Trial } from './Trial.tsx';
import { compareTexts } from './words.ts';
import { conditionTexts } from './words-runs.ts';

/** A run's original model against its optimized one. */
export function RunComparison({ run }: { readonly run: string }): ReactNode {
  const say = useTexts(compareTexts);
  const query = useCall('runs.get', { run });
  return (
    <Fetched query={query}>
      {(detail) =>
        detail.result === null ? (
          <Empty title={say('unfinished')} hint={say('unfinishedHint')}>
            <Button component={Link} href={linkTo('run', run)}>
              {say('toRun')}
            </Button>
          </Empty>
        ) : (
          <Finished key={run} detail={detail} result={detail.result} />
        )
      }
    </Fetched>
  );
}

interface FinishedProps {
  readonly detail: RunDetail;
  readonly result: RunResult;
}

function Finished({ detail, result }: FinishedProps) {
  const say = useTexts(compareTexts);
  return (
    <Stack gap="md">
      <Exports run={detail.summary.run} files={detail.files} />
      {isImproved(result) ? (
        <Improved detail={detail} result={result} />
      ) : (
        <VerdictFrame sign="same" sentence={say('noImprovement')}>
          <NothingFound
            explanation={detail.explanation === '' ? result.explanation : detail.explanation}
            reason={detail.details?.reason ?? null}
          />
          <Text fz="sm" c="dimmed">
            {say('noImprovementHint')}
          </Text>
        </VerdictFrame>
      )}
      <Details detail={detail} result={result} />
    </Stack>
  );
}

const exported = [
  { file: 'measurements.csv', text: 'exportCsv' },
  { file: 'result.json', text: 'exportJson' },
  { file: 'optimized.onnx', text: 'exportOnnx' },
] as const;

function Exports({ run, files }: { readonly run: string; readonly files: readonly string[] }) {
  const say = useTexts(compareTexts);
  return (
    <Group gap="xs">
      <Button
        component={Link}
        href={linkTo('report', run)}
        size="xs"
        leftSection={<IconFileText size={15} aria-hidden="true" />}
      >
        {say('report')}
      </Button>
      {exported
        .filter(({ file }) => files.includes(file))
        .map(({ file, text }) => (
          <Button
            key={file}
            component="a"
            href={`${fileRoutes.runFile(run, file)}?download`}
            download={`${run}-${file}`}
            size="xs"
            variant="default"
            leftSection={<IconDownload size={15} aria-hidden="true" />}
          >
            {say(text)}
          </Button>
        ))}
      {files.length === 0 && (
        <Text fz="sm" c="dimmed">
          {say('filesGone')}
        </Text>
      )}
    </Group>
  );
}

function Improved({ detail, result }: FinishedProps) {
  const say = useTexts(compareTexts);
  const quantities = useQuantities();
  const limit = detail.request.maxAccuracyDrop;
  const comparison = useMemo(
    () => comparisonOfRun(result, detail.details, limit),
    [result, detail.details, limit],
  );
  const { speed, accuracy } = comparison;
  const tuned = accuracy?.tunedOriginal ?? null;
  const lines = useMemo(
    () => [
      { name: say('aName'), callsUs: detail.details?.callsUs.a ?? [] },
      { name: say('bName'), callsUs: detail.details?.callsUs.b ?? [] },
    ],
    [say, detail.details],
  );
  return (
    <>
      <Columns>
        <Verdict evidence={speed}>
          <Text fz="sm">
            {say('medians', {
              a: quantities.latency(result.original.latencyUs.p50),
              b: quantities.latency(result.optimized.latencyUs.p50),
              ratio: quantities.ratio(speed.speedup),
            })}
          </Text>
          {judge(speed).kind === 'inconclusive' && <MeasureMore detail={detail} result={result} />}
        </Verdict>
        {accuracy && (
          <AccuracyGuardrail changeInterval95={accuracy.changeInterval95} limit={accuracy.limit}>
            <Text fz="sm">
              {say(`${nameOfMetric(accuracy.metric)}Is`, {
                a: quantities.percent(result.original.accuracy.value),
                b: quantities.percent(result.optimized.accuracy.value),
                samples: quantities.count(accuracy.samples),
              })}
              {tuned !== null && ` ${say('tunedIs', { value: quantities.percent(tuned) })}`}
            </Text>
          </AccuracyGuardrail>
        )}
      </Columns>
      <Card withBorder>
        <MetricsTable comparison={comparison} />
      </Card>
      <Card withBorder>
        <Distribution lines={lines} />
        <RunOrder ratios={detail.details?.blockRatios ?? []} speedup={speed.speedup} />
      </Card>
    </>
  );
}

function MeasureMore({ detail, result }: FinishedProps) {
  const say = useTexts(compareTexts);
  return (
    <Button
      component={Link}
      size="compact-sm"
      variant="default"
      mt={6}
      href={linkToNew({
        a: result.original.sha256,
        b: result.optimized.sha256,
        board: detail.request.board.address,
        data: detail.request.dataPath,
      })}
    >
      {say('measureMore')}
    </Button>
  );
}

const tabs = ['operators', 'replacements', 'samples', 'graph', 'front', 'trial', 'conditions'] as const;
type Tab = (typeof tabs)[number];

function Details({ detail, result }: FinishedProps) {
  const say = useTexts(compareTexts);
  const sayCondition = useTexts(conditionTexts);
  const quantities = useQuantities();
  const [search, setSearch] = useSearchParams();
  const { details } = detail;
  const improved = isImproved(result);
  const offered = tabs.filter((tab) => isOffered(tab, detail, result));
  const wanted = offered.find((tab) => tab === search.get('tab')) ?? offered[0] ?? 'conditions';
  const conditions = useMemo(
    () => conditionsOfRun(detail, sayCondition, quantities),
    [detail, sayCondition, quantities],
  );
  return (
    <Card withBorder>
      <h2 className="ft-visually-hidden">{say('details')}</h2>
      <Tabs
        value={wanted}
        keepMounted={false}
        onChange={(tab) => setSearch(tab === null ? {} : { tab }, { replace: true })}
      >
        <Tabs.List aria-label={say('details')} mb="md">
          {offered.map((tab) => (
            <Tabs.Tab key={tab} value={tab}>
              {say(`tab.${tab}`)}
              {tab === 'samples' && ` (${quantities.count(details?.disagreementCount ?? 0)})`}
              {tab === 'replacements' && ` (${result.replacements.length})`}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="operators">
          <Operators a={result.operators} b={details?.optimizedOperators ?? []} />
        </Tabs.Panel>
        <Tabs.Panel value="replacements">
          <Replacements replacements={result.replacements} />
        </Tabs.Panel>
        <Tabs.Panel value="samples">
          <Samples run={detail.summary.run} found={details ?? { disagreements: [], disagreementCount: 0 }} />
        </Tabs.Panel>
        <Tabs.Panel value="graph">
          <Diff run={detail.summary.run} />
        </Tabs.Panel>
        <Tabs.Panel value="front">
          <Front result={result} points={details?.points ?? []} limit={detail.request.maxAccuracyDrop} />
          <ChooseAgain detail={detail} />
        </Tabs.Panel>
        <Tabs.Panel value="trial">
          <Trial
            models={{ run: detail.summary.run }}
            of={{ run: detail.summary.run }}
            board={detail.request.board.address}
            threads={detail.request.threads}
          />
        </Tabs.Panel>
        <Tabs.Panel value="conditions">
          <Conditions conditions={conditions} notes={result.notes}>
            {improved && (
              <Group gap="sm">
                <MeasureMore detail={detail} result={result} />
                <Text fz="sm" c="dimmed" mt={6}>
                  {say('measureMoreHint')}
                </Text>
              </Group>
            )}
          </Conditions>
        </Tabs.Panel>
      </Tabs>
    </Card>
  );
}

/** Whether there can be anything behind a tab: without an improvement B is A. */
function isOffered(tab: Tab, { details }: RunDetail, result: RunResult): boolean {
  switch (tab) {
    case 'operators':
      return isImproved(result) && details !== null;
    case 'replacements':
      return result.replacements.length > 0;
    case 'samples':
      return details !== null && (isImproved(result) || details.disagreementCount > 0);
    case 'graph':
    case 'trial':
      return isImproved(result);
    case 'front':
      return details !== null;
    case 'conditions':
      return true;
  }
}
