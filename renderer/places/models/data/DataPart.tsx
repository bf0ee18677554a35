import { Button, Card, Center, Group, Loader, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useEffect, useState } from 'react';
import type { DataDetail } from '../../../../electron/contract/views.ts';
import { useSelection } from '../../../client/selection.ts';
import { useTexts } from '../../../language/language.ts';
import { useQuantities } from '../../../language/quantities.ts';
import { Empty, ErrorPanel } from '../../../parts/States.tsx';
import { shapeText } from '../graph/model-graph.ts';
import { useOpenedData } from '../opened.ts';
import { CheckCard } from './CheckCard.tsx';
import { ClassChart } from './ClassChart.tsx';
import { SamplePreview } from './SamplePreview.tsx';
import { dataTexts } from './words.ts';

/** The chosen data, checked with the chosen model. */
export function DataPart({
  path,
  modelPath,
}: {
  readonly path: string | null;
  readonly modelPath: string | null;
}): ReactNode {
  const say = useTexts(dataTexts);
  // What does not fit this model can still be looked at.
  const [withoutModel, setWithoutModel] = useState<string | null>(null);
  const checkedWith = withoutModel !== null && withoutModel === `${path} ${modelPath}` ? null : modelPath;
  const opened = useOpenedData(path, checkedWith);
  if (path === null) return <Empty title={say('nothing')} hint={say('nothingHint')} />;
  if (opened.data) return <OpenedData data={opened.data} />;
  if (opened.error)
    return (
      <ErrorPanel error={opened.error.error} onRetry={() => void opened.refetch()}>
        {checkedWith !== null && (
          <Button size="xs" variant="default" onClick={() => setWithoutModel(`${path} ${modelPath}`)}>
            {say('withoutModel')}
          </Button>
        )}
      </ErrorPanel>
    );
  return (
    <Center py={64} role="status">
      <Group gap="sm">
        <Loader size="sm" />
        <Text c="dimmed">{say('loading')}</Text>
      </Group>
    </Center>
  );
}

function OpenedData({ data }: { readonly data: DataDetail }) {
  const { selection, select } = useSelection();
  const { model } = selection;
  const { path, name } = data;
  // The list may know them by the name of their folder only.
  const isStale = selection.data?.path === path && selection.data.name !== name;
  useEffect(() => {
    if (isStale) select({ data: { path, name } });
  }, [isStale, select, path, name]);
  return (
    <Stack gap="md">
      <DataGlance data={data} />
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="md">
        <CheckCard data={data} modelName={model?.name ?? null} />
        <Preprocessing data={data} />
      </SimpleGrid>
      {data.samplesByClass && <ClassChart classes={data.classes} counts={data.samplesByClass} />}
      <SamplePreview data={data} />
    </Stack>
  );
}

function DataGlance({ data }: { readonly data: DataDetail }) {
  const say = useTexts(dataTexts);
  const { count } = useQuantities();
  const { fit, select, verify } = data.counts;
  const parts = [
    [fit, 'fit'],
    [select, 'select'],
    [verify, 'verify'],
  ] as const;
  return (
    <Card withBorder padding="md">
      <Group gap="xs" align="baseline">
        <Title order={2}>{data.name}</Title>
        <Text fz="sm" c="dimmed">
          {say(data.task)}
        </Text>
      </Group>
      <Text c="dimmed" fz="xs" truncate title={data.path} mb="xs">
        {data.path}
      </Text>
      <dl className="ft-glance">
        <div>
          <dt>{say('samples')}</dt>
          <dd>{count(fit + select + verify)}</dd>
        </div>
        {parts.map(([samples, part]) => (
          <div key={part}>
            <dt>{say(part)}</dt>
            <dd>{count(samples)}</dd>
          </div>
        ))}
        {data.samplesByClass && (
          <div>
            <dt>{say('classes')}</dt>
            <dd>{count(data.samplesByClass.length)}</dd>
          </div>
        )}
        <div>
          <dt>{say('shape')}</dt>
          <dd>{shapeText(data.sampleShape)}</dd>
        </div>
      </dl>
    </Card>
  );
}

const figures = (value: number): string => String(Number(value.toPrecision(3))).replace('-', '−');

function Preprocessing({ data: { preprocessing, range } }: { readonly data: DataDetail }) {
  const say = useTexts(dataTexts);
  return (
    <Card withBorder padding="md">
      <Title order={3} fz="md" mb="xs">
        {say('preprocessing')}
      </Title>
      {preprocessing.length === 0 ? (
        <Text fz="sm">{say('noSteps')}</Text>
      ) : (
        <ol className="ft-steps">
          {preprocessing.map((step) => (
            <li key={step}>{step}</li>
          ))}
        </ol>
      )}
      <Text fz="xs" c="dimmed" mt="xs">
        {say('range')}
      </Text>
      <Text fz="sm" fw={600}>
        {say('rangeValue', {
          low: figures(range.low),
          high: figures(range.high),
          mean: figures(range.mean),
        })}
      </Text>
    </Card>
  );
}
