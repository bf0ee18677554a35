import { Button, Group, Stack, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { AppError } from '../../../electron/contract/errors.ts';
import { shortAddress } from '../../client/boards.ts';
import { foreignText } from '../../language/foreign-text.ts';
import { useTexts } from '../../language/language.ts';
import { CommandLine } from '../../parts/CommandLine.tsx';
import { Dialog } from '../../parts/Dialog.tsx';
import { boardTexts } from './words.ts';

interface Props {
  readonly error: Extract<AppError, { readonly kind: 'boardIsAnother' }>;
  readonly opened: boolean;
  readonly onClose: () => void;
  /** The person takes the board that is there now. */
  readonly onTake: () => void;
}

/** Says which board was at an address and which one is there now, and takes the other only when told so. */
export function AnotherBoardDialog({ error, opened, onClose, onTake }: Props): ReactNode {
  const say = useTexts(boardTexts);
  const expected = foreignText(error.expectedName);
  const found = foreignText(error.foundName);
  const address = foreignText(shortAddress(error.address));
  return (
    <Dialog title={say('anotherTitle', { address })} size={640} opened={opened} onClose={onClose}>
      <Stack gap="md">
        <Text>{say('anotherWhy', { expected, found })}</Text>
        <div>
          <Text fz="sm" c="dimmed">
            {say('anotherId', { found })}
          </Text>
          <CommandLine command={foreignText(error.foundId)} />
        </div>
        <Group gap="xs">
          <Button data-autofocus onClick={onClose}>
            {say('cancel')}
          </Button>
          <Button variant="outline" color="red" onClick={onTake}>
            {say('takeAnother', { found })}
          </Button>
        </Group>
      </Stack>
    </Dialog>
  );
}
