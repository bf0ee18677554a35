import { Button, Group, Text, TextInput } from '@mantine/core';
import { type ReactNode, useId } from 'react';
import { useAction, useCall } from '../../client/calls.ts';
import { useTexts } from '../../language/language.ts';
import { boardTexts } from './words.ts';

/** Asks for the private key file of a board: by the system's dialog where there is one, and always by a path. */
export function IdentityField({
  path,
  onChange,
}: {
  readonly path: string;
  readonly onChange: (path: string) => void;
}): ReactNode {
  const say = useTexts(boardTexts);
  const info = useCall('app.info', {}).data;
  const id = useId();
  const choose = useAction('files.choose', (chosen) => {
    if (chosen !== null) onChange(chosen);
  });
  return (
    <div>
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <TextInput
          size="xs"
          w={420}
          label={say('keyFile')}
          aria-describedby={id}
          value={path}
          spellCheck={false}
          onChange={({ currentTarget }) => onChange(currentTarget.value)}
        />
        {info?.canChooseFiles && (
          <Button
            size="xs"
            variant="default"
            loading={choose.isPending}
            onClick={() => choose.mutate({ what: 'key' })}
          >
            {say('choose')}
          </Button>
        )}
      </Group>
      <Text id={id} fz="xs" c="dimmed" mt={4}>
        {say('keyFileHint')}. {say('agentHint')}
      </Text>
    </div>
  );
}
