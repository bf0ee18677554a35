import { Card, Text, Title } from '@mantine/core';
import { IconCheck, IconX } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { DataDetail, PreviewSample } from '../../../../electron/contract/views.ts';
import { useTexts } from '../../../language/language.ts';
import { dataTexts } from './words.ts';

const shownValues = 6;

/** The first samples as the model gets them, with their labels and what the model says. */
export function SamplePreview({ data }: { readonly data: DataDetail }): ReactNode {
  const say = useTexts(dataTexts);
  const nameOf = (label: number): string => data.classes?.[label] ?? String(label);
  return (
    <Card withBorder padding="md">
      <Title order={3} fz="md" mb="sm">
        {say('preview')}
      </Title>
      <ul className="ft-samples">
        {data.preview.map((sample, i) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: samples have no name of their own
          <li key={i}>
            <Sample sample={sample} number={i + 1} nameOf={nameOf} />
          </li>
        ))}
      </ul>
    </Card>
  );
}

function Sample({
  sample: { picture, values, label, predicted },
  number,
  nameOf,
}: {
  readonly sample: PreviewSample;
  readonly number: number;
  readonly nameOf: (label: number) => string;
}) {
  const say = useTexts(dataTexts);
  const isRight = label !== null && predicted !== null ? label === predicted : null;
  return (
    <>
      {picture === null ? (
        <Text className="ft-program" lineClamp={3} h={72}>
          {say('values', { values: values.slice(0, shownValues).map(short).join(', ') })}
        </Text>
      ) : (
        <img src={picture} alt={say('picture', { number })} />
      )}
      {label !== null && (
        <Text fz="xs" truncate title={nameOf(label)}>
          {say('label', { name: nameOf(label) })}
        </Text>
      )}
      {predicted !== null && isRight !== true && (
        <Text fz="xs" truncate title={nameOf(predicted)}>
          {say('says', { name: nameOf(predicted) })}
        </Text>
      )}
      {isRight !== null && (
        <Text fz="xs" fw={650} c={isRight ? 'var(--ft-good)' : 'var(--ft-bad)'}>
          {isRight ? (
            <IconCheck size={13} aria-hidden="true" style={{ verticalAlign: -2 }} />
          ) : (
            <IconX size={13} aria-hidden="true" style={{ verticalAlign: -2 }} />
          )}{' '}
          {say(isRight ? 'isRight' : 'isWrong')}
        </Text>
      )}
    </>
  );
}

const short = (value: number): string => String(Number(value.toPrecision(3)));
