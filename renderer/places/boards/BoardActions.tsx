import { Button, Group, Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { IconCheck } from '@tabler/icons-react';
import { type ReactNode, useEffect, useRef } from 'react';
import { Link } from 'wouter';
import type { BoardCard } from '../../../electron/contract/views.ts';
import { boardChoice, leadsTo } from '../../client/boards.ts';
import { useAction } from '../../client/calls.ts';
import { useJobStore } from '../../client/jobs.ts';
import { useSelection } from '../../client/selection.ts';
import { placeOfJob } from '../../frame/job-place.ts';
import { useTexts } from '../../language/language.ts';
import { ErrorPanel } from '../../parts/States.tsx';
import type { BoardRowData } from './board-rows.ts';
import { RemovalResult } from './RemovalResult.tsx';
import { useForget } from './use-forget.tsx';
import { boardTexts } from './words.ts';

/** What the one button of a row does as the board stands. */
interface Act {
  readonly label: string;
  readonly filled?: boolean;
  readonly disabled?: boolean;
  perform(): void;
}

/** Whether a board is in use, and the next thing to do with it. */
export function BoardActions({
  row: { card, active, connected },
  name,
  describedBy,
  prominent,
  pending,
  onConnect,
  onGone,
}: {
  readonly row: BoardRowData;
  readonly name: string;
  /** Id of the element that names the board. */
  readonly describedBy: string;
  readonly prominent: boolean;
  readonly pending: boolean;
  readonly onConnect: () => void;
  /** The button went away while it had the focus. */
  readonly onGone: () => void;
}): ReactNode {
  const say = useTexts(boardTexts);
  const { selection } = useSelection();
  const use = useUse(card, name);
  const cancel = useAction('jobs.cancel');
  const inUse = leadsTo(card, selection.board?.address);
  const act = ((): Act | null => {
    if (active?.kind === 'connect') {
      return {
        label: say('cancel'),
        disabled: active.state !== 'running',
        perform: () => cancel.mutate({ job: active.id }),
      };
    }
    if (!connected && !active) {
      return {
        label: say('connect'),
        filled: prominent,
        disabled: pending,
        perform: onConnect,
      };
    }
    return inUse || !connected ? null : { label: say('use'), perform: use };
  })();
  return (
    <Group gap="xs" justify="flex-end" wrap="nowrap">
      {inUse && (
        <Group gap={4} wrap="nowrap">
          <IconCheck size={16} color="var(--ft-good)" aria-hidden="true" />
          <Text fz="sm" fw={650} style={{ whiteSpace: 'nowrap' }}>
            {say('inUse')}
          </Text>
        </Group>
      )}
      {active && active.kind !== 'connect' && (
        <Button
          size="xs"
          variant="default"
          component={Link}
          href={placeOfJob(active)}
          aria-describedby={describedBy}
        >
          {say('showJob')}
        </Button>
      )}
      <ActButton act={act} describedBy={describedBy} onGone={onGone} />
    </Group>
  );
}

/** One button through all states, so that the focus stays on it. */
function ActButton({
  act,
  describedBy,
  onGone,
}: {
  readonly act: Act | null;
  readonly describedBy: string;
  readonly onGone: () => void;
}) {
  const focused = useRef(false);
  const there = act !== null;
  useEffect(() => {
    if (there || !focused.current) return;
    focused.current = false;
    onGone();
  }, [there, onGone]);
  if (!act) return null;
  return (
    <Button
      size="xs"
      variant={act.filled ? 'filled' : 'default'}
      // A disabled button would lose the focus.
      {...(act.disabled && { 'data-disabled': true, 'aria-disabled': true })}
      aria-describedby={describedBy}
      onFocus={() => {
        focused.current = true;
      }}
      onBlur={() => {
        focused.current = false;
      }}
      onClick={({ detail }) => {
        // The second half of a double click was not meant for what the button has become.
        if (detail < 2 && !act.disabled) act.perform();
      }}
    >
      {act.label}
    </Button>
  );
}

/** What is done with a board now and then: below its details. */
export function MoreActions({
  row: { card, active, connected, removal },
  name,
  address,
  onAgain,
}: {
  readonly row: BoardRowData;
  readonly name: string;
  /** The way by which the board is met now. */
  readonly address: string;
  readonly onAgain: () => void;
}): ReactNode {
  const say = useTexts(boardTexts);
  const { selection } = useSelection();
  const use = useUse(card, name);
  const forget = useForget(card);
  const store = useJobStore();
  const remove = useAction('boards.removeRunner', store.put);
  const usable = !connected && card.identity !== null && !leadsTo(card, selection.board?.address);
  return (
    <Stack gap="xs" mt="sm">
      <Group gap="xs">
        {connected && (
          <Button size="xs" variant="default" disabled={active !== null} onClick={onAgain}>
            {say('again')}
          </Button>
        )}
        {usable && (
          <Button size="xs" variant="default" onClick={use}>
            {say('use')}
          </Button>
        )}
        {card.link !== 'local' && (
          <Button size="xs" variant="default" disabled={active !== null} onClick={() => void forget()}>
            {say('forget')}
          </Button>
        )}
        {card.link !== 'local' && card.lastSeenAt !== null && (
          <Button
            size="xs"
            variant="default"
            disabled={active !== null || remove.isPending}
            onClick={() => remove.mutate({ board: boardChoice(address) })}
          >
            {say('removeRunner')}
          </Button>
        )}
      </Group>
      {remove.error && <ErrorPanel error={remove.error.error} />}
      {removal && <RemovalResult job={removal} name={name} />}
    </Stack>
  );
}

function useUse(card: BoardCard, name: string): () => void {
  const say = useTexts(boardTexts);
  const { select } = useSelection();
  return () => {
    select({ board: { address: card.address, name: card.name } });
    notifications.show({ message: say('nowInUse', { name }) });
  };
}
