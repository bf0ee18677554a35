import { Button, Group, TextInput } from '@mantine/core';
import { type ReactNode, useState } from 'react';
import type { TrialCard } from '../../../electron/contract/trial.ts';
import { useAction } from '../../client/calls.ts';
import { useTexts } from '../../language/language.ts';
import { ErrorPanel } from '../../parts/States.tsx';
import { trialTexts } from './words-trial.ts';

/** What a person says of a trial, with the name of who says it. */
export function Decide({ trial }: { readonly trial: TrialCard }): ReactNode {
  const say = useTexts(trialTexts);
  const decide = useAction('trials.decide');
  const [by, setBy] = useState('');
  const [note, setNote] = useState('');
  const give = (decision: 'approved' | 'rejected'): void =>
    decide.mutate({ trial: trial.trial, decision, by: by.trim(), note: note.trim() });
  const isNamed = by.trim() !== '';
  return (
    <>
      <Group gap="sm" align="flex-end">
        <TextInput
          label={say('by')}
          value={by}
          maxLength={100}
          onChange={(event) => setBy(event.currentTarget.value)}
        />
        <TextInput
          label={say('note')}
          value={note}
          maxLength={2000}
          onChange={(event) => setNote(event.currentTarget.value)}
        />
        <Button disabled={!isNamed} loading={decide.isPending} onClick={() => give('approved')}>
          {say('approve')}
        </Button>
        <Button variant="default" disabled={!isNamed || decide.isPending} onClick={() => give('rejected')}>
          {say('reject')}
        </Button>
      </Group>
      {decide.error && <ErrorPanel error={decide.error.error} />}
    </>
  );
}
