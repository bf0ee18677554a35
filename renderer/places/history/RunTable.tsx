import { Anchor, Badge, Button, Checkbox, Group, Text } from '@mantine/core';
import {
  IconAlertTriangle,
  IconCircleCheck,
  IconCircleMinus,
  IconCircleX,
  IconPlayerPause,
  IconPlayerPlay,
} from '@tabler/icons-react';
import { type ReactNode, useMemo } from 'react';
import { Link } from 'wouter';
import type { RunSummary } from '../../../electron/contract/api.ts';
import { isFinished } from '../../client/runs.ts';
import { linkTo } from '../../frame/places.ts';
import { useResume } from '../../frame/use-resume.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { type Column, DataTable } from '../../parts/DataTable.tsx';
import { ErrorPanel } from '../../parts/States.tsx';
import type { Order } from './filters.ts';
import { historyTexts } from './words.ts';

const icons = {
  running: IconPlayerPlay,
  interrupted: IconPlayerPause,
  improved: IconCircleCheck,
  'no improvement': IconCircleMinus,
  failed: IconAlertTriangle,
  cancelled: IconCircleX,
} as const satisfies { readonly [S in RunSummary['state']]: unknown };

const colours = {
  running: 'petrol',
  interrupted: 'orange',
  improved: 'green',
  'no improvement': 'gray',
  failed: 'red',
  cancelled: 'gray',
} as const;

interface Props {
  readonly rows: readonly RunSummary[];
  readonly order: Order;
  readonly onOrder: (order: Order) => void;
  readonly chosen: readonly string[];
  readonly onChoose: (runs: readonly string[]) => void;
}

/** One page of runs. */
export function RunTable({ rows, order, onOrder, chosen, onChoose }: Props): ReactNode {
  const say = useTexts(historyTexts);
  const quantities = useQuantities();
  const resume = useResume();
  const columns = useMemo(
    (): Column<RunSummary>[] => [
      {
        key: 'chosen',
        title: say('chosen'),
        hidesTitle: true,
        render: ({ run }) => (
          <Checkbox
            size="xs"
            aria-label={say('select', { run })}
            checked={chosen.includes(run)}
            onChange={({ currentTarget }) =>
              onChoose(currentTarget.checked ? [...chosen, run] : chosen.filter((other) => other !== run))
            }
          />
        ),
      },
      {
        key: 'startedAt',
        title: say('date'),
        value: ({ startedAt }) => startedAt,
        render: (row) => (
          <Anchor component={Link} href={linkTo(isFinished(row) ? 'compare' : 'run', row.run)} fz="sm">
            {quantities.date(row.startedAt)}
          </Anchor>
        ),
      },
      {
        key: 'model',
        title: say('model'),
        value: ({ model }) => model,
        render: ({ model, modelSha256 }) => (
          <>
            {model}{' '}
            <Text span fz="xs" c="dimmed" ff="monospace">
              {modelSha256.slice(0, 6)}
            </Text>
          </>
        ),
      },
      {
        key: 'board',
        title: say('board'),
        value: ({ boardName }) => boardName,
        render: ({ board, boardName }) => (boardName === '' ? board : boardName),
      },
      { key: 'state', title: say('state'), render: ({ state }) => <StateBadge state={state} /> },
      {
        key: 'speedup',
        title: say('speedup'),
        numeric: true,
        value: ({ speedup }) => speedup,
        render: ({ speedup }) => (speedup === null ? '–' : quantities.ratio(speedup)),
      },
      {
        key: 'accuracyChange',
        title: say('accuracyChange'),
        numeric: true,
        value: ({ accuracyChange }) => accuracyChange,
        render: ({ accuracyChange }) => (accuracyChange === null ? '–' : quantities.points(accuracyChange)),
      },
      {
        key: 'actions',
        title: say('actions'),
        hidesTitle: true,
        render: ({ run, state }) => (
          <Group gap={4} justify="flex-end" wrap="nowrap">
            {isFinished({ state }) && (
              <Button component={Link} href={linkTo('report', run)} size="compact-xs" variant="subtle">
                {say('openReport')}
              </Button>
            )}
            {state === 'running' && (
              <Button component={Link} href={linkTo('run', run)} size="compact-xs" variant="subtle">
                {say('watch')}
              </Button>
            )}
            {(state === 'interrupted' || state === 'cancelled') && (
              <Button
                size="compact-xs"
                variant="subtle"
                loading={resume.isPending && resume.variables.run === run}
                onClick={() => resume.mutate({ run })}
              >
                {say('resume')}
              </Button>
            )}
          </Group>
        ),
      },
    ],
    [say, quantities, chosen, onChoose, resume],
  );
  return (
    <>
      {resume.error && <ErrorPanel error={resume.error.error} />}
      <DataTable
        label={say('runs')}
        columns={columns}
        rows={rows}
        rowKey={({ run }) => run}
        sorting={{
          key: order.key,
          descending: order.descending,
          onSort: (key, descending) => onOrder({ key: key as Order['key'], descending }),
        }}
      />
    </>
  );
}

function StateBadge({ state }: { readonly state: RunSummary['state'] }) {
  const say = useTexts(historyTexts);
  const Icon = icons[state];
  return (
    <Badge
      variant="light"
      color={colours[state]}
      tt="none"
      leftSection={<Icon size={13} aria-hidden="true" />}
      styles={{ label: { color: 'var(--ft-text)' } }}
    >
      {say(`state.${state}`)}
    </Badge>
  );
}
