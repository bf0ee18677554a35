import type { Migration } from './migration.ts';

/** A board has several ways that lead to it, each way leads to one board, and the name given to a board is its own. */
export const migration0006: Migration = {
  version: 6,
  name: 'board ways',
  up(db) {
    db.exec(`
      -- Who was met last at an address.
      CREATE TABLE board_ways (
        address TEXT PRIMARY KEY,
        board_id TEXT NOT NULL REFERENCES boards (id),
        last_seen_at TEXT NOT NULL
      ) STRICT;
      CREATE INDEX board_ways_by_board ON board_ways (board_id, last_seen_at);
      INSERT OR REPLACE INTO board_ways
        SELECT address, id, last_seen_at FROM boards ORDER BY last_seen_at, id DESC;

      -- Null: the board's own name.
      ALTER TABLE boards ADD COLUMN given_name TEXT;
      UPDATE boards SET given_name = (
        SELECT nullif(remembered_boards.name, '') FROM board_ways
        JOIN remembered_boards ON remembered_boards.address = board_ways.address
        WHERE board_ways.board_id = boards.id);
    `);
  },
};
