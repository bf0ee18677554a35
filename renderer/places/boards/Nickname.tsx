import { ActionIcon, Group, Text, TextInput } from '@mantine/core';
import { IconPencil } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { BoardCard } from '../../../electron/contract/views.ts';
import { leadsTo } from '../../client/boards.ts';
import { useAction } from '../../client/calls.ts';
import { useSelection } from '../../client/selection.ts';
import { foreignText } from '../../language/foreign-text.ts';
import { useTexts } from '../../language/language.ts';
import { ErrorPanel } from '../../parts/States.tsx';
import { boardTexts } from './words.ts';

/** The name of a board, which a person can change. */
export function Nickname({ card }: { readonly card: BoardCard }): ReactNode {
  const say = useTexts(boardTexts);
  const client = useQueryClient();
  const { selection, select } = useSelection();
  const [edited, setEdited] = useState<string | null>(null);
  const pencil = useRef<HTMLButtonElement>(null);
  const endedByKey = useRef(false);
  const name = foreignText(card.name);
  const remember = useAction('boards.remember', (boards) => {
    client.setQueryData(['boards.list', {}], boards);
    const renamed = boards.find(({ address }) => address === card.address);
    if (renamed && leadsTo(card, selection.board?.address)) {
      select({ board: { address: card.address, name: renamed.name } });
    }
  });
  useEffect(() => {
    // Who ended by a key goes on from there; who clicked elsewhere is elsewhere.
    if (edited === null && endedByKey.current) pencil.current?.focus();
    endedByKey.current = false;
  }, [edited]);
  const keep = (): void => {
    if (edited !== null && edited.trim() !== card.name) {
      remember.mutate({ address: card.address, name: edited.trim() });
    }
    setEdited(null);
  };
  if (edited !== null) {
    return (
      <TextInput
        size="xs"
        autoFocus
        maxLength={200}
        aria-label={say('nameField', { name })}
        description={say('nameHint')}
        inputWrapperOrder={['input', 'description']}
        value={edited}
        onChange={({ currentTarget }) => setEdited(currentTarget.value)}
        onFocus={({ currentTarget }) => currentTarget.select()}
        onBlur={keep}
        onKeyDown={({ key, nativeEvent }) => {
          // Enter that ends a conversion of an input method is not the end of the name.
          if (nativeEvent.isComposing || (key !== 'Enter' && key !== 'Escape')) return;
          endedByKey.current = true;
          if (key === 'Enter') keep();
          else setEdited(null);
        }}
      />
    );
  }
  return (
    <>
      <Group gap={4} wrap="nowrap">
        <Text fw={650} truncate title={name}>
          {name}
        </Text>
        <ActionIcon
          ref={pencil}
          variant="subtle"
          color="gray"
          size="sm"
          aria-label={say('rename', { name })}
          onClick={() => setEdited(card.name)}
        >
          <IconPencil size={14} aria-hidden="true" />
        </ActionIcon>
      </Group>
      {remember.error && <ErrorPanel error={remember.error.error} />}
    </>
  );
}
