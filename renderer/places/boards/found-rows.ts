import type { BoardSearch, FoundBoard, FoundWay } from '../../../electron/contract/found-boards.ts';
import type { BoardCard } from '../../../electron/contract/views.ts';
import { sameHost } from '../../client/boards.ts';

/** What a search found, as the place Boards shows it. */
export interface FoundRows {
  /** By the address of a known board's row: where it was found. */
  readonly known: ReadonlyMap<string, FoundBoard>;
  /** What no row is there for yet. */
  readonly fresh: readonly FoundBoard[];
}

/** Sets what was found beside the rows that are there. */
export function rowsOfFound(search: BoardSearch | undefined, cards: readonly BoardCard[]): FoundRows {
  const known = new Map<string, FoundBoard>();
  const fresh: FoundBoard[] = [];
  for (const found of search?.found ?? []) {
    const card = cards.find((each) => isFound(each, found));
    if (card) known.set(card.address, found);
    else fresh.push(found);
  }
  return { known, fresh };
}

const isFound = ({ identity, ways }: BoardCard, found: FoundBoard): boolean =>
  (identity !== null && identity.id === found.board) ||
  ways.some(({ address }) => found.ways.some((way) => isWay(address, way)));

function isWay(address: string, way: FoundWay): boolean {
  if (way.address === address) return true;
  return way.host !== null && sameHost(address, way.host, way.port ?? 22);
}

/**
 * Where a known board is connected: at its own address while that is among the ways that were found or nothing better
 * is known, else at the best of those ways.
 */
export function wayTo(card: BoardCard, found: FoundBoard | null): string {
  const ways = found?.ways ?? [];
  if (card.link === 'local' || ways.some((way) => isWay(card.address, way))) return card.address;
  return ways.find(({ address }) => address !== null)?.address ?? card.address;
}

/** A found address with the user that a person gave; without one the SSH configuration has it. */
export function addressWith(way: FoundWay, user: string): string {
  if (way.host === null) return way.address ?? '';
  const host = way.host.includes(':') ? `[${way.host}]` : way.host;
  const port = way.port === null || way.port === 22 ? '' : `:${way.port}`;
  return `ssh://${user === '' ? '' : `${encodeURIComponent(user)}@`}${host}${port}`;
}
