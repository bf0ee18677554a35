import { hostname } from 'node:os';
import { join } from 'node:path';
import { parseBoardAddress } from '../../board/address.ts';
import { fingerprintOf, knownKeyOf, readKnownHosts, removeHostKey } from '../../board/ssh/known-hosts.ts';
import { readKnownAs } from '../../board/ssh/route.ts';
import { usualSshFolders } from '../../board/ssh/settings.ts';
import { readTrust } from '../../board/ssh/trust.ts';
import { writtenAddress } from '../../board/written-address.ts';
import type { AppError } from '../../contract/errors.ts';
import { fail, ok, type Result } from '../../contract/result.ts';
import type { BoardCard, BoardWay, HostKey } from '../../contract/views.ts';
import type { StoredBoard } from '../../store/boards.ts';
import { fileFailure } from '../../store/failure.ts';
import { nameOfBoard } from '../known-board.ts';
import type { AppParts } from '../parts.ts';
import type { QueriesOf } from './query.ts';

const local = 'local';
/** Long enough for boards on a slow network to answer a question that was repeated once. */
const defaultSearchSeconds = 5;
const knownHostsFile = ({ stateFolder }: AppParts): string => join(stateFolder, 'known_hosts');

/** An address as typed and as written out in full, for what was kept under either. */
export const addressForms = (address: string): string[] => [...new Set([address, writtenAddress(address)])];

function listBoards(parts: AppParts): readonly BoardCard[] {
  const { boards } = parts.store;
  const ways = boards.listWays();
  const localFirst = (a: BoardWay, b: BoardWay): number =>
    Number(b.address === local) - Number(a.address === local);
  const cardOf = (stored: StoredBoard | null, own: readonly BoardWay[], name: string): BoardCard => {
    const [{ address, link, lastSeenAt }] = own as [BoardWay];
    const identity = stored?.identity ?? null;
    const fingerprint = link === 'ssh' ? fingerprintAt(parts, address) : null;
    return { address, name, link, ways: own, identity, lastSeenAt, fingerprint };
  };
  // A board that has lost its addresses to others cannot be reached under any: its runs are in the history.
  const seen = boards.list().flatMap((stored): BoardCard[] => {
    const own = ways
      .filter(({ boardId }) => boardId === stored.identity.id)
      .map(({ address, lastSeenAt }) => ({ address, link: linkOf(address), lastSeenAt }))
      // This computer, reached by a detour, is this computer.
      .sort(localFirst);
    return own.length === 0 ? [] : [cardOf(stored, own, nameOfBoard(stored, stored.identity))];
  });
  const led = new Set(seen.flatMap((card) => card.ways.map(({ address }) => address)));
  const remembered = new Map(boards.listRemembered().map(({ address, name }) => [address, name] as const));
  const typed = [local, ...remembered.keys()]
    .filter((address, index, all) => !led.has(address) && all.indexOf(address) === index)
    .map((address) => {
      const way = { address, link: linkOf(address), lastSeenAt: null };
      return cardOf(null, [way], remembered.get(address) || nameFrom(address));
    });
  // This computer is the first.
  return [...seen, ...typed].sort(localFirst);
}

function linkOf(address: string): BoardCard['link'] {
  const parsed = parseBoardAddress(address);
  return parsed.ok ? parsed.value.kind : 'ssh';
}

function nameFrom(address: string): string {
  const parsed = parseBoardAddress(address);
  if (!parsed.ok) return address;
  if (parsed.value.kind === 'local') return hostname();
  return 'host' in parsed.value ? parsed.value.host : address;
}

/** The fingerprint of the key by which a board is known here or to OpenSSH; null: none, or a file is unreadable. */
function fingerprintAt(parts: AppParts, address: string): string | null {
  const parsed = parseBoardAddress(address);
  if (!parsed.ok || parsed.value.kind !== 'ssh') return null;
  const knownAs = readKnownAs(parsed.value, usualSshFolders());
  if (!knownAs.ok) return null;
  const trust = readTrust(knownHostsFile(parts), knownAs.value.knownHostsFiles);
  const line = trust.ok ? knownKeyOf(trust.value, knownAs.value.host, knownAs.value.port) : undefined;
  return line ? fingerprintOf(line.key) : null;
}

function listHostKeys(parts: AppParts): Result<readonly HostKey[], AppError> {
  const known = readKnownHosts(knownHostsFile(parts));
  if (!known.ok) return known;
  return ok(
    known.value
      .filter(({ revoked }) => !revoked)
      .map(({ hosts, keyType, key }) => ({ host: hosts, type: keyType, fingerprint: fingerprintOf(key) })),
  );
}

/** Boards that were seen or typed, and the keys by which they are known. */
export const boardQueries: QueriesOf<'boards' | 'hostKeys'> = {
  'boards.list': (parts) => ok(listBoards(parts)),
  'boards.remember': (parts, { address, name }) => {
    const parsed = parseBoardAddress(address);
    if (!parsed.ok) return parsed;
    const written = writtenAddress(address);
    const listed = listBoards(parts);
    const isListed = listed.some(({ ways }) => ways.some((way) => way.address === written));
    if (name === undefined && isListed) return ok(listed);
    const saved = parts.store.boards.remember({ address: written, name: (name ?? '').trim() });
    return saved.ok ? ok(listBoards(parts)) : saved;
  },
  'boards.forget': (parts, { address }) => {
    for (const form of addressForms(address)) {
      const forgotten = parts.store.boards.forget(form);
      if (!forgotten.ok) return forgotten;
    }
    return ok(listBoards(parts));
  },
  'boards.found': ({ boardFinder }) => ok(boardFinder.current()),
  'boards.discover': async ({ boardFinder }, { seconds = defaultSearchSeconds, wait = false }, signal) => {
    const end = boardFinder.look(seconds * 1000, signal);
    return ok(wait ? await end : boardFinder.current());
  },
  'hostKeys.list': listHostKeys,
  'hostKeys.forget': (parts, { host, fingerprint }) => {
    const file = knownHostsFile(parts);
    try {
      if (removeHostKey(file, host, fingerprint)) {
        parts.tellChange('hostKeys');
        parts.tellChange('boards');
      }
    } catch (error) {
      const failure = fileFailure(error, file);
      if (!failure) throw error;
      return fail(failure);
    }
    return listHostKeys(parts);
  },
};
