import { notifications } from '@mantine/notifications';
import { type ReactNode, useEffect, useRef } from 'react';
import { cardAt, leadsTo } from '../client/boards.ts';
import { useCall } from '../client/calls.ts';
import { isActive, useJobs } from '../client/jobs.ts';
import { useSelection } from '../client/selection.ts';
import { foreignText } from '../language/foreign-text.ts';
import { texts, useTexts } from '../language/language.ts';

const words = texts(
  'firstBoard',
  { chosen: '{{name}} is connected and is now the board in use.' },
  { chosen: '{{name}} に接続しました。使用するボードに設定しました。' },
);

/** Takes the first board that is connected while this window looks on, if none is chosen; never changes the board that was chosen. */
export function FirstBoard(): ReactNode {
  const say = useTexts(words);
  const jobs = useJobs();
  const boards = useCall('boards.list', {}).data;
  const { selection, select } = useSelection();
  const connecting = useRef<ReadonlySet<string>>(new Set());
  useEffect(() => {
    const ended = jobs.filter(({ id }) => connecting.current.has(id)).find((job) => !isActive(job));
    connecting.current = new Set(
      jobs.filter((job) => job.kind === 'connect' && isActive(job)).map(({ id }) => id),
    );
    if (ended?.outcome?.kind !== 'connect') return;
    const { address, identity } = ended.outcome.board;
    const card = cardAt(boards ?? [], address);
    const name = card?.name ?? identity.name;
    if (selection.board !== null) {
      // The board in use under a new address is still the board in use.
      const isSame = card !== undefined && leadsTo(card, selection.board.address);
      if (isSame && selection.board.address !== address) select({ board: { ...selection.board, address } });
      return;
    }
    select({ board: { address, name } });
    notifications.show({ message: say('chosen', { name: foreignText(name) }) });
  }, [jobs, boards, selection.board, select, say]);
  return null;
}
