import type { Migration } from './migration.ts';

/** A run may have several boards, and a point of its own in the trend for each. */
export const migration0007: Migration = {
  version: 7,
  name: 'several boards',
  up(db) {
    db.exec(`
      -- Boards of a run beside the one in runs.board_id.
      CREATE TABLE further_boards (
        run TEXT NOT NULL REFERENCES runs (id),
        board_id TEXT NOT NULL REFERENCES boards (id),
        PRIMARY KEY (run, board_id)
      ) STRICT, WITHOUT ROWID;
      CREATE INDEX further_boards_by_board ON further_boards (board_id, run);

      CREATE TABLE points_by_board (
        run TEXT NOT NULL REFERENCES runs (id),
        original_us REAL NOT NULL,
        optimized_us REAL NOT NULL,
        speedup REAL NOT NULL,
        low REAL NOT NULL,
        high REAL NOT NULL,
        accuracy_change REAL NOT NULL,
        board_id TEXT NOT NULL,
        board_name TEXT NOT NULL,
        os TEXT NOT NULL,
        runtime TEXT NOT NULL,
        threads INTEGER NOT NULL,
        governor TEXT,
        PRIMARY KEY (run, board_id)
      ) STRICT;
      INSERT INTO points_by_board SELECT * FROM trend_points;
      DROP TABLE trend_points;
      ALTER TABLE points_by_board RENAME TO trend_points;
    `);
  },
};
