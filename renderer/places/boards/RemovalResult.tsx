import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { JobState } from '../../../electron/contract/views.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { ErrorPanel } from '../../parts/States.tsx';
import { boardTexts } from './words.ts';

/** What came of removing Fieldtune from a board; `name` is already safe to show. */
export function RemovalResult({ job, name }: { readonly job: JobState; readonly name: string }): ReactNode {
  const say = useTexts(boardTexts);
  const { bytes } = useQuantities();
  if (job.error) return <ErrorPanel error={job.error} />;
  const sentence = ((): string | null => {
    if (job.state === 'cancelled') return say('removalStopped', { name });
    if (job.outcome?.kind !== 'removeRunner') return null;
    const { deleted, sizeBytes } = job.outcome.removal;
    if (!deleted) return say('nothingToRemove', { name });
    return sizeBytes === null
      ? say('removed', { name })
      : say('removedSize', { name, size: bytes(sizeBytes) });
  })();
  return <div role="status">{sentence !== null && <Text fz="sm">{sentence}</Text>}</div>;
}
