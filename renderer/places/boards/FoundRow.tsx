import { Badge, Box, Button, Group, Stack, Text, TextInput } from '@mantine/core';
import { IconCpu } from '@tabler/icons-react';
import { useQueryClient } from '@tanstack/react-query';
import { type ReactNode, useId, useState } from 'react';
import type { FoundBoard, FoundWay } from '../../../electron/contract/found-boards.ts';
import { useAction } from '../../client/calls.ts';
import { foreignText } from '../../language/foreign-text.ts';
import { useTexts } from '../../language/language.ts';
import { ErrorPanel } from '../../parts/States.tsx';
import { addressWith } from './found-rows.ts';
import { Problem } from './Problems.tsx';
import { useConnect } from './use-connect.ts';
import { boardTexts } from './words.ts';

/** Something that was found and may be a board, with each way to it. */
export function FoundRow({ found }: { readonly found: FoundBoard }): ReactNode {
  const nameId = useId();
  const name = foreignText(found.name);
  return (
    <Box
      component="article"
      aria-labelledby={nameId}
      style={{ borderTop: '1px solid var(--ft-line)' }}
      py={10}
      px="md"
    >
      <Group gap={12} wrap="nowrap" align="flex-start">
        <IconCpu
          size={22}
          stroke={1.6}
          color="var(--ft-quiet)"
          aria-hidden="true"
          style={{ flexShrink: 0, marginTop: 4 }}
        />
        <Stack gap="xs" style={{ flexGrow: 1 }} miw={0}>
          <Text id={nameId} fw={600} truncate>
            {name}
          </Text>
          {found.ways.map((way) => (
            <Way key={`${way.source} ${way.detail}`} way={way} name={name} />
          ))}
        </Stack>
      </Group>
    </Box>
  );
}

function Way({ way, name }: { readonly way: FoundWay; readonly name: string }) {
  const say = useTexts(boardTexts);
  const client = useQueryClient();
  const [typed, setTyped] = useState<string | null>(null);
  const user = typed ?? way.user ?? '';
  const { connect, pending, error } = useConnect();
  const remember = useAction('boards.remember', (boards) => {
    client.setQueryData(['boards.list', {}], boards);
  });
  const start = (): void => {
    const address = way.address !== null && typed === null ? way.address : addressWith(way, user.trim());
    // The row of the board takes the place of this one, and shows how it goes on.
    remember.mutate({ address, name: '' }, { onSuccess: () => connect(address) });
  };
  const failure = remember.error?.error ?? error;
  return (
    <Box
      component="form"
      onSubmit={(event) => {
        event.preventDefault();
        start();
      }}
    >
      <Group gap="sm" wrap="nowrap" align="center">
        <Badge
          variant="outline"
          color="gray"
          radius="sm"
          tt="none"
          style={{ flexShrink: 0 }}
          styles={{ label: { color: 'var(--ft-quiet)' } }}
        >
          {say(`source.${way.source}`)}
        </Badge>
        <Text fz="sm" c="dimmed" truncate style={{ flexGrow: 1 }} title={foreignText(way.detail)}>
          {foreignText(way.detail)}
        </Text>
        {way.link === 'ssh' && (
          <TextInput
            size="xs"
            w={170}
            aria-label={say('userOn', { name })}
            placeholder={say('userHint')}
            maxLength={64}
            autoComplete="off"
            spellCheck={false}
            value={user}
            onChange={({ currentTarget }) => setTyped(currentTarget.value)}
          />
        )}
        <Button
          type="submit"
          size="xs"
          variant="default"
          loading={remember.isPending || pending}
          aria-label={say('connectBy', { name, way: say(`source.${way.source}`) })}
        >
          {say('connect')}
        </Button>
      </Group>
      {way.problem && (
        <Box mt={6}>
          <Problem problem={way.problem} />
        </Box>
      )}
      {failure && (
        <Box mt={6}>
          <ErrorPanel error={failure} />
        </Box>
      )}
    </Box>
  );
}
