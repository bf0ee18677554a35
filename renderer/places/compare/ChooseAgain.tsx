import { Button, Card, Group, NumberInput, Stack, Text, Title } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import { useLocation } from 'wouter';
import type { RunDetail } from '../../../electron/contract/views.ts';
import { useAction } from '../../client/calls.ts';
import { useJobStore } from '../../client/jobs.ts';
import { linkTo } from '../../frame/places.ts';
import { useTexts } from '../../language/language.ts';
import { ErrorPanel } from '../../parts/States.tsx';
import { chooseAgainTexts } from './words-details.ts';

/** Takes another model from the front that a run kept, by another limit and without a search; nothing without a front. */
export function ChooseAgain({ detail }: { readonly detail: RunDetail }): ReactNode {
  const say = useTexts(chooseAgainTexts);
  const jobs = useJobStore();
  const [, navigate] = useLocation();
  const [limit, setLimit] = useState<number | null>(detail.request.maxAccuracyDrop);
  const start = useAction('runs.pick', (job) => {
    jobs.put(job);
    navigate(linkTo('run'));
  });
  if (detail.frontModels === 0) return null;
  return (
    <Card withBorder padding="md" mt="md">
      <Stack gap="xs">
        <Title order={3} fz="md">
          {say('title')}
        </Title>
        <Text fz="sm" c="dimmed">
          {say('hint', { count: detail.frontModels })}
        </Text>
        <Group gap="sm" align="flex-end">
          <NumberInput
            label={say('limit')}
            w={220}
            value={limit ?? ''}
            onChange={(value) => setLimit(typeof value === 'number' ? value : null)}
            min={0}
            max={100}
            step={0.5}
            decimalScale={2}
            allowNegative={false}
          />
          <Button
            disabled={limit === null}
            loading={start.isPending}
            onClick={() => {
              if (limit !== null) start.mutate({ run: detail.summary.run, maxAccuracyDrop: limit });
            }}
          >
            {say('choose')}
          </Button>
        </Group>
        {start.error && <ErrorPanel error={start.error.error} />}
      </Stack>
    </Card>
  );
}
