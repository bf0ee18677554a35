import type { RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import { boardIdOf } from '../runner/board-id.ts';
import type { BoardIdentity } from '../runner/protocol.ts';
import { fromJson, inTransaction, type StoreContext, toJson } from './database.ts';

/** A board that was connected at least once. */
export interface StoredBoard {
  readonly identity: BoardIdentity;
  /** Given by a person; null: its own. */
  readonly givenName: string | null;
  /** Where it was last reached, such as `local` or `ssh://user@host:port`. */
  readonly address: string;
  /** ISO 8601, UTC. */
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

/** An address at which a board was met, and no other since. */
export interface BoardWay {
  readonly boardId: string;
  readonly address: string;
  readonly lastSeenAt: string;
}

/** An address that a person typed, with the name given to what is there; empty: none. */
export interface RememberedBoard {
  readonly address: string;
  readonly name: string;
}

/** The boards seen so far, by their id. */
export interface Boards {
  /**
   * The identity under the id by which the board is known here: what tells itself apart by the serial number of its
   * chip keeps the id that it got before, whatever has become of its machine-id.
   */
  recognise(identity: BoardIdentity): BoardIdentity;
  /** The board that was met last at an address. */
  at(address: string): StoredBoard | undefined;
  /** Adds the board, or brings what is known of it up to date; it is forgotten no more. Errors: those of every write of the store. */
  save(identity: BoardIdentity, address: string): Result<void, RequestError>;
  get(id: string): StoredBoard | undefined;
  /** The last seen first, without those that were forgotten. */
  list(): StoredBoard[];
  /** Of all boards, the last used first. */
  listWays(): BoardWay[];
  /** Keeps an address, or a new name of the board there; it is forgotten no more. Errors: those of every write of the store. */
  remember(board: RememberedBoard): Result<void, RequestError>;
  /**
   * Forgets an address with the board that was met there and all ways to that board, until it or one of them is given
   * again. Errors: those of every write of the store.
   */
  forget(address: string): Result<void, RequestError>;
  /** The last remembered first. */
  listRemembered(): RememberedBoard[];
}

interface Row {
  readonly id: string;
  readonly address: string;
  readonly identity: string;
  readonly given_name: string | null;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
}

const fromRow = (row: Row): StoredBoard => ({
  // Written by `save` alone, from a value of this type.
  identity: fromJson(row.identity) as BoardIdentity,
  givenName: row.given_name,
  address: row.address,
  firstSeenAt: row.first_seen_at,
  lastSeenAt: row.last_seen_at,
});

/** The boards of an open store. */
export function openBoards(context: StoreContext): Boards {
  const { db } = context;
  const upsert = db.prepare<{ id: string; address: string; name: string; identity: string; at: string }>(`
    INSERT INTO boards (id, address, name, identity, first_seen_at, last_seen_at, given_name)
    VALUES (@id, @address, @name, @identity, @at, @at, NULL)
    ON CONFLICT (id) DO UPDATE SET
      address = excluded.address, name = excluded.name, identity = excluded.identity,
      last_seen_at = excluded.last_seen_at, forgotten_at = NULL`);
  const takeWay = db.prepare<{ id: string; address: string; at: string }>(`
    INSERT INTO board_ways VALUES (@address, @id, @at)
    ON CONFLICT (address) DO UPDATE SET board_id = excluded.board_id, last_seen_at = excluded.last_seen_at`);
  const ways = db.prepare<[], BoardWay>(`
    SELECT board_id AS boardId, address, last_seen_at AS lastSeenAt FROM board_ways
    ORDER BY last_seen_at DESC, address`);
  const byId = db.prepare<[string], Row>('SELECT * FROM boards WHERE id = ?');
  const byAddress = db.prepare<[string], Row>(
    'SELECT boards.* FROM board_ways JOIN boards ON boards.id = board_ways.board_id WHERE board_ways.address = ?',
  );
  const bySerialNumber = db
    .prepare<[string], string>(
      "SELECT id FROM boards WHERE identity ->> '$.serialNumber' = ? ORDER BY last_seen_at DESC, id",
    )
    .pluck();
  const all = db.prepare<[], Row>(
    'SELECT * FROM boards WHERE forgotten_at IS NULL ORDER BY last_seen_at DESC, id',
  );
  const keep = db.prepare<RememberedBoard & { at: string }>(`
    INSERT INTO remembered_boards VALUES (@address, @name, @at)
    ON CONFLICT (address) DO UPDATE SET name = excluded.name`);
  const give = db.prepare<[string | null, string]>('UPDATE boards SET given_name = ? WHERE id = ?');
  const rememberedName = db
    .prepare<[string], string>('SELECT name FROM remembered_boards WHERE address = ?')
    .pluck();
  const hide = db.prepare<[string, string]>('UPDATE boards SET forgotten_at = ? WHERE id = ?');
  const show = db.prepare<[string]>('UPDATE boards SET forgotten_at = NULL WHERE id = ?');
  const drop = db.prepare<[string]>('DELETE FROM remembered_boards WHERE address = ?');
  const dropWays = db.prepare<[string]>(
    'DELETE FROM remembered_boards WHERE address IN (SELECT address FROM board_ways WHERE board_id = ?)',
  );
  const remembered = db.prepare<[], RememberedBoard>(
    'SELECT address, name FROM remembered_boards ORDER BY remembered_at DESC, address',
  );
  return {
    recognise: (identity) => {
      const { serialNumber } = identity;
      if (serialNumber === null || identity.id !== boardIdOf(serialNumber)) return identity;
      const id = bySerialNumber.get(serialNumber);
      return id === undefined ? identity : { ...identity, id };
    },
    at: (address) => {
      const row = byAddress.get(address);
      return row && fromRow(row);
    },
    save: (identity, address) =>
      inTransaction(context, () => {
        const { id, name } = identity;
        const at = context.now().toISOString();
        const isNew = byId.get(id) === undefined;
        const isFirstHere = byAddress.get(address) === undefined;
        upsert.run({ id, address, name, identity: toJson(identity), at });
        takeWay.run({ id, address, at });
        // What was typed before anybody had been met there is the name of who is met now.
        const typed = isNew && isFirstHere ? rememberedName.get(address) : undefined;
        if (typed) give.run(typed, id);
      }),
    get: (id) => {
      const row = byId.get(id);
      return row && fromRow(row);
    },
    list: () => all.all().map(fromRow),
    listWays: () => ways.all(),
    remember: (board) =>
      inTransaction(context, () => {
        keep.run({ ...board, at: context.now().toISOString() });
        const there = byAddress.get(board.address);
        if (!there) return;
        show.run(there.id);
        give.run(board.name === '' ? null : board.name, there.id);
      }),
    forget: (address) =>
      inTransaction(context, () => {
        drop.run(address);
        const there = byAddress.get(address);
        if (!there) return;
        dropWays.run(there.id);
        hide.run(context.now().toISOString(), there.id);
      }),
    listRemembered: () => remembered.all(),
  };
}
