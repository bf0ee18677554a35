import { Button, Card, Group, Stack, Text, Title } from '@mantine/core';
import { IconArrowRight } from '@tabler/icons-react';
import { type ReactNode, useMemo, useRef } from 'react';
import { Link } from 'wouter';
import type { BoardCard } from '../../../electron/contract/views.ts';
import { fullAddress } from '../../client/boards.ts';
import { useCall } from '../../client/calls.ts';
import { useJobs } from '../../client/jobs.ts';
import { useSelection } from '../../client/selection.ts';
import { type Command, useCommands } from '../../frame/commands.ts';
import { linkTo } from '../../frame/places.ts';
import { foreignText } from '../../language/foreign-text.ts';
import { useTexts } from '../../language/language.ts';
import { Fetched } from '../../parts/States.tsx';
import { AddressRow } from './AddressRow.tsx';
import { BoardRow } from './BoardRow.tsx';
import { type BoardRowData, groupBoards } from './board-rows.ts';
import { FoundRow } from './FoundRow.tsx';
import { rowsOfFound } from './found-rows.ts';
import { SearchBar } from './SearchBar.tsx';
import { useConnect } from './use-connect.ts';
import { useSearch } from './use-search.ts';
import { boardTexts } from './words.ts';

const groupNames = ['connected', 'found', 'recent'] as const;

/** The place Boards: what can be measured on, and the way there. `id`: the address of the board to open. */
export function Boards({ id }: { readonly id: string | null }): ReactNode {
  const say = useTexts(boardTexts);
  const boards = useCall('boards.list', {});
  const { selection } = useSelection();
  return (
    <Stack gap="md">
      <Group justify="space-between" align="flex-start" wrap="nowrap" mih={54}>
        <div>
          <Title order={1}>{say('title')}</Title>
          <Text c="dimmed" mt={4}>
            {say('intro')}
          </Text>
        </div>
        {selection.board && (
          <Button
            component={Link}
            href={linkTo('models')}
            variant="light"
            rightSection={<IconArrowRight size={16} aria-hidden="true" />}
            style={{ flexShrink: 0 }}
          >
            {say('next')}
          </Button>
        )}
      </Group>
      <Fetched query={boards}>{(cards) => <Groups cards={cards} id={id} />}</Fetched>
    </Stack>
  );
}

function Groups({ cards, id }: { readonly cards: readonly BoardCard[]; readonly id: string | null }) {
  const jobs = useJobs();
  const { selection } = useSelection();
  const field = useRef<HTMLInputElement>(null);
  const searching = useSearch();
  const { search } = searching;
  const found = useMemo(() => rowsOfFound(search, cards), [search, cards]);
  const groups = useMemo(() => groupBoards(cards, jobs, found.known), [cards, jobs, found]);
  useBoardCommands(cards, field);
  const nothingYet = selection.board === null && groups.connected.length === 0;
  const isProminent = ({ card, active }: BoardRowData): boolean =>
    nothingYet && card.link === 'local' && active === null;
  return (
    <Card withBorder p={0}>
      {/* Rows are one list of siblings: a board that changes its group keeps what is open and where the focus is. */}
      {groupNames.flatMap((group) => [
        (group === 'found' || groups[group].length > 0) && <GroupTitle key={group} group={group} />,
        ...groups[group].map((row) => (
          <BoardRow
            key={row.card.address}
            row={row}
            prominent={isProminent(row)}
            initiallyOpen={id !== null && fullAddress(id) === row.card.address}
          />
        )),
        ...(group === 'found'
          ? [
              ...found.fresh.map((each) => <FoundRow key={each.key} found={each} />),
              <SearchBar key="search" {...searching} />,
            ]
          : []),
      ])}
      <AddressRow field={field} />
    </Card>
  );
}

function GroupTitle({ group }: { readonly group: (typeof groupNames)[number] }) {
  const say = useTexts(boardTexts);
  return (
    <Group
      gap="sm"
      px="md"
      py={6}
      align="baseline"
      bg="var(--ft-ground)"
      style={{ borderTop: '1px solid var(--ft-line)', marginTop: -1 }}
    >
      <Title order={2} fz="sm">
        {say(group)}
      </Title>
      <Text fz="xs" c="dimmed">
        {say(`${group}Hint`)}
      </Text>
    </Group>
  );
}

function useBoardCommands(
  cards: readonly BoardCard[],
  field: { readonly current: HTMLInputElement | null },
): void {
  const say = useTexts(boardTexts);
  const { connect } = useConnect();
  useCommands(
    useMemo(
      (): readonly Command[] => [
        ...cards.map(({ address, name }) => ({
          id: `boards.connect.${address}`,
          title: say('connectTo', { name: foreignText(name) }),
          perform: () => connect(address),
        })),
        // The palette gives the focus back to where it was before it goes where the command wants it.
        {
          id: 'boards.address',
          title: say('typeAddress'),
          perform: () => setTimeout(() => field.current?.focus()),
        },
      ],
      [cards, say, connect, field],
    ),
  );
}
