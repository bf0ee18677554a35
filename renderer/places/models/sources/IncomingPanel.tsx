import { Button, Card, Group, Loader, Progress, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTexts } from '../../../language/language.ts';
import { useQuantities } from '../../../language/quantities.ts';
import { ErrorPanel } from '../../../parts/States.tsx';
import { modelTexts } from '../words.ts';
import type { Incoming } from './use-incoming.ts';

/** What is on its way in, how far it has come, and why it did not. */
export function IncomingPanel({
  incoming: { coming, error, cancel, dismiss },
}: {
  readonly incoming: Incoming;
}): ReactNode {
  const say = useTexts(modelTexts);
  const { bytes } = useQuantities();
  if (error)
    return (
      <ErrorPanel error={error}>
        <Button size="xs" variant="default" onClick={dismiss}>
          {say('close')}
        </Button>
      </ErrorPanel>
    );
  if (!coming) return null;
  const { name, progress } = coming;
  if (!progress)
    return (
      <Group gap="xs" role="status" wrap="nowrap">
        <Loader size="xs" />
        <Text fz="sm" style={{ overflowWrap: 'anywhere' }}>
          {say('opening', { name })}
        </Text>
      </Group>
    );
  const { doneBytes, totalBytes } = progress;
  const title = say('uploading', { name });
  return (
    <Card withBorder padding="xs">
      <Text fz="sm" fw={600} truncate title={name}>
        {title}
      </Text>
      <Progress
        my={6}
        size="sm"
        value={totalBytes === 0 ? 100 : (100 * doneBytes) / totalBytes}
        aria-label={title}
      />
      <Group justify="space-between" wrap="nowrap">
        <Text fz="xs" c="dimmed" role="status">
          {say('uploaded', { done: bytes(doneBytes), total: bytes(totalBytes) })}
        </Text>
        <Button size="compact-xs" variant="default" onClick={cancel}>
          {say('cancel')}
        </Button>
      </Group>
    </Card>
  );
}
