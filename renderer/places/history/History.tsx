import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { notifications } from '@mantine/notifications';
import { type ReactNode, useState } from 'react';
import { Link, useLocation } from 'wouter';
import type { RunSummary } from '../../../electron/contract/api.ts';
import { useAction, useCall } from '../../client/calls.ts';
import { linkTo } from '../../frame/places.ts';
import { useTexts } from '../../language/language.ts';
import { Pages } from '../../parts/Pages.tsx';
import { Empty, ErrorPanel, Loading } from '../../parts/States.tsx';
import { FilterBar } from './FilterBar.tsx';
import { type Filters, isUnfiltered, noFilters, type Order, pageSize, runFilterOf } from './filters.ts';
import { RunTable } from './RunTable.tsx';
import { Trend } from './Trend.tsx';
import { historyTexts } from './words.ts';

/** The place History: every run, found again, compared, deleted with undo; and how a model's runs went over time. */
export function History({ id }: { readonly id: string | null }): ReactNode {
  const say = useTexts(historyTexts);
  const [filters, setFilters] = useState<Filters>(() => ({ ...noFilters, search: id ?? '' }));
  const [order, setOrder] = useState<Order>({ key: 'startedAt', descending: true });
  const [page, setPage] = useState(0);
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [settledFilters] = useDebouncedValue(filters, 150);
  const query = useCall('runs.list', runFilterOf(settledFilters, order, page));
  const found = query.data;
  const change = (next: Filters): void => {
    setFilters(next);
    setPage(0);
    setChosen([]);
  };
  const trendModel = filters.model !== '' ? filters.model : modelOf(found?.rows, chosen);
  return (
    <Stack gap="md">
      <Title order={1}>{say('title')}</Title>
      <FilterBar filters={filters} onChange={change} />
      <Actions chosen={chosen} onDone={() => setChosen([])} />
      {query.error && <ErrorPanel error={query.error.error} onRetry={() => void query.refetch()} />}
      {!found && !query.error && <Loading />}
      {found && found.total === 0 && (
        <NothingFound filtered={!isUnfiltered(filters)} onClear={() => change(noFilters)} />
      )}
      {found && found.total > 0 && (
        <Card withBorder p="xs">
          <RunTable
            rows={found.rows}
            order={order}
            onOrder={(next) => {
              setOrder(next);
              setPage(0);
            }}
            chosen={chosen}
            onChoose={setChosen}
          />
          <Group justify="space-between" mt="xs" px="xs">
            <Text fz="sm" c="dimmed" role="status">
              {say('of', {
                from: page * pageSize + 1,
                to: page * pageSize + found.rows.length,
                total: found.total,
              })}
            </Text>
            <Pages
              label={say('pages')}
              pageSize={pageSize}
              total={found.total}
              page={page}
              onPage={setPage}
            />
          </Group>
        </Card>
      )}
      {found && found.total > 0 && <Trend model={trendModel} board={filters.board} />}
    </Stack>
  );
}

/** The model of the one chosen run, or of the chosen runs when they share it. */
function modelOf(rows: readonly RunSummary[] | undefined, chosen: readonly string[]): string | null {
  const models = new Set(
    (rows ?? []).filter(({ run }) => chosen.includes(run)).map((run) => run.modelSha256),
  );
  return models.size === 1 ? [...models][0]! : null;
}

function NothingFound({ filtered, onClear }: { readonly filtered: boolean; readonly onClear: () => void }) {
  const say = useTexts(historyTexts);
  if (!filtered)
    return (
      <Empty title={say('none')} hint={say('noneHint')}>
        <Button component={Link} href={linkTo('run')}>
          {say('start')}
        </Button>
      </Empty>
    );
  return (
    <Empty title={say('noMatch')} hint={say('noMatchHint')}>
      <Button variant="default" onClick={onClear}>
        {say('clear')}
      </Button>
    </Empty>
  );
}

/** What can be done with the chosen runs. */
function Actions({ chosen, onDone }: { readonly chosen: readonly string[]; readonly onDone: () => void }) {
  const say = useTexts(historyTexts);
  const [, navigate] = useLocation();
  const restore = useAction('runs.restore', () => notifications.show({ message: say('restored') }));
  const remove = useAction('runs.delete');
  const deleteChosen = (): void => {
    const runs = [...chosen];
    remove.mutate(
      { runs },
      {
        onSuccess: () => {
          onDone();
          const note = notifications.show({
            autoClose: 15_000,
            message: (
              <Group justify="space-between" wrap="nowrap">
                <Text fz="sm">{say('deleted', { count: runs.length })}</Text>
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => {
                    notifications.hide(note);
                    restore.mutate({ runs });
                  }}
                >
                  {say('undo')}
                </Button>
              </Group>
            ),
          });
        },
      },
    );
  };
  const failure = remove.error ?? restore.error;
  return (
    <>
      <Group gap="xs" mih={30}>
        <Button
          size="xs"
          disabled={chosen.length !== 2}
          onClick={() => navigate(linkTo('compare', [...chosen].sort().join('..')))}
        >
          {say('compareTwo')}
        </Button>
        <Button size="xs" variant="default" disabled={chosen.length === 0} onClick={deleteChosen}>
          {say('delete')}
        </Button>
        <Text fz="sm" c="dimmed" role="status">
          {chosen.length > 0 ? say('selected', { count: chosen.length }) : ''}
        </Text>
      </Group>
      {failure && <ErrorPanel error={failure.error} />}
    </>
  );
}
