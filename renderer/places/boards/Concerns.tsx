import { Alert, List, Text } from '@mantine/core';
import { IconAlertTriangle } from '@tabler/icons-react';
import type { ReactNode } from 'react';
import type { ConnectedBoard } from '../../../electron/contract/views.ts';
import { concernWords, mendWords } from '../../language/concerns.ts';
import { useLanguage, useTexts } from '../../language/language.ts';
import { CommandLine } from '../../parts/CommandLine.tsx';
import { boardTexts } from './words.ts';

/** What would spoil a measurement on a board, each with what mends it; nothing where there is nothing. */
export function Concerns({
  board,
  name,
}: {
  readonly board: ConnectedBoard;
  readonly name: string;
}): ReactNode {
  const say = useTexts(boardTexts);
  const language = useLanguage();
  const { concerns } = board.state;
  if (concerns.length === 0) return null;
  return (
    <Alert
      color="orange"
      variant="light"
      py="xs"
      title={say('concerns', { name })}
      icon={<IconAlertTriangle size={18} aria-hidden="true" />}
      styles={{ title: { color: 'var(--ft-text)' }, icon: { color: 'var(--ft-open)' } }}
    >
      <List fz="sm" spacing={6} c="var(--ft-text)" listStyleType="none">
        {concerns.map((concern) => (
          <List.Item key={concern.kind}>
            {concernWords(concern, language)} {mendWords(concern, language)}
            {concern.command !== null && (
              <>
                <Text fz="sm" mt={4} mb={4}>
                  {say(board.address === 'local' ? 'onComputer' : 'onBoard')}
                </Text>
                <CommandLine command={concern.command} />
              </>
            )}
          </List.Item>
        ))}
      </List>
    </Alert>
  );
}
