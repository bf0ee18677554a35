import { ActionIcon, Badge, Box, Collapse, Stack, Text } from '@mantine/core';
import { IconChevronDown, IconCpu, IconDeviceLaptop } from '@tabler/icons-react';
import { memo, type ReactNode, useId, useRef, useState } from 'react';
import type { BoardCard } from '../../../electron/contract/views.ts';
import { shortAddress } from '../../client/boards.ts';
import { foreignText } from '../../language/foreign-text.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { BoardActions, MoreActions } from './BoardActions.tsx';
import { BoardDetails } from './BoardDetails.tsx';
import type { BoardRowData } from './board-rows.ts';
import { Concerns } from './Concerns.tsx';
import { ConnectFailure } from './ConnectFailure.tsx';
import { Deployments } from './Deployments.tsx';
import { wayTo } from './found-rows.ts';
import { Nickname } from './Nickname.tsx';
import { Readiness, showsReadiness } from './Readiness.tsx';
import { StateBadge } from './StateBadge.tsx';
import { useConnect } from './use-connect.ts';
import { boardTexts } from './words.ts';

interface Props {
  readonly row: BoardRowData;
  /** The one thing to press on the page. */
  readonly prominent: boolean;
  readonly initiallyOpen: boolean;
}

/** A board: what it is and how it stands, what can be done with it, and behind the chevron all that is known. */
export const BoardRow = memo(function BoardRow({ row, prominent, initiallyOpen }: Props): ReactNode {
  const say = useTexts(boardTexts);
  const { card, connected, job, found } = row;
  const address = wayTo(card, found);
  // A way that was found is not yet known to be the board's.
  const meant = card.identity && address !== card.address ? { expectBoard: card.identity.id } : {};
  const source = found?.ways[0]?.source;
  const [open, setOpen] = useState(initiallyOpen);
  const [dismissed, setDismissed] = useState<string | null>(null);
  const detailsId = useId();
  const nameId = useId();
  const chevron = useRef<HTMLButtonElement>(null);
  const { connect, pending, error } = useConnect();
  const name = foreignText(card.name);
  const failure = error ?? (job && dismissed !== job.id ? job.error : null);
  const steps = job && dismissed !== job.id && (showsReadiness(job) || (open && connected)) ? job : null;
  const Icon = card.link === 'local' ? IconDeviceLaptop : IconCpu;
  return (
    <Box
      component="article"
      aria-labelledby={nameId}
      style={{ borderTop: '1px solid var(--ft-line)' }}
      py={10}
      px="md"
    >
      <span hidden id={nameId}>
        {name}
      </span>
      <Box
        style={{
          display: 'grid',
          gridTemplateColumns: '24px minmax(150px, 1.1fr) minmax(150px, 1.4fr) 76px 190px 196px 28px',
          gap: 12,
          alignItems: 'center',
        }}
      >
        <Icon size={22} stroke={1.6} color="var(--ft-quiet)" aria-hidden="true" />
        <Box miw={0}>
          <Nickname card={card} />
          <Text fz="xs" c="dimmed" truncate>
            {card.link === 'local' ? say('thisComputer') : foreignText(shortAddress(address))}
          </Text>
        </Box>
        <Model card={card} />
        <Badge
          variant="outline"
          color="gray"
          radius="sm"
          tt="none"
          styles={{ label: { color: 'var(--ft-quiet)' } }}
        >
          {source === undefined ? say(`link.${card.link}`) : say(`source.${source}`)}
        </Badge>
        <Standing row={row} />
        <BoardActions
          row={row}
          name={name}
          describedBy={nameId}
          prominent={prominent}
          pending={pending}
          onConnect={() => connect(address, undefined, meant)}
          onGone={() => chevron.current?.focus()}
        />
        <ActionIcon
          ref={chevron}
          variant="subtle"
          color="gray"
          aria-label={say('details', { name })}
          aria-expanded={open}
          aria-controls={detailsId}
          onClick={() => setOpen(!open)}
        >
          <IconChevronDown
            size={18}
            aria-hidden="true"
            style={{ transform: open ? 'rotate(180deg)' : 'none' }}
          />
        </ActionIcon>
      </Box>
      <Stack gap="sm" pl={36} mt={steps || failure || (connected?.state.concerns.length ?? 0) > 0 ? 'sm' : 0}>
        {steps && <Readiness job={steps} name={name} />}
        {failure && (
          <ConnectFailure
            card={card}
            error={failure}
            pending={pending}
            onConnect={(acceptHostKey) => connect(address, acceptHostKey, meant)}
            onTake={(at, board) => connect(at, undefined, { acceptBoard: board })}
            onDismiss={() => setDismissed(job?.id ?? null)}
          />
        )}
        {connected && <Concerns board={connected} name={name} />}
      </Stack>
      <div id={detailsId}>
        <Collapse expanded={open} keepMounted={false}>
          <Box pl={36} pt="sm" pb={6}>
            <BoardDetails card={card} connected={connected} />
            <Deployments address={card.address} />
            <MoreActions
              row={row}
              name={name}
              address={connected?.address ?? address}
              onAgain={() => connect(connected?.address ?? address)}
            />
          </Box>
        </Collapse>
      </div>
    </Box>
  );
});

function Model({ card: { identity } }: { readonly card: BoardCard }) {
  const say = useTexts(boardTexts);
  const { bytes } = useQuantities();
  if (!identity) {
    return (
      <Text fz="sm" c="dimmed" lh={1.3}>
        {say('unknownModel')}
      </Text>
    );
  }
  const cores = identity.cores === 1 ? say('oneCore') : say('cores', { count: identity.cores });
  const cpu = foreignText(identity.cpu);
  const machine = `${foreignText(identity.arch)} · ${cores} · ${bytes(identity.memoryBytes)} · onnxruntime ${foreignText(identity.runtimeVersion)}`;
  return (
    <Box miw={0}>
      <Text fz="sm" truncate title={cpu}>
        {cpu}
      </Text>
      <Text fz="xs" c="dimmed" truncate title={machine}>
        {machine}
      </Text>
    </Box>
  );
}

function Standing({ row: { state, card, job, connected } }: { readonly row: BoardRowData }) {
  const say = useTexts(boardTexts);
  const { date } = useQuantities();
  const when = ((): string | null => {
    if (connected && job?.finishedAt) return say('readAt', { date: date(job.finishedAt) });
    return card.lastSeenAt === null ? null : say('seen', { date: date(card.lastSeenAt) });
  })();
  return (
    <Box miw={0}>
      <StateBadge state={state} />
      {when !== null && (
        <Text fz="xs" c="dimmed" truncate title={when}>
          {when}
        </Text>
      )}
    </Box>
  );
}
