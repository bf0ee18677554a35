import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useQueryClient } from '@tanstack/react-query';
import type { CallResult } from '../../../electron/contract/calls.ts';
import type { BoardCard } from '../../../electron/contract/views.ts';
import { leadsTo, shortAddress } from '../../client/boards.ts';
import { useConnection } from '../../client/calls.ts';
import { useSelection } from '../../client/selection.ts';
import { useErrorText } from '../../language/errors.ts';
import { foreignText } from '../../language/foreign-text.ts';
import { useTexts } from '../../language/language.ts';
import { boardTexts } from './words.ts';

/** Takes a board off the list at once, and gives it back for as long as the notification stands. */
export function useForget(card: BoardCard): () => Promise<void> {
  const say = useTexts(boardTexts);
  const client = useQueryClient();
  // Not by a mutation: the row that started it is gone before Undo is pressed.
  const connection = useConnection();
  const words = useErrorText();
  const { selection, select } = useSelection();
  const wasInUse = leadsTo(card, selection.board?.address);

  const take = (result: CallResult<'boards.forget' | 'boards.remember'>): boolean => {
    if (result.ok) client.setQueryData(['boards.list', {}], result.value);
    else {
      const { happened, why, todo } = words(result.error);
      notifications.show({ color: 'red', title: happened, message: `${why} ${todo}` });
    }
    return result.ok;
  };
  const giveBack = async (): Promise<void> => {
    const { address, name } = card;
    const remembered = await connection.call('boards.remember', { address, name: givenName(card) });
    if (take(remembered) && wasInUse) select({ board: { address, name } });
  };
  return async () => {
    if (!take(await connection.call('boards.forget', { address: card.address }))) return;
    if (wasInUse) select({ board: null });
    const note = notifications.show({
      autoClose: 15_000,
      message: (
        <Group justify="space-between" wrap="nowrap">
          <Text fz="sm">{say('forgot', { name: foreignText(card.name) })}</Text>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => {
              notifications.hide(note);
              void giveBack();
            }}
          >
            {say('undo')}
          </Button>
        </Group>
      ),
    });
  };
}

/** The name that a person gave; empty where the board goes by its own. */
function givenName({ name, identity, address }: BoardCard): string {
  const host = shortAddress(address).replace(/^.*@/, '').replace(/:\d+$/, '');
  return name === identity?.name || name === host ? '' : name;
}
