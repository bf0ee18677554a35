import { writtenAddress } from '../board/written-address.ts';
import type { BoardChoice } from '../contract/api.ts';
import type { BoardError } from '../contract/errors.ts';
import { fail, ok, type Result } from '../contract/result.ts';
import type { BoardIdentity } from '../runner/protocol.ts';
import type { StoredBoard } from '../store/boards.ts';
import type { Store } from '../store/open-store.ts';

/** What a person calls a board. */
export const nameOfBoard = (stored: StoredBoard | undefined, { name }: BoardIdentity): string =>
  stored?.givenName ?? name;

/**
 * Refuses a board that is not the one that is meant, which is the one that was met last at its address, unless the person said that it may be that
 * one: an address is lent, and what is measured or put there must not change boards by itself. This computer is
 * always itself. Errors: `boardIsAnother`.
 */
export function checkBoardAt(
  { boards }: Store,
  { acceptBoard, expectBoard }: BoardChoice,
  address: string,
  found: BoardIdentity,
): Result<void, BoardError> {
  const usual = address === 'local' ? undefined : boards.at(address);
  const expected = expectBoard === undefined ? usual : boards.get(expectBoard);
  if (!expected || expected.identity.id === found.id || acceptBoard === found.id) return ok(undefined);
  const expectedName = nameOfBoard(expected, expected.identity);
  const foundName = nameOfBoard(boards.get(found.id), found);
  const same = expectedName === foundName;
  const apart = (name: string, { serialNumber, id }: BoardIdentity): string =>
    same ? `${name} (${serialNumber ?? id.slice(0, 8)})` : name;
  return fail({
    kind: 'boardIsAnother',
    address,
    expectedName: apart(expectedName, expected.identity),
    foundName: apart(foundName, found),
    foundId: found.id,
  });
}

/**
 * Where a board that is known by its id is now: at the address that was given when it was met last there, else at the
 * last of its own ways; the address that was given when none is known.
 */
export function currentAddress({ boards }: Store, id: string | null, given: string): string {
  if (id === null || boards.at(writtenAddress(given))?.identity.id === id) return given;
  return boards.listWays().find(({ boardId }) => boardId === id)?.address ?? given;
}
