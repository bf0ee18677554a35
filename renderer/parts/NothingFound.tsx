import { Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { NothingFound as Reason } from '../../electron/contract/run-notes.ts';
import { useRunWords } from '../language/run-notes.ts';

interface Props {
  /** The sentence of `result.json`, which is English; empty where something was found. */
  readonly explanation: string;
  /** Null in runs from before it was kept. */
  readonly reason: Reason | null;
  readonly mt?: number;
}

/** Why a run found nothing: in the language of the window, or in English where only the sentence is there. */
export function NothingFound({ explanation, reason, mt = 0 }: Props): ReactNode {
  const words = useRunWords();
  if (reason)
    return (
      <Text fz="sm" mt={mt}>
        {words.reason(reason)}
      </Text>
    );
  if (explanation === '') return null;
  return (
    <Text fz="sm" mt={mt} lang="en">
      {explanation}
    </Text>
  );
}
