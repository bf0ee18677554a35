import { Card, Group, SimpleGrid, Stack, Text } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import { type ReactNode, useMemo, useState } from 'react';
import type { Disagreement, DisagreementPicture, RunDetails } from '../../../electron/contract/views.ts';
import { useCall } from '../../client/calls.ts';
import { useTexts } from '../../language/language.ts';
import { Pages } from '../../parts/Pages.tsx';
import { Empty, Fetched } from '../../parts/States.tsx';
import { countSamples } from './samples.ts';
import { sampleTexts } from './words-details.ts';

const pageSize = 24;

type Found = Pick<RunDetails, 'disagreements' | 'disagreementCount'>;

/** The samples on which A and B say different things, a page at a time. */
export function Samples({ run, found }: { readonly run: string; readonly found: Found }): ReactNode {
  const say = useTexts(sampleTexts);
  const [page, setPage] = useState(0);
  const { disagreements, disagreementCount } = found;
  const query = useCall(
    'runs.disagreements',
    disagreements.length === 0 ? null : { run, offset: page * pageSize, limit: pageSize },
  );
  if (disagreements.length === 0) return <Empty title={say('none')} hint={say('noneHint')} />;
  return (
    <Stack gap="sm">
      <Counts disagreements={disagreements} total={disagreementCount} />
      <Fetched query={query}>
        {(pictures) => (
          <SimpleGrid
            cols={{ base: 3, md: 4, lg: 6, xl: 8 }}
            spacing="sm"
            component="section"
            aria-label={say('samples')}
          >
            {pictures.map((picture) => (
              <Sample key={picture.sample} picture={picture} />
            ))}
          </SimpleGrid>
        )}
      </Fetched>
      {disagreements.length > pageSize && (
        <Pages
          label={say('pages')}
          pageSize={pageSize}
          total={disagreements.length}
          page={page}
          onPage={setPage}
        />
      )}
    </Stack>
  );
}

function Counts({
  disagreements,
  total,
}: {
  readonly disagreements: readonly Disagreement[];
  readonly total: number;
}) {
  const say = useTexts(sampleTexts);
  const counts = useMemo(() => countSamples(disagreements), [disagreements]);
  const partial = total > disagreements.length;
  return (
    <div>
      <Text fw={600}>
        {counts.unlabelled === disagreements.length
          ? say('unlabelled', { total })
          : say('counts', { ...counts })}
      </Text>
      <Text fz="sm" c="dimmed">
        {partial ? say('partial', { kept: disagreements.length, total }) : say('total', { total })}
      </Text>
    </div>
  );
}

function Sample({ picture }: { readonly picture: DisagreementPicture }) {
  const say = useTexts(sampleTexts);
  const { sample, label, labelName, a, aName, b, bName } = picture;
  return (
    <Card withBorder p="xs" component="article" aria-label={say('sample', { number: sample })}>
      <Group justify="space-between" wrap="nowrap" mb={4}>
        <Text fz="xs" c="dimmed">
          {say('sample', { number: sample })}
        </Text>
      </Group>
      {picture.picture === null ? (
        <Values values={picture.values} />
      ) : (
        <img
          src={picture.picture}
          alt={say('pictureOf', { number: sample })}
          style={{
            width: '100%',
            aspectRatio: '1',
            objectFit: 'contain',
            imageRendering: 'pixelated',
            background: 'var(--ft-ground)',
            borderRadius: 4,
            display: 'block',
          }}
        />
      )}
      <Stack gap={1} mt={6}>
        {labelName !== null && (
          <Text fz="xs" fw={600} truncate title={labelName}>
            {say('label', { name: labelName })}
          </Text>
        )}
        <Answer model="A" name={aName} right={label === null ? null : a === label} />
        <Answer model="B" name={bName} right={label === null ? null : b === label} />
      </Stack>
    </Card>
  );
}

function Values({ values }: { readonly values: readonly number[] }) {
  return (
    <Text
      ff="monospace"
      fz="xs"
      p={6}
      style={{
        background: 'var(--ft-ground)',
        borderRadius: 4,
        overflowWrap: 'anywhere',
        maxHeight: 96,
        overflow: 'hidden',
      }}
    >
      {values
        .slice(0, 16)
        .map((value) => Number(value.toPrecision(3)))
        .join('  ')}
      {values.length > 16 && ' …'}
    </Text>
  );
}

function Answer({
  model,
  name,
  right,
}: {
  readonly model: string;
  readonly name: string;
  readonly right: boolean | null;
}) {
  const say = useTexts(sampleTexts);
  return (
    <Group gap={4} wrap="nowrap">
      {right !== null &&
        (right ? (
          <IconCheck
            size={14}
            color="var(--ft-good)"
            role="img"
            aria-label={say('right')}
            style={{ flex: 'none' }}
          />
        ) : (
          <IconX
            size={14}
            color="var(--ft-bad)"
            role="img"
            aria-label={say('wrong')}
            style={{ flex: 'none' }}
          />
        ))}
      <Text fz="xs" truncate title={name}>
        {say('answer', { model, name })}
      </Text>
    </Group>
  );
}
