import { Table, Text } from '@mantine/core';
import type { ReactNode } from 'react';
import type { BoardOfRun } from '../../../electron/contract/run-result.ts';
import { foreignText } from '../../language/foreign-text.ts';
import { useTexts } from '../../language/language.ts';
import { useQuantities } from '../../language/quantities.ts';
import { boardsTexts } from './words.ts';

type Compared = NonNullable<BoardOfRun['comparison']>;

/** One of several boards: what was found there, or why it was left out. */
export interface BoardLine {
  readonly address: string;
  /** Null: never connected. */
  readonly board: { readonly name: string } | null;
  readonly leftOut: string | null;
  readonly comparison:
    | (Pick<Compared, 'speedup' | 'verdict'> & {
        readonly speedupInterval95: readonly [number, number];
        readonly originalUs: { readonly p50: number };
        readonly optimizedUs: { readonly p50: number };
      })
    | null;
}

/** A verdict for each of several boards; nothing where there is one. */
export function BoardsTable({ boards }: { readonly boards: readonly BoardLine[] | undefined }): ReactNode {
  const say = useTexts(boardsTexts);
  if (!boards) return null;
  return (
    <Table mt="sm" aria-label={say('label')} verticalSpacing={4}>
      <Table.Thead>
        <Table.Tr>
          <Table.Th scope="col">{say('board')}</Table.Th>
          <Table.Th scope="col" ta="right">
            {say('a')}
          </Table.Th>
          <Table.Th scope="col" ta="right">
            {say('b')}
          </Table.Th>
          <Table.Th scope="col" ta="right">
            {say('speed')}
          </Table.Th>
          <Table.Th scope="col">{say('verdict')}</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {boards.map((one) => (
          <BoardRow key={one.address} boards={boards} one={one} />
        ))}
      </Table.Tbody>
    </Table>
  );
}

function BoardRow({ boards, one }: { readonly boards: readonly BoardLine[]; readonly one: BoardLine }) {
  const say = useTexts(boardsTexts);
  const quantities = useQuantities();
  const { comparison, leftOut } = one;
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400}>
        {nameOf(boards, one)}
      </Table.Th>
      <Table.Td ta="right">{comparison ? quantities.latency(comparison.originalUs.p50) : '–'}</Table.Td>
      <Table.Td ta="right">{comparison ? quantities.latency(comparison.optimizedUs.p50) : '–'}</Table.Td>
      <Table.Td ta="right">
        {comparison
          ? `${quantities.ratio(comparison.speedup)} ${quantities.interval(comparison.speedupInterval95)}`
          : '–'}
      </Table.Td>
      <Table.Td>
        {comparison ? say(comparison.verdict) : say('notCompared')}
        {leftOut !== null && (
          <Text fz="sm" c="dimmed">
            {say('leftOut', { reason: foreignText(leftOut) })}
          </Text>
        )}
      </Table.Td>
    </Table.Tr>
  );
}

/** Two boards of one name are told apart by their addresses. */
function nameOf(boards: readonly BoardLine[], { address, board }: BoardLine): string {
  if (board === null) return foreignText(address);
  const namesakes = boards.filter((other) => other.board?.name === board.name);
  return foreignText(namesakes.length > 1 ? `${board.name} (${address})` : board.name);
}
