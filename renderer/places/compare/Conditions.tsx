import { Stack, Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import { useTexts } from '../../language/language.ts';
import type { Condition } from './conditions.ts';
import { conditionTexts } from './words-runs.ts';

/** Under which conditions something was measured, and what a reader should know of it. */
export function Conditions({
  conditions,
  notes = [],
  children,
}: {
  readonly conditions: readonly Condition[];
  readonly notes?: readonly string[];
  readonly children?: ReactNode;
}): ReactNode {
  const say = useTexts(conditionTexts);
  return (
    <Stack gap="sm">
      <Table aria-label={say('title')} verticalSpacing={5} maw={720}>
        <Table.Tbody>
          {conditions.map(({ key, value }) => (
            <Table.Tr key={key}>
              <Table.Th scope="row" fw={500} w={220}>
                {say(key)}
              </Table.Th>
              <Table.Td>
                {value ?? (
                  <Text span fz="sm" c="dimmed">
                    {say('unknown')}
                  </Text>
                )}
              </Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      {notes.map((note) => (
        <Text key={note} fz="sm" lang="en">
          {note}
        </Text>
      ))}
      {children}
    </Stack>
  );
}
