import type { RequestError } from '../contract/errors.ts';
import type { Result } from '../contract/result.ts';
import type { BoardIdentity } from '../runner/protocol.ts';
import { fromJson, inTransaction, type StoreContext, toJson } from './database.ts';

/** A board that was connected at least once. */
export interface StoredBoard {
  readonly identity: BoardIdentity;
  /** Where it was last reached: `local`, or `ssh://user@host:port`. */
  readonly address: string;
  /** ISO 8601, UTC. */
  readonly firstSeenAt: string;
  readonly lastSeenAt: string;
}

/** An address that a person typed, with the name given to what is there; empty: none. */
export interface RememberedBoard {
  readonly address: string;
  readonly name: string;
}

/** The boards seen so far, by their id. */
export interface Boards {
  /** Adds the board, or brings what is known of it up to date; it is forgotten no more. Errors: those of every write of the store. */
  save(identity: BoardIdentity, address: string): Result<void, RequestError>;
  get(id: string): StoredBoard | undefined;
  /** The last seen first, without those that were forgotten. */
  list(): StoredBoard[];
  /** Keeps an address, or its new name; what was seen there is forgotten no more. Errors: those of every write of the store. */
  remember(board: RememberedBoard): Result<void, RequestError>;
  /** Forgets an address and hides the boards that were seen there until they or the address are given again. Errors: those of every write of the store. */
  forget(address: string): Result<void, RequestError>;
  /** The last remembered first. */
  listRemembered(): RememberedBoard[];
}

interface Row {
  readonly address: string;
  readonly identity: string;
  readonly first_seen_at: string;
  readonly last_seen_at: string;
}

const fromRow = (row: Row): StoredBoard => ({
  // Written by `save` alone, from a value of this type.
  identity: fromJson(row.identity) as BoardIdentity,
  address: row.address,
  firstSeenAt: row.first_seen_at,
  lastSeenAt: row.last_seen_at,
});

/** The boards of an open store. */
export function openBoards(context: StoreContext): Boards {
  const { db } = context;
  const upsert = db.prepare<{ id: string; address: string; name: string; identity: string; at: string }>(`
    INSERT INTO boards (id, address, name, identity, first_seen_at, last_seen_at)
    VALUES (@id, @address, @name, @identity, @at, @at)
    ON CONFLICT (id) DO UPDATE SET
      address = excluded.address, name = excluded.name, identity = excluded.identity,
      last_seen_at = excluded.last_seen_at, forgotten_at = NULL`);
  const byId = db.prepare<[string], Row>('SELECT * FROM boards WHERE id = ?');
  const all = db.prepare<[], Row>(
    'SELECT * FROM boards WHERE forgotten_at IS NULL ORDER BY last_seen_at DESC, id',
  );
  const keep = db.prepare<RememberedBoard & { at: string }>(`
    INSERT INTO remembered_boards VALUES (@address, @name, @at)
    ON CONFLICT (address) DO UPDATE SET name = excluded.name`);
  const hide = db.prepare<[string, string]>('UPDATE boards SET forgotten_at = ? WHERE address = ?');
  const show = db.prepare<[string]>('UPDATE boards SET forgotten_at = NULL WHERE address = ?');
  const drop = db.prepare<[string]>('DELETE FROM remembered_boards WHERE address = ?');
  const remembered = db.prepare<[], RememberedBoard>(
    'SELECT address, name FROM remembered_boards ORDER BY remembered_at DESC, address',
  );
  return {
    save: (identity, address) =>
      inTransaction(context, () => {
        const at = context.now().toISOString();
        upsert.run({ id: identity.id, address, name: identity.name, identity: toJson(identity), at });
      }),
    get: (id) => {
      const row = byId.get(id);
      return row && fromRow(row);
    },
    list: () => all.all().map(fromRow),
    remember: (board) =>
      inTransaction(context, () => {
        keep.run({ ...board, at: context.now().toISOString() });
        show.run(board.address);
      }),
    forget: (address) =>
      inTransaction(context, () => {
        drop.run(address);
        hide.run(context.now().toISOString(), address);
      }),
    listRemembered: () => remembered.all(),
  };
}
