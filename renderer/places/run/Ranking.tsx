import { Button, Card, Group, Text, Title } from '@mantine/core';
import { memo, type ReactNode, useMemo, useState } from 'react';
import type { OperatorRow } from '../../../electron/contract/api.ts';
import { useTexts } from '../../language/language.ts';
import { type Quantities, useQuantities } from '../../language/quantities.ts';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { runTexts } from './words.ts';

const shownAtFirst = 8;

/** The operators of A, the slowest first, their shares as bars. */
export const Ranking = memo(function Ranking({ rows }: { readonly rows: readonly OperatorRow[] }): ReactNode {
  const say = useTexts(runTexts);
  const quantities = useQuantities();
  const [all, setAll] = useState(false);
  const greatest = rows[0]?.share ?? 1;
  const columns = useMemo(
    (): readonly Column<OperatorRow>[] => [
      {
        key: 'operator',
        title: say('operator'),
        value: ({ name }) => name,
        render: ({ name, type, users }) => (
          <Text fz="sm" title={`${name} (${type})`} truncate maw={{ base: 230, xl: 420 }}>
            {name}{' '}
            <Text span c="dimmed" fz="xs">
              {users ? type : `${type}, ${say('insertedByRuntime')}`}
            </Text>
          </Text>
        ),
      },
      {
        key: 'time',
        title: say('time'),
        numeric: true,
        value: ({ latencyUs }) => latencyUs,
        render: ({ latencyUs }) => quantities.latency(latencyUs),
      },
      {
        key: 'interval',
        title: say('interval'),
        numeric: true,
        render: ({ latencyUs, latencyInterval95Us }) => (
          <Text span fz="xs" c="dimmed">
            {intervalText(quantities, latencyUs, latencyInterval95Us)}
          </Text>
        ),
      },
      {
        key: 'share',
        title: say('share'),
        value: ({ share }) => share,
        render: ({ share }) => (
          <div className="ft-share">
            <div className="ft-share-track" aria-hidden="true">
              <div
                className="ft-share-bar"
                style={{ width: `${Math.min(100, (100 * Math.max(share, 0)) / Math.max(greatest, 1e-9))}%` }}
              />
            </div>
            <span className="ft-number">{quantities.percent(share * 100)}</span>
          </div>
        ),
      },
    ],
    [say, quantities, greatest],
  );
  const shown = useMemo(() => (all ? rows : rows.slice(0, shownAtFirst)), [all, rows]);
  return (
    <Card withBorder p="sm" h="100%">
      <Group justify="space-between" mb={4}>
        <Title order={2} fz="sm">
          {say('ranking')}
        </Title>
        {rows.length > shownAtFirst && (
          <Button size="compact-xs" variant="subtle" aria-expanded={all} onClick={() => setAll(!all)}>
            {all ? say('showFewer', { count: shownAtFirst }) : say('showAll', { count: rows.length })}
          </Button>
        )}
      </Group>
      {rows.length === 0 ? (
        <Text c="dimmed" fz="sm">
          {say('rankingEmpty')}
        </Text>
      ) : (
        <DataTable
          label={say('ranking')}
          columns={columns}
          rows={shown}
          rowKey={({ name, type }) => `${name} ${type}`}
        />
      )}
    </Card>
  );
});

/** An interval in the unit in which the quantities show `us`. */
function intervalText(quantities: Quantities, us: number, [low, high]: readonly [number, number]): string {
  if (us < 1000) return quantities.interval([low, high], us < 10 ? 2 : us < 100 ? 1 : 0);
  return quantities.interval([low / 1e3, high / 1e3]);
}
