import { Group, Stack, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { DiscoveryProblem } from '../../../electron/contract/found-boards.ts';
import { problemWords } from '../../language/discovery.ts';
import { useLanguage } from '../../language/language.ts';
import { CommandLine } from '../../parts/CommandLine.tsx';

/** What stands in the way of a board, with what mends it ready to be copied. */
export function Problem({ problem }: { readonly problem: DiscoveryProblem }): ReactNode {
  const { text, commands } = problemWords(problem, useLanguage());
  return (
    <Group gap="xs" wrap="nowrap" align="flex-start">
      <IconAlertTriangle
        size={18}
        color="var(--ft-open)"
        aria-hidden="true"
        style={{ flexShrink: 0, marginTop: 2 }}
      />
      <Stack gap={6}>
        <Text fz="sm">{text}</Text>
        {commands.map((command) => (
          <CommandLine key={command} command={command} />
        ))}
      </Stack>
    </Group>
  );
}
