import { Button, Grid, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import { Link } from 'wouter';
import type { RunResult } from '../../../electron/contract/run-result.ts';
import type { FrontPoint } from '../../../electron/contract/search-progress.ts';
import { linkTo } from '../../frame/places.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { Chart } from '../../parts/Chart.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { Empty } from '../../parts/States.tsx';
import { VerdictFrame } from '../../parts/Verdict.tsx';
import { frontOption, limitToConfirm, type PlacedPoint, placePoints, standingOf } from './front.ts';
import { frontTexts } from './words-details.ts';

interface Props {
  readonly result: RunResult;
  readonly points: readonly FrontPoint[];
  readonly limit: number;
}

/** The other points that the search saw: what each would give and cost, and how it could be confirmed. */
export function Front({ result, points, limit }: Props): ReactNode {
  const say = useTexts(frontTexts);
  const [chosenId, setChosenId] = useState<string | null>(null);
  const { latencyUs, accuracy } = result.original;
  const originalUs = latencyUs.p50;
  const placed = useMemo(() => placePoints(points, originalUs), [points, originalUs]);
  if (placed.length === 0) return <Empty title={say('none')} hint={say('noneHint')} />;
  const chosen = placed.find(({ point }) => point.id === chosenId) ?? null;
  const states = {
    screened: say('state.screened'),
    tuned: say('state.tuned'),
    confirmed: say('state.confirmed'),
    refused: say('state.refused'),
  };
  return (
    <Stack gap="md">
      <Grid gap="lg">
        <Grid.Col span={{ base: 12, md: 7 }}>
          <Chart
            title={say('chart')}
            description={say('chartDescription')}
            height={320}
            onPick={setChosenId}
            option={(tokens) =>
              frontOption(
                placed,
                originalUs,
                limit,
                chosenId,
                {
                  latency: say('latencyAxis'),
                  accuracy: say('accuracyAxis'),
                  original: say('original'),
                  front: say('front'),
                  forbidden: say('forbidden', { limit: limit.toFixed(1) }),
                  states,
                },
                tokens,
              )
            }
            table={{
              columns: [say('latencyAxis'), say('accuracyAxis'), say('speedup'), say('state')],
              rows: placed.map(({ point, change, latencyUs: us }) => [
                us / 1e3,
                change,
                point.speedup,
                states[point.state],
              ]),
            }}
          />
        </Grid.Col>
        <Grid.Col span={{ base: 12, md: 5 }} aria-live="polite">
          {chosen ? (
            <Cost placed={chosen} originalUs={originalUs} limit={limit} metric={accuracy.metric} />
          ) : (
            <Text c="dimmed" pt="xl">
              {say('choose')}
            </Text>
          )}
        </Grid.Col>
      </Grid>
      <Points placed={placed} chosen={chosenId} onChoose={setChosenId} />
      <Text fz="xs" c="dimmed">
        {say('note')}
      </Text>
    </Stack>
  );
}

function Points({
  placed,
  chosen,
  onChoose,
}: {
  readonly placed: readonly PlacedPoint[];
  readonly chosen: string | null;
  readonly onChoose: (id: string) => void;
}) {
  const say = useTexts(frontTexts);
  const quantities = useQuantities();
  const columns = useMemo(
    (): Column<PlacedPoint>[] => [
      {
        key: 'latency',
        title: say('latency'),
        numeric: true,
        value: ({ latencyUs }) => latencyUs,
        render: ({ latencyUs }) => quantities.latency(latencyUs),
      },
      {
        key: 'speedup',
        title: say('speedup'),
        numeric: true,
        value: ({ point }) => point.speedup,
        render: ({ point }) =>
          `${quantities.ratio(point.speedup)}${point.speedupInterval95 ? ` ${quantities.interval(point.speedupInterval95)}` : ''}`,
      },
      {
        key: 'accuracy',
        title: say('accuracy'),
        numeric: true,
        value: ({ point }) => point.accuracy,
        render: ({ point }) =>
          point.accuracy === null
            ? say('notMeasured')
            : `${quantities.percent(point.accuracy)}${point.accuracyInterval95 ? ` ${quantities.interval(point.accuracyInterval95, 1)}` : ''}`,
      },
      {
        key: 'replacements',
        title: say('replacements'),
        numeric: true,
        value: ({ point }) => point.replacements,
        render: ({ point }) => point.replacements,
      },
      {
        key: 'state',
        title: say('state'),
        value: ({ point }) => point.state,
        render: ({ point, onFront }) => (
          <>
            {say(`state.${point.state}`)}
            {onFront && (
              <Text span fz="xs" c="dimmed">
                {' '}
                · {say('onFront')}
              </Text>
            )}
          </>
        ),
      },
    ],
    [say, quantities],
  );
  return (
    <DataTable
      label={say('points')}
      columns={columns}
      rows={placed}
      rowKey={({ point }) => point.id}
      selected={chosen}
      onSelect={({ point }) => onChoose(point.id)}
    />
  );
}

const signs = {
  confirmed: 'faster',
  unmeasured: 'inconclusive',
  unconfirmed: 'inconclusive',
  lostTooMuch: 'slower',
  notFaster: 'slower',
} as const;

function Cost({
  placed,
  originalUs,
  limit,
  metric,
}: {
  readonly placed: PlacedPoint;
  readonly originalUs: number;
  readonly limit: number;
  readonly metric: string;
}) {
  const say = useTexts(frontTexts);
  const quantities = useQuantities();
  const { point, latencyUs, change } = placed;
  const verified = point.accuracyInterval95 !== null;
  const standing = standingOf(point);
  const needed =
    change !== null && (standing === 'unconfirmed' || standing === 'lostTooMuch')
      ? limitToConfirm(-change, verified)
      : null;
  const facts: readonly (readonly [string, string])[] = [
    [
      say('latency'),
      say('fromTo', {
        from: quantities.latency(originalUs),
        to: quantities.latency(latencyUs),
      }),
    ],
    [say('speedup'), quantities.ratio(point.speedup)],
    [
      say(verified ? 'accuracyVerified' : 'accuracyChoosing'),
      point.accuracy === null ? say('notMeasured') : quantities.percent(point.accuracy),
    ],
    [
      metric === 'agreement' || metric === 'cosine'
        ? say('againstOriginal')
        : say('againstA', {
            a: typeof point.originalAccuracy === 'number' ? quantities.percent(point.originalAccuracy) : '–',
          }),
      change === null ? '—' : quantities.points(change),
    ],
  ];
  return (
    <Stack gap="sm">
      <Title order={3} fz="md">
        {say('costTitle', { count: point.replacements })}
      </Title>
      <SimpleGrid component="dl" cols={2} spacing={6} verticalSpacing={4} m={0}>
        {facts.map(([name, value]) => (
          <Group key={name} gap={0} justify="space-between" style={{ display: 'contents' }}>
            <Text component="dt" fz="sm" c="dimmed">
              {name}
            </Text>
            <Text component="dd" fz="sm" m={0} className="ft-number">
              {value}
            </Text>
          </Group>
        ))}
      </SimpleGrid>
      <VerdictFrame sign={signs[standing]} sentence={say(`meaning.${point.state}`)}>
        <Text fz="sm">
          {say(`standing.${standing}`, { limit: needed?.toFixed(1) ?? '', allowed: limit.toFixed(1) })}
        </Text>
        {needed !== null && (
          <Button component={Link} href={`${linkTo('run')}?limit=${needed}`} size="xs" mt="xs">
            {say('runAgain', { limit: needed.toFixed(1) })}
          </Button>
        )}
      </VerdictFrame>
    </Stack>
  );
}
