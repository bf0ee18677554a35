import type { Migration } from './migration.ts';

/** Trials of B in A's shadow, and what a person decided on them. */
export const migration0009: Migration = {
  version: 9,
  name: 'trials',
  up(db) {
    db.exec(`
      -- No reference to runs: what a person decided stays when the run is deleted.
      CREATE TABLE trials (
        id TEXT PRIMARY KEY,
        started_at TEXT NOT NULL,
        run TEXT,
        board_id TEXT NOT NULL REFERENCES boards (id),
        sha256_a TEXT NOT NULL CHECK (length(sha256_a) = 64),
        sha256_b TEXT NOT NULL CHECK (length(sha256_b) = 64),
        record TEXT NOT NULL CHECK (json_valid(record)),
        state TEXT NOT NULL CHECK (state IN ('awaiting approval', 'approved', 'rejected')),
        decided_by TEXT,
        decided_at TEXT,
        note TEXT,
        CHECK ((state = 'awaiting approval') = (decided_by IS NULL)),
        CHECK ((decided_by IS NULL) = (decided_at IS NULL))
      ) STRICT;
      CREATE INDEX trials_by_models ON trials (sha256_a, sha256_b, board_id, started_at);
      CREATE INDEX trials_by_time ON trials (started_at, id);
      CREATE INDEX trials_by_run ON trials (run, board_id, started_at);
    `);
  },
};
