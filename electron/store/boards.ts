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

/** The boards seen so far, by their id. */
export interface Boards {
  /** Adds the board, or brings what is known of it up to date. Errors: as any write of the store. */
  save(identity: BoardIdentity, address: string): Result<void, RequestError>;
  get(id: string): StoredBoard | undefined;
  /** The last seen first. */
  list(): StoredBoard[];
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
      last_seen_at = excluded.last_seen_at`);
  const byId = db.prepare<[string], Row>('SELECT * FROM boards WHERE id = ?');
  const all = db.prepare<[], Row>('SELECT * FROM boards ORDER BY last_seen_at DESC, id');
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
  };
}
