import { Box, Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { createContext, type ReactNode, useContext } from 'react';
import { useTexts } from '../../language/language.ts';
import { type RowName, type SectionName, sections } from './rows.ts';
import { settingsTexts } from './words.ts';

/** The rows that the search has found. */
export const FoundRows = createContext<ReadonlySet<RowName>>(new Set());

/** A section of the settings; gone when none of its rows is found. */
export function Section({
  name,
  hint,
  children,
}: {
  readonly name: SectionName;
  readonly hint?: string;
  readonly children: ReactNode;
}): ReactNode {
  const say = useTexts(settingsTexts);
  const found = useContext(FoundRows);
  const rows: readonly { readonly name: RowName }[] =
    sections.find((section) => section.name === name)?.rows ?? [];
  if (!rows.some((row) => found.has(row.name))) return null;
  return (
    <Card withBorder component="section" id={`settings-${name}`} aria-labelledby={`settings-${name}-title`}>
      <Title order={2} id={`settings-${name}-title`}>
        {say(name)}
      </Title>
      {hint !== undefined && (
        <Text fz="sm" c="dimmed">
          {hint}
        </Text>
      )}
      <Stack gap="md" mt="sm">
        {children}
      </Stack>
    </Card>
  );
}

interface RowProps {
  readonly name: RowName;
  readonly title: string;
  readonly hint: string;
  /** Given only while the value is not the default. */
  readonly reset?: { readonly value: string; readonly onReset: () => void } | null;
  readonly children: ReactNode;
}

/** One setting: its name, what it means, a dot when it is not the default, and its control on the right. */
export function Row({ name, title, hint, reset = null, children }: RowProps): ReactNode {
  const say = useTexts(settingsTexts);
  if (!useContext(FoundRows).has(name)) return null;
  return (
    <Group justify="space-between" wrap="nowrap" align="flex-start" gap="xl">
      <Box style={{ minWidth: 0 }}>
        <Text fw={600} fz="sm">
          {title}
          {reset && (
            <Text span c="var(--ft-accent)" title={say('changed')} ml={6}>
              <span aria-hidden="true">●</span>
              <span className="ft-visually-hidden">{say('changed')}</span>
            </Text>
          )}
        </Text>
        <Text fz="sm" c="dimmed">
          {hint}
        </Text>
      </Box>
      <Group gap="xs" wrap="nowrap" style={{ flex: 'none' }}>
        {reset && (
          <Button
            size="compact-sm"
            variant="subtle"
            aria-label={`${title}: ${say('resetTo', { value: reset.value })}`}
            onClick={reset.onReset}
          >
            {say('resetTo', { value: reset.value })}
          </Button>
        )}
        {children}
      </Group>
    </Group>
  );
}

/** A row that takes the whole width for what it shows. */
export function WideRow({ name, title, hint, children }: Omit<RowProps, 'reset'>): ReactNode {
  if (!useContext(FoundRows).has(name)) return null;
  return (
    <Box>
      <Text fw={600} fz="sm">
        {title}
      </Text>
      <Text fz="sm" c="dimmed" mb="xs" maw={820}>
        {hint}
      </Text>
      {children}
    </Box>
  );
}
