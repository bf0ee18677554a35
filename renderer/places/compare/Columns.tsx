import { SimpleGrid } from '@mantine/core';
import type { ReactNode } from 'react';

/** Two things of one height beside each other, below each other where there is no room. */
export function Columns({ children }: { readonly children: ReactNode }): ReactNode {
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
      {children}
    </SimpleGrid>
  );
}
