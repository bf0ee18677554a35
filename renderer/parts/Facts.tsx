import { Box, Text } from '@mantine/core';
import type { ReactNode } from 'react';

interface Props {
  /** Names and their values, which are fit to be shown. */
  readonly facts: readonly (readonly [name: string, value: string])[];
  /** Pixels for the names. */
  readonly nameWidth: number;
  /** Pixels between lines. */
  readonly lineGap?: number;
}

/** Names with their values, a line each. */
export function Facts({ facts, nameWidth, lineGap = 6 }: Props): ReactNode {
  return (
    <Box
      component="dl"
      m={0}
      style={{ display: 'grid', gridTemplateColumns: `${nameWidth}px 1fr`, gap: `${lineGap}px 16px` }}
    >
      {facts.map(([name, value]) => (
        <Box key={name} style={{ display: 'contents' }}>
          <Text component="dt" fz="sm" c="dimmed">
            {name}
          </Text>
          <Text component="dd" m={0} fz="sm" style={{ overflowWrap: 'anywhere' }}>
            {value}
          </Text>
        </Box>
      ))}
    </Box>
  );
}
