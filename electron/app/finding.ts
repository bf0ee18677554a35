import { parseBoardAddress } from '../board/address.ts';
import { discover, type KnownBoard } from '../board/discovery/discover.ts';
import { userInSshConfig } from '../board/discovery/ssh-user.ts';
import type { BoardSearch } from '../contract/found-boards.ts';
import type { Store } from '../store/open-store.ts';
import { nameOfBoard } from './known-board.ts';

/** The search for boards: one at a time, whose state all faces share. */
export interface BoardFinder {
  /** What is known now. */
  current(): BoardSearch;
  /** Looks, or joins who is looking already; resolves with the end. Never fails. */
  look(timeoutMs: number, signal: AbortSignal): Promise<BoardSearch>;
}

/** What a finder works with. */
export interface FinderParts {
  readonly store: Store;
  readonly now: () => Date;
  /** Tells that `current` is otherwise. */
  readonly tell: () => void;
  readonly discover?: typeof discover;
  readonly userInConfig?: (host: string) => string | null;
}

/** A finder that has not looked yet. */
export function makeBoardFinder(parts: FinderParts): BoardFinder {
  const { store, now, tell, userInConfig = userInSshConfig } = parts;
  const search = parts.discover ?? discover;
  let current: BoardSearch = { state: 'never', found: [], problems: [], finishedAt: null };
  let going: Promise<BoardSearch> | null = null;
  const show = (next: BoardSearch): void => {
    current = next;
    tell();
  };
  const look = async (timeoutMs: number, signal: AbortSignal): Promise<BoardSearch> => {
    const known = knownBoards(store);
    show({ ...current, state: 'looking', problems: [] });
    try {
      const done = await search({
        signal,
        timeoutMs,
        known,
        now,
        userFor: (host) => userOf(known, host) ?? userInConfig(host) ?? lastUser(known),
        onChange: (next) => show({ ...next, finishedAt: current.finishedAt }),
      });
      show(done);
      return done;
    } finally {
      going = null;
      // A search that met a bug is over all the same.
      if (current.state === 'looking') show({ ...current, state: 'done' });
    }
  };
  return {
    current: () => current,
    look: (timeoutMs, signal) => {
      going ??= look(timeoutMs, signal);
      return going;
    },
  };
}

/** The boards of the store, those used last first, then the addresses that were only typed. */
function knownBoards({ boards }: Store): readonly KnownBoard[] {
  const ways = boards.listWays();
  const seen = boards.list().map((stored): KnownBoard => {
    const { id, serialNumber } = stored.identity;
    const addresses = ways.filter(({ boardId }) => boardId === id).map(({ address }) => address);
    return { id, name: nameOfBoard(stored, stored.identity), serialNumber, addresses };
  });
  const typed = boards
    .listRemembered()
    .filter(({ address }) => !seen.some(({ addresses }) => addresses.includes(address)))
    .map(({ address, name }): KnownBoard => ({ id: null, name, serialNumber: null, addresses: [address] }));
  return [...seen, ...typed];
}

function usersOf(known: readonly KnownBoard[], host?: string): readonly string[] {
  return known.flatMap(({ addresses }) =>
    addresses.flatMap((address) => {
      const parsed = parseBoardAddress(address);
      if (!parsed.ok || parsed.value.kind !== 'ssh') return [];
      if (host !== undefined && parsed.value.host !== host) return [];
      return parsed.value.user ? [parsed.value.user] : [];
    }),
  );
}

const userOf = (known: readonly KnownBoard[], host: string): string | null => usersOf(known, host)[0] ?? null;

const lastUser = (known: readonly KnownBoard[]): string | null => usersOf(known)[0] ?? null;
