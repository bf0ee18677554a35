import { Group, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTexts } from '../../../language/language.ts';
import { useQuantities } from '../../../language/quantities.ts';
import { modelTexts } from '../words.ts';

/** What the colours and hatches of graph and table mean, with unit and range. */
export function Legend({
  highestUs,
  hasOpaque,
}: {
  readonly highestUs: number | null;
  readonly hasOpaque: boolean;
}): ReactNode {
  const say = useTexts(modelTexts);
  const { latency } = useQuantities();
  return (
    <Group gap="md" wrap="nowrap">
      {highestUs !== null && (
        <Group gap={6} wrap="nowrap">
          <Text fz="xs" c="dimmed" style={{ whiteSpace: 'nowrap' }}>
            {say('legend')}
          </Text>
          <Text fz="xs">0</Text>
          <span className="ft-legend-scale" aria-hidden="true" />
          <Text fz="xs" style={{ whiteSpace: 'nowrap' }}>
            {latency(highestUs)}
          </Text>
        </Group>
      )}
      {hasOpaque && (
        <Group gap={6} wrap="nowrap">
          <span className="ft-legend-opaque" aria-hidden="true" />
          <Text fz="xs" style={{ whiteSpace: 'nowrap' }}>
            {say('legendOpaque')}
          </Text>
        </Group>
      )}
    </Group>
  );
}
