import { MultiSelect } from '@mantine/core';
import type { ReactNode } from 'react';
import type { BoardCard } from '../../../electron/contract/views.ts';
import { shortAddress } from '../../client/boards.ts';
import { foreignText } from '../../language/foreign-text.ts';
import { useTexts } from '../../language/language.ts';
import { boardsTexts } from './words.ts';

/** Chooses boards to measure on beside another one; nothing where there are none. */
export function FurtherBoards({
  further,
  chosen,
  hint,
  onChange,
}: {
  readonly further: readonly Pick<BoardCard, 'address' | 'name'>[];
  readonly chosen: readonly string[];
  readonly hint: 'othersHint' | 'othersTimed';
  readonly onChange: (addresses: readonly string[]) => void;
}): ReactNode {
  const say = useTexts(boardsTexts);
  if (further.length === 0) return null;
  return (
    <MultiSelect
      mt="md"
      label={say('others')}
      description={say(hint)}
      data={further.map(({ address, name }) => ({
        value: address,
        label: `${foreignText(name)} (${foreignText(shortAddress(address))})`,
      }))}
      value={[...chosen]}
      onChange={onChange}
      clearable
      searchable
      hidePickedOptions
    />
  );
}
