import { Box, Button, Collapse, Group, TextInput } from '@mantine/core';
import { IconPlus } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, type RefObject, useState } from 'react';
import { fullAddress, keepIdentityFile } from '../../client/boards.ts';
import { useAction } from '../../client/calls.ts';
import { useTexts } from '../../language/language.ts';
import { ErrorPanel } from '../../parts/States.tsx';
import { IdentityField } from './IdentityField.tsx';
import { useConnect } from './use-connect.ts';
import { boardTexts } from './words.ts';

/** The last row: a board by its address, kept among the recent ones before it is connected to. */
export function AddressRow({ field }: { readonly field: RefObject<HTMLInputElement | null> }): ReactNode {
  const say = useTexts(boardTexts);
  const client = useQueryClient();
  const [typed, setTyped] = useState('');
  const [keyFile, setKeyFile] = useState<string | null>(null);
  const { connect, pending, error } = useConnect();
  const remember = useAction('boards.remember', (boards) => {
    client.setQueryData(['boards.list', {}], boards);
  });
  const submit = (): void => {
    const address = fullAddress(typed);
    if (address === '') return;
    const path = keyFile?.trim() ?? '';
    const start = (): void => {
      if (path !== '') keepIdentityFile(address, path);
      setTyped('');
      setKeyFile(null);
      connect(address);
    };
    // Without a name: one that the board was given stays.
    remember.mutate({ address }, { onSuccess: start });
  };
  const failure = remember.error?.error ?? error;
  return (
    <Box
      component="form"
      px="md"
      py="sm"
      style={{ borderTop: '1px solid var(--ft-line)' }}
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <Group gap="xs" align="flex-end" wrap="nowrap">
        <TextInput
          ref={field}
          label={say('typeAddress')}
          placeholder={say('addressHint')}
          leftSection={<IconPlus size={16} aria-hidden="true" />}
          size="sm"
          w={460}
          maxLength={512}
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={({ currentTarget }) => {
            setTyped(currentTarget.value);
            remember.reset();
          }}
        />
        <Button
          type="submit"
          variant="default"
          loading={remember.isPending || pending}
          disabled={typed.trim() === ''}
        >
          {say('connect')}
        </Button>
        <Button
          variant="subtle"
          aria-expanded={keyFile !== null}
          onClick={() => setKeyFile(keyFile === null ? '' : null)}
        >
          {say('withKeyFile')}
        </Button>
      </Group>
      <Collapse expanded={keyFile !== null} keepMounted={false}>
        <Box pt="sm">
          <IdentityField path={keyFile ?? ''} onChange={setKeyFile} />
        </Box>
      </Collapse>
      {failure && (
        <Box mt="sm">
          <ErrorPanel error={failure} />
        </Box>
      )}
    </Box>
  );
}
