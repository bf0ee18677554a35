import { Box, Button, Group, Loader, Stack, Text } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import { useTexts } from '../../language/language.ts';
import { ErrorPanel } from '../../parts/States.tsx';
import { Problem } from './Problems.tsx';
import type { Searching } from './use-search.ts';
import { boardTexts } from './words.ts';

/** How the search for boards stands, what is in its way, and the way to look again. */
export function SearchBar({ search, looking, error, look }: Searching): ReactNode {
  const say = useTexts(boardTexts);
  const count = search?.found.length ?? 0;
  const outcome = (): string => {
    if (search === undefined || search.state === 'never') return '';
    if (count === 0) return say('foundNone');
    return count === 1 ? say('foundOne') : say('foundMany', { count });
  };
  return (
    <Box px="md" py={8} style={{ borderTop: '1px solid var(--ft-line)' }}>
      <Group justify="space-between" wrap="nowrap">
        <Text fz="sm" c="dimmed" role="status">
          {looking ? say('looking') : outcome()}
        </Text>
        <Button
          size="xs"
          variant="default"
          // A disabled button would lose the focus.
          aria-disabled={looking}
          leftSection={
            looking ? <Loader size={14} aria-hidden="true" /> : <IconRefresh size={15} aria-hidden="true" />
          }
          onClick={() => {
            if (!looking) look();
          }}
        >
          {say('lookAgain')}
        </Button>
      </Group>
      {(error || (search?.problems.length ?? 0) > 0) && (
        <Stack gap="sm" mt="xs">
          {error && <ErrorPanel error={error} />}
          {search?.problems.map((problem) => (
            <Problem key={JSON.stringify(problem)} problem={problem} />
          ))}
        </Stack>
      )}
    </Box>
  );
}
