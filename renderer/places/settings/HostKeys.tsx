import { Button, Table, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import type { ReactNode } from 'react';
import type { HostKey } from '../../../electron/contract/views.ts';
import { useAction, useCall } from '../../client/calls.ts';
import { useTexts } from '../../language/language.ts';
import { ErrorPanel, Fetched } from '../../parts/States.tsx';
import { Section, WideRow } from './Row.tsx';
import { settingsTexts } from './words.ts';

/** The keys by which boards are known, each to be forgotten. */
export function HostKeys(): ReactNode {
  const say = useTexts(settingsTexts);
  const keys = useCall('hostKeys.list', {});
  const forget = useAction('hostKeys.forget', () => void keys.refetch());
  return (
    <Section name="keys">
      <WideRow name="hostKeys" title={say('hostKeys')} hint={say('hostKeysHint')}>
        <Fetched query={keys}>
          {(list) =>
            list.length === 0 ? (
              <Text fz="sm">{say('noKeys')}</Text>
            ) : (
              <KeyTable
                keys={list}
                pending={forget.isPending}
                onForget={({ host, fingerprint }) =>
                  forget.mutate(
                    { host, fingerprint },
                    { onSuccess: () => notifications.show({ message: say('forgotten', { host }) }) },
                  )
                }
              />
            )
          }
        </Fetched>
        {forget.error && <ErrorPanel error={forget.error.error} />}
      </WideRow>
    </Section>
  );
}

interface Props {
  readonly keys: readonly HostKey[];
  readonly pending: boolean;
  readonly onForget: (key: HostKey) => void;
}

function KeyTable({ keys, pending, onForget }: Props) {
  const say = useTexts(settingsTexts);
  return (
    <Table aria-label={say('hostKeys')} verticalSpacing={6}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th>{say('host')}</Table.Th>
          <Table.Th>{say('type')}</Table.Th>
          <Table.Th>{say('fingerprint')}</Table.Th>
          <Table.Th>
            <span className="ft-visually-hidden">{say('forget')}</span>
          </Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {keys.map((key) => (
          <Table.Tr key={`${key.host} ${key.type} ${key.fingerprint}`}>
            <Table.Td style={{ overflowWrap: 'anywhere' }}>{key.host}</Table.Td>
            <Table.Td style={{ whiteSpace: 'nowrap' }}>{key.type}</Table.Td>
            <Table.Td>
              <Text ff="monospace" fz="xs" style={{ overflowWrap: 'anywhere' }}>
                {key.fingerprint}
              </Text>
            </Table.Td>
            <Table.Td ta="end">
              <Button
                size="compact-sm"
                variant="default"
                disabled={pending}
                aria-label={say('forgetKey', { host: key.host })}
                onClick={() => onForget(key)}
              >
                {say('forget')}
              </Button>
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
