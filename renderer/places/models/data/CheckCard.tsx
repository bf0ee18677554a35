import { Alert, Card, Text, Title } from '@mantine/core';
import { IconAlertTriangle, IconCircleCheck } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { DataCheck, DataDetail } from '../../../../electron/contract/views.ts';
import { type Say, useTexts } from '../../../language/language.ts';
import { useQuantities } from '../../../language/quantities.ts';
import { certifiableLoss, rightOf, verdictOf } from './certify.ts';
import { dataTexts } from './words.ts';

/** Whether data and model fit, found by running the one on the other, and what the labels are good for. */
export function CheckCard({
  data,
  modelName,
}: {
  readonly data: DataDetail;
  readonly modelName: string | null;
}): ReactNode {
  const say = useTexts(dataTexts);
  const { count } = useQuantities();
  const labels = data.task === 'classification' ? data.counts.verify : 0;
  return (
    <Card withBorder padding="md">
      <Title order={3} fz="md" mb="xs">
        {modelName !== null && data.check ? say('check', { model: modelName }) : say('certify')}
      </Title>
      {data.check ? <CheckText check={data.check} say={say} /> : <Text fz="sm">{say('noModel')}</Text>}
      {data.check && (
        <Title order={3} fz="md" mt="md" mb="xs">
          {say('certify')}
        </Title>
      )}
      {labels > 0 ? (
        <>
          <Text fz="sm" mt={data.check ? 0 : 'xs'}>
            {say('certifiable', {
              count: count(labels),
              loss: say('points', { value: certifiableLoss(labels).toFixed(1) }),
            })}
          </Text>
          <Text fz="xs" c="dimmed" mt={4}>
            {say('assumption')}
          </Text>
        </>
      ) : (
        <Text fz="sm">{say('notCertifiable')}</Text>
      )}
    </Card>
  );
}

function CheckText({
  check,
  say,
}: {
  readonly check: DataCheck;
  readonly say: Say<keyof typeof dataTexts.en>;
}) {
  const { count, percent } = useQuantities();
  const samples = count(check.samples);
  const verdict = verdictOf(check);
  if (verdict === 'no labels') return <Text fz="sm">{say('ran', { samples })}</Text>;
  if (verdict === 'no classes') return <Text fz="sm">{say('ranNoClasses', { samples })}</Text>;
  const accuracy = check.accuracy ?? 0;
  const sentence = say('right', {
    right: count(rightOf(check.samples, accuracy)),
    samples,
    accuracy: percent(accuracy),
    chance: percent(check.chance ?? 0),
  });
  if (verdict === 'above chance')
    return (
      <>
        <Text fw={650}>{sentence}</Text>
        <Text fz="sm" c="var(--ft-good)" mt={4}>
          <IconCircleCheck size={16} aria-hidden="true" style={{ verticalAlign: -3 }} /> {say('above')}
        </Text>
      </>
    );
  return (
    <Alert
      color="orange"
      variant="light"
      title={sentence}
      icon={<IconAlertTriangle size={18} aria-hidden="true" />}
    >
      <Text fz="sm">{say('notAbove')}</Text>
    </Alert>
  );
}
