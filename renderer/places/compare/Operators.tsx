import { Badge, Stack, Text } from '@mantine/core';
import { type ReactNode, useMemo } from 'react';
import type { RunResult } from '../../../electron/contract/run-result.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { Chart } from '../../parts/Chart.tsx';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { chartedChanges, type OperatorChange, operatorChanges, operatorOption } from './operators.ts';
import { compareTexts } from './words.ts';

interface Props {
  readonly a: RunResult['operators'];
  readonly b: RunResult['operators'];
}

/** Where the time went: every operator of A and of B with the change of its time. */
export function Operators({ a, b }: Props): ReactNode {
  const say = useTexts(compareTexts);
  const quantities = useQuantities();
  const changes = useMemo(() => operatorChanges(a, b), [a, b]);
  const columns = useMemo(
    (): Column<OperatorChange>[] => [
      {
        key: 'name',
        title: say('operator'),
        value: ({ name }) => name,
        render: ({ name }) => (
          <Text span fz="sm" style={{ overflowWrap: 'anywhere' }}>
            {name}
          </Text>
        ),
      },
      { key: 'type', title: say('type'), value: ({ type }) => type, render: ({ type }) => type },
      {
        key: 'state',
        title: say('operatorState'),
        value: ({ state }) => state,
        render: ({ state }) => (
          <Badge variant="default" size="sm" tt="none" fw={500}>
            {say(`operator.${state}`)}
          </Badge>
        ),
      },
      {
        key: 'a',
        title: 'A',
        numeric: true,
        value: ({ aUs }) => aUs,
        render: ({ aUs }) => (aUs === null ? '—' : quantities.latency(aUs)),
      },
      {
        key: 'b',
        title: 'B',
        numeric: true,
        value: ({ bUs }) => bUs,
        render: ({ bUs }) => (bUs === null ? '—' : quantities.latency(bUs)),
      },
      {
        key: 'change',
        title: say('change'),
        numeric: true,
        value: ({ changeUs }) => changeUs,
        render: ({ changeUs }) => `${changeUs > 0 ? '+' : ''}${quantities.latency(changeUs)}`,
      },
    ],
    [say, quantities],
  );
  const shown = chartedChanges(changes);
  return (
    <Stack gap="md">
      <Chart
        title={say('operatorChart')}
        description={say('operatorChartDescription')}
        height={70 + 24 * shown.length}
        option={(tokens) => operatorOption(shown, { axis: say('operatorAxis') }, tokens)}
        table={{
          columns: [say('operator'), say('type'), 'A (ms)', 'B (ms)', `${say('change')} (ms)`],
          rows: changes.map((c) => [
            c.name,
            c.type,
            c.aUs === null ? null : c.aUs / 1e3,
            c.bUs === null ? null : c.bUs / 1e3,
            c.changeUs / 1e3,
          ]),
        }}
      />
      <Text fz="xs" c="dimmed">
        {say('operatorNote', { shown: shown.length, total: changes.length })}
      </Text>
      <DataTable
        label={say('operatorTable')}
        columns={columns}
        rows={changes}
        rowKey={({ name, type }) => `${type} ${name}`}
      />
    </Stack>
  );
}
