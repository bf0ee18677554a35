import { Box, Card, Group, SimpleGrid, Stack, Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import type { RunResult } from '../../../electron/contract/run-result.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { compareTexts } from './words.ts';

type Replacement = RunResult['replacements'][number];

/** What stands in B in place of what stood in A, program beside program. */
export function Replacements({ replacements }: { readonly replacements: readonly Replacement[] }): ReactNode {
  const say = useTexts(compareTexts);
  return (
    <Stack gap="md">
      {replacements.map((replacement) => (
        <ReplacementCard key={replacement.operators.join(' ')} replacement={replacement} />
      ))}
      <Text fz="xs" c="dimmed">
        {say('replacementsNote')}
      </Text>
    </Stack>
  );
}

function ReplacementCard({ replacement }: { readonly replacement: Replacement }) {
  const say = useTexts(compareTexts);
  const quantities = useQuantities();
  const { operators, from, to, savedUs, damage } = replacement;
  return (
    <Card withBorder component="article">
      <Group justify="space-between" align="baseline" mb="xs" wrap="nowrap">
        <Title order={3} fz="sm" style={{ overflowWrap: 'anywhere' }}>
          {operators.join(', ')}
        </Title>
        <Group gap="lg" wrap="nowrap" style={{ flex: 'none' }}>
          <Text fz="sm">
            {savedUs === null ? say('savedUnknown') : say('saved', { time: quantities.latency(savedUs) })}
          </Text>
          <Text fz="sm" c="dimmed">
            {damage === null ? say('damageUnknown') : say('damage', { nats: damage.toPrecision(2) })}
          </Text>
        </Group>
      </Group>
      <SimpleGrid cols={2} spacing="md">
        <Program title={say('from')} text={from} />
        <Program title={say('to')} text={to} />
      </SimpleGrid>
    </Card>
  );
}

function Program({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <Box>
      <Text fz="xs" c="dimmed" mb={4}>
        {title}
      </Text>
      <Box p="xs" style={{ background: 'var(--ft-ground)', borderRadius: 6 }}>
        <pre className="ft-program" lang="en">
          {text}
        </pre>
      </Box>
    </Box>
  );
}
