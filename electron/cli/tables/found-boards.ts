import type { BoardSearch, FoundWay } from '../../contract/found-boards.ts';
import type { BoardCard } from '../../contract/views.ts';
import { discoveryMessage } from '../discovery-messages.ts';
import { oneLine } from '../one-line.ts';
import { tableLines, wrapText } from './text-table.ts';
import type { View } from './view.ts';

/** What `fieldtune boards` tells. */
export interface BoardsFound {
  /** Boards that were connected or typed before. */
  readonly known: readonly BoardCard[];
  readonly search: BoardSearch;
}

const sources: Readonly<Record<FoundWay['source'], string>> = {
  usbNetwork: 'USB network',
  mdns: 'network',
  serial: 'serial port',
};

/** Lines that list the boards that were found and those known from before, with what stands in the way. */
export function boardsLines({ known, search }: BoardsFound, view: View): string[] {
  const { paint } = view;
  return [
    paint('bold', 'Found now'),
    ...foundLines(search, view),
    '',
    paint('bold', 'Known'),
    ...knownLines(known, view),
    ...problemLines(search, view),
    ...(search.found.some(({ ways }) => ways.some(({ address }) => address === null))
      ? ['', 'Put the user of the board for USER.']
      : []),
  ];
}

function foundLines({ found }: BoardSearch, { width, paint }: View): string[] {
  if (found.length === 0) {
    return ['  Nothing: check cable and power, or give the address with --board ssh://user@host.'];
  }
  const rows = found.flatMap(({ name, ways, board }) =>
    ways.map((way, index) => [
      index === 0 ? `  ${oneLine(name)}` : '',
      sources[way.source],
      addressOf(way),
      index > 0 ? '' : standing(way, board),
      way.problem === null ? '' : 'problem, see below',
    ]),
  );
  return tableLines(
    [
      { title: '  Board', shrinkTo: 12 },
      { title: 'Way' },
      { title: 'Address (--board)' },
      { title: '' },
      { title: '' },
    ],
    rows,
    width,
    paint,
  );
}

/** A port is a board only once somebody has looked. */
function standing({ source }: FoundWay, board: string | null): string {
  if (board !== null) return 'known';
  return source === 'serial' ? 'a port' : 'new';
}

function addressOf({ address, host, port, detail }: FoundWay): string {
  if (address !== null) return oneLine(address);
  if (host === null) return oneLine(detail);
  const written = host.includes(':') ? `[${oneLine(host)}]` : oneLine(host);
  return `ssh://USER@${written}${port === 22 || port === null ? '' : `:${port}`}`;
}

function knownLines(known: readonly BoardCard[], { width, paint }: View): string[] {
  const rows = known.map(({ name, ways, identity, lastSeenAt }) => [
    `  ${oneLine(name)}`,
    ways.map(({ address }) => oneLine(address)).join(', '),
    lastSeenAt === null ? 'never' : lastSeenAt.slice(0, 16).replace('T', ' '),
    identity === null ? '' : oneLine(identity.id),
  ]);
  return tableLines(
    [
      { title: '  Board', shrinkTo: 12 },
      { title: 'Addresses', shrinkTo: 20 },
      { title: 'Seen (UTC)' },
      { title: 'Id', shrinkTo: 9 },
    ],
    rows,
    width,
    paint,
  );
}

function problemLines({ found, problems }: BoardSearch, { width, paint }: View): string[] {
  const all = [...problems, ...found.flatMap(({ ways }) => ways.flatMap(({ problem }) => problem ?? []))];
  if (all.length === 0) return [];
  return [
    '',
    paint('bold', 'In the way'),
    ...all.flatMap((problem) => {
      const { message, commands } = discoveryMessage(problem);
      // A command is copied as a whole: it is not broken.
      return [...wrapText(message, width, '  '), ...commands.map((command) => `    ${oneLine(command)}`)];
    }),
  ];
}
