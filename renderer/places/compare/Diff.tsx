import { Button, Group, Stack, Switch, Table, Text } from '@mantine/core';
import { type ReactNode, useMemo, useState } from 'react';
import type { GraphDiff } from '../../../electron/contract/views.ts';
import { useCall } from '../../client/calls.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { Fetched } from '../../parts/States.tsx';
import { alignDiff, type DiffRow, shownRows } from './align-diff.ts';
import { diffTexts } from './words-details.ts';

const atOnce = 200;

type DiffOperator = GraphDiff['operators'][number];

/** The operators of A and B in two aligned columns, what is gone and what is new marked. */
export function Diff({ run }: { readonly run: string }): ReactNode {
  const query = useCall('runs.diff', { run });
  return <Fetched query={query}>{(diff) => <DiffTable diff={diff} />}</Fetched>;
}

function DiffTable({ diff }: { readonly diff: GraphDiff }) {
  const say = useTexts(diffTexts);
  const [changesOnly, setChangesOnly] = useState(true);
  const [limit, setLimit] = useState(atOnce);
  const rows = useMemo(() => alignDiff(diff), [diff]);
  const shown = useMemo(() => shownRows(rows, changesOnly), [rows, changesOnly]);
  const counts = useMemo(() => {
    const of = (change: DiffOperator['change']): number =>
      diff.operators.filter((operator) => operator.change === change).length;
    return { removed: of('removed'), added: of('added'), same: of('same') };
  }, [diff]);
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text fw={600}>{say('counts', counts)}</Text>
        <Switch
          label={say('changesOnly')}
          checked={changesOnly}
          onChange={({ currentTarget }) => setChangesOnly(currentTarget.checked)}
        />
      </Group>
      <Table aria-label={say('table')} verticalSpacing={4} layout="fixed">
        <Table.Thead>
          <Table.Tr>
            <Table.Th w="50%">{say('inA')}</Table.Th>
            <Table.Th w="50%">{say('inB')}</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {shown.slice(0, limit).map((entry, i) =>
            entry.kind === 'row' ? (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is named by its place
              <Row key={i} row={entry.row} />
            ) : (
              // biome-ignore lint/suspicious/noArrayIndexKey: a row is named by its place
              <Table.Tr key={i}>
                <Table.Td colSpan={2} ta="center">
                  <Text fz="xs" c="dimmed">
                    {say('leftOut', { count: entry.count })}
                  </Text>
                </Table.Td>
              </Table.Tr>
            ),
          )}
        </Table.Tbody>
      </Table>
      {shown.length > limit && (
        <Button
          size="xs"
          variant="default"
          onClick={() => setLimit(limit + atOnce)}
          style={{ alignSelf: 'center' }}
        >
          {say('more', { count: Math.min(atOnce, shown.length - limit) })}
        </Button>
      )}
    </Stack>
  );
}

function Row({ row }: { readonly row: DiffRow }) {
  return (
    <Table.Tr>
      <Side operator={row.a} />
      <Side operator={row.b} />
    </Table.Tr>
  );
}

const marks = {
  same: { mark: '=', colour: 'var(--ft-quiet)' },
  removed: { mark: '−', colour: 'var(--ft-bad)' },
  added: { mark: '+', colour: 'var(--ft-good)' },
} as const;

function Side({ operator }: { readonly operator: DiffOperator | null }) {
  const say = useTexts(diffTexts);
  const quantities = useQuantities();
  if (operator === null) return <Table.Td />;
  const { change, name, type, parameters, outputShape } = operator;
  const { mark, colour } = marks[change];
  const facts = [
    outputShape === null ? null : `[${outputShape.map((size) => (size < 0 ? '?' : size)).join(', ')}]`,
    parameters === 0 ? null : say('parameters', { count: quantities.large(parameters) }),
  ].filter((fact) => fact !== null);
  return (
    <Table.Td
      style={{ borderInlineStart: `3px ${change === 'same' ? 'solid transparent' : `solid ${colour}`}` }}
    >
      <Group gap={8} wrap="nowrap" align="baseline">
        <Text span fz="xs" fw={650} c={colour} w={64} style={{ flex: 'none' }}>
          {mark} {say(change)}
        </Text>
        <div style={{ minWidth: 0 }}>
          <Text fz="sm" style={{ overflowWrap: 'anywhere' }}>
            <Text span fz="inherit" fw={650}>
              {type}
            </Text>{' '}
            {name}
          </Text>
          {facts.length > 0 && (
            <Text fz="xs" c="dimmed">
              {facts.join(' · ')}
            </Text>
          )}
        </div>
      </Group>
    </Table.Td>
  );
}
